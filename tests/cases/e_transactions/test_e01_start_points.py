"""Use case E01 against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.interrupting import play_interrupted

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
PLUGGED = {"triggerReason": "CablePluggedIn"}
Play = Callable[..., Any]
REMOTE = {"remote": "ISO14443"}
HAS_BAY = {"C-09.6": True, "C-10.5": True}
Changes = Mapping[str, Any]
BAY = {"triggerReason": "EVDetected"}
STARTED = {"eventType": "Started"}
FIXED = ("TxCtrlr.TxStartPoint",)
SAMPLE = "meterValue.0.sampledValue.0"


class TestTcE09:
    @pytest.mark.parametrize("start", ["Authorized", "ParkingBayOccupancy,EVConnected"])
    def test_the_start_point_is_set_where_it_must_be(self, play: Play, start: str) -> None:
        run = play("TC_E_09_CS", variant=LOCAL, start=start)
        assert run.verdict == "pass"
        assert run.calls("SetVariables")[0]["setVariableData"][0]["attributeValue"] == "EVConnected"

    def test_another_member_may_stay(self, play: Play) -> None:
        run = play("TC_E_09_CS", variant=LOCAL, start="EVConnected,Authorized")
        assert (run.verdict, run.calls("SetVariables")) == ("pass", [])

    def test_plugging_in_starts_nothing(self, play: Play, drop: Play) -> None:
        run = play("TC_E_09_CS", variant=LOCAL, spoil=drop(EVENT, PLUGGED))
        assert run.failed == [("EVConnectedPreSession.3", "E01.FR.02")]
        assert "no event at all" in run.because

    def test_the_first_event_is_no_start(self, play: Play, alter: Play) -> None:
        spoil = alter(EVENT, PLUGGED, {"eventType": "Updated"})
        run = play("TC_E_09_CS", variant=LOCAL, spoil=spoil)
        assert run.failed[0] == ("EVConnectedPreSession.3", "E01.FR.02")
        assert ("general", "Part 6 §2.1") in run.failed


class TestConfiguration:
    @pytest.mark.parametrize(
        ("case", "start", "wanted"),
        [
            ("TC_E_01_CS", "Authorized,PowerPathClosed", "PowerPathClosed"),
            ("TC_E_02_CS", "EVConnected", "EnergyTransfer"),
            ("TC_E_10_CS", "EVConnected", "Authorized"),
            ("TC_E_10_CS", "ParkingBayOccupancy,Authorized", "Authorized"),
            ("TC_E_11_CS", "EnergyTransfer", "DataSigned"),
            ("TC_E_12_CS", "EVConnected", "ParkingBayOccupancy"),
        ],
    )
    def test_the_start_point_is_set_where_it_must_be(
        self, case: str, start: str, wanted: str
    ) -> None:
        run = play_interrupted(case, variant=LOCAL, start=start, claims=HAS_BAY)
        assert run.verdict == "pass", run.because
        assert run.calls("SetVariables")[0]["setVariableData"][0]["attributeValue"] == wanted

    def test_a_fixed_list_may_start_before(self) -> None:
        run = play_interrupted(
            "TC_E_10_CS", variant=LOCAL, start="ParkingBayOccupancy,Authorized", read_only=FIXED
        )
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize("start", ["EVConnected", "EVConnected,EnergyTransfer"])
    def test_a_fixed_list_is_not_as_claimed(self, start: str) -> None:
        run = play_interrupted("TC_E_02_CS", variant=LOCAL, start=start, read_only=FIXED)
        assert run.verdict == "inconc"
        assert "C-09.5" in run.because


@pytest.mark.parametrize(
    ("case", "start", "where", "changes", "failed"),
    [
        ("TC_E_01_CS", "PowerPathClosed", STARTED, {"eventType": "Updated"},
         ("EnergyTransferStarted.7", "E01.FR.05")),
        ("TC_E_01_CS", "PowerPathClosed", STARTED, {"triggerReason": "Trigger"},
         ("EnergyTransferStarted.7", "E01.FR.05")),
        ("TC_E_01_CS", "PowerPathClosed", STARTED, {"transactionInfo.chargingState": ...},
         ("EnergyTransferStarted.7", "E01.FR.05")),
        ("TC_E_02_CS", "EnergyTransfer", STARTED, {"eventType": "Updated"}, ("3", "E01.FR.06")),
        ("TC_E_02_CS", "EnergyTransfer", STARTED, {"idToken": ...}, ("3", "E01.FR.06")),
        ("TC_E_02_CS", "EnergyTransfer", STARTED, {"evse": ...}, ("3", "E01.FR.06")),
        ("TC_E_02_CS", "EnergyTransfer", STARTED, {"transactionInfo.chargingState": "SuspendedEV"},
         ("EnergyTransferStarted.9", "E01.FR.06")),
        ("TC_E_10_CS", "Authorized", STARTED, {"triggerReason": "RemoteStart"},
         ("Authorized.3", "E01.FR.03")),
        ("TC_E_11_CS", "DataSigned", STARTED, {"triggerReason": "MeterValuePeriodic"},
         ("EnergyTransferStarted.5", "E01.FR.04")),
        ("TC_E_11_CS", "DataSigned", STARTED, {"meterValue": ...}, ("3", "E01.FR.04")),
        ("TC_E_11_CS", "DataSigned", STARTED, {f"{SAMPLE}.signedMeterValue": ...},
         ("3", "E01.FR.04")),
        ("TC_E_11_CS", "DataSigned", STARTED, {f"{SAMPLE}.context": "Sample.Periodic"},
         ("3", "E01.FR.04")),
        ("TC_E_11_CS", "DataSigned", STARTED, {"transactionInfo.chargingState": "Charging"},
         ("5", "E01.FR.04")),
        ("TC_E_12_CS", "ParkingBayOccupancy", BAY, {"eventType": "Updated"},
         ("ParkingBayOccupied.1", "E01.FR.01")),
        ("TC_E_12_CS", "ParkingBayOccupancy", BAY, {"triggerReason": "CablePluggedIn"},
         ("ParkingBayOccupied.1", "E01.FR.01")),
    ],
)  # fmt: skip
def test_a_wrong_value(
    alter: Play, case: str, start: str, where: Changes, changes: Changes, failed: tuple[str, str]
) -> None:
    spoil = alter(EVENT, where, changes)
    run = play_interrupted(case, variant=LOCAL, start=start, claims=HAS_BAY, spoil=spoil)
    assert run.verdict == "fail"
    assert failed in run.failed


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"triggerReason": "Authorized"}, ("Authorized.5", "E01.FR.03")),
        ({"transactionInfo.remoteStartId": ...}, ("general", "F01.FR.25")),
        ({"idToken.idToken": "other"}, ("Authorized.5", "E01.FR.10")),
    ],
)
def test_a_remote_start_is_told_wrongly(
    alter: Play, changes: Changes, failed: tuple[str, str]
) -> None:
    spoil = alter(EVENT, STARTED, changes)
    run = play_interrupted("TC_E_13_CS", variant=REMOTE, start="Authorized", spoil=spoil)
    assert run.verdict == "fail"
    assert failed in run.failed


def test_a_remote_start_is_refused(alter: Play) -> None:
    spoil = alter("RequestStartTransactionResponse", {}, {"status": "Rejected"})
    run = play_interrupted("TC_E_13_CS", variant=REMOTE, spoil=spoil)
    assert run.failed == [("Authorized.2", "F02.FR.01")]
