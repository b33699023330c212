"""Use cases E09 and E10 against stations whose EV leaves, and perhaps comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases.insisting import play_insisting
from tests.cases.playing import Played, altering, dropping

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
LOST = {"triggerReason": "EVCommunicationLost"}
BACK = {"triggerReason": "CablePluggedIn", "seqNo": 5}
LATE = {"triggerReason": "EVConnectTimeout"}
SOCKET = {"HFS-1": True, "HFS-2": False}
CABLE = {
    "HFS-1": False,
    "HFS-2": True,
    "evse": [{"id": 1, "connectors": [{"id": 1, "connectorType": "cType2"}]}],
}
BOTH_POINTS = {"C-10.5": True}


def play(case: str, *, fixed: bool = False, **others: Any) -> Played:
    claims = {**(CABLE if fixed else SOCKET), **others.pop("claims", {})}
    return play_insisting(case, claims=claims, fixed_cable=fixed, **{"variant": LOCAL, **others})


@pytest.mark.parametrize("variant", [LOCAL, REMOTE])
@pytest.mark.parametrize("stop", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize(
    ("case", "fixed"),
    [("TC_E_24_CS", False), ("TC_E_25_CS", False), ("TC_E_25_CS", True)],
)
def test_the_authorization_ends(
    case: str, fixed: bool, stop: str, variant: dict[str, str]
) -> None:  # fmt: skip
    run = play(case, fixed=fixed, stop=stop, variant=variant)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("variant", [LOCAL, REMOTE])
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "EnergyTransfer,Authorized"])
@pytest.mark.parametrize(
    ("case", "fixed"),
    [("TC_E_26_CS", False), ("TC_E_26_CS", True), ("TC_E_27_CS", True)],
)
def test_the_transaction_waits(
    case: str, fixed: bool, stop: str, variant: dict[str, str]
) -> None:  # fmt: skip
    run = play(case, fixed=fixed, stop=stop, variant=variant)
    assert run.verdict == "pass", run.because


class TestTheDriverUnlocks:
    def test_with_the_token(self) -> None:
        assert play("TC_E_25_CS").actions[-3:] == [
            "plugout_ev_side", "authorize", "plugout_evse_side",
        ]  # fmt: skip

    def test_not_where_the_socket_lets_go(self) -> None:
        assert play("TC_E_24_CS").actions[-2:] == ["plugout_ev_side", "plugout_evse_side"]

    def test_nor_where_the_cable_is_fixed(self) -> None:
        assert play("TC_E_25_CS", fixed=True).actions[-1] == "plugout_ev_side"


@pytest.mark.parametrize(
    ("case", "where", "changes", "failed"),
    [
        ("TC_E_24_CS", LOST, {"triggerReason": "ChargingStateChanged"}, ("1", "E06.FR.04")),
        ("TC_E_25_CS", LOST, {"transactionInfo.chargingState": "EVConnected"}, ("1", "E06.FR.04")),
        ("TC_E_25_CS", LOST, {"eventType": "Updated"}, ("1", "E06.FR.04")),
        ("TC_E_26_CS", LOST, {"eventType": "Ended"}, ("1", "E02.FR.17")),
        ("TC_E_26_CS", LOST, {"transactionInfo.chargingState": "EVConnected"}, ("1", "E02.FR.17")),
        ("TC_E_27_CS", LATE, {"triggerReason": "TimeLimitReached"}, ("5", "E03.FR.05")),
        ("TC_E_27_CS", LATE, {"transactionInfo.stoppedReason": "Other"}, ("5", "E03.FR.05")),
        ("TC_E_27_CS", LATE, {"eventType": "Updated"}, ("5", "E03.FR.05")),
    ],
)
def test_a_wrong_value(
    case: str, where: Mapping[str, Any], changes: Mapping[str, Any], failed: tuple[str, str]
) -> None:
    run = play(case, fixed=case == "TC_E_27_CS", spoil=altering(EVENT, where, changes))
    assert (run.verdict, run.failed[0]) == ("fail", failed), run.failed


@pytest.mark.parametrize("case", ["TC_E_24_CS", "TC_E_25_CS"])
def test_the_ev_may_be_named_as_the_reason(case: str) -> None:
    changes = {"transactionInfo.stoppedReason": "StoppedByEV"}
    run = play(case, stop="PowerPathClosed", spoil=altering(EVENT, LOST, changes))
    assert run.verdict == "pass", run.because


class TestOnlyTheBayEndsIt:
    """E10.FR.02 deauthorizes, but without Authorized as a stop point nothing ends (E03.FR.05)."""

    @staticmethod
    def play(**others: Any) -> Played:
        fixed_points = ("TxCtrlr.TxStopPoint",)
        return play(
            "TC_E_27_CS", fixed=True, claims=BOTH_POINTS, stop="ParkingBayOccupancy",
            read_only=fixed_points, **others,
        )  # fmt: skip

    def test_it_waits_for_the_ev_to_leave(self) -> None:
        run = self.play()
        assert run.verdict == "pass", run.because

    def test_it_ends_all_the_same(self) -> None:
        run = self.play(spoil=altering(EVENT, LATE, {"eventType": "Ended"}))
        assert ("5", "E03.FR.05") in run.failed


@pytest.mark.parametrize(
    "changes",
    [{"triggerReason": "EVDetected"}, {"transactionInfo.chargingState": "Charging"}],
)
def test_the_ev_comes_back_unlike_the_table(changes: Mapping[str, Any]) -> None:
    run = play("TC_E_26_CS", spoil=altering(EVENT, BACK, changes))
    assert run.failed[0] == ("5", "E02.FR.17"), run.because


def test_energy_does_not_flow_again() -> None:
    run = play("TC_E_26_CS", resumes=False)
    assert run.failed == [("7", "E02.FR.13")], run.because


def test_nobody_gives_up() -> None:
    assert play("TC_E_27_CS", fixed=True, gives_up=False).verdict == "fail"


@pytest.mark.parametrize("case", ["TC_E_24_CS", "TC_E_25_CS"])
def test_the_connector_is_never_free(case: str) -> None:
    run = play(case, spoil=dropping("StatusNotification", {"connectorStatus": "Available"}))
    assert run.failed == [("3", "G01.FR.01")]


class TestStopPoints:
    def test_those_that_last_are_set(self) -> None:
        run = play("TC_E_27_CS", fixed=True, stop="EVConnected", claims=BOTH_POINTS)
        values = [c["setVariableData"][0]["attributeValue"] for c in run.calls("SetVariables")]
        assert "Authorized,ParkingBayOccupancy" in values
        assert run.verdict == "pass", run.because

    def test_the_prerequisite_is_shown_unmet(self) -> None:
        fixed_points = ("TxCtrlr.TxStopPoint",)
        run = play("TC_E_26_CS", stop="EVConnected", read_only=fixed_points)
        assert run.verdict == "not_applicable"


def test_no_connector_has_a_socket() -> None:
    assert play("TC_E_24_CS", fixed=True).verdict == "inconc"
