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
from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

REJECTED = declare(
    "customer-information-rejected",
    "rejects every request for customer information",
    "N09.FR.02",
    "TC_N_27_CS",
    "TC_N_28_CS",
    "TC_N_30_CS",
    "TC_N_31_CS",
    "TC_N_32_CS",
    "TC_N_62_CS",
)
TELLS_NOTHING = declare(
    "customer-information-empty",
    "reports empty data about a customer of whom something is stored",
    "N09.FR.05",
    "TC_N_27_CS",
    "TC_N_30_CS",
    "TC_N_62_CS",
)
DENIES = declare(
    "customer-information-denied",
    "says of every customer that nothing is stored",
    "N09.FR.05",
    "TC_N_27_CS",
)
NOTHING_UNTOLD = declare(
    "customer-nothing-untold",
    "sends no message when nothing is stored about a customer",
    "N09.FR.06",
    "TC_N_28_CS",
    "TC_N_31_CS",
)
CLEARED_UNTOLD = declare(
    "customer-cleared-untold",
    "sends no message after clearing without a report",
    "N10.FR.06",
    "TC_N_32_CS",
)
NEVER_ENDS = declare(
    "customer-report-unended",
    "the last part of a report says that more is to come",
    "N09.FR.06",
    "TC_N_27_CS",
    "TC_N_28_CS",
    "TC_N_30_CS",
    "TC_N_31_CS",
    "TC_N_32_CS",
    "TC_N_62_CS",
)
WRONG_REQUEST = declare(
    "customer-wrong-request-id",
    "reports carry another requestId than the request",
    "N09.FR.05",
    "TC_N_27_CS",
    "TC_N_28_CS",
    "TC_N_30_CS",
    "TC_N_31_CS",
    "TC_N_32_CS",
    "TC_N_62_CS",
)
TOLD_TWICE = declare(
    "customer-nothing-told-twice",
    "says twice that nothing is stored about a customer, or is not any more",
    "N10.FR.06",
    "TC_N_28_CS",
    "TC_N_31_CS",
    "TC_N_32_CS",
)
KEEPS = declare(
    "customer-clear-keeps",
    "accepts to clear what is stored about a customer, and clears nothing",
    "N10.FR.03",
    "TC_N_30_CS",
    "TC_N_62_CS",
)

NO_DATA = "no data"
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
        if self._station.has(REJECTED):
            return Reply({"status": "Rejected"})
        return Reply({"status": "Accepted"}, self._serve(payload, given[0]))

    async def _serve(self, payload: Payload, name: str) -> None:
        has, reference = self._station.has, payload[name]
        found = "\n".join(filter(None, (each.tell(name, reference) for each in self._sources)))
        if payload["clear"] and not has(KEEPS):
            for source in self._sources:
                source.forget(name, reference)
        if not payload["report"]:
            if not has(CLEARED_UNTOLD):
                await self._report_once(payload["requestId"], "cleared")  # N10.FR.06
        elif found and not has(DENIES):
            await self._report(payload["requestId"], "" if has(TELLS_NOTHING) else found)
        elif not has(NOTHING_UNTOLD):
            nothing = NO_DATA if self._station.style.says_no_data else ""
            await self._report_once(payload["requestId"], nothing)  # N09.FR.06, N10.FR.04

    async def _report_once(self, request_id: int, text: str) -> None:
        for _ in range(1 + self._station.has(TOLD_TWICE)):
            await self._report(request_id, text)

    async def _report(self, request_id: int, text: str) -> None:
        starts = range(0, max(len(text), 1), _DATA_LENGTH)
        for number, start in enumerate(starts):
            payload = {
                "data": text[start : start + _DATA_LENGTH],
                "tbc": number + 1 < len(starts) or self._station.has(NEVER_ENDS),
                "seqNo": number,
                "generatedAt": render_datetime(self._station.now()),
                "requestId": request_id + self._station.has(WRONG_REQUEST),
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
