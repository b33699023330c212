"""TC_J_01, TC_J_02 and TC_J_06 against stations that align, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cases.metering import REGISTER, claiming

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
VALUES, EVENT = "MeterValues", "TransactionEvent"
CLOCK = {"triggerReason": "MeterValueClock"}
SAMPLE = "meterValue.0.sampledValue"
TIME = "meterValue.0.timestamp"
TWO = claiming(aligned=[REGISTER, "Voltage"], updated=[REGISTER, "Voltage"])
INTERVAL = "AlignedDataCtrlr.Interval"
Play = Callable[..., Any]
Payload = dict[str, Any]


def moving(number: int, seconds: float) -> Callable[[str, Payload], Payload]:
    """A station whose n-th MeterValues of EVSE 1 tells another time."""
    told: list[Payload] = []

    def spoil(action: str, payload: Payload) -> Payload:
        if action != VALUES or not payload["evseId"]:
            return payload
        told.append(payload)
        value = payload["meterValue"][0]
        moved = datetime.fromisoformat(value["timestamp"]) + timedelta(seconds=seconds)
        changed = [{**value, "timestamp": moved.isoformat()}]
        return {**payload, "meterValue": changed} if len(told) == number else payload

    return spoil


def leaving_out(number: int) -> Callable[[str, Payload], Payload | None]:
    """A station that leaves the n-th moment out."""
    told: list[str] = []

    def spoil(action: str, payload: Payload) -> Payload | None:
        if action != VALUES:
            return payload
        at = payload["meterValue"][0]["timestamp"]
        told.extend([] if at in told else [at])
        return None if told.index(at) + 1 == number else payload

    return spoil


class TestTcJ01:
    @pytest.mark.parametrize(
        "meters",
        [{}, {"main": False}, {"splits_evse": True}, {"names_register": False}, {"lag_s": 20.0},
         {"clock_offset_s": 2.0}],
    )  # fmt: skip
    def test_however_a_station_aligns(self, meter: Play, meters: Payload) -> None:
        run = meter("TC_J_01_CS", claims=TWO, **meters)
        assert run.verdict == "pass", run.because
        assert 180 <= run.now_s < 240

    def test_no_state_of_charge_without_ev(self, meter: Play, alter: Play) -> None:
        claims = claiming(aligned=[REGISTER, "SoC"], updated=[REGISTER, "SoC"])
        spoil = alter(VALUES, {}, {f"{SAMPLE}.1.measurand": REGISTER})
        assert meter("TC_J_01_CS", claims=claims, spoil=spoil).verdict == "pass"

    def test_what_only_the_main_meter_measures(self, meter: Play, drop: Play) -> None:
        claims = claiming(aligned=["Frequency"])
        spoil = drop(VALUES, {"evseId": 1})
        assert meter("TC_J_01_CS", claims=claims, spoil=spoil).verdict == "pass"

    def test_what_nobody_measures(self, meter: Play, alter: Play) -> None:
        claims = claiming(aligned=[REGISTER, "Frequency"])
        spoil = alter(VALUES, {}, {f"{SAMPLE}.1.measurand": REGISTER})
        run = meter("TC_J_01_CS", claims=claims, spoil=spoil)
        assert set(run.failed) == {("1", "J01.FR.14")}

    def test_an_interval_that_time_zones_may_shift(self, meter: Play) -> None:
        tree = {"values": {"clock_aligned_interval_s": 70}}
        run = meter("TC_J_01_CS", tree=tree, clock_offset_s=30.0)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        ("where", "changes", "requirement"),
        [
            ({}, {f"{SAMPLE}.0.context": "Sample.Periodic"}, "J01.FR.08"),
            ({}, {f"{SAMPLE}.0.context": ...}, "J01.FR.08"),
            ({"evseId": 1}, {f"{SAMPLE}.1.measurand": "SoC"}, "J01.FR.14"),
            ({"evseId": 1}, {f"{SAMPLE}.0.measurand": "SoC"}, "J01.FR.14"),
            ({"evseId": 0}, {SAMPLE: [{"value": 1, "measurand": "SoC"}]}, "J01.FR.14"),
            ({}, {f"{SAMPLE}.0.location": "EV"}, "errata 6.2.58"),
            ({"evseId": 1}, {"evseId": 2}, "J01.FR.14"),
        ],
    )
    def test_a_wrong_value(
        self, meter: Play, alter: Play, where: Payload, changes: Payload, requirement: str
    ) -> None:
        run = meter("TC_J_01_CS", claims=TWO, spoil=alter(VALUES, where, changes))
        assert run.verdict == "fail"
        assert requirement in {found for _, found in run.failed}

    def test_off_the_clock(self, meter: Play) -> None:
        run = meter("TC_J_01_CS", clock_offset_s=30.0)
        assert set(run.failed) == {("post", "J01.FR.14")}

    @pytest.mark.parametrize("seconds", [7, -9])
    def test_not_on_the_interval(self, meter: Play, seconds: float) -> None:
        run = meter("TC_J_01_CS", spoil=moving(2, seconds))
        assert ("post", "J01.FR.14") in run.failed

    def test_a_moment_is_left_out(self, meter: Play) -> None:
        run = meter("TC_J_01_CS", spoil=leaving_out(2))
        assert run.failed == [("post", "J01.FR.14")]

    def test_no_values_at_all(self, meter: Play, drop: Play) -> None:
        run = meter("TC_J_01_CS", spoil=drop(VALUES, {}))
        assert run.failed == [("1", "J01.FR.14")]

    def test_an_interval_that_cannot_be_set(self, meter: Play) -> None:
        assert meter("TC_J_01_CS", read_only=(INTERVAL,)).verdict == "inconc"


class TestTcJ02:
    @pytest.mark.parametrize("variant", [LOCAL, REMOTE])
    @pytest.mark.parametrize(
        "meters",
        [{}, {"in_events": True}, {"main": False}, {"lag_s": 20.0}, {"splits_evse": True}],
    )
    def test_either_way(self, meter: Play, variant: Payload, meters: Payload) -> None:
        run = meter("TC_J_02_CS", variant=variant, claims=TWO, **meters)
        assert run.verdict == "pass", run.because
        assert run.now_s > 120

    @pytest.mark.parametrize(
        ("where", "changes", "requirement"),
        [
            (CLOCK, {"triggerReason": "MeterValuePeriodic"}, "J01.FR.22"),
            (CLOCK, {"meterValue": ...}, "J01.FR.22"),
            (CLOCK, {f"{SAMPLE}.0.context": "Sample.Periodic"}, "J01.FR.08"),
            (CLOCK, {f"{SAMPLE}.1.measurand": "SoC"}, "J01.FR.22"),
            (CLOCK, {f"{SAMPLE}.0.location": "EV"}, "errata 6.2.58"),
            (CLOCK, {"timestamp": "2027-01-15T08:00:00Z"}, "J01.FR.22"),
        ],
    )
    def test_a_wrong_event(
        self, meter: Play, alter: Play, where: Payload, changes: Payload, requirement: str
    ) -> None:
        told: list[Payload] = []
        plain = alter(EVENT, where, changes)

        def spoil(action: str, payload: Payload) -> Payload:
            if payload.get("triggerReason") == "MeterValueClock":
                told.append(payload)
            spoilt: Payload = plain(action, payload)
            return spoilt if len(told) == 2 else payload

        run = meter("TC_J_02_CS", variant=LOCAL, claims=TWO, in_events=True, spoil=spoil)
        assert run.verdict == "fail"
        assert requirement in {found for _, found in run.failed}

    @pytest.mark.parametrize(
        ("changes", "requirement"),
        [
            ({f"{SAMPLE}.0.context": ...}, "J01.FR.08"),
            ({f"{SAMPLE}.1.measurand": "SoC"}, "J01.FR.22"),
            ({f"{SAMPLE}.0.location": "EV"}, "errata 6.2.58"),
        ],
    )
    def test_a_wrong_message(
        self, meter: Play, alter: Play, changes: Payload, requirement: str
    ) -> None:
        spoil = alter(VALUES, {"evseId": 1}, changes)
        run = meter("TC_J_02_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert requirement in {found for _, found in run.failed}

    def test_the_evse_is_silent(self, meter: Play, drop: Play) -> None:
        run = meter("TC_J_02_CS", variant=LOCAL, spoil=drop(VALUES, {"evseId": 1}))
        assert run.failed == [("1 or 3", "J01.FR.22")]

    def test_what_nobody_measures(self, meter: Play, alter: Play) -> None:
        claims = claiming(aligned=[REGISTER, "Frequency"])
        spoil = alter(VALUES, {}, {f"{SAMPLE}.1.measurand": REGISTER})
        run = meter("TC_J_02_CS", variant=LOCAL, claims=claims, spoil=spoil)
        assert set(run.failed) == {("1 or 3", "J01.FR.14")}

    def test_off_the_clock(self, meter: Play) -> None:
        run = meter("TC_J_02_CS", variant=LOCAL, in_events=True, clock_offset_s=30.0)
        assert ("post", "J01.FR.22") in run.failed


IDLE = "AlignedDataCtrlr.SendDuringIdle"


class TestTcJ06:
    @pytest.mark.parametrize("variant", [LOCAL, REMOTE])
    @pytest.mark.parametrize("meters", [{}, {"main": False}, {"lag_s": 1.0}])
    def test_silence_between(self, meter: Play, variant: Payload, meters: Payload) -> None:
        run = meter("TC_J_06_CS", variant=variant, **meters)
        assert run.verdict == "pass", run.because

    def test_samples_of_the_transaction_go_on(self, meter: Play) -> None:
        sampled = {"SampledDataCtrlr.TxUpdatedInterval": "10"}
        assert meter("TC_J_06_CS", variant=LOCAL, variables=sampled).verdict == "pass"

    @pytest.mark.parametrize("in_events", [False, True])
    def test_no_silence(self, meter: Play, in_events: bool) -> None:
        run = meter("TC_J_06_CS", variant=LOCAL, silent="never", in_events=in_events)
        assert run.failed == [("post", "J01.FR.20")]

    def test_silence_for_good(self, meter: Play) -> None:
        run = meter("TC_J_06_CS", variant=LOCAL, silent="for good")
        assert run.failed == [("7", "J01.FR.14")]

    def test_silence_from_the_first(self, meter: Play, drop: Play) -> None:
        run = meter("TC_J_06_CS", variant=LOCAL, spoil=drop(VALUES, {}))
        assert run.failed == [("1", "J01.FR.14")]

    @pytest.mark.parametrize(
        ("changes", "requirement"),
        [
            ({f"{SAMPLE}.0.context": ...}, "J01.FR.08"),
            ({f"{SAMPLE}.0.measurand": "SoC"}, "J01.FR.14"),
        ],
    )
    def test_a_wrong_value(
        self, meter: Play, alter: Play, changes: Payload, requirement: str
    ) -> None:
        spoil = alter(VALUES, {"evseId": 1}, changes)
        run = meter("TC_J_06_CS", variant=LOCAL, spoil=spoil)
        assert {step for step, found in run.failed if found == requirement} == {"1", "7"}

    def test_the_variable_cannot_be_set(self, meter: Play) -> None:
        assert meter("TC_J_06_CS", variant=LOCAL, read_only=(IDLE,)).verdict == "inconc"
