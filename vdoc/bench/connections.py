"""What a case does with connections: accept, refuse, drop, and see them come and go.

Owns the connection half of the Bench's vocabulary. Gates begin as `standard_gate` says and last to
the end of the case. What happens (opened, closed, refused, tls) are observations like messages:
claimed once, subject to the cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vdoc.bench.gate import Gate, standard_gate
from vdoc.bench.message import Event, Message
from vdoc.bench.operations import Receive
from vdoc.bench.outcome import StepFailedError
from vdoc.evidence import Kind

if TYPE_CHECKING:
    from vdoc.bench.bench import Bench
    from vdoc.bench.timeline import Timeline

EventFilter = Callable[[Event], bool]


class Connections:
    """The `bench.connection` of a case."""

    def __init__(self, bench: Bench, timeline: Timeline) -> None:
        self._bench = bench
        self._timeline = timeline
        state = timeline.start.state
        self._gates = {endpoint: standard_gate(state, endpoint) for endpoint in (1, 2)}

    @property
    def number(self) -> int | None:
        """The connection in use; None while there is none."""
        return self._timeline.peer.connection

    @property
    def at_start(self) -> Mapping[str, Any] | None:
        """The `opened` data of the connection that the case began with."""
        connection = self._timeline.start.connection
        return None if connection is None else connection.opened

    @property
    def endpoint(self) -> int:
        """The end point that the DUT uses."""
        return self._timeline.start.state.endpoint

    def gate(self, endpoint: int | None = None) -> Gate:
        """Return the gate in force; of the end point in use unless said otherwise."""
        return self._gates[self.endpoint if endpoint is None else endpoint]

    def set_gate(self, gate: Gate) -> None:
        """Put a gate in force."""
        self._gates[gate.endpoint] = gate
        self._timeline.deed(Kind.GATE, gate.as_json())

    def refuse(self, endpoint: int | None = None) -> None:
        """Refuse connection attempts from now on."""
        self.set_gate(self.gate(endpoint).refusing())

    def accept(self, endpoint: int | None = None, **changes: Any) -> None:  # noqa: ANN401
        """Accept connection attempts from now on; `changes` are fields of `Gate`."""
        self.set_gate(replace(self.gate(endpoint), accept=True, **changes))

    def drop(self) -> None:
        """Cut the connection in use, without a WebSocket close, as a network failure does.

        Raises:
            StepFailedError: there is none.
        """
        number = self.number
        if number is None:
            raise StepFailedError("connection", "open", "closed already")
        self._timeline.deed(Kind.DROP, {"connection": number})
        self._timeline.peer.closed(number)

    async def opened(
        self, *, within_s: float | None = None, where: EventFilter | None = None, what: str = ""
    ) -> Event:
        """Return the next connection that was accepted.

        Raises:
            StepFailedError: none came in time.
        """
        limit_s = self._limit(within_s)
        event = await self.optional("opened", within_s=limit_s, where=where)
        if event is None:
            refused = await self.optional("refused", within_s=0.0)
            failed = refused or await self.optional("tls", within_s=0.0, where=_failed)
            self._come(None, limit_s, what or "the DUT connects", failed)
        return self._come(event, limit_s, what or "the DUT connects")

    async def closed(self, *, within_s: float | None = None) -> Event:
        """Return the next closing of a connection.

        Raises:
            StepFailedError: none closed in time.
        """
        return await self._need("closed", within_s, None, "the connection closes")

    async def refused(
        self, *, within_s: float | None = None, where: EventFilter | None = None, what: str = ""
    ) -> Event:
        """Return the next connection attempt that was refused.

        Raises:
            StepFailedError: none came in time.
        """
        return await self._need("refused", within_s, where, what or "a connection attempt")

    async def handshake(
        self, *, within_s: float | None = None, where: EventFilter | None = None, what: str = ""
    ) -> Event:
        """Return the next TLS handshake that ended, completed or failed.

        Raises:
            StepFailedError: none came in time.
        """
        return await self._need("tls", within_s, where, what or "a TLS handshake")

    async def attempted(
        self, *, within_s: float | None = None, where: EventFilter | None = None, what: str = ""
    ) -> Event:
        """Return how the next connection attempt ended: `opened`, `refused` or a failed `tls`.

        Raises:
            StepFailedError: none came in time.
        """

        def ended(incoming: Message | Event) -> bool:
            if not isinstance(incoming, Event) or not (where is None or where(incoming)):
                return False
            failed = incoming.kind == "tls" and _failed(incoming)
            return failed or incoming.kind in {"opened", "refused"}

        limit_s = self._limit(within_s)
        event: Event | None = await Receive(limit_s, ended)
        return self._come(event, limit_s, what or "a connection attempt")

    async def optional(
        self, kind: str, *, within_s: float, where: EventFilter | None = None
    ) -> Event | None:
        """Return the next `opened`, `closed`, `refused` or `tls`, or None when none comes."""

        def matches(incoming: Message | Event) -> bool:
            right = isinstance(incoming, Event) and incoming.kind == kind
            return right and (where is None or where(incoming))  # type: ignore[arg-type]

        event: Event | None = await Receive(within_s, matches)
        return event

    async def _need(
        self, kind: str, within_s: float | None, where: EventFilter | None, what: str
    ) -> Event:
        limit_s = self._limit(within_s)
        return self._come(await self.optional(kind, within_s=limit_s, where=where), limit_s, what)

    def _limit(self, within_s: float | None) -> float:
        values = self._bench.settings.values
        return values.long_operation_timeout_s if within_s is None else within_s

    @staticmethod
    def _come(event: Event | None, limit_s: float, what: str, tried: Event | None = None) -> Event:
        if event is not None:
            return event
        expected = f"within {limit_s:g} s"
        if tried is None:
            raise StepFailedError(what, expected, "did not happen")
        how = "was refused" if tried.kind == "refused" else "failed in TLS"
        why = tried.get("why") or tried.get("failure")
        raise StepFailedError(what, expected, f"an attempt {how}: {why}", tried.n)


def _failed(event: Event) -> bool:
    return bool(event.get("outcome") == "failed")
