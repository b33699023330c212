"""TC_C_45 and TC_C_47 to TC_C_49 against stations that know a master pass, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
STOPPING = [("TC_C_47_CS", True), ("TC_C_48_CS", True), ("TC_C_49_CS", False)]


def odd_of(screen: bool) -> str:
    return "has a screen" if screen else ""


@pytest.mark.parametrize(("case", "screen"), STOPPING)
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
def test_it_stops(remember: Play, case: str, screen: bool, stop: str) -> None:
    run = remember(case, odd=odd_of(screen), stop=stop, start="ParkingBayOccupancy,Authorized")
    assert run.verdict == "pass", run.because
    assert ("ui_select" in run.actions) is screen


@pytest.mark.parametrize(("case", "screen"), STOPPING)
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
def test_another_reason(remember: Play, alter: Play, case: str, screen: bool, stop: str) -> None:
    where = {"eventType": "Ended"}
    spoil = alter("TransactionEvent", where, {"transactionInfo.stoppedReason": "Local"})
    run = remember(case, odd=odd_of(screen), stop=stop, spoil=spoil)
    assert run.verdict == "fail"
    assert any("stoppedReason" in check.what for check in run.result.failures)


@pytest.mark.parametrize(("case", "screen"), STOPPING)
def test_another_token(remember: Play, alter: Play, case: str, screen: bool) -> None:
    where = {"triggerReason": "StopAuthorized"}
    spoil = alter("TransactionEvent", where, {"idToken.idToken": "other"})
    run = remember(case, odd=odd_of(screen), spoil=spoil)
    assert (run.verdict, run.failed[0][0]) == ("fail", "3")


@pytest.mark.parametrize(("case", "screen"), STOPPING)
def test_no_token(remember: Play, alter: Play, case: str, screen: bool) -> None:
    spoil = alter("TransactionEvent", {"triggerReason": "StopAuthorized"}, {"idToken": ...})
    assert remember(case, odd=odd_of(screen), spoil=spoil).verdict == "pass"


def test_a_master_pass_is_no_more_than_a_token(remember: Play) -> None:
    run = remember("TC_C_49_CS", odd="no master pass")
    assert (run.verdict, run.failed) == ("fail", [("3", "C16.FR.02")])


class TestTcC45:
    @pytest.mark.parametrize("start", ["Authorized", "PowerPathClosed", "EVConnected"])
    def test_it_starts_nothing(self, remember: Play, start: str) -> None:
        run = remember("TC_C_45_CS", start=start)
        assert run.verdict == "pass", run.because
        assert run.actions == ["authorize", "plugin"]

    def test_a_cable_lock_stays_shut(self, remember: Play) -> None:
        run = remember("TC_C_45_CS", claims={"AQ-2": True})
        assert (run.verdict, run.actions) == ("pass", ["authorize"])

    @pytest.mark.parametrize("start", ["Authorized", "PowerPathClosed"])
    def test_it_starts(self, remember: Play, start: str) -> None:
        run = remember("TC_C_45_CS", start=start, odd="no master pass")
        assert (run.verdict, run.failed[0]) == ("fail", ("4", "C16.FR.03"))

    def test_start_points_that_it_does_not_support_are_not_set(self, remember: Play) -> None:
        run = remember("TC_C_45_CS", start="EVConnected", claims={"C-09": {"1": True}})
        assert run.verdict == "pass", run.because
        assert "TxStartPoint" not in str(run.calls("SetVariables"))
