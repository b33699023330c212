"""A station with meters: a `Charger` that measures at the marks of the clock and in transactions.

Its model is its own: what the Ended event has is computed when it is due. `Meters` are what
conforming stations do differently. `play_metering` runs a case against it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cases.charging import Charger, Transaction
from tests.cases.charging import Style as Charging
from tests.cases.playing import EPOCH, VARIABLES, Payload, Played, facts, play_against

REGISTER = "Energy.Active.Import.Register"
METERING = {
    "AlignedDataCtrlr.Enabled": "true",
    "AlignedDataCtrlr.Interval": "0",
    "AlignedDataCtrlr.Measurands": REGISTER,
    "AlignedDataCtrlr.TxEndedInterval": "0",
    "AlignedDataCtrlr.TxEndedMeasurands": REGISTER,
    "AlignedDataCtrlr.SendDuringIdle": "false",
    "AlignedDataCtrlr.SignReadings": "false",
    "SampledDataCtrlr.TxStartedMeasurands": REGISTER,
    "SampledDataCtrlr.TxEndedInterval": "0",
    "SampledDataCtrlr.TxEndedMeasurands": REGISTER,
    "SampledDataCtrlr.RegisterValuesWithoutPhases": "true",
    "OCPPCommCtrlr.PublicKeyWithSignedMeterValue": "Never",
}
ITEMS = ("started", "updated", "ended", "aligned", "aligned_ended")
KEY = base64.b64encode(b"a key").decode()


def claiming(**measurands: list[str]) -> Payload:
    """The claims C-40: `started`, `updated`, `ended`, `aligned`, `aligned_ended`, or the register.

    A PICS holds them as one table, so that they are changed together.
    """
    lists = {str(n): measurands.get(name, [REGISTER]) for n, name in enumerate(ITEMS, 1)}
    return {"C-40": lists}


@dataclass
class Meters:
    """Ways in which conforming stations differ, and some in which none may."""

    in_events: bool = False  # values of the clock in TransactionEvents (J01.FR.22)
    main: bool = True  # there is a main meter
    splits_evse: bool = False  # one measurand a message
    names_register: bool = True
    begins: str = "evse"  # when values of the start come: evse, charging, started, never
    lag_s: float = 0.0  # a value is sent so long after its mark
    clock_offset_s: float = 0.0  # values are measured so long after the mark
    ended: tuple[str, ...] = ("begin", "periodic", "end", "clock")
    signs: bool = True
    key: str | None = None  # instead of what PublicKeyWithSignedMeterValue says
    silent: str = ""  # "for good" or "never", whatever SendDuringIdle says


class Meterer(Charger):
    """A charger with a meter at its EVSE and one at the grid."""

    def __init__(self, variables: dict[str, str], *, meters: Meters, **station: Any) -> None:
        super().__init__(variables, **station)
        self.meters = meters
        self._begin: Payload | None = None
        self._begun_s = 0.0
        self._key_told = False
        self._was_silent = False
        self._ticking = 0

    # --- the clock ---

    def _set_variables(self, payload: Payload) -> Payload:
        answer = super()._set_variables(payload)
        if any(data["variable"]["name"] == "Interval" for data in payload["setVariableData"]):
            self._ticking += 1
            self._tick(self._ticking)
        return answer

    def _tick(self, number: int) -> None:
        interval_s = int(self.variables["AlignedDataCtrlr.Interval"])
        if not interval_s or number != self._ticking:
            return
        offset_s = self.meters.clock_offset_s
        mark_s = ((self.run.now_s - offset_s) // interval_s + 1) * interval_s + offset_s

        def at_mark() -> None:
            self.run.later(self.meters.lag_s, lambda: self._tell_clock(mark_s))
            self._tick(number)

        self.run.later(mark_s - self.run.now_s, at_mark)

    def _tell_clock(self, mark_s: float) -> None:
        idle_only = self.variables["AlignedDataCtrlr.SendDuringIdle"] == "true"
        silent = idle_only and self.transaction is not None
        self._was_silent |= silent
        if (silent and self.meters.silent != "never") or (
            self._was_silent and self.meters.silent == "for good"
        ):
            return
        measurands = self._members("AlignedDataCtrlr.Measurands")
        value = self._value(measurands, "Sample.Clock", mark_s, "AlignedDataCtrlr")
        for evse in (0, 1) if self.meters.main else (1,):
            if evse and self.transaction is not None and self.meters.in_events:
                self._clock_event(self.transaction, value)
            else:
                for part in self._split(value):
                    self.says("MeterValues", {"evseId": evse, "meterValue": [part]})

    def _split(self, value: Payload) -> list[Payload]:
        if not self.meters.splits_evse:
            return [value]
        return [{**value, "sampledValue": [each]} for each in value["sampledValue"]]

    def _clock_event(self, transaction: Transaction, value: Payload) -> None:
        info = {"transactionId": transaction.id, "chargingState": self._state()}
        event = {"eventType": "Updated", "triggerReason": "MeterValueClock"}
        super()._send(transaction, {**event, "transactionInfo": info, "meterValue": [value]})

    # --- values ---

    def _members(self, name: str) -> list[str]:
        return [each for each in self.variables[name].split(",") if each]

    def _value(self, measurands: list[str], context: str, at_s: float, controller: str) -> Payload:
        at = (EPOCH + timedelta(seconds=at_s)).astimezone(UTC)
        values = [self._sampled_value(name, context, controller) for name in measurands]
        return {"timestamp": at.isoformat().replace("+00:00", "Z"), "sampledValue": values}

    def _sampled_value(self, measurand: str, context: str, controller: str) -> Payload:
        value: Payload = {"value": 1.0, "context": context}
        if measurand != REGISTER or self.meters.names_register:
            value["measurand"] = measurand
        signed = self.variables[f"{controller}.SignReadings"] == "true" and self.meters.signs
        if signed and measurand == REGISTER:
            value["signedMeterValue"] = {
                "signedMeterData": "",
                "signingMethod": "",
                "encodingMethod": "",
                "publicKey": self._key(),
            }
        return value

    def _key(self) -> str:
        policy = self.variables["OCPPCommCtrlr.PublicKeyWithSignedMeterValue"]
        once = policy == "OncePerTransaction" and not self._key_told
        self._key_told |= once
        told = KEY if once or policy == "EveryMeterValue" else ""
        return told if self.meters.key is None else self.meters.key

    # --- transactions ---

    def _send(self, transaction: Transaction, payload: Payload) -> None:
        kind = payload["eventType"]
        found = list(payload.get("meterValue", []))
        if kind == "Started":
            self._begun_s = self.run.now_s
            self._begin = self._of_sampled(
                "TxStartedMeasurands", "Transaction.Begin", self._begun_s
            )
        if self._begin is not None and self._brings_begin(payload):
            found.append(self._begin)
            self._begin = None
        if kind == "Ended":
            found += self._for_ended()
        super()._send(transaction, {**payload, **({"meterValue": found} if found else {})})

    def _brings_begin(self, payload: Payload) -> bool:
        if payload["eventType"] == "Started" and self.plugged and self.meters.begins != "never":
            return True
        charging = payload["transactionInfo"].get("chargingState") == "Charging"
        told = {"evse": "evse" in payload, "charging": charging}
        return bool(told.get(self.meters.begins, self.meters.begins == "started"))

    def _of_sampled(self, variable: str, context: str, at_s: float) -> Payload | None:
        measurands = self._members(f"SampledDataCtrlr.{variable}")
        return self._value(measurands, context, at_s, "SampledDataCtrlr") if measurands else None

    def _for_ended(self) -> list[Payload]:
        begun_s, now_s = self._begun_s, self.run.now_s
        values = []
        for kind, context, times in (
            ("begin", "Transaction.Begin", [begun_s]),
            ("periodic", "Sample.Periodic", self._times("SampledDataCtrlr", begun_s, begun_s)),
            ("end", "Transaction.End", [now_s]),
        ):
            if kind in self.meters.ended:
                values += [self._of_sampled("TxEndedMeasurands", context, at) for at in times]
        measurands = self._members("AlignedDataCtrlr.TxEndedMeasurands")
        if "clock" in self.meters.ended and measurands:
            for at_s in self._times("AlignedDataCtrlr", 0.0, begun_s):
                values.append(self._value(measurands, "Sample.Clock", at_s, "AlignedDataCtrlr"))
        return sorted((v for v in values if v is not None), key=_time)

    def _times(self, controller: str, origin_s: float, since_s: float) -> list[float]:
        interval_s = int(self.variables[f"{controller}.TxEndedInterval"])
        count = int((self.run.now_s - origin_s) // interval_s) if interval_s else 0
        times = [origin_s + number * interval_s for number in range(1, count + 1)]
        return [at_s for at_s in times if at_s > since_s]


def _time(value: Payload) -> datetime:
    return datetime.fromisoformat(value["timestamp"])


def play_metering(
    case_id: str,
    *,
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    variables: Mapping[str, str | None] | None = None,
    **station: Any,
) -> Played:
    """Run a case against a `Meterer`; a variable that is None is not implemented."""
    values = {**VARIABLES, **METERING}
    values |= {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    lacking = {name for name, value in (variables or {}).items() if value is None}
    values |= {name: value for name, value in (variables or {}).items() if value is not None}
    values = {name: value for name, value in values.items() if name not in lacking}
    bench = {key: station.pop(key) for key in ("variant", "claims", "tree") if key in station}
    meters = {key: station.pop(key) for key in list(station) if key in Meters.__annotations__}
    style = {key: station.pop(key) for key in list(station) if key in Charging.__annotations__}
    seen = facts(values, station.get("read_only", ()), 1)

    def make() -> Meterer:
        return Meterer(dict(values), meters=Meters(**meters), style=Charging(**style), **station)

    return play_against(case_id, make, seen=seen, **bench)
