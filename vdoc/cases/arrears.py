"""What the DUT has still to tell before the next case may begin.

Owns the reports that are on their way when the state of the DUT is right already: of a connector
that was told to be something else than Available, and what every restart owes (B01.FR.05, A04).
Without it, the next case would be told what the last one caused. It follows messages and judges
none: a report that never comes is the business of the case that caused it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vdoc.bench import Bench, Message
from vdoc.cases import connectors
from vdoc.cases.booting import STARTUP_EVENTS
from vdoc.cases.connectors import AVAILABLE, Place

_SECURITY_EVENT = "SecurityEventNotification"
ACTIONS = ("BootNotification", "NotifyEvent", "StatusNotification", _SECURITY_EVENT)
"""The requests that it follows."""


@dataclass(slots=True)
class Arrears:
    """Follows what was told.

    Attributes:
        told: the state of each connector as it was told last, since the last restart.
        restarted: it has restarted, so that every connector is owed.
        started: the security event of that restart has come.
    """

    told: dict[Place, str] = field(default_factory=dict)
    restarted: bool = False
    started: bool = False

    def feed(self, message: Message) -> None:
        """Take a request of the DUT."""
        if message.action == "BootNotification":
            if message.get("reason") != "Triggered":
                self.told, self.restarted, self.started = {}, True, False
        elif message.action == _SECURITY_EVENT:
            self.started = self.started or message.get("type") in STARTUP_EVENTS
        else:
            self.told |= {r.place: str(r.state) for r in connectors.reports(message)}

    def untold(self, places: Iterable[Place]) -> list[Place]:
        """Return those of all connectors that are yet to be told to be Available."""
        assumed = "" if self.restarted else AVAILABLE
        return [place for place in places if self.told.get(place, assumed) != AVAILABLE]

    def settles(self, message: Message, places: Iterable[Place]) -> bool:
        """Tell whether a request is one that is owed."""
        if message.action == _SECURITY_EVENT:
            return message.get("type") in STARTUP_EVENTS
        owed = frozenset(self.untold(places))
        return any(report.place in owed for report in connectors.reports(message))

    def all_told(self, places: Iterable[Place]) -> bool:
        """Tell whether nothing is owed."""
        return not self.untold(places) and (self.started or not self.restarted)

    def as_json(self) -> dict[str, Any]:
        """Return what the `case` line of a restore says of it."""
        told = [[each.evse, each.connector, state] for each, state in sorted(self.told.items())]
        return {"told": told, "restarted": self.restarted, "started": self.started}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Arrears:
        """Read it back; nothing is owed when nothing is said."""
        told = {Place(evse, connector): state for evse, connector, state in value.get("told", ())}
        return cls(told, bool(value.get("restarted")), bool(value.get("started")))


async def settled(bench: Bench, before: Arrears, since: list[Message]) -> None:
    """Wait until nothing is owed any more, a message time-out at most.

    Args:
        bench: the bench.
        before: what was owed when the list began.
        since: every request of `ACTIONS` since then; it grows.
    """
    places = connectors.all_places(bench)
    arrears, taken = before, 0
    began = bench.now()
    while True:
        for message in since[taken:]:
            arrears.feed(message)
        taken = len(since)
        if arrears.all_told(places):
            return
        left_s = bench.settings.values.message_timeout_s - (bench.now() - began).total_seconds()
        owed = await bench.receive_optional(
            *ACTIONS,
            where=lambda message: arrears.settles(message, places),
            within_s=max(left_s, 0.0),
        )
        if owed is None:
            missing = [*map(str, arrears.untold(places)), *_startup(arrears)]
            bench.note(f"not told in time: {', '.join(missing)}")
            return


def _startup(arrears: Arrears) -> list[str]:
    return [] if arrears.started or not arrears.restarted else ["the start-up"]
