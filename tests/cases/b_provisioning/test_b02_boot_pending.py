"""Boots of stations that are kept Pending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]
CASE = "TC_B_02_CS"
GET = "getVariableResult.0"
SET = "setVariableResult.0"


@pytest.mark.parametrize("style", ["StatusNotification", "NotifyEvent"])
def test_a_sound_boot(style: str) -> None:
    assert run_case(CASE, quirks=Quirks(style=style)).verdict == "pass"


@pytest.mark.parametrize(
    ("message", "changes", "step"),
    [
        ("SetVariablesResponse", {f"{SET}.attributeStatus": "RebootRequired"}, "4"),
        ("GetVariablesResponse", {f"{GET}.attributeStatus": "Rejected"}, "6"),
        ("GetBaseReportResponse", {"status": "Rejected"}, "8"),
        ("NotifyReport", {"requestId": 1}, "8"),
        ("RequestStartTransactionResponse", {"status": "Accepted"}, "12"),
        ("TriggerMessageResponse", {"status": "Rejected"}, "14"),
        ("StatusNotification", {"connectorStatus": "Unavailable"}, "17"),
    ],
)
def test_a_wrong_word(alter: Make, message: str, changes: dict[str, Any], step: str) -> None:
    run = run_case(CASE, spoil=alter(message, {}, changes))
    assert run.verdict == "fail"
    assert run.failed[0][0] == step


def test_a_second_boot_for_another_reason(alter: Make) -> None:
    spoil = alter("BootNotification", {"reason": "Triggered"}, {"reason": "PowerUp"})
    run = run_case(CASE, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("15", "B01.FR.09")])


def test_it_speaks_unasked() -> None:
    run = run_case(CASE, quirks=Quirks(sends_when_pending=True))
    assert run.verdict == "fail"
    assert ("15", "B02.FR.02") in run.failed


def test_it_boots_before_the_interval() -> None:
    run = run_case(CASE, quirks=Quirks(boots_when_pending=True))
    assert run.verdict == "fail"
    assert ("13", "B02.FR.04") in run.failed


def test_a_trigger_that_is_not_implemented(alter: Make) -> None:
    """It must then boot by itself when the interval has passed, for whatever reason."""
    spoil = alter("TriggerMessageResponse", {}, {"status": "NotImplemented"})
    assert run_case(CASE, spoil=spoil).verdict == "pass"


def test_a_report_that_does_not_end(alter: Make) -> None:
    run = run_case(CASE, spoil=alter("NotifyReport", {"tbc": False}, {"tbc": True}))
    assert (run.verdict, run.failed) == ("fail", [("8", "B02.FR.01")])
