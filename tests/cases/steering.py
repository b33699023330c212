"""Scripted stations that the CSMS steers (block F): unlocking, triggers, a cable that never comes.

`play_steered` plays a case with a `SteeredCharger`, one EVSE that charges; `play_transferring` with
a `Transferring` station, which uploads logs and downloads firmware until the bench lets it end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.cases.charging import Charger, Style
from tests.cases.playing import (
    VARIABLES,
    Payload,
    Played,
    Spoil,
    facts,
    pics,
    play_against,
    settings,
)
from tests.cases.restarting import Run, Station
from vdoc.bench import CaseStart, DutState, Facts, Password
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases.registry import case_functions


def nth(number: int, spoil: Spoil, action: str) -> Spoil:
    """Spoil only the message of this number, from 1, of an action."""
    seen = 0

    def spoil_one(named: str, payload: Payload) -> Payload | None:
        nonlocal seen
        seen += named == action
        return spoil(named, payload) if (named, seen) == (action, number) else payload

    return spoil_one


@dataclass
class Habits:
    """What a steered station does beyond charging; all but the first three are wrong."""

    clock_aligned: bool = False  # values of the clock come just before those that are asked for
    main_meter: bool = True
    splits: bool = False  # one measurand a message
    sends_first: bool = False
    asks_anyway: bool = False
    gives_up_after: float = 1.0  # times EVConnectionTimeOut
    keeps_evse: bool = False
    goes_on: bool = False  # tells the time-out by an Updated event
    unlock_stops: bool = False  # ends the transaction that it says is ongoing
    boots_anyway: bool = False  # sends the BootNotification that it refused


class SteeredCharger(Charger):
    """One EVSE with one connector; answers F02 to F06 as Part 2 has it, but for its habits."""

    def __init__(self, variables: dict[str, str], *, habits: Habits, **station: Any) -> None:
        super().__init__(variables, **station)
        self.habits = habits
        self._starts = 0
        self.answers["UnlockConnector"] = self._unlock
        self.answers["TriggerMessage"] = self._trigger
        self.answers["RequestStopTransaction"] = self._stop_if_known

    # --- remote start and stop ---

    def _remote_start(self, payload: Payload) -> Payload:
        if self.accepted:
            return {"status": "Rejected"}
        answer = super()._remote_start(payload)
        if self.habits.asks_anyway and payload["idToken"]["type"] == "ISO14443":
            self.says("Authorize", {"idToken": payload["idToken"]})
        return answer

    def _accept(self, token: Payload, trigger: str, remote_start_id: int | None = None) -> None:
        super()._accept(token, trigger, remote_start_id)
        self._starts += 1
        if not self.plugged:
            limit_s = float(self.variables["TxCtrlr.EVConnectionTimeOut"])
            number = self._starts
            self.run.later(
                limit_s * self.habits.gives_up_after, lambda: self._no_cable_came(number)
            )

    def _no_cable_came(self, number: int) -> None:
        if self.plugged or number != self._starts:
            return
        self.accepted = self.habits.keeps_evse
        self._facts = self._holding()
        stop = self._points("TxStopPoint")
        stays = "ParkingBayOccupancy" in stop and not stop & {"Authorized", "PowerPathClosed"}
        kind = "Updated" if stays or self.habits.goes_on else "Ended"
        self._event(kind, "EVConnectTimeout", None, "Timeout")
        if kind == "Ended":
            self.transaction = None
        elif self.transaction is not None:
            self.transaction.told -= {"token", "remote"}

    def _stop_if_known(self, payload: Payload) -> Payload:
        running = self.transaction
        if running is None or payload["transactionId"] != running.id:
            return {"status": "Rejected"}
        return self._remote_stop(payload)

    def _unlock(self, payload: Payload) -> Payload:
        if (payload["evseId"], payload["connectorId"]) != (1, 1):
            return {"status": "UnknownConnector"}
        busy = self.transaction is not None and self.accepted
        if busy and self.habits.unlock_stops:
            self._remote_stop({})
        return {"status": "OngoingAuthorizedTransaction" if busy else "Unlocked"}

    # --- triggers ---

    def _trigger(self, payload: Payload) -> Payload:
        tell = self._tellers().get(payload["requestedMessage"])
        if payload["requestedMessage"] == "BootNotification":
            if self.habits.boots_anyway:
                self.run.later(0.1, self._boot)
            return {"status": "Rejected"}
        if tell is None:
            return {"status": "NotImplemented"}
        if self.habits.sends_first:
            tell()
        else:
            self.run.later(0.1, tell)
        return {"status": "Accepted"}

    def _tellers(self) -> dict[str, Callable[[], None]]:
        return {
            "MeterValues": self._meter_values,
            "TransactionEvent": self._tell_transaction,
            "Heartbeat": self._heartbeat,
            "StatusNotification": self._tell_status,
        }

    def _boot(self) -> None:
        station = {"vendorName": "V", "model": "M"}
        self.says("BootNotification", {"reason": "Triggered", "chargingStation": station})

    def _heartbeat(self) -> None:
        self.says("Heartbeat", {})

    def _meter_values(self) -> None:
        if self.habits.clock_aligned:
            self._values(1, "Sample.Clock")
        if self.habits.main_meter:
            self._values(0, "Trigger")
        self._values(1, "Trigger")

    def _values(self, evse: int, context: str) -> None:
        for values in self._by_message("AlignedDataCtrlr.Measurands", context):
            value = {"timestamp": self.now(), "sampledValue": values}
            self.says("MeterValues", {"evseId": evse, "meterValue": [value]})

    def _by_message(self, measurands: str, context: str) -> list[list[Payload]]:
        names = (self.variables.get(measurands) or "Energy.Active.Import.Register").split(",")
        values: list[Payload] = [
            {"value": 1.0, "measurand": name, "context": context} for name in names
        ]
        return [[value] for value in values] if self.habits.splits else [values]

    def _tell_transaction(self) -> None:
        running = self.transaction
        assert running is not None
        for values in self._by_message("SampledDataCtrlr.TxUpdatedMeasurands", "Trigger"):
            payload = {
                "eventType": "Updated",
                "triggerReason": "Trigger",
                "transactionInfo": {"transactionId": running.id, "chargingState": self._state()},
                "meterValue": [{"timestamp": self.now(), "sampledValue": values}],
            }
            self._send(running, payload)


def play_steered(
    case_id: str,
    *,
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    variables: Mapping[str, str] | None = None,
    habits: Habits | None = None,
    style: Style | None = None,
    **others: Any,
) -> Played:
    """Run a case against a `SteeredCharger`; `others` go to the bench, but for `spoil`."""
    values = {**VARIABLES, "TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    values |= {"TxCtrlr.EVConnectionTimeOut": "60"} | dict(variables or {})
    read_only = others.pop("read_only", ())
    spoil = others.pop("spoil", None)

    def make() -> SteeredCharger:
        kept = {"spoil": spoil, "read_only": read_only, "style": style}
        return SteeredCharger(dict(values), habits=habits or Habits(), **kept)

    seen = others.pop("seen", None) or facts(values, read_only, 1)
    return play_against(case_id, make, seen=seen, **others)


class Transferring(Station):
    """Transfers one file; the transfer goes on until the bench releases it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.transfer: dict[str, Payload] = {}
        self.answers |= {
            "TriggerMessage": self._tell,
            "GetLog": self._upload,
            "UpdateFirmware": self._download,
        }

    def _tell(self, payload: Payload) -> Payload:
        message = payload["requestedMessage"]
        self.run.later(0.1, lambda: self._say(message))
        return {"status": "Accepted"}

    def _say(self, message: str) -> None:
        self.says(message, self.transfer.get(message, _IDLE))

    def _upload(self, payload: Payload) -> Payload:
        self._begin("LogStatusNotification", "Uploading", payload["requestId"])
        return {"status": "Accepted", "filename": "log.txt"}

    def _download(self, payload: Payload) -> Payload:
        self._begin("FirmwareStatusNotification", "Downloading", payload["requestId"])
        return {"status": "Accepted"}

    def _begin(self, message: str, status: str, request_id: int) -> None:
        self.transfer[message] = {"status": status, "requestId": request_id}
        self.run.later(0.5, lambda: self._say(message))

    def asked(self, data: Payload) -> None:
        super().asked(data)
        if data["what"] == "release_transfers":
            self.run.later(1.0, self._end)

    def _end(self) -> None:
        for message, begun in self.transfer.items():
            for status in _ENDS[message]:
                self.says(message, {**begun, "status": status})
        self.transfer = {}
        self.security_event("InvalidFirmwareSignature")


_IDLE: Payload = {"status": "Idle"}
_ENDS = {
    "LogStatusNotification": ("Uploaded",),
    "FirmwareStatusNotification": ("Downloaded", "InvalidSignature"),
}


def play_transferring(
    case_id: str, *, spoil: Spoil | None = None, make: Callable[..., Station] = Transferring
) -> Run:
    """Run a case against a `Transferring` station, and return how it went."""
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    start = CaseStart(case_id, {}, 1, 7, state, connection=OpenConnection(1, {"connection": 1}))
    context = RunContext(pics(), settings(), Facts())
    return Run(case_functions()[case_id], context, start, make(spoil))
