"""A scripted station whose sessions are interrupted: the EV stops or leaves, the CSMS refuses.

`play_interrupted` plays a case of E01, E03, E06 or E07 with an `InterruptedCharger`, which charges
like a `SteeredCharger` and also heeds EnergyTransfer and DataSigned, StopTxOnEVSideDisconnect, and
a token that the CSMS refuses afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.cases.charging import Style, Transaction
from tests.cases.playing import VARIABLES, Payload, Played, facts, play_against
from tests.cases.steering import Habits, SteeredCharger

_SIGNATURE = {
    "signedMeterData": "c2lnbmVk",
    "signingMethod": "",
    "encodingMethod": "OCMF",
    "publicKey": "",
}
_REFUSED_ENDS = frozenset({"Authorized", "PowerPathClosed", "EnergyTransfer"})
_MORE = {
    "TxCtrlr.EVConnectionTimeOut": "60",
    "TxCtrlr.StopTxOnEVSideDisconnect": "true",
    "TxCtrlr.StopTxOnInvalidId": "false",
    "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
}


class InterruptedCharger(SteeredCharger):
    """Heeds everything that can interrupt a session; `charges_late` is what none may do."""

    charges_late = False
    signed = False
    two_events = False  # an EV that stops is told by two events
    _stopped_by = "Local"
    _held = False  # its lock holds a cable whose EV has left

    # --- the EV's side ---

    def acted(self, action: Payload) -> None:
        match action["operation"]:
            case "suspend_ev":
                self._ev_suspends()
            case "plugout_ev_side":
                self._ev_leaves()
            case "plugout_evse_side":
                self._tell_status()
            case "parking_out":
                self.bay = False
                self._changed("EVDeparted", reason=self._stopped_by)
            case _:
                super().acted(action)
        if action["operation"] == "plugin" and self.charges_late:
            self._event("Updated", "ChargingStateChanged", "Charging")

    def _ev_suspends(self) -> None:
        if self.two_events:
            self._event("Updated", "ChargingStateChanged", "SuspendedEV")
        self.charging = False
        self._changed("ChargingStateChanged", state="SuspendedEV", reason="StoppedByEV")

    def _presented(self, token: Payload) -> None:
        if self._held:
            self._held = False
        else:
            super()._presented(token)

    def _ev_leaves(self) -> None:
        self._held = self.variables["OCPPCommCtrlr.UnlockOnEVSideDisconnect"] == "false"
        self.plugged = self.charging = False
        if self.variables["TxCtrlr.StopTxOnEVSideDisconnect"] == "true":
            self.accepted = False
        self._changed("EVCommunicationLost", reason="EVDisconnected")

    # --- the facts ---

    def _holding(self) -> frozenset[str]:
        facts = super()._holding()
        return facts | {"DataSigned"} if self.signed else facts

    def _charge(self) -> None:
        if self.variables["SampledDataCtrlr.SignReadings"] == "true" and self.plugged:
            self.signed = self.accepted
            if "DataSigned" in self._points("TxStartPoint"):
                self._changed("SignedDataReceived")
        super()._charge()

    def _no_cable_came(self, number: int) -> None:
        super()._no_cable_came(number)
        if not self.accepted:
            self._pending_remote = None

    def _stop(self, trigger: str, reason: str) -> None:
        self._stopped_by = reason
        if not self._points("TxStopPoint") & {"Authorized", "PowerPathClosed"}:
            super()._stop(trigger, reason)
            return
        self.charging = self.charging and self.style.separate_stop
        super()._stop(trigger, reason)

    # --- what the CSMS says of the token ---

    def _send(self, transaction: Transaction, payload: Payload) -> None:
        if payload["eventType"] == "Started" and self.signed:
            sample = {"value": 1.0, "context": "Transaction.Begin", "signedMeterValue": _SIGNATURE}
            payload["meterValue"] = [{"timestamp": self.now(), "sampledValue": [sample]}]
        super()._send(transaction, payload)

    def heard(self, frame: list[Any]) -> None:
        super().heard(frame)
        refused = frame[0] == 3 and frame[2].get("idTokenInfo", {}).get("status") == "Invalid"
        if refused and self.variables["TxCtrlr.StopTxOnInvalidId"] == "true" and self.transaction:
            self.run.later(0.3, self._refused)

    def _refused(self) -> None:
        if not self.accepted:
            return
        self.accepted = self.charging = False
        self._facts = self._holding()
        ends = self._points("TxStopPoint") & _REFUSED_ENDS
        kind = "Ended" if ends else "Updated"
        self._event(kind, "Deauthorized", None, "DeAuthorized")
        if ends:
            self.transaction = None


def play_interrupted(
    case_id: str,
    *,
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    variables: Mapping[str, str] | None = None,
    habits: Habits | None = None,
    kind: type[InterruptedCharger] = InterruptedCharger,
    **others: Any,
) -> Played:
    """Run a case against an `InterruptedCharger`; style and traits by name, the rest as usual."""
    values = {**VARIABLES, "TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    values |= {**_MORE, **(variables or {})}
    bench = {key: others.pop(key) for key in ("variant", "claims", "tree") if key in others}
    kept = {key: others.pop(key) for key in ("spoil", "read_only", "lag_s") if key in others}
    style = Style(**{k: others.pop(k) for k in list(others) if k in Style.__annotations__})

    def make() -> InterruptedCharger:
        station = kind(dict(values), habits=habits or Habits(), style=style, **kept)
        for name, value in others.items():
            setattr(station, name, value)
        return station

    seen = facts(values, kept.get("read_only", ()), 1)
    return play_against(case_id, make, seen=seen, **bench)
