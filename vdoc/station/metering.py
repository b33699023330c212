"""Meter values of transactions (J02): what is measured, when, and in which event it goes.

Owns the samples at the start, during and at the end of a transaction; `clock_aligned` has those of
J01, `readings` what a meter reads. Samples lie on the interval exactly; the messages follow when
they can.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vdoc.station.clock_aligned import ClockAligned, next_moment
from vdoc.station.defects import declare
from vdoc.station.readings import SAMPLED, Readings, recast, substituted
from vdoc.station.seams import Payload
from vdoc.station.transactions import Event, Transaction

if TYPE_CHECKING:
    from vdoc.station.evse import Evse
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
BEGIN_LACKS_VALUES = declare(
    "begin-lacks-values",
    "no event carries the meter values of the start of a transaction",
    "E01.FR.09",
    "TC_J_07_CS",
    "TC_J_08_CS",
)
BEGIN_WRONG_CONTEXT = declare(
    "begin-context-periodic",
    "the meter values of the start of a transaction carry context Sample.Periodic",
    "J02.FR.04",
    "TC_J_07_CS",
    "TC_J_08_CS",
)
BEGIN_MISSING_MEASURAND = declare(
    "begin-lacks-measurand",
    "the meter values of the start hold only a voltage, whatever is configured",
    "E01.FR.09",
    "TC_J_07_CS",
    "TC_J_08_CS",
)
BEGIN_LOST = declare(
    "begin-lost-without-evse",
    "where the EVSE is not known at the start, the meter values of the start are never sent",
    "E01.FR.17",
    "TC_J_08_CS",
)
ENDED_LACKS_VALUES = declare(
    "ended-lacks-values",
    "the Ended event carries no meter values, whatever is configured",
    "E06.FR.11",
    "TC_J_03_CS",
    "TC_J_04_CS",
    "TC_J_10_CS",
    "TC_J_11_CS",
)
ENDED_LACKS_END = declare(
    "ended-lacks-end-value",
    "the Ended event carries no value of the end of the transaction",
    "E06.FR.11",
    "TC_J_10_CS",
    "TC_J_11_CS",
)
ENDED_LACKS_SAMPLES = declare(
    "ended-lacks-samples",
    "the Ended event carries no sample of the time between start and end",
    "E06.FR.11",
    "TC_J_10_CS",
)
ENDED_DOUBLED = declare(
    "ended-interval-doubled",
    "the samples of the Ended event are taken at twice the configured interval",
    "E06.FR.11",
    "TC_J_10_CS",
    "TC_J_11_CS",
)
ENDED_MISSING_MEASURAND = declare(
    "ended-lacks-measurand",
    "the samples of the Ended event hold only a voltage, whatever is configured",
    "E06.FR.11",
    "TC_J_10_CS",
    "TC_J_11_CS",
)
ENDED_WRONG_CONTEXT = declare(
    "ended-context-clock",
    "the samples of the Ended event carry context Sample.Clock",
    "J02.FR.04",
    "TC_J_10_CS",
    "TC_J_11_CS",
)
ENDED_THOUGH_EMPTY = declare(
    "ended-sampled-though-empty",
    "the Ended event carries a value of the end although TxEndedMeasurands is empty",
    "E06.FR.11",
    "TC_J_03_CS",
)

_UPDATED, _ENDED = "TxUpdatedInterval", "TxEndedInterval"
_FOR_ENDED = "TxEndedMeasurands"


class Metering:
    """The metering of one boot of the station.

    Attributes:
        readings: makes MeterValueTypes.
        aligned: the clock-aligned values.
    """

    def __init__(self, station: Station) -> None:
        self._station = station
        self.readings = Readings(station)
        self.aligned = ClockAligned(station, self)
        self._changed = asyncio.Event()
        station.software.model.watch(self._changed.set)

    def start(self) -> None:
        """Begin with the clock-aligned values."""
        self._station.spawn(self.aligned.run())

    @property
    def signs(self) -> bool:
        """Sampled values are signed (SampledDataSignReadings)."""
        return self.readings.signs(SAMPLED)

    def meter_values(self, context: str, at: datetime, only: int | None) -> list[Payload]:
        """MeterValuesRequests of the configured clock-aligned measurands, per EVSE."""
        return self.aligned.meter_values(context, at, only)

    # ---- what goes with an event ---------------------------------------------------------------

    def for_event(self, evse: Evse, kind: str) -> tuple[dict[str, Any], ...]:
        """The meterValue of an event (E01.FR.09, FR.17, E06.FR.11).

        The EVSE counts as known once the EV is connected, which is when events tell its id
        (E01.FR.16), or from the start where it is chosen before authorization (AQ-8). Else the
        values of the start wait for the first such event, or for the one that tells that charging
        starts (E01.FR.17): by style.
        """
        transaction = evse.transaction
        if transaction is None:
            return ()
        now = self._station.now()
        if kind == "Started":
            self._begin(evse, transaction, now)
        values = self._begun(evse, transaction, kind)
        if kind == "Ended":
            values += self._ended(evse, transaction, now)
        return tuple(sorted(values, key=lambda each: str(each["timestamp"])))

    def _begun(self, evse: Evse, transaction: Transaction, kind: str) -> list[dict[str, Any]]:
        begin, known = transaction.begin, evse.connected or self._station.pics.claims("AQ-8")
        waits = self._station.style.begin_with_charging and kind == "Updated"
        if begin is None or not known or (waits and not evse.charging):
            return []
        transaction.begin = None
        return [] if kind != "Started" and self._station.has(BEGIN_LOST) else [begin]

    def _ended(self, evse: Evse, transaction: Transaction, now: datetime) -> list[dict[str, Any]]:
        has = self._station.has
        if has(ENDED_LACKS_VALUES):
            return []
        end = self._sampled(evse, _FOR_ENDED, "Transaction.End", now)
        if has(ENDED_THOUGH_EMPTY) and end is None:
            end = self._sampled(evse, "TxUpdatedMeasurands", "Transaction.End", now)
        return [*transaction.samples, *([] if end is None or has(ENDED_LACKS_END) else [end])]

    def latest(self, evse: Evse, context: str) -> dict[str, Any] | None:
        """The most recent values for a triggered TransactionEvent (F06.FR.07)."""
        return self._sampled(evse, "TxUpdatedMeasurands", context, self._station.now())

    def _sampled(
        self, evse: Evse, variable: str, context: str, at: datetime
    ) -> dict[str, Any] | None:
        model = self._station.software.model
        if not model.boolean(SAMPLED, "Enabled", default=True):
            return None
        value = self.readings.sample(
            evse.spot.meter,
            model.members(SAMPLED, variable),
            context,
            at,
            SAMPLED,
            transaction_id=None if evse.transaction is None else evse.transaction.id,
        )
        return None if value is None else self._flawed(value, variable, context)

    def _flawed(self, value: dict[str, Any], variable: str, context: str) -> dict[str, Any]:
        """The sample as it is, unless a defect spoils it."""
        has = self._station.has
        if variable == _FOR_ENDED:
            value = substituted(value) if has(ENDED_MISSING_MEASURAND) else value
            periodic = context == "Sample.Periodic"
            wrong = periodic and has(ENDED_WRONG_CONTEXT)
            return recast(value, context="Sample.Clock") if wrong else value
        if variable == "TxStartedMeasurands":
            value = substituted(value) if has(BEGIN_MISSING_MEASURAND) else value
            return recast(value, context="Sample.Periodic") if has(BEGIN_WRONG_CONTEXT) else value
        return value

    # ---- during a transaction ------------------------------------------------------------------

    def _begin(self, evse: Evse, transaction: Transaction, now: datetime) -> None:
        has = self._station.has
        transaction.begin = self._sampled(evse, "TxStartedMeasurands", "Transaction.Begin", now)
        if transaction.begin is not None and has(UNSIGNED_START):
            for value in transaction.begin["sampledValue"]:
                value.pop("signedMeterValue", None)
        if has(BEGIN_LACKS_VALUES):
            transaction.begin = None
        first = self._sampled(evse, _FOR_ENDED, "Transaction.Begin", now)
        if first is not None:
            transaction.samples.append(first)
        self._station.spawn(self._periodic(evse, transaction, _UPDATED))
        self._station.spawn(self._periodic(evse, transaction, _ENDED))

    async def _periodic(self, evse: Evse, transaction: Transaction, variable: str) -> None:
        """Sample every interval since the start of the transaction, until it ends."""
        last = transaction.started_at
        while evse.transaction is transaction:
            interval_s = self._interval(variable)
            if interval_s <= 0:
                await self.waited(None)
                continue
            now = self._station.now()
            due = next_moment(transaction.started_at, interval_s, max(now, last))
            if await self.waited((due - now).total_seconds()):
                continue  # the configuration changed meanwhile
            last = due
            if evse.transaction is not transaction:
                return
            if variable == _UPDATED:
                self._send_sample(evse, due)
            else:
                self._keep_sample(evse, transaction, due)

    def _interval(self, variable: str) -> int:
        interval_s = self._station.software.model.integer(SAMPLED, variable)
        doubles = {_UPDATED: WRONG_INTERVAL, _ENDED: ENDED_DOUBLED}[variable]
        return interval_s * 2 if self._station.has(doubles) else interval_s

    def _keep_sample(self, evse: Evse, transaction: Transaction, at: datetime) -> None:
        """Keep a sample for the Ended event."""
        sample = self._sampled(evse, _FOR_ENDED, "Sample.Periodic", at)
        if sample is not None and not self._station.has(ENDED_LACKS_SAMPLES):
            transaction.samples.append(sample)

    def _send_sample(self, evse: Evse, at: datetime) -> None:
        has = self._station.has
        context = "Sample.Clock" if has(WRONG_CONTEXT) else "Sample.Periodic"
        sample = self._sampled(evse, "TxUpdatedMeasurands", context, at)
        if sample is None or has(NOTHING_SAMPLED):
            return
        sample = substituted(sample) if has(MISSING_MEASURAND) else sample
        sample = recast(sample, location="EV") if has(EV_LOCATION) else sample
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

    async def waited(self, seconds: float | None) -> bool:
        """Wait; says whether the configuration changed before the time was over."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True
