"""TC_C_21 to TC_C_25 against stations that use their local list offline, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
REFUSED = ["TC_C_22_CS", "TC_C_23_CS", "TC_C_24_CS"]
BAY = {"start": "ParkingBayOccupancy"}


@pytest.mark.parametrize("case", ["TC_C_21_CS", *REFUSED, "TC_C_25_CS"])
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_it_uses_the_list(remember: Play, case: str, start: str) -> None:
    run = remember(case, start=start)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", ["TC_C_21_CS", *REFUSED, "TC_C_25_CS"])
def test_a_bay_that_starts_transactions(remember: Play, case: str) -> None:
    run = remember(case, **BAY, stop="ParkingBayOccupancy")
    assert run.verdict == "pass", run.because
    assert "parking_in" in run.actions


@pytest.mark.parametrize("stop", ["EVConnected", "ParkingBayOccupancy"])
def test_it_ends_as_the_stop_point_says(remember: Play, stop: str) -> None:
    run = remember("TC_C_21_CS", stop=stop)
    assert run.verdict == "pass", run.because


def test_a_listed_token_is_refused(remember: Play) -> None:
    run = remember("TC_C_21_CS", odd="list unused")
    assert run.verdict == "fail"
    assert run.failed[0] == ("1", "C13.FR.02")


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_token_starts(remember: Play, case: str) -> None:
    run = remember(case, odd="accepts all")
    assert (run.verdict, run.failed) == ("fail", [("5", "C13.FR.02")])


def test_the_cache_comes_first(remember: Play) -> None:
    run = remember("TC_C_25_CS", odd="cache first")
    assert (run.verdict, run.failed) == ("fail", [("3", "C13.FR.01")])


@pytest.mark.parametrize(
    "name", ["AuthCtrlr.OfflineTxForUnknownIdEnabled", "AuthCacheCtrlr.Enabled"]
)
def test_a_station_without_the_variable(remember: Play, name: str) -> None:
    assert remember("TC_C_25_CS", absent=(name,)).verdict == "not_applicable"


@pytest.mark.parametrize("case", ["TC_C_21_CS", "TC_C_22_CS"])
def test_it_does_not_say_offline(remember: Play, alter: Play, case: str) -> None:
    run = remember(case, **BAY, spoil=alter("TransactionEvent", {}, {"offline": ...}))
    assert run.verdict == "fail"
    assert run.failed[0][1] == "E12.FR.02"


def test_the_bay_is_told_by_another_trigger(remember: Play, alter: Play) -> None:
    where = {"triggerReason": "EVDetected"}
    spoil = alter("TransactionEvent", where, {"triggerReason": "CablePluggedIn"})
    assert remember("TC_C_22_CS", **BAY, spoil=spoil).verdict == "fail"
