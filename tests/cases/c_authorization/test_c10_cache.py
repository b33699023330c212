"""TC_C_32 to TC_C_34, TC_C_36 and TC_C_46 against stations that remember, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
CASES = ["TC_C_33_CS", "TC_C_34_CS", "TC_C_36_CS", "TC_C_46_CS"]
PICS = "pics/ac-wallbox-detachable.toml"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize("variant", [{"local": "ISO14443"}, {"remote": "ISO14443"}])
def test_it_remembers(cache: Play, case: str, start: str, variant: dict[str, str]) -> None:
    run = cache(case, start=start, variant=variant)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("case", "odd", "requirement"),
    [
        ("TC_C_33_CS", "forgets", "C10.FR.04"),
        ("TC_C_34_CS", "ignores events", "C10.FR.05"),
        ("TC_C_36_CS", "never asks", "C10.FR.11"),
        ("TC_C_46_CS", "never expires", "C10.FR.08"),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, requirement: str) -> None:
    run = cache(case, odd=odd)
    assert (run.verdict, run.failed[0][1]) == ("fail", requirement)


def test_an_event_before_the_end_may_tell_that_energy_stops(cache: Play) -> None:
    run = cache("TC_C_34_CS", odd="suspends first")
    assert run.verdict == "pass", run.because


def test_a_locked_cable_is_freed(cache: Play) -> None:
    run = cache("TC_C_34_CS", start="PowerPathClosed", claims={"HFS-1": True})
    assert run.calls("UnlockConnector") == [{"evseId": 1, "connectorId": 1}]


def test_the_cache_is_persistent(reference_run: Play) -> None:
    run = reference_run(PICS, only=["TC_C_32_CS"])
    assert run.result("TC_C_32_CS").verdict.value == "pass"


def test_the_cache_is_lost_at_a_reboot(reference_run: Play) -> None:
    run = reference_run(PICS, only=["TC_C_32_CS"], defects=["cache-lost-at-reboot"])
    result = run.result("TC_C_32_CS")
    assert [check.requirement for check in result.failures] == ["C10.FR.02"]
