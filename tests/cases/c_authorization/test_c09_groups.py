"""TC_C_41 and TC_C_44 against stations that know groups, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]


@pytest.mark.parametrize("case", ["TC_C_41_CS", "TC_C_44_CS"])
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
def test_a_group_is_known(cache: Play, case: str, start: str, stop: str) -> None:
    run = cache(case, start=start, stop=stop)
    assert run.verdict == "pass", run.because


def test_two_tokens_are_cached(cache: Play) -> None:
    run = cache("TC_C_41_CS")
    assert run.actions.count("plugin") == 3


@pytest.mark.parametrize(
    ("case", "odd", "requirement"),
    [
        ("TC_C_41_CS", "mixes groups", "C09.FR.03"),
        ("TC_C_41_CS", "always asks", "C12.FR.02"),
        ("TC_C_44_CS", "never asks", "C10.FR.03"),
        ("TC_C_44_CS", "stops for anyone", "C09.FR.11"),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, requirement: str) -> None:
    run = cache(case, odd=odd)
    assert (run.verdict, run.failed[0][1]) == ("fail", requirement)
