"""Values of every form for variables of every type (TC_B_11_CS)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.shelf import READ_ONLY, run_variables

Make = Callable[..., Any]
CASE = "TC_B_11_CS"
RESULT = "setVariableResult.0"
ANSWER = "SetVariablesResponse"
SIGNIFICANCE = "SmartChargingCtrlr.LimitChangeSignificance"
REMOTE_START = "AuthCtrlr.AuthorizeRemoteStart"
TRANSITION = "ClockCtrlr.NextTimeOffsetTransitionDateTime"


def of(variable: str) -> dict[str, str]:
    return {f"{RESULT}.variable.name": variable.partition(".")[2]}


def test_each_of_five_values_is_set_on_each_of_four_variables() -> None:
    run = run_variables(CASE)
    assert run.verdict == "pass"
    asked = [call["setVariableData"][0] for call in run.calls("SetVariables")]
    assert len(asked) == 20
    assert [data["attributeValue"] for data in asked[::4]][:3] == ["20", "20.1", "true"]


@pytest.mark.parametrize(
    ("lacking", "read_only"),
    [({SIGNIFICANCE}, READ_ONLY), (set(), READ_ONLY | {REMOTE_START})],
)
def test_what_the_station_does_not_have_is_left_out(
    lacking: set[str], read_only: frozenset[str]
) -> None:
    run = run_variables(CASE, lacking=frozenset(lacking), read_only=read_only)
    assert run.verdict == "pass"
    assert len(run.calls("SetVariables")) == 15


def test_it_is_not_applicable_without_the_variable_for_a_date() -> None:
    run = run_variables(CASE, lacking=frozenset({TRANSITION}))
    assert run.verdict == "not_applicable"


@pytest.mark.parametrize(
    ("variable", "step", "wrongs"),
    [
        ("OCPPCommCtrlr.OfflineThreshold", "2", 4),
        (SIGNIFICANCE, "4", 3),
        (REMOTE_START, "6", 4),
        (TRANSITION, "8", 4),
    ],
)
def test_a_value_of_the_wrong_form_is_accepted(
    alter: Make, variable: str, step: str, wrongs: int
) -> None:
    where = {**of(variable), f"{RESULT}.attributeStatus": "Rejected"}
    changes = {f"{RESULT}.attributeStatus": "Accepted", f"{RESULT}.attributeStatusInfo": ...}
    run = run_variables(CASE, spoil=alter(ANSWER, where, changes))
    assert (run.verdict, run.failed) == ("fail", [(step, "B05.FR.07")] * wrongs)


def test_a_value_of_the_right_form_is_rejected(alter: Make) -> None:
    where = {**of("OCPPCommCtrlr.OfflineThreshold"), f"{RESULT}.attributeStatus": "Accepted"}
    run = run_variables(CASE, spoil=alter(ANSWER, where, {f"{RESULT}.attributeStatus": "Rejected"}))
    assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.10")])


def test_a_decimal_may_be_out_of_range(alter: Make) -> None:
    where = {**of(SIGNIFICANCE), f"{RESULT}.attributeStatus": "Accepted"}
    spoil = alter(ANSWER, where, {f"{RESULT}.attributeStatus": "Rejected"})
    assert run_variables(CASE, spoil=spoil).verdict == "pass"


def test_the_reason_of_a_rejection_is_free(alter: Make) -> None:
    where = {**of(TRANSITION), f"{RESULT}.attributeStatus": "Rejected"}
    changes = {f"{RESULT}.attributeStatusInfo.reasonCode": "InternalError"}
    assert run_variables(CASE, spoil=alter(ANSWER, where, changes)).verdict == "pass"


@pytest.mark.parametrize(
    ("field", "value", "requirement"),
    [
        ("attributeType", ..., "B05.FR.12"),
        ("component.name", "TxCtrlr", "B05.FR.02"),
    ],
)
def test_a_wrong_word(alter: Make, field: str, value: Any, requirement: str) -> None:
    where = {**of(TRANSITION), f"{RESULT}.attributeStatus": "Rejected"}
    run = run_variables(CASE, spoil=alter(ANSWER, where, {f"{RESULT}.{field}": value}))
    assert (run.verdict, run.failed) == ("fail", [("8", requirement)] * 4)
