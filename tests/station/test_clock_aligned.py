"""Clock-aligned meter values (J01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.station import clock_aligned


async def aligning(desk: Any, *defects: str, **others: Any) -> Any:
    csms = await desk(*defects, **others)
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.set("AlignedDataCtrlr", "Interval", "1")
    return csms


def in_events(csms: Any) -> list[dict[str, Any]]:
    return [e for e in csms.events() if e["triggerReason"].startswith("MeterValue")]


def contexts(message: dict[str, Any]) -> list[str]:
    return [each["sampledValue"][0]["context"] for each in message.get("meterValue", [])]


class TestClockAligned:
    async def test_idle(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("AlignedDataCtrlr", "Interval", "1")
        await csms.until(lambda: len(csms.of("MeterValues")) >= 2)
        assert {sent["evseId"] for sent in csms.of("MeterValues")} == {0, 1}
        stamp = csms.of("MeterValues")[0]["meterValue"][0]["timestamp"]
        assert datetime.fromisoformat(stamp).microsecond == 0

    async def test_silent_during_a_transaction(self, desk: Any) -> None:
        csms = await aligning(desk)
        await csms.set("SampledDataCtrlr", "TxUpdatedInterval", "1")
        await csms.set("AlignedDataCtrlr", "SendDuringIdle", "true")
        await csms.station.plug_in(1, 1)
        before = len(csms.of("MeterValues"))
        await csms.until(lambda: len(in_events(csms)) == 2)
        assert len(csms.of("MeterValues")) == before

    async def test_in_transaction_events(self, desk: Any) -> None:
        csms = await aligning(desk, style="chatty")
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: in_events(csms))
        assert contexts(in_events(csms)[0]) == ["Sample.Clock"]

    @given(st.datetimes(timezones=st.just(UTC)), st.sampled_from([1, 60, 900]))
    def test_marks_divide_the_day(self, now: datetime, interval_s: int) -> None:
        mark = clock_aligned.next_mark(now, interval_s)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        assert (mark - midnight).total_seconds() % interval_s == 0
        assert timedelta(0) < mark - now <= timedelta(seconds=interval_s)


class TestDefects:
    async def values(self, desk: Any, defect: str, style: str = "plain") -> list[dict[str, Any]]:
        csms = await aligning(desk, defect, style=style)
        await csms.until(lambda: csms.of("MeterValues"))
        return [value for sent in csms.of("MeterValues") for value in sent["meterValue"]]

    @pytest.mark.parametrize(
        ("defect", "field", "told"),
        [
            (clock_aligned.WRONG_CONTEXT, "context", "Sample.Periodic"),
            (clock_aligned.MISSING_MEASURAND, "measurand", "Voltage"),
            (clock_aligned.EV_LOCATION, "location", "EV"),
        ],
    )
    async def test_of_the_values(self, desk: Any, defect: str, field: str, told: str) -> None:
        (value, *_) = await self.values(desk, defect)
        assert value["sampledValue"][0][field] == told

    async def test_off_the_clock(self, desk: Any) -> None:
        (value, *_) = await self.values(desk, clock_aligned.OFF_CLOCK)
        assert datetime.fromisoformat(value["timestamp"]).microsecond == 500_000

    async def test_no_evse(self, desk: Any) -> None:
        csms = await aligning(desk, clock_aligned.MAIN_ONLY)
        await csms.until(lambda: len(csms.of("MeterValues")) == 2)
        assert {sent["evseId"] for sent in csms.of("MeterValues")} == {0}

    async def test_silent_in_a_transaction(self, desk: Any) -> None:
        csms = await aligning(desk, clock_aligned.SILENT_IN_TRANSACTION)
        await csms.station.plug_in(1, 1)
        before = len(csms.of("MeterValues"))
        await csms.until(lambda: len(csms.of("MeterValues")) > before)
        assert csms.of("MeterValues")[-1]["evseId"] == 0

    async def test_trigger(self, desk: Any) -> None:
        csms = await aligning(desk, clock_aligned.WRONG_TRIGGER, style="chatty")
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: in_events(csms))
        assert in_events(csms)[0]["triggerReason"] == "MeterValuePeriodic"
