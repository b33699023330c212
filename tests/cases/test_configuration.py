"""The Configuration State, on the conditions of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vdoc.cases.configuration import members

LOCAL = {"local": "ISO14443"}
ENABLED = "AuthCtrlr.Enabled"
DISABLED = "AuthCtrlr.DisableRemoteAuthorization"
Play = Callable[..., Any]


def names(run: Any) -> list[str]:
    data = [call["setVariableData"][0] for call in run.calls("SetVariables")]
    return [f"{d['component']['name']}.{d['variable']['name']}" for d in data]


@pytest.mark.parametrize(
    ("value", "found"),
    [("A,B", {"A", "B"}), (" A , B,", {"A", "B"}), ("", set()), (None, set())],
)
def test_members(value: str | None, found: set[str]) -> None:
    assert members(value) == found


def test_what_is_right_already_is_not_set(play: Play) -> None:
    assert names(play("TC_E_03_CS", variant=LOCAL, variables={ENABLED: "True"})) == []


def test_what_is_not_right_is_set(play: Play) -> None:
    run = play("TC_E_03_CS", variant=LOCAL, variables={ENABLED: "false", DISABLED: "true"})
    assert (run.verdict, names(run)) == ("pass", [ENABLED, DISABLED])


def test_read_only_is_left_alone(play: Play) -> None:
    run = play("TC_E_03_CS", variant=LOCAL, variables={ENABLED: "false"}, read_only=(ENABLED,))
    assert (run.verdict, names(run)) == ("pass", [])


def test_a_refusal_makes_the_case_inconclusive(play: Play, alter: Play) -> None:
    refused = {"setVariableResult.0.attributeStatus": "Rejected"}
    spoil = alter("SetVariablesResponse", {}, refused)
    run = play("TC_E_03_CS", variant=LOCAL, variables={ENABLED: "false"}, spoil=spoil)
    assert (run.verdict, run.failed) == ("inconc", [("Before", "B05.FR.01")])


def test_a_variable_that_must_be_there_and_is_not(play: Play, alter: Play) -> None:
    unknown = {"getVariableResult.0.attributeStatus": "UnknownVariable"}
    spoil = alter("GetVariablesResponse", {}, unknown)
    run = play("TC_G_01_CS", spoil=spoil)
    assert run.verdict == "inconc"
    assert "TxCtrlr.TxStartPoint cannot be read" in run.because
