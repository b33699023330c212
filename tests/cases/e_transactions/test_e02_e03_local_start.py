"""Use cases E02 and E03 against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.interrupting import play_interrupted
from tests.cases.steering import Habits

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
PLUGGED = {"triggerReason": "CablePluggedIn"}
AUTHORIZED = {"triggerReason": "Authorized"}
CHARGING = {"transactionInfo.chargingState": "Charging"}
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcE03:
    def test_it_goes_by_the_table(self, play: Play) -> None:
        run = play("TC_E_03_CS", variant=LOCAL)
        assert run.verdict == "pass"
        assert run.actions == ["plugin", "authorize"]
        assert not run.calls("RequestStartTransaction")

    @pytest.mark.parametrize(
        ("where", "changes", "failed"),
        [
            (AUTHORIZED, {"triggerReason": "ChargingRateChanged"}, ("Authorized.3", "E02.FR.01")),
            (AUTHORIZED, {"idToken.idToken": "other"}, ("Authorized.3", "E01.FR.10")),
            (AUTHORIZED, {"idToken": ...}, ("Authorized.3", "E01.FR.10")),
            (CHARGING, {"triggerReason": "Deauthorized"}, ("EnergyTransferStarted.9", "E02.FR.13")),
            (
                CHARGING,
                {"transactionInfo.chargingState": "SuspendedEV"},
                ("EnergyTransferStarted.9", "E02.FR.13"),
            ),
            (CHARGING, {"eventType": "Ended"}, ("EnergyTransferStarted.9", "E02.FR.13")),
            (CHARGING, {"seqNo": 9}, ("general", "E01.FR.07")),
            (CHARGING, {"transactionInfo.transactionId": "tx-9"}, ("general", "E01.FR.14")),
            (CHARGING, {"timestamp": "2027-01-15T07:00:00Z"}, ("general", "Part 6 §2.1")),
        ],
    )
    def test_a_wrong_value(
        self, play: Play, alter: Play, where: Changes, changes: Changes, failed: tuple[str, str]
    ) -> None:
        run = play("TC_E_03_CS", variant=LOCAL, spoil=alter(EVENT, where, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    @pytest.mark.parametrize(
        ("where", "failed"),
        [
            (AUTHORIZED, ("Authorized.3", "E02.FR.01")),
            (CHARGING, ("EnergyTransferStarted.9", "E02.FR.13")),
        ],
    )
    def test_an_event_that_never_comes(
        self, play: Play, drop: Play, where: Changes, failed: tuple[str, str]
    ) -> None:
        run = play("TC_E_03_CS", variant=LOCAL, spoil=drop(EVENT, where))
        assert run.verdict == "fail"
        assert failed in run.failed
        assert "did" in run.because or "TransactionEventRequest" in run.because

    @pytest.mark.parametrize("point", ["PowerPathClosed", "EnergyTransfer"])
    def test_a_transaction_that_starts_too_late(self, play: Play, alter: Play, point: str) -> None:
        spoil = alter(EVENT, {"eventType": "Started"}, {"eventType": "Updated"})
        assert play("TC_E_03_CS", variant=LOCAL, start=point, spoil=spoil).verdict == "fail"

    def test_a_transaction_that_starts_too_early(self, play: Play) -> None:
        told = {"TxCtrlr.TxStartPoint": "EVConnected"}
        run = play("TC_E_03_CS", variant=LOCAL, told=told, start="EVConnected")
        assert run.verdict == "pass"
        early = play(
            "TC_E_03_CS", variant=LOCAL, told={"TxCtrlr.TxStartPoint": "Authorized"},
            start="EVConnected",
        )  # fmt: skip
        assert early.verdict == "fail"
        assert early.failed[0] == ("Authorized.3", "E01.FR.03")

    def test_the_evse_is_never_named(self, play: Play, alter: Play) -> None:
        spoil = alter(EVENT, {}, {"evse": ...})
        run = play("TC_E_03_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("general", "E01.FR.16")] * 2

    def test_a_fixed_off_authorization_is_not_asked_for(self, play: Play) -> None:
        run = play(
            "TC_E_03_CS",
            variant=LOCAL,
            variables={"AuthCtrlr.Enabled": "false"},
            read_only=("AuthCtrlr.Enabled",),
            decides=False,
        )
        assert run.verdict == "pass"

    def test_without_authorization_the_cable_is_enough(self, play: Play) -> None:
        run = play(
            "TC_E_03_CS",
            variant={"local": "NoAuthorization"},
            variables={"AuthCtrlr.Enabled": "false"},
            read_only=("AuthCtrlr.Enabled",),
            plug_and_go=True,
        )
        assert (run.verdict, run.actions) == ("pass", ["plugin"]), run.because


class TestTcE04:
    def test_the_cable_comes_second(self, play: Play) -> None:
        run = play("TC_E_04_CS", variant=LOCAL)
        assert run.verdict == "pass"
        assert run.actions == ["authorize", "plugin"]

    def test_events_may_overtake_each_other(self, play: Play) -> None:
        run = play("TC_E_04_CS", variant=LOCAL, delays={"CablePluggedIn": 3.0})
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        "changes",
        [{"triggerReason": "EVDetected"}, {"transactionInfo.chargingState": "Idle"}],
    )
    def test_plugging_in_is_told_wrongly(self, play: Play, alter: Play, changes: Changes) -> None:
        run = play("TC_E_04_CS", variant=LOCAL, spoil=alter(EVENT, PLUGGED, changes))
        assert run.failed[0] == ("EnergyTransferStarted.3", "E02.FR.17")

    def test_the_connector_is_reported_wrongly(self, play: Play, alter: Play) -> None:
        spoil = alter("StatusNotification", {}, {"connectorStatus": "Reserved"})
        run = play("TC_E_04_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("EnergyTransferStarted.1", "E02.FR.05")]


class TestTcE05:
    @pytest.mark.parametrize("start", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
    def test_the_evse_is_free_again(self, start: str) -> None:
        bay = {"C-09.6": True}
        run = play_interrupted("TC_E_05_CS", variant=LOCAL, start=start, claims=bay)
        assert run.verdict == "pass", run.because
        assert run.actions.count("authorize") == 2
        assert run.actions.count("parking_out") == int(start == "ParkingBayOccupancy")

    def test_the_transaction_may_go_on(self) -> None:
        bay = {"C-09.6": True}
        run = play_interrupted(
            "TC_E_05_CS", variant=LOCAL, start="Authorized", stop="ParkingBayOccupancy", claims=bay
        )
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize(
        "changes",
        [
            {"eventType": "Updated"},
            {"triggerReason": "Deauthorized"},
            {"transactionInfo.stoppedReason": "Other"},
        ],
    )
    def test_a_wrong_value(self, alter: Play, changes: Changes) -> None:
        spoil = alter(EVENT, {"triggerReason": "EVConnectTimeout"}, changes)
        run = play_interrupted("TC_E_05_CS", variant=LOCAL, spoil=spoil)
        assert run.verdict == "fail"
        assert ("1", "E03.FR.05") in run.failed

    @pytest.mark.parametrize("times", [0.25, 9.0])
    def test_a_station_that_errs(self, times: float) -> None:
        habits = Habits(gives_up_after=times)
        run = play_interrupted("TC_E_05_CS", variant=LOCAL, habits=habits)
        assert run.verdict == "fail"
        assert run.failed[0][0] == "1"

    def test_the_evse_is_not_free_again(self) -> None:
        run = play_interrupted("TC_E_05_CS", variant=LOCAL, habits=Habits(keeps_evse=True))
        assert run.verdict == "fail"
