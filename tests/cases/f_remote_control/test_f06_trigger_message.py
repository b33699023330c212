"""TC_F_11 to TC_F_14, TC_F_20, TC_F_23 to TC_F_27: messages that the CSMS asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.charging import Style
from tests.cases.metering import claiming
from tests.cases.steering import Habits
from tests.reference_runs import ReferenceRuns

VARIANT = {"local": "ISO14443"}
ALIGNED = "AlignedDataCtrlr.Measurands"
TWO = {ALIGNED: "Energy.Active.Import.Register,Voltage"}
CLAIMS = claiming(updated=["Energy.Active.Import.Register", "Voltage"])
SENT = {
    "TC_F_11_CS": ("MeterValues", {"evseId": 1}),
    "TC_F_12_CS": ("MeterValues", {"evseId": 1}),
    "TC_F_13_CS": ("TransactionEvent", {"triggerReason": "Trigger"}),
    "TC_F_14_CS": ("TransactionEvent", {"triggerReason": "Trigger"}),
    "TC_F_20_CS": ("Heartbeat", {}),
    "TC_F_23_CS": ("StatusNotification", {"connectorStatus": "Available"}),
}
VALUES = "meterValue.0.sampledValue"
CONTEXT = f"{VALUES}.0.context"
Play = Callable[..., Any]
Changes = Mapping[str, Any]


@pytest.mark.parametrize("case", [*SENT, "TC_F_24_CS"])
class TestWhatIsSent:
    @pytest.mark.parametrize("habits", [Habits(), Habits(clock_aligned=True, main_meter=False)])
    def test_it_goes_by_the_table(self, steer: Play, case: str, habits: Habits) -> None:
        run = steer(case, variant=VARIANT, habits=habits)
        assert run.verdict == "pass", run.because
        assert len(run.calls("TriggerMessage")) == 1

    @pytest.mark.parametrize("status", ["Rejected", "NotImplemented"])
    def test_it_is_not_accepted(self, steer: Play, alter: Play, case: str, status: str) -> None:
        spoil = alter("TriggerMessageResponse", {}, {"status": status})
        run = steer(case, variant=VARIANT, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "F06.FR.05")])

    def test_it_is_sent_before_the_response(self, steer: Play, case: str) -> None:
        run = steer(case, variant=VARIANT, habits=Habits(sends_first=True, main_meter=False))
        assert run.verdict == "fail"
        assert run.failed[0][0] == "3"


@pytest.mark.parametrize("case", SENT)
def test_it_is_not_sent(steer: Play, drop: Play, case: str) -> None:
    run = steer(case, variant=VARIANT, spoil=drop(*SENT[case]))
    assert run.verdict == "fail"
    assert run.failed[0][0] == "3"


@pytest.mark.parametrize("case", ["TC_F_11_CS", "TC_F_12_CS", "TC_F_13_CS", "TC_F_14_CS"])
class TestMeasurands:
    def test_they_may_come_in_several_messages(self, steer: Play, case: str) -> None:
        habits = Habits(splits=True)
        run = steer(case, variant=VARIANT, variables=TWO, claims=CLAIMS, habits=habits)
        assert run.verdict == "pass", run.because

    def test_one_is_left_out(self, steer: Play, alter: Play, case: str) -> None:
        action, which = SENT[case]
        spoil = alter(action, which, {f"{VALUES}.1.measurand": "Frequency"})
        run = steer(case, variant=VARIANT, variables=TWO, claims=CLAIMS, spoil=spoil)
        requirement = "F06.FR.06" if action == "MeterValues" else "F06.FR.07"
        assert (run.verdict, run.failed) == ("fail", [("3", requirement)])

    def test_none_is_configured(self, steer: Play, alter: Play, case: str) -> None:
        action, which = SENT[case]
        nothing = {ALIGNED: "", "SampledDataCtrlr.TxUpdatedMeasurands": ""}
        spoil = alter(action, which, {f"{VALUES}.0.measurand": "Frequency"})
        run = steer(case, variant=VARIANT, variables=nothing, claims=CLAIMS, spoil=spoil)
        assert run.verdict == "pass", run.because


class TestMeterValues:
    @pytest.mark.parametrize(("case", "evse"), [("TC_F_11_CS", {"id": 1}), ("TC_F_12_CS", None)])
    def test_what_is_asked_for(self, steer: Play, case: str, evse: Changes | None) -> None:
        assert steer(case).calls("TriggerMessage")[0].get("evse") == evse

    @pytest.mark.parametrize("case", ["TC_F_11_CS", "TC_F_12_CS"])
    @pytest.mark.parametrize("context", ["Sample.Periodic", ...])
    def test_a_wrong_context(self, steer: Play, alter: Play, case: str, context: Any) -> None:
        spoil = alter("MeterValues", {"evseId": 1}, {CONTEXT: context})
        run = steer(case, habits=Habits(main_meter=False), spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("3", "F06.FR.06")])

    def test_another_evse(self, steer: Play, drop: Play) -> None:
        run = steer("TC_F_11_CS", spoil=drop("MeterValues", {"evseId": 1}))
        assert run.failed == [("3", "F06.FR.02")]

    def test_an_evse_is_left_out(self, steer: Play, drop: Play) -> None:
        run = steer("TC_F_12_CS", spoil=drop("MeterValues", {"evseId": 1}))
        assert run.failed == [("3", "F06.FR.11")]


@pytest.mark.parametrize("case", ["TC_F_13_CS", "TC_F_14_CS"])
class TestTransactionEvent:
    @pytest.mark.parametrize(
        ("changes", "requirement"),
        [
            ({"evse": {"id": 2}}, "F06.FR.02"),
            ({"triggerReason": "ChargingStateChanged"}, "F06.FR.07"),
            ({"transactionInfo.chargingState": "SuspendedEV"}, "F06.FR.07"),
            ({"transactionInfo.chargingState": ...}, "F06.FR.07"),
            ({"meterValue": ...}, "F06.FR.07"),
            ({CONTEXT: "Sample.Periodic"}, "F06.FR.07"),
            ({CONTEXT: ...}, "F06.FR.07"),
        ],
    )
    def test_a_wrong_value(
        self, steer: Play, alter: Play, case: str, changes: Changes, requirement: str
    ) -> None:
        spoil = alter("TransactionEvent", {"triggerReason": "Trigger"}, changes)
        run = steer(case, variant=VARIANT, spoil=spoil)
        assert run.verdict == "fail"
        assert run.failed[0] == ("3", requirement)

    @pytest.mark.parametrize("evse", [{"id": 1}, {"id": 1, "connectorId": 1}])
    def test_it_may_name_its_evse(self, steer: Play, alter: Play, case: str, evse: Changes) -> None:
        spoil = alter("TransactionEvent", {"triggerReason": "Trigger"}, {"evse": evse})
        assert steer(case, variant=VARIANT, spoil=spoil).verdict == "pass"


class TestTcF14:
    def test_every_evse_charges_and_tells(self, reference_run: ReferenceRuns) -> None:
        run = reference_run("pics/dc-fast-charger.toml", only=("TC_F_14_CS",))
        told = {check.what for check in run.result("TC_F_14_CS").checks if check.step == "3"}
        assert run.result("TC_F_14_CS").verdict.value == "pass"
        assert {what[-7:-1] for what in told} == {"EVSE 1", "EVSE 2"}

    def test_one_evse_is_forgotten(self, reference_run: ReferenceRuns) -> None:
        pics, defects = "pics/dc-fast-charger.toml", ("trigger-one-evse",)
        run = reference_run(pics, only=("TC_F_14_CS",), defects=defects)
        result = run.result("TC_F_14_CS")
        assert [(check.step, check.requirement) for check in result.failures] == [
            ("3", "F06.FR.11")
        ]


@pytest.mark.parametrize("case", ["TC_F_23_CS", "TC_F_24_CS"])
class TestStatus:
    def test_a_notify_event_will_do(self, steer: Play, case: str) -> None:
        assert steer(case, style=Style(notify_event=True)).verdict == "pass"

    def test_it_asks_for_the_connector(self, steer: Play, case: str) -> None:
        asked = steer(case).calls("TriggerMessage")[0]
        assert asked["evse"] == {"id": 1, "connectorId": 1}


class TestWrongStatus:
    def test_available(self, steer: Play, alter: Play) -> None:
        spoil = alter("StatusNotification", {}, {"connectorStatus": "Faulted"})
        run = steer("TC_F_23_CS", spoil=spoil)
        assert run.failed == [("3", "F06.FR.04, F06.FR.10")]

    @pytest.mark.parametrize(
        "changes",
        [
            {"eventData.0.actualValue": "Occupied"},
            {"eventData.0.trigger": "Periodic"},
            {"eventData.0.component.name": "EVSE"},
            {"eventData.0.variable.name": "Available"},
        ],
    )
    def test_available_by_notify_event(self, steer: Play, alter: Play, changes: Changes) -> None:
        spoil = alter("NotifyEvent", {}, changes)
        run = steer("TC_F_23_CS", style=Style(notify_event=True), spoil=spoil)
        assert run.failed == [("3", "F06.FR.04, F06.FR.10")]


@pytest.mark.parametrize(
    ("case", "status", "requirement"),
    [
        ("TC_F_26_CS", "Rejected", "F06.FR.17"),
        ("TC_F_27_CS", "NotImplemented", "F06.FR.08"),
    ],
)
class TestWhatIsNotSent:
    def test_it_goes_by_the_table(
        self, steer: Play, case: str, status: str, requirement: str
    ) -> None:
        run = steer(case)
        checks = 2 if case == "TC_F_26_CS" else 1
        assert (run.verdict, len(run.result.checks)) == ("pass", checks), (status, requirement)

    def test_another_status(
        self, steer: Play, alter: Play, case: str, status: str, requirement: str
    ) -> None:
        for other in {"Accepted", "Rejected", "NotImplemented"} - {status}:
            spoil = alter("TriggerMessageResponse", {}, {"status": other})
            assert steer(case, spoil=spoil).failed == [("2", requirement)]


def test_a_refused_boot_notification_must_not_come(steer: Play) -> None:
    run = steer("TC_F_26_CS", habits=Habits(boots_anyway=True))
    assert (run.verdict, run.failed) == ("fail", [("2", "F06.FR.05")])
