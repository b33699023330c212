"""TC_C_39, TC_C_40, TC_C_42 and TC_C_43 against stations that know groups, or misuse them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
STARTS = ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy"]
STOPS = ["Authorized", "EVConnected", "ParkingBayOccupancy"]


@pytest.mark.parametrize("case", ["TC_C_39_CS", "TC_C_40_CS", "TC_C_42_CS", "TC_C_43_CS"])
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("stop", STOPS)
def test_whatever_starts_and_stops(remember: Play, case: str, start: str, stop: str) -> None:
    run = remember(case, start=start, stop=stop)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", ["TC_C_39_CS", "TC_C_42_CS"])
def test_the_cable_follows_the_token(remember: Play, case: str) -> None:
    run = remember(case, claims={"AQ-2": True})
    assert run.verdict == "pass", run.because
    assert run.actions[:2] == ["authorize", "plugin"]


@pytest.mark.parametrize(
    ("case", "odd", "failed"),
    [
        ("TC_C_39_CS", "mixes groups", ("8", "C09.FR.03")),
        ("TC_C_40_CS", "mixes groups", ("StopAuthorized.4", "C09.FR.03")),
        ("TC_C_40_CS", "always asks", ("Authorized.1", "C14.FR.02")),
        ("TC_C_42_CS", "accepts all", ("after 7", "C09.FR.11")),
        ("TC_C_43_CS", "accepts all", ("after 5", "C09.FR.11")),
        ("TC_C_43_CS", "never asks", ("4", "C14.FR.03")),
        ("TC_C_43_CS", "always asks", ("Authorized.1", "C14.FR.02")),
    ],
)
def test_a_station_that_errs(remember: Play, case: str, odd: str, failed: tuple[str, str]) -> None:
    run = remember(case, odd=odd)
    assert run.verdict == "fail"
    assert failed in run.failed


@pytest.mark.parametrize("case", ["TC_C_39_CS", "TC_C_40_CS"])
def test_the_stop_tells_another_token(remember: Play, alter: Play, case: str) -> None:
    changes = {"idToken": {"idToken": "other", "type": "ISO14443"}}
    spoil = alter("TransactionEvent", {"triggerReason": "StopAuthorized"}, changes)
    run = remember(case, spoil=spoil)
    assert run.verdict == "fail"
    assert run.failed[0][1] == "E07.FR.02"


@pytest.mark.parametrize("step", ["1", "6"])
def test_the_csms_is_asked_about_another_token(remember: Play, alter: Play, step: str) -> None:
    token = {"1": "ISO14-1", "6": "ISO14-2"}[step]
    spoil = alter("Authorize", {"idToken.idToken": token}, {"idToken.idToken": "other"})
    run = remember("TC_C_39_CS", spoil=spoil)
    assert run.verdict == "fail"
    assert run.failed[0][0].endswith(step)
