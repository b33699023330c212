"""TC_C_08 to TC_C_13 and TC_C_57 against stations that use their cache, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
REMOTE = {"remote": "ISO14443"}
KNOWN = ["TC_C_08_CS", "TC_C_13_CS"]
ASKED = ["TC_C_09_CS", "TC_C_10_CS", "TC_C_11_CS", "TC_C_12_CS"]


@pytest.mark.parametrize("case", [*KNOWN, *ASKED, "TC_C_57_CS"])
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize("variant", [{"local": "ISO14443"}, REMOTE])
def test_it_uses_the_cache(cache: Play, case: str, start: str, variant: dict[str, str]) -> None:
    run = cache(case, start=start, variant=variant)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", [*KNOWN, *ASKED, "TC_C_57_CS"])
def test_a_cable_lock_wants_the_token_first(cache: Play, case: str) -> None:
    run = cache(case, claims={"AQ-2": True})
    assert (run.verdict, run.actions[0]) == ("pass", "authorize")


@pytest.mark.parametrize(
    ("case", "odd", "requirement"),
    [
        *((case, "always asks", "C12.FR.02") for case in KNOWN),
        *((case, "forgets", "C12.FR.02") for case in KNOWN),
        *((case, "never asks", "C12.FR.05") for case in ASKED),
        ("TC_C_57_CS", "always asks", "C12.FR.05"),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, requirement: str) -> None:
    run = cache(case, odd=odd)
    assert (run.verdict, run.failed[0][1]) == ("fail", requirement)


def test_it_asks_before_the_deed_is_done(cache: Play) -> None:
    run = cache("TC_C_57_CS", odd="always asks", lag_s=-0.045)  # then the action API answers
    assert (run.verdict, run.failed[0]) == ("fail", ("1", "C12.FR.05"))
