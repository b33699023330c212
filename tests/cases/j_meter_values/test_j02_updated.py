"""TC_J_09 against stations that behave in every way they may, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cases.metering import claiming

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
PERIODIC = {"triggerReason": "MeterValuePeriodic"}
SAMPLE = "meterValue.0.sampledValue"
ONE = "SampledDataCtrlr.TxUpdatedMeasurands"
TWO = claiming(updated=["Energy.Active.Import.Register", "Voltage"])
Play = Callable[..., Any]
Payload = dict[str, Any]


class TestTcJ09:
    @pytest.mark.parametrize("names_context", [False, True])
    @pytest.mark.parametrize("variant", [LOCAL, {"remote": "ISO14443"}])
    def test_samples_come_on_the_interval(
        self, play: Play, variant: Mapping[str, str], names_context: bool
    ) -> None:
        run = play("TC_J_09_CS", variant=variant, names_context=names_context)
        assert run.verdict == "pass", run.because
        assert run.now_s > 30

    def test_what_is_claimed_is_sampled(self, play: Play) -> None:
        run = play("TC_J_09_CS", variant=LOCAL, claims=TWO, variables={ONE: ""})
        assert run.verdict == "pass", run.because
        changed = [c["setVariableData"][0] for c in run.calls("SetVariables")]
        assert changed[0]["attributeValue"] == "Energy.Active.Import.Register,Voltage"

    def test_what_cannot_be_set_is_taken_as_it_is(self, play: Play) -> None:
        fixed = {"variables": {ONE: "Voltage"}, "read_only": (ONE,)}
        assert play("TC_J_09_CS", variant=LOCAL, **fixed).verdict == "pass"

    def test_nothing_to_sample(self, play: Play) -> None:
        fixed = {"variables": {ONE: ""}, "read_only": (ONE,)}
        assert play("TC_J_09_CS", variant=LOCAL, **fixed).verdict == "inconc"

    def test_sampling_is_switched_on(self, play: Play) -> None:
        run = play("TC_J_09_CS", variant=LOCAL, variables={"SampledDataCtrlr.Enabled": "false"})
        changed = [c["setVariableData"][0] for c in run.calls("SetVariables")]
        assert changed[0]["variable"]["name"] == "Enabled"

    def test_an_interval_may_take_several_messages(self, play: Play) -> None:
        run = play("TC_J_09_CS", variant=LOCAL, claims=TWO, splits=True)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"triggerReason": "MeterValueClock"}, ("1", "J02.FR.11")),
            ({"eventType": "Ended"}, ("1", "J02.FR.11")),
            ({"meterValue": ...}, ("1", "J02.FR.11")),
            ({f"{SAMPLE}.0.context": "Sample.Clock"}, ("1", "J02.FR.04")),
            ({f"{SAMPLE}.1.measurand": "SoC"}, ("1", "J02.FR.03")),
            ({f"{SAMPLE}.0.measurand": "Power.Factor"}, ("1", "J02.FR.03")),
            ({f"{SAMPLE}.0.location": "EV"}, ("post", "errata 6.2.58")),
            ({"meterValue.0.timestamp": "2027-01-14T08:00:00Z"}, ("1", "J02.FR.10")),
        ],
    )
    def test_a_wrong_value(
        self, play: Play, alter: Play, changes: Payload, failed: tuple[str, str]
    ) -> None:
        spoil = alter(EVENT, PERIODIC, changes)
        run = play("TC_J_09_CS", variant=LOCAL, claims=TWO, spoil=spoil)
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_the_register_need_not_be_named(self, play: Play, alter: Play) -> None:
        spoil = alter(EVENT, PERIODIC, {f"{SAMPLE}.0.measurand": ...})
        assert play("TC_J_09_CS", variant=LOCAL, spoil=spoil).verdict == "pass"

    def test_the_state_of_charge_is_in_the_ev(self, play: Play, alter: Play) -> None:
        spoil = alter(EVENT, PERIODIC, {f"{SAMPLE}.1.location": "EV"})
        claims = claiming(updated=["Energy.Active.Import.Register", "SoC"])
        run = play("TC_J_09_CS", variant=LOCAL, claims=claims, spoil=spoil)
        assert run.verdict == "pass", run.because

    def test_nothing_is_sampled(self, play: Play, drop: Play) -> None:
        run = play("TC_J_09_CS", variant=LOCAL, spoil=drop(EVENT, PERIODIC))
        assert run.failed == [("1", "J02.FR.11")]

    def test_an_interval_is_left_out(self, play: Play) -> None:
        sampled = []

        def spoil(_action: str, payload: Payload) -> Payload | None:
            if payload.get("triggerReason") != "MeterValuePeriodic":
                return payload
            sampled.append(payload)
            return None if len(sampled) == 2 else payload

        run = play("TC_J_09_CS", variant=LOCAL, spoil=spoil)
        assert ("post", "J02.FR.11") in run.failed

    def test_an_event_is_off_the_interval(self, play: Play) -> None:
        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("seqNo") == 4:
                moved = datetime.fromisoformat(payload["timestamp"]) + timedelta(seconds=7)
                return {**payload, "timestamp": moved.isoformat()}
            return payload

        run = play("TC_J_09_CS", variant=LOCAL, spoil=spoil)
        assert ("post", "J02.FR.11") in run.failed

    def test_events_of_one_interval_have_one_time(self, play: Play) -> None:
        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("seqNo") == 5:
                moved = datetime.fromisoformat(payload["timestamp"]) + timedelta(seconds=5)
                return {**payload, "timestamp": moved.isoformat()}
            return payload

        run = play("TC_J_09_CS", variant=LOCAL, claims=TWO, splits=True, spoil=spoil)
        assert ("post", "J02.FR.11") in run.failed

    def test_samples_are_off_the_interval(self, play: Play) -> None:
        def spoil(_action: str, payload: Payload) -> Payload:
            if payload.get("triggerReason") == "MeterValuePeriodic" and payload["seqNo"] % 2:
                (value,) = payload["meterValue"]
                at = datetime.fromisoformat(value["timestamp"]) - timedelta(seconds=4.5)
                return {**payload, "meterValue": [{**value, "timestamp": at.isoformat()}]}
            return payload

        run = play("TC_J_09_CS", variant=LOCAL, spoil=spoil)
        assert set(run.failed) == {("post", "J02.FR.11")}

    def test_any_other_meter_message_is_looked_at_too(self, play: Play, alter: Play) -> None:
        values = [{"timestamp": "2027-01-15T08:00:00Z", "sampledValue": [
            {"value": 1.0, "location": "EV"}]}]  # fmt: skip
        spoil = alter(EVENT, {"eventType": "Started"}, {"meterValue": values})
        run = play("TC_J_09_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("post", "errata 6.2.58")]
