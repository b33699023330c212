"""TC_F_05 to TC_F_07, TC_F_10: a remote unlock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CASES = {
    "TC_F_05_CS": ("OngoingAuthorizedTransaction", "F05.FR.02"),
    "TC_F_06_CS": ("Unlocked", "F05.FR.04"),
    "TC_F_07_CS": ("Unlocked", "F05.FR.06"),
    "TC_F_10_CS": ("UnknownConnector", "F05.FR.03"),
}
STATUSES = ("Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector")
VARIANT = {"local": "ISO14443"}
Play = Callable[..., Any]


@pytest.mark.parametrize("case", CASES)
def test_it_goes_by_the_table(steer: Play, case: str) -> None:
    run = steer(case, variant=VARIANT)
    charges = ["authorize", "plugin"] if case == "TC_F_05_CS" else []
    assert (run.verdict, run.actions) == ("pass", charges)
    connector = 999 if case == "TC_F_10_CS" else 1
    assert run.calls("UnlockConnector") == [{"evseId": 1, "connectorId": connector}]


@pytest.mark.parametrize(
    ("case", "status"),
    [(case, status) for case in CASES for status in STATUSES if status != CASES[case][0]],
)
def test_another_status(steer: Play, alter: Play, case: str, status: str) -> None:
    spoil = alter("UnlockConnectorResponse", {}, {"status": status})
    run = steer(case, variant=VARIANT, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("2", CASES[case][1])])


@pytest.mark.parametrize("case", CASES)
def test_no_answer(steer: Play, drop: Play, case: str) -> None:
    run = steer(case, variant=VARIANT, spoil=drop("UnlockConnectorResponse", {}))
    assert run.failed == [("2", CASES[case][1])]
