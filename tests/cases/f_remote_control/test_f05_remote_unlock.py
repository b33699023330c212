"""TC_F_05 to TC_F_07, TC_F_10: a remote unlock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.playing import facts
from tests.cases.steering import Habits

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


def test_the_transaction_must_go_on(steer: Play) -> None:
    run = steer("TC_F_05_CS", variant=VARIANT, habits=Habits(unlock_stops=True))
    assert (run.verdict, run.failed) == ("fail", [("2", "F05.FR.02")])


@pytest.mark.parametrize("case", ["TC_F_06_CS", "TC_F_07_CS"])
def test_a_socket_is_unlocked_where_the_connector_under_test_has_none(
    steer: Play, alter: Play, case: str
) -> None:
    kinds = [{"id": 1, "connectorType": "cType2"}, {"id": 2, "connectorType": "sType2"}]
    claims = {"HFS-1": True, "HFS-2": True, "evse": [{"id": 1, "connectors": kinds}]}
    spoil = alter("UnlockConnectorResponse", {}, {"status": "Unlocked"})
    run = steer(case, claims=claims, seen=facts({}, (), 2), spoil=spoil)
    assert run.verdict == "pass"
    assert run.calls("UnlockConnector") == [{"evseId": 1, "connectorId": 2}]


@pytest.mark.parametrize("case", CASES)
def test_no_answer(steer: Play, drop: Play, case: str) -> None:
    run = steer(case, variant=VARIANT, spoil=drop("UnlockConnectorResponse", {}))
    assert run.failed == [("2", CASES[case][1])]
