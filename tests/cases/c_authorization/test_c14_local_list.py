"""TC_C_27 to TC_C_31 and TC_C_58 against stations that use their local list, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
REMOTE = {"remote": "ISO14443"}
ASKED = ["TC_C_28_CS", "TC_C_29_CS", "TC_C_30_CS", "TC_C_31_CS"]


@pytest.mark.parametrize("case", ["TC_C_27_CS", *ASKED, "TC_C_58_CS"])
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed", "EnergyTransfer"])
def test_it_uses_the_list(remember: Play, case: str, start: str) -> None:
    run = remember(case, start=start)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", ["TC_C_29_CS", "TC_C_30_CS"])
def test_the_ev_is_connected_before(remember: Play, case: str) -> None:
    assert remember(case).actions == ["plugin", "authorize"]
    assert remember(case, claims={"AQ-2": True}).actions == ["authorize"]


@pytest.mark.parametrize("case", ASKED)
def test_a_remote_start_is_asked_for(remember: Play, case: str) -> None:
    run = remember(case, variant=REMOTE)
    assert run.verdict == "pass", run.because
    assert run.calls("RequestStartTransaction")


@pytest.mark.parametrize(
    ("case", "status"),
    [("TC_C_28_CS", "Invalid"), ("TC_C_29_CS", "Blocked"), ("TC_C_30_CS", "Expired")],
)
def test_what_the_list_says(remember: Play, case: str, status: str) -> None:
    sent = remember(case).calls("SendLocalList")[-1]["localAuthorizationList"]
    assert [entry["idTokenInfo"]["status"] for entry in sent] == [status]


@pytest.mark.parametrize(
    ("case", "odd", "failed"),
    [
        ("TC_C_27_CS", "always asks", ("Authorized.1", "C14.FR.02")),
        *((case, "never asks", "C14.FR.03") for case in ASKED),
        ("TC_C_58_CS", "always asks", ("1", "C14.FR.03")),
    ],
)
def test_a_station_that_errs(remember: Play, case: str, odd: str, failed: object) -> None:
    run = remember(case, odd=odd)
    assert run.verdict == "fail"
    assert failed in (run.failed[0], run.failed[0][1])


@pytest.mark.parametrize("case", ASKED)
def test_another_token_is_asked_for(remember: Play, alter: Play, case: str) -> None:
    run = remember(case, spoil=alter("Authorize", {}, {"idToken.type": "Central"}))
    assert run.verdict == "fail"
    assert run.failed[0][1] == "C14.FR.03"


def test_it_asks_before_the_deed_is_done(remember: Play) -> None:
    run = remember("TC_C_58_CS", odd="always asks", lag_s=-0.045)  # then the action API answers
    assert run.verdict == "fail"
    assert run.result.failures[0].what.startswith("AuthorizeRequest")
