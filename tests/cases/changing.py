"""A scripted charger whose connectors the CSMS makes operative and inoperative (block G).

EVSE 1 charges; a second EVSE may stand beside it. `Ways` has what conforming stations do
differently, and what none may do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from tests.cases.charging import Charger
from tests.cases.playing import VARIABLES, Payload, Played, Spoil, facts, play_against
from vdoc.bench import VariableFact
from vdoc.evidence import Kind


class Spot(NamedTuple):
    """A connector."""

    evse: int
    connector: int


@dataclass(frozen=True)
class Ways:
    """How this station happens to behave; the last four are wrong."""

    notify_event: bool = False
    repeats: bool = False  # reports connectors that do not change
    repeats_after_stop: bool = False  # reports connector 1 again when the EV leaves
    by_table: bool = (
        False  # Available when the EV leaves a running transaction, as Table 434 has it
    )
    early: bool = False
    forgets: bool = False
    revives: bool = False  # becomes operative when it is to be inoperative once more
    loses: bool = False


class ChangingCharger(Charger):
    """Keeps a state for the station (0, 0), each EVSE (n, 0) and each connector."""

    def __init__(
        self,
        variables: dict[str, str],
        spots: tuple[Spot, ...],
        *,
        ways: Ways,
        spoil: Spoil | None = None,
    ) -> None:
        super().__init__(variables, spoil=spoil)
        self.spots, self.ways = spots, ways
        self.inoperative: set[Spot] = set()
        self.scheduled: set[Spot] = set()
        self.left = False
        self.reported = dict.fromkeys(spots, "Available")
        self.answers["Reset"] = self._reset

    # --- states ---

    def state(self, spot: Spot) -> str:
        scopes = (Spot(0, 0), Spot(spot.evse, 0), spot)
        busy = spot.evse == 1 and self.transaction is not None and not self.ways.early
        if self.inoperative & set(scopes) or (self.scheduled & set(scopes) and not busy):
            return "Unavailable"
        if spot == (1, 1) and self.plugged:
            return "Occupied"
        leaving = self.left and spot == (1, 1) and self.scheduled & set(scopes)
        return "Unavailable" if leaving and not self.ways.by_table else "Available"

    def report(self, spots: tuple[Spot, ...]) -> None:
        for spot in spots:
            self.reported[spot] = self.state(spot)
            self._say(spot, self.reported[spot])

    def refresh(self) -> None:
        self.report(tuple(s for s in self.spots if self.reported[s] != self.state(s)))

    def _say(self, spot: Spot, state: str) -> None:
        place = {"evseId": spot.evse, "connectorId": spot.connector}
        if not self.ways.notify_event:
            status = {"timestamp": self.now(), "connectorStatus": state}
            self.says("StatusNotification", {**status, **place})
            return
        evse = {"id": spot.evse, "connectorId": spot.connector}
        data = {
            "eventId": 1,
            "timestamp": self.now(),
            "trigger": "Delta",
            "actualValue": state,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": evse},
            "variable": {"name": "AvailabilityState"},
        }
        self.says("NotifyEvent", {"generatedAt": self.now(), "seqNo": 0, "eventData": [data]})

    # --- what happens ---

    def _change_availability(self, payload: Payload) -> Payload:
        evse = payload.get("evse", {})
        scope = Spot(evse.get("id", 0), evse.get("connectorId", 0))
        off = payload["operationalStatus"] == "Inoperative"
        if off and scope not in self.inoperative and self.transaction is not None:
            if not self.ways.forgets:
                self.scheduled.add(scope)
            self.run.later(0.1, self.refresh)
            return {"status": "Scheduled"}
        if self.ways.revives and scope in self.inoperative:
            off = False
        self.inoperative = (self.inoperative | {scope}) if off else (self.inoperative - {scope})
        repeats = self.ways.repeats
        self.run.later(0.1, lambda: self.report(self.spots) if repeats else self.refresh())
        return {"status": "Accepted"}

    def _tell_status(self) -> None:
        self.left = not self.plugged and self.transaction is not None
        self.refresh()
        if self.ways.repeats_after_stop and not self.plugged:
            self.report(self.spots[:1])

    def _event(
        self, kind: str, trigger: str, state: str | None = None, reason: str | None = None
    ) -> None:
        super()._event(kind, trigger, state, reason)
        if kind == "Ended":
            self.run.later(0.0, self._catch_up)

    def _catch_up(self) -> None:
        self.inoperative |= self.scheduled
        self.scheduled = set()
        self.refresh()

    def _reset(self, _payload: Payload) -> Payload:
        self.run.later(0.5, self._restart)
        return {"status": "Accepted"}

    def _restart(self) -> None:
        number, self.connection, self._waiting = self.connection, None, None
        self.run.observe(Kind.CLOSED, {"connection": number, "endpoint": 1})
        if self.ways.loses:
            self.inoperative = set()
        self.run.later(3.0, self._back)

    def _back(self) -> None:
        self.connection = next(self._connections)
        self.run.observe(Kind.OPENED, {"connection": self.connection, "endpoint": 1})
        station = {"vendorName": "V", "model": "M", "firmwareVersion": "1"}
        payload = {"reason": "RemoteReset", "chargingStation": station}
        self.says("BootNotification", payload, lambda _answer: self._accepted_again())

    def _accepted_again(self) -> None:
        self.report(self.spots)
        event = {"type": "ResetOrReboot", "timestamp": self.now()}
        self.says("SecurityEventNotification", event)


def play_changing(
    case_id: str,
    *,
    stop: str = "Authorized",
    connectors: int = 1,
    second_evse: bool = False,
    spoil: Spoil | None = None,
    ways: Ways | None = None,
    lag_s: float = 0.1,
    **rest: Any,
) -> Played:
    """Run a case of block G; `rest` goes to `Ways`, or is `claims` or `variant`.

    With `lag_s` below 0 what an action does comes before its answer.
    """
    values = {**VARIABLES, "TxCtrlr.TxStopPoint": stop}
    bench = {key: rest.pop(key) for key in ("variant", "claims") if key in rest}
    chosen = replace(ways or Ways(), **rest)
    spots = tuple(Spot(1, n + 1) for n in range(connectors))
    seen = facts(values, (), connectors)
    if second_evse:
        spots += (Spot(2, 1),)
        fact = VariableFact(component="Connector", variable="Available", evse=2, connector=1)
        seen = seen.model_copy(update={"variables": (*seen.variables, fact)})

    def make() -> ChangingCharger:
        charger = ChangingCharger(dict(values), spots, ways=chosen, spoil=spoil)
        charger.lag_s = lag_s
        return charger

    return play_against(case_id, make, seen=seen, **bench)
