"""TC_C_15 to TC_C_18 against stations that heed a late refusal, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
CASES = ["TC_C_15_CS", "TC_C_16_CS", "TC_C_17_CS", "TC_C_18_CS"]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
def test_it_heeds_the_refusal(cache: Play, case: str, start: str, stop: str) -> None:
    run = cache(case, start=start, stop=stop)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", CASES)
def test_a_cable_lock_wants_the_token_first(cache: Play, case: str) -> None:
    run = cache(case, claims={"AQ-2": True})
    assert run.verdict == "pass", run.because
    assert run.actions[-2:] == ["authorize", "plugin"]


@pytest.mark.parametrize("case", CASES)
def test_the_local_list_knows_the_token_too(cache: Play, case: str) -> None:
    run = cache(case, profiles=["LocalAuthListManagement"])
    assert (run.verdict, len(run.calls("SendLocalList"))) == ("pass", 1)


@pytest.mark.parametrize(
    ("case", "odd", "requirement"),
    [
        ("TC_C_15_CS", "always stops", "C15.FR.07"),
        ("TC_C_15_CS", "gives nothing", "C15.FR.07"),
        ("TC_C_15_CS", "takes the power", "C15.FR.07"),
        ("TC_C_16_CS", "goes on", "C15.FR.04"),
        ("TC_C_17_CS", "goes on", "C15.FR.06"),
        ("TC_C_17_CS", "always stops", "C15.FR.06"),
        ("TC_C_17_CS", "takes the power", "C15.FR.06"),
        ("TC_C_18_CS", "goes on", "C15.FR.04"),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, requirement: str) -> None:
    run = cache(case, odd=odd)
    assert (run.verdict, run.failed[0][1]) == ("fail", requirement)


@pytest.mark.parametrize("case", CASES)
def test_what_occurred_offline_must_say_so(cache: Play, alter: Play, case: str) -> None:
    spoil = alter("TransactionEvent", {"offline": True}, {"offline": False})
    run = cache(case, spoil=spoil)
    assert (run.verdict, run.failed[0]) == ("fail", ("3", "E12.FR.02"))
