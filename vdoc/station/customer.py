"""Customer information (N09, N10): what the station stores about a person, told and forgotten.

The station knows customers by idToken, by contract certificate and by a customer identifier that
was stored with them. What is stored about an idToken is asked of those who store it: they join
with `add_source`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vdoc.ocpp.values import render_datetime
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

_REFERENCES = ("idToken", "customerCertificate", "customerIdentifier")
_DATA_LENGTH = 512
_DOCUMENT = "customers"


@dataclass(frozen=True, slots=True)
class Source:
    """Where something about customers is stored.

    Attributes:
        tell: (reference name, reference) to what is stored, as text; "" = nothing.
        forget: the same, and forgets it.
    """

    tell: Callable[[str, object], str]
    forget: Callable[[str, object], None]


class CustomerInformation:
    """Answers CustomerInformationRequest."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._sources: list[Source] = [Source(self._stored, self._forget_stored)]
        station.handle("CustomerInformation", self._asked)

    def add_source(self, source: Source) -> None:
        """Let a module that stores something about customers take part."""
        self._sources.append(source)

    def store(self, identifier: str, text: str) -> None:
        """Keep `text` about the customer with this identifier (done by hand at the station)."""
        known = self._station.storage.get(_DOCUMENT) or {}
        self._station.storage.put(_DOCUMENT, {**known, identifier: text})

    async def _asked(self, payload: Payload) -> Reply:
        given = [name for name in _REFERENCES if name in payload]
        if len(given) != 1:
            return Reply({"status": "Invalid"})  # N09.FR.09
        if not payload["report"] and not payload["clear"]:
            return Reply({"status": "Rejected"})  # N09.FR.07
        return Reply({"status": "Accepted"}, self._serve(payload, given[0]))

    async def _serve(self, payload: Payload, name: str) -> None:
        reference = payload[name]
        found = "\n".join(filter(None, (each.tell(name, reference) for each in self._sources)))
        if payload["clear"]:
            for source in self._sources:
                source.forget(name, reference)
        if payload["report"]:
            await self._report(payload["requestId"], found)
        else:
            await self._report(payload["requestId"], "cleared")  # N10.FR.06

    async def _report(self, request_id: int, text: str) -> None:
        starts = range(0, max(len(text), 1), _DATA_LENGTH)
        for number, start in enumerate(starts):
            payload = {
                "data": text[start : start + _DATA_LENGTH],
                "tbc": number + 1 < len(starts),
                "seqNo": number,
                "generatedAt": render_datetime(self._station.now()),
                "requestId": request_id,
            }
            try:
                await self._station.call("NotifyCustomerInformation", payload)
            except (OfflineError, CallFailedError, CallTimeoutError):
                return

    def _stored(self, name: str, reference: object) -> str:
        known = self._station.storage.get(_DOCUMENT) or {}
        return str(known.get(reference, "")) if name == "customerIdentifier" else ""

    def _forget_stored(self, name: str, reference: object) -> None:
        known = self._station.storage.get(_DOCUMENT) or {}
        if name == "customerIdentifier" and reference in known:
            del known[reference]
            self._station.storage.put(_DOCUMENT, known)
