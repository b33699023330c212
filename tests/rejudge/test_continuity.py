"""What a case must begin with, and that its lines and checks are its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from vdoc.bench import CaseResult, CaseStart, DutState, Password, Verdict
from vdoc.bench.outcome import Check, Phase
from vdoc.bench.start import OpenConnection
from vdoc.evidence import Kind, Line
from vdoc.rejudge.case import JudgedCase
from vdoc.rejudge.continuity import Continuity, own_checks, own_lines

STATE = DutState(password=Password(name="p1"))
START = CaseStart("TC_X", {}, 1, 7, STATE)
CHECK = Check("1", "B01.FR.01", "status", "Accepted", "Accepted", 3, passed=True, phase=Phase.MAIN)
RESULT = CaseResult("TC_X", "-", Verdict.PASS, (CHECK,))


def a_line(kind: Kind, data: dict[str, Any], n: int = 0, case: str = "TC_X") -> Line:
    return Line(n, 0, 0, case, "-", kind, data)


CASE = a_line(Kind.CASE, {})
OPENED = a_line(Kind.OPENED, {"connection": 4})


def codes(continuity: Continuity, start: CaseStart) -> list[str]:
    return [each.code for each in continuity.begins(start, CASE)]


def after(*lines: Line, value: DutState | None = None, result: CaseResult = RESULT) -> Continuity:
    continuity = Continuity(7)
    judged = JudgedCase(result, "pass", (), value, ("id1",))
    continuity.ended(START, [CASE, *lines], judged)
    return continuity


def test_the_first_case_begins_as_it_likes() -> None:
    assert codes(Continuity(7), START) == []


def test_another_seed() -> None:
    assert codes(Continuity(8), START) == ["case-seed"]


def test_other_facts() -> None:
    continuity = Continuity(7)
    continuity.learned("abc")
    assert codes(continuity, START) == ["case-facts"]
    assert codes(continuity, replace(START, facts="abc")) == []


def test_another_state_than_the_case_before_left() -> None:
    assert codes(after(value=STATE.model_copy(update={"slot": 2})), START) == ["case-state"]
    assert codes(after(value=STATE), START) == []
    assert codes(after(), START) == []


def test_a_state_that_is_not_known_is_not_compared() -> None:
    other = replace(START, state=STATE.model_copy(update={"slot": 2}))
    diverged = replace(RESULT, diverged="x")
    assert codes(after(result=diverged), other) == []
    continuity = after()
    continuity.provisioned()
    assert codes(continuity, other) == []


def test_another_connection_than_is_at_hand() -> None:
    continuity = after(OPENED)
    assert codes(continuity, START) == ["case-connection"]
    right = OpenConnection(4, {"connection": 4}, ("id1",))
    assert codes(continuity, START.with_connection(right)) == []
    assert codes(continuity, START.with_connection(replace(right, gone=()))) == ["case-connection"]


@pytest.mark.parametrize("kind", [Kind.CLOSED, Kind.DROP])
def test_a_connection_that_has_ended(kind: Kind) -> None:
    assert codes(after(OPENED, a_line(kind, {"connection": 4})), START) == []
    assert codes(after(OPENED, a_line(kind, {"connection": 3})), START) == ["case-connection"]


def test_a_line_that_names_another_case() -> None:
    assert own_lines([CASE, a_line(Kind.NOTE, {}, 5)]) == []
    [found] = own_lines([CASE, a_line(Kind.NOTE, {}, 5, case="TC_Y")])
    assert (found.code, found.n) == ("case-label", 5)


class TestChecks:
    RECORDED = a_line(Kind.CHECK, CHECK.as_json(), 6)

    def test_that_are_made_are_recorded(self) -> None:
        assert own_checks([CASE, self.RECORDED], RESULT) == []

    @pytest.mark.parametrize(
        "lines",
        [
            [CASE],
            [CASE, RECORDED, RECORDED],
            [CASE, replace(RECORDED, data={**CHECK.as_json(), "actual": "Rejected"})],
        ],
    )
    def test_that_are_recorded_otherwise_are_found(self, lines: list[Line]) -> None:
        assert [each.code for each in own_checks(lines, RESULT)] == ["check"]

    def test_of_a_case_that_diverged_are_not_compared(self) -> None:
        assert own_checks([CASE], replace(RESULT, diverged="x")) == []
