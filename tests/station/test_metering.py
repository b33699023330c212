"""Meter values: sampled and clock aligned (J01, J02)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from vdoc.station import metering

REGISTER = "Energy.Active.Import.Register"


async def charging(desk: Any, *defects: str, updated: str = "0", **others: Any) -> Any:
    csms = await desk(*defects, **others)
    await csms.set("SampledDataCtrlr", "TxUpdatedInterval", updated)
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
    await csms.station.plug_in(1, 1)
    await csms.station.present_token("A", "ISO14443", 1)
    return csms


def periodic(csms: Any) -> list[dict[str, Any]]:
    return [e for e in csms.events() if e["triggerReason"].startswith("MeterValue")]


def contexts(event: dict[str, Any]) -> list[str]:
    return [each["sampledValue"][0]["context"] for each in event.get("meterValue", [])]


def measurands(value: dict[str, Any]) -> set[str]:
    return {sample.get("measurand", REGISTER) for sample in value["sampledValue"]}


class TestTransaction:
    async def test_begin(self, desk: Any) -> None:
        csms = await charging(desk)
        assert contexts(csms.events()[0]) == ["Transaction.Begin"]

    async def test_begin_waits_until_the_evse_is_known(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_in(1, 1)
        assert [contexts(event) for event in csms.events()[:2]] == [[], ["Transaction.Begin"]]

    async def test_periodic(self, desk: Any) -> None:
        csms = await charging(desk, updated="1")
        await csms.until(lambda: len(periodic(csms)) == 2)
        first, second = (datetime.fromisoformat(e["timestamp"]) for e in periodic(csms))
        assert second - first == timedelta(seconds=1)
        value = periodic(csms)[0]["meterValue"][0]
        wanted = set(csms.station.pics.values_of("C-40.2"))
        assert measurands(value) == wanted
        assert contexts(periodic(csms)[0]) == ["Sample.Periodic"]

    async def test_end(self, desk: Any) -> None:
        csms = await charging(desk)
        await csms.set("SampledDataCtrlr", "TxEndedInterval", "1")
        await csms.until(lambda: len(csms.station.software.evses[0].transaction.samples) == 2)
        await csms.station.present_token("A", "ISO14443", 1)
        assert contexts(csms.events()[-1]) == [
            "Transaction.Begin",
            "Sample.Periodic",
            "Transaction.End",
        ]

    async def test_registers_never_run_backwards(self, desk: Any) -> None:
        csms = await charging(desk, updated="1")
        await csms.until(lambda: len(periodic(csms)) == 2)
        readings = [
            sample["value"]
            for event in periodic(csms)
            for sample in event["meterValue"][0]["sampledValue"]
            if sample.get("measurand", REGISTER) == REGISTER
        ]
        assert readings[0] < readings[1]

    async def test_phases(self, desk: Any, claiming: Any) -> None:
        csms = await charging(desk, updated="1", pics=claiming({"HFS-7": True}))
        await csms.until(lambda: periodic(csms))
        currents = [
            sample.get("phase")
            for sample in periodic(csms)[0]["meterValue"][0]["sampledValue"]
            if sample.get("measurand") == "Current.Import"
        ]
        assert currents == ["L1", "L2", "L3"]


class TestTrigger:
    async def test_meter_values(self, desk: Any) -> None:
        csms = await desk()
        wanted = {"requestedMessage": "MeterValues", "evse": {"id": 1}}
        assert await csms.call("TriggerMessage", wanted) == {"status": "Accepted"}
        await csms.until(lambda: csms.of("MeterValues"))
        (sent,) = csms.of("MeterValues")
        assert contexts(sent) == ["Trigger"]

    async def test_transaction_event(self, desk: Any) -> None:
        csms = await charging(desk)
        wanted = {"requestedMessage": "TransactionEvent"}
        assert await csms.call("TriggerMessage", wanted) == {"status": "Accepted"}
        await csms.until(lambda: "Trigger" in csms.triggers())
        (event,) = [e for e in csms.events() if e["triggerReason"] == "Trigger"]
        assert contexts(event) == ["Trigger"]


class TestDefects:
    async def sample(self, desk: Any, defect: str) -> dict[str, Any]:
        csms = await charging(desk, defect, updated="1")
        await csms.until(lambda: periodic(csms))
        return dict(periodic(csms)[0])

    async def test_context(self, desk: Any) -> None:
        assert contexts(await self.sample(desk, metering.WRONG_CONTEXT)) == ["Sample.Clock"]

    async def test_trigger(self, desk: Any) -> None:
        event = await self.sample(desk, metering.WRONG_TRIGGER)
        assert event["triggerReason"] == "MeterValueClock"

    async def test_measurand(self, desk: Any) -> None:
        event = await self.sample(desk, metering.MISSING_MEASURAND)
        assert measurands(event["meterValue"][0]) == {"Voltage"}

    async def test_location(self, desk: Any) -> None:
        event = await self.sample(desk, metering.EV_LOCATION)
        locations = {sample["location"] for sample in event["meterValue"][0]["sampledValue"]}
        assert locations == {"EV"}

    async def test_no_values(self, desk: Any) -> None:
        assert "meterValue" not in await self.sample(desk, metering.NO_VALUES)

    @pytest.mark.parametrize(
        ("defect", "count"), [(metering.WRONG_INTERVAL, 1), (metering.NOTHING_SAMPLED, 0)]
    )
    async def test_number(self, desk: Any, defect: Any, count: int) -> None:
        csms = await charging(desk, defect, updated="1")
        await csms.set("SampledDataCtrlr", "TxEndedInterval", "1")
        await csms.until(lambda: len(csms.station.software.evses[0].transaction.samples) == 3)
        await csms.station.software.outbox.drained(5)
        assert len(periodic(csms)) == count


class TestDefectsOfStartAndEnd:
    async def session(self, desk: Any, *defects: str, **others: Any) -> list[dict[str, Any]]:
        csms = await charging(desk, *defects, **others)
        await csms.set("SampledDataCtrlr", "TxEndedInterval", "1")
        running = csms.station.software.evses[0].transaction
        wanted = 1 if metering.ENDED_LACKS_SAMPLES in defects else 2
        await csms.until(lambda: len(running.samples) == wanted)
        await csms.station.present_token("A", "ISO14443", 1)
        return list(csms.events())

    @pytest.mark.parametrize(
        ("defect", "told"),
        [
            (metering.ENDED_LACKS_VALUES, []),
            (metering.ENDED_LACKS_END, ["Transaction.Begin", "Sample.Periodic"]),
            (metering.ENDED_LACKS_SAMPLES, ["Transaction.Begin", "Transaction.End"]),
            (
                metering.ENDED_WRONG_CONTEXT,
                ["Transaction.Begin", "Sample.Clock", "Transaction.End"],
            ),
        ],
    )
    async def test_of_the_ended_event(self, desk: Any, defect: str, told: list[str]) -> None:
        assert contexts((await self.session(desk, defect))[-1]) == told

    async def test_of_its_measurands(self, desk: Any) -> None:
        events = await self.session(desk, metering.ENDED_MISSING_MEASURAND)
        assert {m for v in events[-1]["meterValue"] for m in measurands(v)} == {"Voltage"}

    @pytest.mark.parametrize(
        ("defect", "told"),
        [
            (metering.BEGIN_LACKS_VALUES, []),
            (metering.BEGIN_WRONG_CONTEXT, ["Sample.Periodic"]),
        ],
    )
    async def test_of_the_start(self, desk: Any, defect: str, told: list[str]) -> None:
        assert contexts((await charging(desk, defect)).events()[0]) == told

    async def test_of_the_start_without_evse(self, desk: Any) -> None:
        csms = await desk(metering.BEGIN_LOST)
        await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_in(1, 1)
        assert [contexts(event) for event in csms.events()[:2]] == [[], []]

    async def test_begin_may_come_with_charging(self, desk: Any) -> None:
        csms = await desk(style="late-status")
        await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: any(contexts(event) for event in csms.events()))
        bringing = next(event for event in csms.events() if contexts(event))
        assert bringing["transactionInfo"]["chargingState"] == "Charging"

    async def test_an_evse_that_is_chosen_first_is_known(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"AQ-8": True}))
        await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
        await csms.station.present_token("A", "ISO14443", 1)
        assert contexts(csms.events()[0]) == ["Transaction.Begin"]
