"""ChangeAvailability: what a request is about, its answer, and the connectors it concerns.

Owns the target of a request, and what its connectors must be told to be. A report is due only of a
connector that changes (G03.FR.04, G04.FR.05): where a table of Part 6 asks for reports although
nothing changes, the station may leave them out, but must not say anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vdoc.bench import Bench
from vdoc.cases import connectors, states
from vdoc.cases.connectors import Place, State

OperationalStatus = Literal["Operative", "Inoperative"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a request is about: the station, an EVSE, or a connector.

    Attributes:
        evse: its EVSE; None: the whole station.
        connector: its connector; None: the whole EVSE.
        accepts: the requirement that the answer to a change rests on.
        repeats: the same, for a change to the state it already has.
        waits: the same, while a transaction runs.
        reports: the requirement that a change is reported.
        persists: the requirement that it survives a restart.
    """

    evse: int | None
    connector: int | None
    accepts: str = "G03.FR.02"
    repeats: str = "G03.FR.03"
    waits: str = "G03.FR.05"
    reports: str = "G03.FR.04"
    persists: str = "G03.FR.08"

    def places(self, bench: Bench) -> tuple[Place, ...]:
        """Return the connectors it concerns."""
        return connectors.in_scope(bench, self.evse, self.connector)

    def inoperative(self, bench: Bench) -> Mapping[Place, State]:
        """Return what each connector of the station is while this, and no more, is inoperative."""
        inside = self.places(bench)
        return {
            place: "Unavailable" if place in inside else "Available"
            for place in connectors.all_places(bench)
        }

    def request(self, status: OperationalStatus) -> dict[str, Any]:
        """Return the ChangeAvailabilityRequest."""
        payload: dict[str, Any] = {"operationalStatus": status}
        if self.evse is not None:
            payload["evse"] = {"id": self.evse}
            if self.connector is not None:
                payload["evse"]["connectorId"] = self.connector
        return payload


STATION = Target(
    None, None, "G04.FR.03", "G04.FR.04", "G04.FR.06", "G04.FR.05", "G04.FR.09"
)  # fmt: skip


def evse(bench: Bench) -> Target:
    """Return the EVSE under test."""
    return Target(bench.settings.dut.evse, None)


def connector(bench: Bench) -> Target:
    """Return the connector under test."""
    return Target(bench.settings.dut.evse, bench.settings.dut.connector)


async def made_unavailable(bench: Bench, target: Target) -> None:
    """State Unavailable for this target."""
    await states.unavailable(bench, evse=target.evse, connector=target.connector)


async def becomes_operative(bench: Bench, target: Target) -> None:
    """Steps 1 to 4: the request is accepted, and its connectors are told to be Available."""
    bench.step(2, target.accepts)
    answer = await bench.call("ChangeAvailability", **target.request("Operative"))  # 1
    asked = bench.mark()
    bench.require(answer["status"], "Accepted")
    bench.step(3, target.reports)
    await connectors.all_notified(bench, "Available", target.places(bench), since=asked)


async def stays(bench: Bench, target: Target, status: OperationalStatus) -> int:
    """Steps 1 and 2: a change to the state it already has is accepted.

    Returns:
        A mark from which its connectors may be reported.
    """
    bench.step(2, target.repeats)
    answer = await bench.call("ChangeAvailability", **target.request(status))  # 1
    asked = bench.mark()
    bench.require(answer["status"], "Accepted")
    return asked


async def told_at_will(
    bench: Bench, target: Target, status: OperationalStatus, *, step: int | str, since: int
) -> None:
    """The reports that a step asks for although nothing changes: optional, but not wrong.

    Args:
        bench: the bench.
        target: what was asked to stay as it is.
        status: how it stays.
        step: of the table.
        since: a mark; the request.
    """
    bench.step(step, target.reports)
    if status == "Inoperative":
        await connectors.notified_at_will(bench, target.inoperative(bench), since=since)
        return
    available = dict.fromkeys(target.places(bench), connectors.AVAILABLE)
    await connectors.notified_at_will(bench, available, since=since)
