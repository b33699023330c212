"""Meter values: what is measured, when, and in which message it goes.

Owns J01 (clock aligned) and J02 (sampled at start, during and end of a transaction). Samples lie
on the interval exactly; the messages follow when they can. Values are of the EVSE's outlet, so
`location` keeps its default (J01.FR.09); only the state of charge is the EV's (erratum 6.2.58).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import render_datetime
from vdoc.station.defects import declare
from vdoc.station.seams import Payload
from vdoc.station.transactions import Event, Transaction

if TYPE_CHECKING:
    from vdoc.station.evse import Evse
    from vdoc.station.site import Meter
    from vdoc.station.station import Station

WRONG_CONTEXT = declare(
    "sampled-context-clock",
    "periodic samples carry context Sample.Clock",
    "J02.FR.04",
    "TC_J_09_CS",
)
WRONG_TRIGGER = declare(
    "sampled-trigger-clock",
    "periodic samples are sent with triggerReason MeterValueClock",
    "J02.FR.11",
    "TC_J_09_CS",
)
MISSING_MEASURAND = declare(
    "sampled-lacks-measurand",
    "periodic samples hold only a voltage, whatever is configured",
    "J02.FR.11",
    "TC_J_09_CS",
)
WRONG_INTERVAL = declare(
    "sampled-interval-doubled",
    "periodic samples come at twice the configured interval",
    "J02.FR.11",
    "TC_J_09_CS",
)
EV_LOCATION = declare(
    "sampled-location-ev",
    "periodic samples of energy are taken at location EV",
    "J02.FR.22",
    "TC_J_09_CS",
)
NO_VALUES = declare(
    "sampled-without-values",
    "the periodic TransactionEvent carries no meterValue",
    "E11.FR.03",
    "TC_E_40_CS",
    "TC_J_09_CS",
)
NOTHING_SAMPLED = declare(
    "nothing-sampled",
    "no periodic TransactionEvent is ever sent",
    "J02.FR.11",
    "TC_J_09_CS",
    "TC_E_40_CS",
)

UNSIGNED_START = declare(
    "start-value-unsigned",
    "the meter values of the start of a transaction are not signed, whatever is configured",
    "E01.FR.04",
    "TC_E_11_CS",
)

_SAMPLED, _ALIGNED = "SampledDataCtrlr", "AlignedDataCtrlr"
_REGISTER = "Energy.Active.Import.Register"
_VOLTAGE = 230.0
_NOT_AT_MAIN = ("Current.Offered", "Power.Offered", "SoC", "RPM")  # J01.FR.14
_WATT_HOURS_SIGNED = "sample"
_UNITS = {
    "Energy": "Wh",
    "Power": "W",
    "Current": "A",
    "Voltage": "V",
    "Frequency": "Hz",
    "SoC": "Percent",
    "Temperature": "Celsius",
}
_CONSTANT = {"Frequency": 50.0, "SoC": 55.0, "Temperature": 25.0, "Power.Factor": 1.0}
_REACTIVE = {"Energy.Reactive": "varh", "Power.Reactive": "var"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One meter at one moment."""

    register_wh: float
    power_w: float
    phases: int
    offered_w: float

    @classmethod
    def of(cls, meter: Meter, phases: int, offered_w: float) -> Reading:
        """Read a meter."""
        return cls(meter.read_wh(), meter.power_w, max(phases, 1), offered_w)

    def value(self, measurand: str) -> float:
        """The value of a MeasurandEnumType literal."""
        if measurand == _REGISTER:
            return round(self.register_wh, 3)
        if measurand in _CONSTANT:
            return _CONSTANT[measurand]
        by_name = {
            "Power.Active.Import": self.power_w,
            "Power.Offered": self.offered_w,
            "Current.Import": self.power_w / (_VOLTAGE * self.phases),
            "Current.Offered": self.offered_w / (_VOLTAGE * self.phases),
            "Voltage": _VOLTAGE,
        }
        return round(by_name.get(measurand, 0.0), 3)


def unit_of(measurand: str) -> str | None:
    """The unit in which a measurand is reported."""
    if measurand == "Power.Factor":
        return None
    for prefix, unit in _REACTIVE.items():
        if measurand.startswith(prefix):
            return unit
    return _UNITS.get(measurand.split(".", maxsplit=1)[0])


