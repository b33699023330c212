"""Change of availability of a station; its transactions are `test_scheduled`'s business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STATUS = "StatusNotification"
ANSWER = "ChangeAvailabilityResponse"
ON = {"operationalStatus": "Operative"}
OFF = {"operationalStatus": "Inoperative"}
Play = Callable[..., Any]


@pytest.mark.parametrize("notify_event", [False, True])
@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ("TC_G_05_CS", [OFF]),
        ("TC_G_06_CS", [OFF, ON]),
        ("TC_G_12_CS", [ON]),
        ("TC_G_13_CS", [OFF, OFF]),
        ("TC_G_21_CS", [OFF]),
    ],
)
@pytest.mark.parametrize("repeats", [False, True])
def test_a_sound_station(
    change: Play, case: str, asked: list[Any], notify_event: bool, repeats: bool
) -> None:
    run = change(case, second_evse=True, notify_event=notify_event, repeats=repeats)
    assert run.verdict == "pass"
    assert run.calls("ChangeAvailability") == asked


@pytest.mark.parametrize(
    ("case", "state", "failed"),
    [
        ("TC_G_05_CS", "Unavailable", ("Unavailable.3", "G03.FR.02")),
        ("TC_G_06_CS", "Available", ("3", "G04.FR.05")),
        ("TC_G_21_CS", "Unavailable", ("4", "G04.FR.09")),
    ],
)
def test_the_other_evse_is_left_out(
    change: Play, case: str, state: str, failed: tuple[str, str]
) -> None:
    first = case == "TC_G_21_CS"

    def spoil(action: str, payload: Any) -> Any:
        nonlocal first
        if action != STATUS or payload["evseId"] != 2 or payload["connectorStatus"] != state:
            return payload
        first, kept = False, first
        return payload if kept else None

    run = change(case, second_evse=True, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [failed])


@pytest.mark.parametrize("case", ["TC_G_12_CS", "TC_G_13_CS"])
def test_no_change_is_refused(change: Play, case: str) -> None:
    count = {"TC_G_12_CS": 1, "TC_G_13_CS": 2}[case]
    answers = iter(["Accepted"] * (count - 1) + ["Rejected"])

    def spoil(action: str, payload: Any) -> Any:
        return {"status": next(answers)} if action == ANSWER else payload

    run = change(case, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("2", "G04.FR.04")])


@pytest.mark.parametrize("case", ["TC_G_12_CS", "TC_G_13_CS"])
def test_what_does_not_change_is_told_wrongly(change: Play, case: str) -> None:
    wrong = {"TC_G_12_CS": "Unavailable", "TC_G_13_CS": "Available"}[case]
    calls: list[str] = []

    def spoil(action: str, payload: Any) -> Any:
        calls.extend([action] if action == ANSWER else [])
        last = len(calls) == (1 if case == "TC_G_12_CS" else 2)
        return {**payload, "connectorStatus": wrong} if action == STATUS and last else payload

    run = change(case, repeats=True, spoil=spoil)
    step = "post" if case == "TC_G_12_CS" else "3"
    assert (run.verdict, run.failed) == ("fail", [(step, "G04.FR.05")])


def test_a_restart_loses_it(change: Play) -> None:
    run = change("TC_G_21_CS", loses=True)
    assert (run.verdict, run.failed) == ("fail", [("4", "G04.FR.09")])
