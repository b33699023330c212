"""A scripted charger that resets, as a whole or its EVSE (B11, B12)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.cases.charging import Charger
from tests.cases.playing import VARIABLES, Payload, Played, Spoil, facts, play_against
from vdoc.evidence import Kind


@dataclass(frozen=True)
class Resets:
    """How a station resets; all but the first and the last is wrong."""

    evse_alone: bool = True
    does: bool = True
    early: bool = True  # an immediate reset ends the transaction before the restart, not after
    keeps: bool = True  # what the CSMS made Unavailable stays so
    names_token: bool = False
    begins_anew: bool = False  # with the EV still connected after a restart (E01.FR.02)


class ResettingCharger(Charger):
    """Restarts a second after it may, once a Reset was asked for."""

    def __init__(self, variables: dict[str, str], *, spoil: Spoil | None, resets: Resets) -> None:
        super().__init__(variables, spoil=spoil)
        self.resets = resets
        self.scheduled: str | None = None  # the reason that the next boot will give
        self.alone = False  # it is the EVSE that will restart
        self.unavailable = False
        self.answers["Reset"] = self._reset

    def _reset(self, payload: Payload) -> Payload:
        whole, busy = "evseId" not in payload, self.transaction is not None
        if not whole and not self.resets.evse_alone:
            return {"status": "Rejected"}
        if payload["type"] == "Immediate":
            self.run.later(0.2, lambda: self._end_and_restart(whole=whole))
            return {"status": "Accepted"}
        if busy:
            self.scheduled = "ScheduledReset" if self.resets.does else None
            self.alone = not whole
            return {"status": "Scheduled"}
        if whole and self.resets.does:
            self.run.later(1.0, lambda: self._restart("RemoteReset"))
        return {"status": "Accepted"}

    def _end_and_restart(self, *, whole: bool) -> None:
        if self.resets.early:
            self._end()
        if whole and self.resets.does:
            self.run.later(1.0, lambda: self._restart("RemoteReset"))

    def _end(self) -> None:
        self.accepted = self.charging = False
        if self.resets.names_token and self.transaction is not None:
            self.accepted = True
            self.transaction.told.discard("token")
        self._event("Ended", "ResetCommand", "EVConnected", "ImmediateReset")
        self.accepted, self.transaction = False, None

    def _event(
        self, kind: str, trigger: str, state: str | None = None, reason: str | None = None
    ) -> None:
        super()._event(kind, trigger, state, reason)
        if kind == "Ended" and self.scheduled is not None:
            why, self.scheduled = self.scheduled, None
            restart = self._begin_anew if self.alone else partial(self._restart, why)
            self.run.later(1.0, restart)

    def _change_availability(self, payload: Payload) -> Payload:
        self.unavailable = True
        return super()._change_availability(payload)

    def _restart(self, reason: str) -> None:
        number, self.connection, self._waiting = self.connection, None, None
        self.run.observe(Kind.CLOSED, {"connection": number, "endpoint": 1})
        self.run.later(3.0, lambda: self._back(reason))

    def _back(self, reason: str) -> None:
        self.connection = next(self._connections)
        self.run.observe(Kind.OPENED, {"connection": self.connection, "endpoint": 1})
        station = {"vendorName": "V", "model": "M", "firmwareVersion": "1"}
        payload = {"reason": reason, "chargingStation": station}
        if not self.resets.early:
            self._end()
        self.says("BootNotification", payload, self._accepted_again)

    def _accepted_again(self, _answer: Payload) -> None:
        self._begin_anew()
        free = "Unavailable" if self.unavailable and self.resets.keeps else "Available"
        self.status(1, "Occupied" if self.plugged else free)
        event = {"type": "ResetOrReboot", "timestamp": self.now()}
        self.says("SecurityEventNotification", event)

    def _begin_anew(self) -> None:
        if self.plugged and self.resets.begins_anew:
            self._changed("CablePluggedIn", starts=True)


def run_reset(
    case_id: str,
    *,
    start: str | None = None,
    stop: str = "Authorized",
    spoil: Spoil | None = None,
    resets: Resets | None = None,
    **bench: Any,
) -> Played:
    """Run a case about resets against a charger with these TxStartPoint and TxStopPoint."""
    values = VARIABLES | {"TxCtrlr.TxStopPoint": stop}
    if start is not None:
        values["TxCtrlr.TxStartPoint"] = start

    def make() -> ResettingCharger:
        return ResettingCharger(dict(values), spoil=spoil, resets=resets or Resets())

    return play_against(case_id, make, seen=facts(values, (), 1), **bench)
