"""Clock-aligned meter values (J01): what is measured at the marks of the day, and where it goes.

The marks are multiples of the interval since midnight UTC (Part 2 J 2.2). Values of EVSEs that are
idle go as MeterValues, those of a running transaction in either way of J01.FR.22, by style.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.readings import ALIGNED, recast, substituted
from vdoc.station.seams import Payload

if TYPE_CHECKING:
    from vdoc.station.evse import Evse
    from vdoc.station.metering import Metering
    from vdoc.station.station import Station

NOTHING = declare(
    "aligned-nothing",
    "clock-aligned values are never sent, whatever the interval",
    "J01.FR.14",
    "TC_J_01_CS",
    "TC_J_02_CS",
    "TC_J_06_CS",
)
WRONG_CONTEXT = declare(
    "aligned-context-periodic",
    "clock-aligned values carry context Sample.Periodic",
    "J01.FR.08",
    "TC_J_01_CS",
    "TC_J_02_CS",
    "TC_J_06_CS",
)
MISSING_MEASURAND = declare(
    "aligned-lacks-measurand",
    "clock-aligned values hold only a voltage, whatever is configured",
    "J01.FR.14",
    "TC_J_01_CS",
    "TC_J_02_CS",
    "TC_J_06_CS",
)
DOUBLED = declare(
    "aligned-interval-doubled",
    "clock-aligned values come at twice the configured interval",
    "J01.FR.14",
    "TC_J_01_CS",
    "TC_J_06_CS",
)
OFF_CLOCK = declare(
    "aligned-off-clock",
    "clock-aligned values are measured half an interval after the marks of the clock",
    "J01.FR.14",
    "TC_J_01_CS",
    "TC_J_02_CS",
    "TC_J_06_CS",
)
EV_LOCATION = declare(
    "aligned-location-ev",
    "clock-aligned values of energy are taken at location EV",
    "J01.FR.09",
    "TC_J_01_CS",
    "TC_J_02_CS",
    "TC_J_06_CS",
)
MAIN_ONLY = declare(
    "aligned-main-meter-only",
    "clock-aligned values come from the main meter alone, not from the EVSEs",
    "J01.FR.14",
    "TC_J_01_CS",
    "TC_J_06_CS",
)
SILENT_IN_TRANSACTION = declare(
    "aligned-silent-in-transaction",
    "an EVSE sends no clock-aligned values in a transaction, whatever SendDuringIdle says",
    "J01.FR.22",
    "TC_J_02_CS",
)
SILENT_ELSEWHERE = declare(
    "aligned-silent-elsewhere",
    "during a transaction the other EVSEs send no clock-aligned values either",
    "J01.FR.14",
    "TC_J_02_CS",
)
WRONG_TRIGGER = declare(
    "aligned-trigger-periodic",
    "clock-aligned values of a transaction come with triggerReason MeterValuePeriodic",
    "J01.FR.22",
    "TC_J_02_CS",
)
IDLE_IGNORED = declare(
    "send-during-idle-ignored",
    "clock-aligned values go on in a transaction, whatever SendDuringIdle says",
    "J01.FR.20",
    "TC_J_06_CS",
)
IDLE_FOR_GOOD = declare(
    "silent-after-transaction",
    "clock-aligned values do not come back after a transaction that SendDuringIdle silenced",
    "J01.FR.14",
    "TC_J_06_CS",
)
ENDED_WRONG_CONTEXT = declare(
    "ended-aligned-context-end",
    "clock-aligned values of the Ended event carry context Transaction.End",
    "J01.FR.08",
    "TC_J_03_CS",
)
ENDED_MISSING_MEASURAND = declare(
    "ended-aligned-lacks-measurand",
    "clock-aligned values of the Ended event hold only a voltage, whatever is configured",
    "E06.FR.11",
    "TC_J_03_CS",
    "TC_J_04_CS",
)
ENDED_DOUBLED = declare(
    "ended-aligned-interval-doubled",
    "clock-aligned values of the Ended event are collected at twice the configured interval",
    "E06.FR.11",
    "TC_J_03_CS",
    "TC_J_04_CS",
)

_NOT_AT_MAIN = ("Current.Offered", "Power.Offered", "SoC", "RPM")  # J01.FR.14
_DOUBLES = {"Interval": DOUBLED, "TxEndedInterval": ENDED_DOUBLED}


class ClockAligned:
    """The clock-aligned values of one boot of the station."""

    def __init__(self, station: Station, metering: Metering) -> None:
        self._station = station
        self._metering = metering
        self._silenced = False

    async def run(self) -> None:
        """Measure at each mark, for ever."""
        last = self._station.now()
        while True:
            now = self._station.now()
            marks = {
                variable: self._next(variable, max(now, last), interval_s)
                for variable in _DOUBLES
                if (interval_s := self._interval(variable)) > 0
            }
            at = min(marks.values(), default=None)
            if await self._metering.waited(None if at is None else (at - now).total_seconds()):
                continue  # the configuration changed meanwhile
            if at is not None:
                last = at
                for variable in [name for name, mark in marks.items() if mark == at]:
                    self._at_mark(variable, at)

    def _interval(self, variable: str) -> int:
        interval_s = self._station.software.model.integer(ALIGNED, variable)
        return interval_s * 2 if self._station.has(_DOUBLES[variable]) else interval_s

    def _next(self, variable: str, now: datetime, interval_s: int) -> datetime:
        late_s = interval_s / 2 if variable == "Interval" and self._station.has(OFF_CLOCK) else 0.0
        late = timedelta(seconds=late_s)
        return next_mark(now - late, interval_s) + late

    def _at_mark(self, variable: str, at: datetime) -> None:
        model = self._station.software.model
        if not model.boolean(ALIGNED, "Enabled", default=True):
            return
        running = [each for each in self._station.software.evses if each.transaction is not None]
        if variable == "TxEndedInterval":
            self._collect(running, at)
        elif not self._is_silent(running) and not self._station.has(NOTHING):
            self._send(running, at)

    def _is_silent(self, running: list[Evse]) -> bool:
        """Whether SendDuringIdle forbids to send (J01.FR.20)."""
        idle_only = self._station.software.model.boolean(ALIGNED, "SendDuringIdle")
        silent = bool(running) and idle_only
        self._silenced = idle_only and (self._silenced or silent)
        if self._silenced and self._station.has(IDLE_FOR_GOOD):
            return True
        return silent and not self._station.has(IDLE_IGNORED)

    def _collect(self, running: list[Evse], at: datetime) -> None:
        """Keep a sample for the Ended event of each running transaction."""
        has = self._station.has
        for evse in running:
            sample = self._of(evse, "TxEndedMeasurands", at)
            if evse.transaction is None or sample is None:
                continue
            if has(ENDED_MISSING_MEASURAND):
                sample = substituted(sample)
            if has(ENDED_WRONG_CONTEXT):
                sample = recast(sample, context="Transaction.End")
            evse.transaction.samples.append(sample)

    def _of(self, evse: Evse, variable: str, at: datetime) -> dict[str, Any] | None:
        transaction = evse.transaction
        return self._metering.readings.sample(
            evse.spot.meter,
            self._station.software.model.members(ALIGNED, variable),
            "Sample.Clock",
            at,
            ALIGNED,
            transaction_id=None if transaction is None else transaction.id,
        )

    def _send(self, running: list[Evse], at: datetime) -> None:
        """J01.FR.14; where a transaction runs, either way of J01.FR.22."""
        has = self._station.has
        told = running if self._station.style.clock_in_events else []
        left_out = {evse.spot.id for evse in told}
        if has(SILENT_IN_TRANSACTION):
            left_out, told = {evse.spot.id for evse in running}, []
        if running and has(SILENT_ELSEWHERE):
            idle = {spot.id for spot in self._station.site.spots}
            left_out |= idle - {evse.spot.id for evse in running}
        for payload in self.meter_values("Sample.Clock", at, None):
            main_only = has(MAIN_ONLY) and payload["evseId"]
            if payload["evseId"] not in left_out and not main_only:
                (value,) = payload["meterValue"]
                payload["meterValue"] = [self._flawed(value)]
                self._station.send("MeterValues", payload, queue=False)
        trigger = "MeterValuePeriodic" if has(WRONG_TRIGGER) else "MeterValueClock"
        for evse in told:
            sample = self._of(evse, "Measurands", at)
            self._metering.tell(evse, trigger, None if sample is None else self._flawed(sample), at)

    def _flawed(self, value: dict[str, Any]) -> dict[str, Any]:
        """The sample as it is sent: as it is, unless a defect spoils it."""
        has = self._station.has
        value = substituted(value) if has(MISSING_MEASURAND) else value
        value = recast(value, context="Sample.Periodic") if has(WRONG_CONTEXT) else value
        return recast(value, location="EV") if has(EV_LOCATION) else value

    def meter_values(self, context: str, at: datetime, only: int | None) -> list[Payload]:
        """MeterValuesRequests of the configured clock-aligned measurands, per EVSE."""
        measurands = self._station.software.model.members(ALIGNED, "Measurands")
        site = self._station.site
        meters = [(0, site.main_meter), *((spot.id, spot.meter) for spot in site.spots)]
        payloads: list[Payload] = []
        for evse_id, meter in meters:
            of_meter = tuple(m for m in measurands if evse_id or not m.startswith(_NOT_AT_MAIN))
            sample = self._metering.readings.sample(meter, of_meter, context, at, ALIGNED)
            if sample is not None and only in (None, evse_id):
                payloads.append({"evseId": evse_id, "meterValue": [sample]})
        return payloads


def next_moment(since: datetime, interval_s: int, now: datetime) -> datetime:
    """The first moment after `now` that lies a whole number of intervals after `since`."""
    count = int((now - since).total_seconds() // interval_s) + 1
    return since + timedelta(seconds=max(count, 1) * interval_s)


def next_mark(now: datetime, interval_s: int) -> datetime:
    """The next multiple of `interval_s` since midnight UTC (Part 2 J 2.2)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return next_moment(midnight, interval_s, now)
