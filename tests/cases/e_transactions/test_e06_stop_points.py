"""Use case E06 against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.interrupting import play_interrupted

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
STOPPED = {"triggerReason": "StopAuthorized"}
Play = Callable[..., Any]
Changes = Mapping[str, Any]
REMOTE = {"remote": "ISO14443"}
ENDED = {"eventType": "Ended"}
LOST = {"triggerReason": "EVCommunicationLost"}
GONE = {"triggerReason": "EVDeparted"}
SUSPENDED = {"transactionInfo.chargingState": "SuspendedEV"}
REASON = "transactionInfo.stoppedReason"
FIXED = ("TxCtrlr.TxStopPoint",)
KEEPS = ("TxCtrlr.StopTxOnEVSideDisconnect",)
HAS_BAY = {"C-09.6": True, "C-10.5": True}
REMOTELY = {"triggerReason": "RemoteStop"}


class TestTcE15:
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "PowerPathClosed"])
    def test_the_stop_point_is_set_where_it_must_be(self, play: Play, stop: str) -> None:
        run = play("TC_E_15_CS", variant=LOCAL, stop=stop)
        assert run.verdict == "pass"
        assert bool(run.calls("SetVariables")) == (stop != "Authorized")

    def test_the_prerequisite_is_shown_unmet(self, play: Play) -> None:
        run = play(
            "TC_E_15_CS",
            variant=LOCAL,
            stop="Authorized,PowerPathClosed",
            read_only=("TxCtrlr.TxStopPoint",),
        )
        assert run.verdict == "not_applicable"

    def test_the_pics_claims_what_the_station_does_not_do(self, play: Play) -> None:
        fixed = ("TxCtrlr.TxStopPoint",)
        run = play("TC_E_15_CS", variant=LOCAL, stop="EVConnected", read_only=fixed)
        assert run.verdict == "inconc"
        assert "C-10.2" in run.because

    def test_nothing_can_stop_what_the_cable_started(self, play: Play) -> None:
        run = play(
            "TC_E_15_CS",
            variant={"local": "NoAuthorization"},
            variables={"AuthCtrlr.Enabled": "false"},
            read_only=("AuthCtrlr.Enabled",),
            plug_and_go=True,
        )
        assert (run.verdict, run.actions) == ("inconc", ["plugin"])

    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "TimeLimitReached"},
            {"transactionInfo.stoppedReason": "Remote"},
            {"eventType": "Updated"},
        ],
    )
    def test_a_wrong_value(self, play: Play, alter: Play, changes: Changes) -> None:
        run = play("TC_E_15_CS", variant=LOCAL, spoil=alter(EVENT, STOPPED, changes))
        assert run.verdict == "fail"
        assert run.failed[0] == ("1", "E06.FR.03")

    def test_the_stop_goes_unreported(self, play: Play, drop: Play) -> None:
        run = play("TC_E_15_CS", variant=LOCAL, spoil=drop(EVENT, STOPPED))
        assert run.failed[0] == ("1", "E06.FR.03")

    def test_the_transaction_duration_is_waited_for(self, play: Play) -> None:
        assert play("TC_E_15_CS", variant=LOCAL).now_s > 20


class TestConfiguration:
    @pytest.mark.parametrize(
        ("case", "stop", "wanted"),
        [
            ("TC_E_07_CS", "Authorized,PowerPathClosed", "PowerPathClosed"),
            ("TC_E_08_CS", "Authorized,EnergyTransfer", "EnergyTransfer"),
            ("TC_E_14_CS", "Authorized,EVConnected", "EVConnected"),
            ("TC_E_19_CS", "EVConnected,ParkingBayOccupancy", "ParkingBayOccupancy"),
            ("TC_E_20_CS", "EVConnected,PowerPathClosed", "EVConnected"),
            ("TC_E_21_CS", "EVConnected", "Authorized"),
            ("TC_E_22_CS", "EVConnected", "EnergyTransfer"),
            ("TC_E_35_CS", "Authorized", "PowerPathClosed"),
            ("TC_E_37_CS", "EVConnected,PowerPathClosed", "PowerPathClosed"),
        ],
    )
    def test_the_stop_point_is_set_where_it_must_be(
        self, case: str, stop: str, wanted: str
    ) -> None:
        run = play_interrupted(case, variant=LOCAL, stop=stop, claims=HAS_BAY)
        assert run.verdict == "pass", run.because
        values = [
            each["setVariableData"][0]["attributeValue"] for each in run.calls("SetVariables")
        ]
        assert wanted in values

    @pytest.mark.parametrize("case", ["TC_E_20_CS", "TC_E_54_CS"])
    def test_authorized_is_left_out_where_the_ev_side_deauthorizes(self, case: str) -> None:
        run = play_interrupted(case, variant=LOCAL, stop="Authorized,EVConnected", read_only=KEEPS)
        assert run.verdict == "pass", run.because
        assert run.calls("SetVariables")[0]["setVariableData"][0]["attributeValue"] == "EVConnected"

    @pytest.mark.parametrize(("case", "item"), [("TC_E_14_CS", "C-10.1"), ("TC_E_35_CS", "C-10.3")])
    def test_a_fixed_list_is_not_as_claimed(self, case: str, item: str) -> None:
        run = play_interrupted(case, variant=LOCAL, stop="Authorized", read_only=FIXED)
        assert run.verdict == "inconc"
        assert item in run.because

    def test_the_prerequisite_of_the_remote_stop_is_unmet(self) -> None:
        run = play_interrupted("TC_E_21_CS", variant=LOCAL, stop="PowerPathClosed", read_only=FIXED)
        assert run.verdict == "not_applicable"


@pytest.mark.parametrize(
    ("case", "stop", "where", "changes", "failed"),
    [
        ("TC_E_07_CS", "PowerPathClosed", STOPPED, {"eventType": "Updated"},
         ("StopAuthorized.3", "E06.FR.06")),
        ("TC_E_07_CS", "PowerPathClosed", STOPPED, {REASON: "Remote"},
         ("StopAuthorized.1", "E06.FR.06")),
        ("TC_E_08_CS", "EnergyTransfer", ENDED, {"eventType": "Updated"},
         ("StopAuthorized.3", "E06.FR.07")),
        ("TC_E_08_CS", "EnergyTransfer", ENDED, {"transactionInfo.chargingState": "Charging"},
         ("StopAuthorized.3", "E06.FR.07")),
        ("TC_E_14_CS", "EVConnected", LOST, {"eventType": "Updated"}, ("3", "E06.FR.02")),
        ("TC_E_14_CS", "EVConnected", LOST, {REASON: "Remote"}, ("3", "E06.FR.02")),
        ("TC_E_14_CS", "EVConnected", LOST, {"transactionInfo.chargingState": "EVConnected"},
         ("3", "E06.FR.02")),
        ("TC_E_19_CS", "ParkingBayOccupancy", GONE, {"eventType": "Updated"}, ("1", "E06.FR.01")),
        ("TC_E_19_CS", "ParkingBayOccupancy", GONE, {REASON: "EVDisconnected"},
         ("1", "E06.FR.01")),
        ("TC_E_20_CS", "EVConnected", LOST, {REASON: "StoppedByEV"}, ("1", "E06.FR.02")),
        ("TC_E_20_CS", "EVConnected", LOST, {REASON: ...}, ("1", "E06.FR.02")),
        ("TC_E_54_CS", "EVConnected", LOST, {REASON: "Other"}, ("1", "E06.FR.02")),
        ("TC_E_54_CS", "EVConnected", LOST, {"eventType": "Updated"}, ("1", "E06.FR.02")),
        ("TC_E_37_CS", "PowerPathClosed", LOST, {REASON: "Local"}, ("1", "E06.FR.06")),
        ("TC_E_37_CS", "PowerPathClosed", LOST, {"triggerReason": "EVDeparted"},
         ("1", "E06.FR.06")),
        ("TC_E_22_CS", "EnergyTransfer", SUSPENDED, {"eventType": "Updated"}, ("1", "E06.FR.07")),
        ("TC_E_22_CS", "EnergyTransfer", SUSPENDED, {REASON: "Local"}, ("1", "E06.FR.07")),
        ("TC_E_22_CS", "EnergyTransfer", SUSPENDED, {"triggerReason": "EVDeparted"},
         ("1", "E06.FR.07")),
    ],
)  # fmt: skip
def test_a_wrong_value(
    alter: Play, case: str, stop: str, where: Changes, changes: Changes, failed: tuple[str, str]
) -> None:
    spoil = alter(EVENT, where, changes)
    run = play_interrupted(case, variant=LOCAL, stop=stop, claims=HAS_BAY, spoil=spoil)
    assert run.verdict == "fail"
    assert failed in run.failed


@pytest.mark.parametrize("case", ["TC_E_20_CS", "TC_E_54_CS"])
def test_who_may_say_that_the_ev_stopped(alter: Play, case: str) -> None:
    spoil = alter(EVENT, LOST, {REASON: "StoppedByEV"})
    run = play_interrupted(case, variant=LOCAL, stop="EVConnected", spoil=spoil)
    assert run.verdict == ("pass" if case == "TC_E_54_CS" else "fail")


def test_the_cable_comes_out_unreported(drop: Play) -> None:
    spoil = drop("StatusNotification", {"connectorStatus": "Available"})
    run = play_interrupted("TC_E_14_CS", variant=LOCAL, stop="EVConnected", spoil=spoil)
    assert run.failed == [("1", "G01.FR.01")]


@pytest.mark.parametrize(
    ("case", "stop"), [("TC_E_21_CS", "Authorized"), ("TC_E_35_CS", "PowerPathClosed")]
)
class TestRemoteStop:
    def test_it_is_refused(self, alter: Play, case: str, stop: str) -> None:
        spoil = alter("RequestStopTransactionResponse", {}, {"status": "Rejected"})
        run = play_interrupted(case, variant=REMOTE, stop=stop, spoil=spoil)
        assert run.failed == [("2", "F03.FR.07")]

    @pytest.mark.parametrize(
        "changes",
        [{"triggerReason": "StopAuthorized"}, {REASON: "Local"}, {"eventType": "Updated"}],
    )
    def test_a_wrong_value(self, alter: Play, case: str, stop: str, changes: Changes) -> None:
        spoil = alter(EVENT, REMOTELY, changes)
        run = play_interrupted(case, variant=LOCAL, stop=stop, spoil=spoil)
        assert run.verdict == "fail"
        assert ("3", "F03.FR.03") in run.failed

    def test_two_events_may_tell_it(self, case: str, stop: str) -> None:
        run = play_interrupted(case, variant=LOCAL, stop=stop, separate_stop=True)
        assert run.verdict == "pass", run.because