class Metering:
    """The metering of one boot of the station."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._changed = asyncio.Event()
        station.software.model.watch(self._changed.set)

    def start(self) -> None:
        """Begin with the clock-aligned values."""
        self._station.spawn(self._clock())

    @property
    def signs(self) -> bool:
        """Sampled values are signed (SampledDataSignReadings)."""
        return self._station.software.model.boolean(_SAMPLED, "SignReadings")

    # ---- samples -----------------------------------------------------------------------------

    def sample(
        self,
        meter: Meter,
        measurands: tuple[str, ...],
        context: str,
        at: datetime,
        controller: str,
    ) -> dict[str, Any] | None:
        """One MeterValueType, or None when nothing is configured."""
        if not measurands:
            return None
        reading = Reading.of(meter, self._station.pics.max_phases, self._station.config.power_w)
        signed = self._station.software.model.boolean(controller, "SignReadings")
        values = [
            value
            for measurand in measurands
            for value in self._values(reading, measurand, context, signed=signed)
        ]
        return {"timestamp": render_datetime(at), "sampledValue": values}

    def _values(
        self, reading: Reading, measurand: str, context: str, *, signed: bool
    ) -> Iterator[dict[str, Any]]:
        value: dict[str, Any] = {"value": reading.value(measurand), "context": context}
        if measurand != _REGISTER or self._station.style.register_measurand:
            value["measurand"] = measurand
        unit = unit_of(measurand)
        if unit is not None:
            value["unitOfMeasure"] = {"unit": unit}
        if measurand == "SoC":
            value["location"] = "EV"
        if signed and measurand == _REGISTER:
            value["signedMeterValue"] = self._signature(value["value"])
        if measurand.startswith(("Current.Import", "Voltage")) and reading.phases > 1:
            for number in range(1, reading.phases + 1):
                yield {**value, "phase": f"L{number}" + ("-N" if measurand == "Voltage" else "")}
            return
        yield value

    def _signature(self, register_wh: float) -> dict[str, str]:
        data = base64.b64encode(f"{_WATT_HOURS_SIGNED}:{register_wh}".encode()).decode()
        policy = self._station.software.model.text("OCPPCommCtrlr", "PublicKeyWithSignedMeterValue")
        return {
            "signedMeterData": data,
            "signingMethod": "",
            "encodingMethod": "OCMF",
            "publicKey": "" if policy == "Never" else base64.b64encode(b"reference").decode(),
        }

    def for_event(self, evse: Evse, kind: str) -> tuple[dict[str, Any], ...]:
        """The meterValue of an event (E01.FR.09, FR.17, E06.FR.11).

        The EVSE counts as known once the EV is connected, which is when events tell its id
        (E01.FR.16); until then the values of the start wait for the first such event.
        """
        transaction = evse.transaction
        if transaction is None:
            return ()
        now = self._station.now()
        if kind == "Started":
            self._begin(evse, transaction, now)
        values = [transaction.begin] if evse.connected and transaction.begin is not None else []
        if evse.connected:
            transaction.begin = None
        if kind == "Ended":
            end = self._sampled(evse, "TxEndedMeasurands", "Transaction.End", now)
            values += [*transaction.samples, *([] if end is None else [end])]
        return tuple(sorted(values, key=lambda each: str(each["timestamp"])))

    def latest(self, evse: Evse, context: str) -> dict[str, Any] | None:
        """The most recent values for a triggered TransactionEvent (F06.FR.07)."""
        return self._sampled(evse, "TxUpdatedMeasurands", context, self._station.now())

    def _sampled(
        self, evse: Evse, variable: str, context: str, at: datetime
    ) -> dict[str, Any] | None:
        model = self._station.software.model
        if not model.boolean(_SAMPLED, "Enabled", default=True):
            return None
        measurands = model.members(_SAMPLED, variable)
        return self.sample(evse.spot.meter, measurands, context, at, _SAMPLED)

    # ---- during a transaction ------------------------------------------------------------------

    def _begin(self, evse: Evse, transaction: Transaction, now: datetime) -> None:
        transaction.begin = self._sampled(evse, "TxStartedMeasurands", "Transaction.Begin", now)
        if transaction.begin is not None and self._station.has(UNSIGNED_START):
            for value in transaction.begin["sampledValue"]:
                value.pop("signedMeterValue", None)
        first = self._sampled(evse, "TxEndedMeasurands", "Transaction.Begin", now)
        if first is not None:
            transaction.samples.append(first)
        self._station.spawn(self._periodic(evse, transaction, "TxUpdatedInterval"))
        self._station.spawn(self._periodic(evse, transaction, "TxEndedInterval"))

    async def _periodic(self, evse: Evse, transaction: Transaction, variable: str) -> None:
        """Sample every interval since the start of the transaction, until it ends."""
        last = transaction.started_at
        while evse.transaction is transaction:
            interval_s = self._interval(_SAMPLED, variable)
            if interval_s <= 0:
                await self._wait(None)
                continue
            now = self._station.now()
            due = _next(transaction.started_at, interval_s, max(now, last))
            if await self._wait((due - now).total_seconds()):
                continue  # the configuration changed meanwhile
            last = due
            if evse.transaction is not transaction:
                return
            if variable == "TxUpdatedInterval":
                self._send_sample(evse, due)
            else:
                sample = self._sampled(evse, "TxEndedMeasurands", "Sample.Periodic", due)
                transaction.samples.extend([] if sample is None else [sample])

    def _interval(self, component: str, variable: str) -> int:
        interval_s = self._station.software.model.integer(component, variable)
        doubled = variable == "TxUpdatedInterval" and self._station.has(WRONG_INTERVAL)
        return interval_s * 2 if doubled else interval_s

    def _send_sample(self, evse: Evse, at: datetime) -> None:
        has = self._station.has
        context = "Sample.Clock" if has(WRONG_CONTEXT) else "Sample.Periodic"
        sample = self._sampled(evse, "TxUpdatedMeasurands", context, at)
        if sample is None or has(NOTHING_SAMPLED):
            return
        if has(MISSING_MEASURAND):
            sample["sampledValue"] = [
                {"value": _VOLTAGE, "context": context, "measurand": "Voltage"}
            ]
        if has(EV_LOCATION):
            sample["sampledValue"] = [{**v, "location": "EV"} for v in sample["sampledValue"]]
        trigger = "MeterValueClock" if has(WRONG_TRIGGER) else "MeterValuePeriodic"
        self.tell(evse, trigger, None if has(NO_VALUES) else sample, at)

    def tell(self, evse: Evse, trigger: str, sample: dict[str, Any] | None, at: datetime) -> None:
        """Send an Updated event that carries a sample."""
        if evse.transaction is None:
            return
        plugged = evse.spot.plugged
        event = Event(
            "Updated",
            trigger,
            evse.charging_state,
            connector=None if plugged is None else plugged.connector,
            meter_values=() if sample is None else (sample,),
            at=at,
        )
        self._station.software.transactions.send(evse.transaction, event)

    async def _wait(self, seconds: float | None) -> bool:
        """Wait; says whether the configuration changed before the time was over."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    # ---- clock aligned -------------------------------------------------------------------------

    async def _clock(self) -> None:
        last = self._station.now()
        while True:
            now = self._station.now()
            marks = {
                variable: next_mark(max(now, last), interval_s)
                for variable in ("Interval", "TxEndedInterval")
                if (interval_s := self._interval(_ALIGNED, variable)) > 0
            }
            at = min(marks.values(), default=None)
            if await self._wait(None if at is None else (at - now).total_seconds()):
                continue
            if at is not None:
                last = at
                for variable in [name for name, mark in marks.items() if mark == at]:
                    self._at_mark(variable, at)

    def _at_mark(self, variable: str, at: datetime) -> None:
        model = self._station.software.model
        if not model.boolean(_ALIGNED, "Enabled", default=True):
            return
        running = [each for each in self._station.software.evses if each.transaction is not None]
        if variable == "TxEndedInterval":
            self._collect(running, at)
        elif not (running and model.boolean(_ALIGNED, "SendDuringIdle")):  # J01.FR.19, FR.20
            self._send_aligned(running, at)

    def _collect(self, running: list[Evse], at: datetime) -> None:
        """Keep a sample for the Ended event of each running transaction."""
        for evse in running:
            sample = self._aligned(evse, "TxEndedMeasurands", at)
            if evse.transaction is not None and sample is not None:
                evse.transaction.samples.append(sample)

    def _aligned(self, evse: Evse, variable: str, at: datetime) -> dict[str, Any] | None:
        measurands = self._station.software.model.members(_ALIGNED, variable)
        return self.sample(evse.spot.meter, measurands, "Sample.Clock", at, _ALIGNED)

    def _send_aligned(self, running: list[Evse], at: datetime) -> None:
        """J01.FR.14; where a transaction runs, either way of J01.FR.22."""
        told = running if self._station.style.clock_in_events else []
        for payload in self.meter_values("Sample.Clock", at, None):
            if payload["evseId"] not in {evse.spot.id for evse in told}:
                self._station.send("MeterValues", payload, queue=False)
        for evse in told:
            self.tell(evse, "MeterValueClock", self._aligned(evse, "Measurands", at), at)

    def meter_values(self, context: str, at: datetime, only: int | None) -> list[Payload]:
        """MeterValuesRequests of the configured clock-aligned measurands, per EVSE."""
        measurands = self._station.software.model.members(_ALIGNED, "Measurands")
        site = self._station.site
        meters = [(0, site.main_meter), *((spot.id, spot.meter) for spot in site.spots)]
        payloads = []
        for evse_id, meter in meters:
            of_meter = tuple(m for m in measurands if evse_id or not m.startswith(_NOT_AT_MAIN))
            sample = self.sample(meter, of_meter, context, at, _ALIGNED)
            if sample is not None and only in (None, evse_id):
                payloads.append({"evseId": evse_id, "meterValue": [sample]})
        return payloads


def _next(since: datetime, interval_s: int, now: datetime) -> datetime:
    """The first moment after `now` that lies a whole number of intervals after `since`."""
    count = int((now - since).total_seconds() // interval_s) + 1
    return since + timedelta(seconds=max(count, 1) * interval_s)


def next_mark(now: datetime, interval_s: int) -> datetime:
    """The next multiple of `interval_s` since midnight UTC (J01, 2.2)."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return _next(midnight, interval_s, now)
