"""Use case E13 against stations that repeat what fails, rightly and wrongly."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.insisting import play_insisting

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
CASES = ("TC_E_41_CS", "TC_E_42_CS", "TC_E_50_CS", "TC_E_51_CS")
TO_THE_END = ("TC_E_41_CS", "TC_E_50_CS")
ONCE = ("TC_E_42_CS", "TC_E_51_CS")


@pytest.mark.parametrize(
    "start", ["EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer"]
)
@pytest.mark.parametrize("variant", [LOCAL, REMOTE])
@pytest.mark.parametrize("case", CASES)
def test_a_sound_station_passes(case: str, variant: dict[str, str], start: str) -> None:
    run = play_insisting(case, variant=variant, start=start)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("case", CASES)
def test_what_comes_before_energy_is_answered(case: str) -> None:
    run = play_insisting(case, variant=LOCAL, suspended_first=True)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("cases", "traits", "failed"),
    [
        (CASES, {"more_attempts": -2}, ("5", "E13.FR.02")),
        (TO_THE_END, {"more_attempts": 1}, ("5", "E13.FR.04")),
        (TO_THE_END, {"more_attempts": -1}, ("5", "E13.FR.02")),
        (TO_THE_END, {"interval_grows": False}, ("5", "E13.FR.03")),
        (ONCE, {"repeats_taken": True}, ("5", "E13.FR.02")),
    ],
)
def test_a_wrong_habit(
    cases: tuple[str, ...], traits: dict[str, Any], failed: tuple[str, str]
) -> None:
    for case in cases:
        run = play_insisting(case, variant=LOCAL, **traits)
        assert (run.verdict, run.failed) == ("fail", [failed]), case


@pytest.mark.parametrize("case", ["TC_E_41_CS", "TC_E_42_CS"])
def test_the_message_time_out_is_that_of_the_station(case: str) -> None:
    run = play_insisting(case, variant=LOCAL, variables={"OCPPCommCtrlr.MessageTimeout": "12"})
    assert run.verdict == "pass", run.because


def test_a_time_out_that_is_no_number() -> None:
    told = {"OCPPCommCtrlr.MessageTimeout": "long"}
    assert play_insisting("TC_E_41_CS", variant=LOCAL, told=told).verdict == "inconc"


def test_attempts_and_interval_are_set() -> None:
    variables = {
        "OCPPCommCtrlr.MessageAttempts": "5",
        "OCPPCommCtrlr.MessageAttemptInterval": "60",
    }
    run = play_insisting("TC_E_50_CS", variant=LOCAL, variables=variables)
    settings = [c["setVariableData"][0]["attributeValue"] for c in run.calls("SetVariables")]
    assert (run.verdict, settings) == ("pass", ["3", "10"])
