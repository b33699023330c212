"""Stations without a transaction that reset as they must, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.resetting import Resets, run_reset
from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]


class TestTcB20:
    @pytest.mark.parametrize("style", ["StatusNotification", "NotifyEvent"])
    def test_a_sound_reset(self, style: str) -> None:
        run = run_case("TC_B_20_CS", quirks=Quirks(style=style))
        assert run.verdict == "pass"
        assert run.calls("Reset") == [{"type": "OnIdle"}]

    @pytest.mark.parametrize(
        ("message", "changes", "failed"),
        [
            ("ResetResponse", {"status": "Scheduled"}, ("2", "B11.FR.01")),
            ("BootNotification", {"reason": "Triggered"}, ("3", "B01.FR.09")),
            ("StatusNotification", {"connectorStatus": "Faulted"}, ("5", "B01.FR.05")),
        ],
    )
    def test_a_wrong_word(
        self, alter: Make, message: str, changes: dict[str, Any], failed: tuple[str, str]
    ) -> None:
        run = run_case("TC_B_20_CS", spoil=alter(message, {}, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_it_does_not_restart(self) -> None:
        run = run_case("TC_B_20_CS", quirks=Quirks(reboots=False))
        assert (run.verdict, run.failed) == ("fail", [("3", "B11.FR.03")])


class TestTcB23:
    def test_it_stays_unavailable(self) -> None:
        run = run_reset("TC_B_23_CS")
        assert run.verdict == "pass"
        assert run.calls("Reset") == [{"type": "OnIdle"}]

    def test_it_does_not_stay_unavailable(self) -> None:
        run = run_reset("TC_B_23_CS", resets=Resets(keeps=False))
        assert (run.verdict, run.failed) == ("fail", [("5", "B11.FR.02")])

    def test_it_does_not_restart(self) -> None:
        run = run_reset("TC_B_23_CS", resets=Resets(does=False))
        assert (run.verdict, run.failed) == ("fail", [("3", "B11.FR.03")])

    @pytest.mark.parametrize(
        ("message", "changes", "failed"),
        [
            ("ResetResponse", {"status": "Scheduled"}, ("2", "B11.FR.01")),
            ("BootNotification", {"reason": "PowerUp"}, ("3", "B01.FR.09")),
        ],
    )
    def test_a_wrong_word(
        self, alter: Make, message: str, changes: dict[str, Any], failed: tuple[str, str]
    ) -> None:
        run = run_reset("TC_B_23_CS", spoil=alter(message, {}, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_it_cannot_be_made_unavailable(self, alter: Make) -> None:
        spoil = alter("ChangeAvailabilityResponse", {}, {"status": "Rejected"})
        assert run_reset("TC_B_23_CS", spoil=spoil).verdict == "inconc"


class TestOneEvse:
    """TC_B_25_CS and TC_B_28_CS."""

    @pytest.mark.parametrize(("case", "alone"), [("TC_B_25_CS", True), ("TC_B_28_CS", False)])
    def test_it_answers_as_it_can(self, case: str, *, alone: bool) -> None:
        run = run_reset(case, resets=Resets(evse_alone=alone))
        assert run.verdict == "pass"
        assert run.calls("Reset") == [{"type": "OnIdle", "evseId": 1}]

    @pytest.mark.parametrize(
        ("case", "alone", "requirement"),
        [("TC_B_25_CS", False, "B11.FR.08"), ("TC_B_28_CS", True, "B11.FR.09")],
    )
    def test_it_answers_otherwise(self, case: str, requirement: str, *, alone: bool) -> None:
        run = run_reset(case, resets=Resets(evse_alone=alone))
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])
