"""Stations that come back after a short and after a long time offline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.offline import run_offline
from tests.reference_runs import ReferenceRuns

Make = Callable[..., Any]
LONG, SHORT = "TC_B_51_CS", "TC_B_52_CS"
STATUS = "StatusNotification"
EVENT = "TransactionEvent"


@pytest.mark.parametrize(("case", "back_off"), [(LONG, "22"), (SHORT, "18")])
def test_a_sound_station(case: str, back_off: str) -> None:
    run = run_offline(case)
    assert run.verdict == "pass"
    assert run.actions == ["plugin"]
    values = [call["setVariableData"][0]["attributeValue"] for call in run.calls("SetVariables")]
    assert values == [back_off, "0"]


def test_where_the_cable_needs_an_authorization_it_comes_first() -> None:
    run = run_offline(LONG, claims={"AQ-2": True})
    assert run.verdict == "pass"
    assert run.actions == ["authorize", "plugin"]


@pytest.mark.parametrize(("case", "failed"), [(LONG, "B04.FR.01"), (SHORT, "B04.FR.02")])
class TestFails:
    def test_nothing_is_reported(self, case: str, failed: str) -> None:
        run = run_offline(case, forgetful=True)
        assert (run.verdict, run.failed) == ("fail", [("4", failed)])

    def test_the_connector_is_reported_as_it_was(self, alter: Make, case: str, failed: str) -> None:
        run = run_offline(case, spoil=alter(STATUS, {}, {"connectorStatus": "Available"}))
        assert (run.verdict, run.failed) == ("fail", [("4", failed)])


@pytest.mark.parametrize("case", [LONG, SHORT])
class TestQueue:
    @pytest.mark.parametrize(
        ("changes", "requirement"),
        [({"eventType": "Updated"}, "Part 6 §2.1"), ({"evse": ...}, "E01.FR.16")],
    )
    def test_what_is_queued_obeys_the_general_rules(
        self, alter: Make, case: str, changes: dict[str, Any], requirement: str
    ) -> None:
        run = run_offline(case, spoil=alter(EVENT, {}, changes))
        assert run.verdict == "fail"
        assert ("general", requirement) in run.failed

    def test_nothing_need_be_queued(self, drop: Make, case: str) -> None:
        assert run_offline(case, spoil=drop(EVENT, {})).verdict == "pass"


def test_only_the_change_is_reported_after_a_long_time() -> None:
    run = run_offline(LONG, short=True)
    assert (run.verdict, run.failed) == ("fail", [("4", "B04.FR.01")])


def test_a_station_that_comes_back_late_is_not_judged_by_what_it_was_not_asked() -> None:
    assert run_offline(SHORT, slow_s=10.0).verdict == "inconc"


def test_a_station_that_comes_back_late_is_still_offline_for_long() -> None:
    assert run_offline(LONG, slow_s=100.0).verdict == "pass"


class TestOtherEvses:
    """TC_B_52_CS on the reference station, which has two EVSEs."""

    PICS = "pics/ac-pole-keycode.toml"

    @pytest.mark.parametrize("style", ["plain", "both"])
    def test_nothing_is_said_of_them(self, reference_run: ReferenceRuns, style: str) -> None:
        run = reference_run(self.PICS, only=(SHORT,), style=style)
        assert run.result(SHORT).verdict.value == "pass"

    def test_all_are_reported(self, reference_run: ReferenceRuns) -> None:
        run = reference_run(self.PICS, only=(SHORT,), defects=("offline-short-reports-all",))
        failures = run.result(SHORT).failures
        assert [(check.step, check.requirement) for check in failures] == [("4", "B04.FR.02")]
