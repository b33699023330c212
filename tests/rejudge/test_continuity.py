"""What a case must begin with, and that its lines and checks are its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from vdoc.bench import CaseResult, CaseStart, DutState, Password, Verdict
from vdoc.bench.outcome import Check, Phase
from vdoc.bench.start import OpenConnection
from vdoc.evidence import Kind, Line
from vdoc.rejudge.case import JudgedCase
from vdoc.rejudge.continuity import Continuity, own_checks, own_lines, own_words
from vdoc.rejudge.observed import Own

STATE = DutState(password=Password(name="p1"))
START = CaseStart("TC_X", {}, 1, 7, STATE, facts="f")
CHECK = Check("1", "B01.FR.01", "status", "Accepted", "Accepted", 3, passed=True, phase=Phase.MAIN)
RESULT = CaseResult("TC_X", "-", Verdict.PASS, (CHECK,))


def a_line(kind: Kind, data: dict[str, Any], n: int = 0, case: str = "TC_X") -> Line:
    return Line(n, 0, 0, case, "-", kind, data)


CASE = a_line(Kind.CASE, {})
OPENED = a_line(Kind.OPENED, {"connection": 4})


def codes(continuity: Continuity, start: CaseStart) -> list[str]:
    return [each.code for each in continuity.begins(start, a_line(Kind.CASE, start.as_json()))]


def begun(seed: int = 7) -> Continuity:
    continuity = Continuity(seed)
    continuity.learned("f")
    return continuity


def after(*lines: Line, value: DutState | None = None, result: CaseResult = RESULT) -> Continuity:
    continuity = begun()
    judged = JudgedCase(result, "pass", (), value, ("id1",))
    continuity.ended(START, [CASE, *lines], judged)
    return continuity


def test_the_first_case_begins_as_it_likes() -> None:
    assert codes(begun(), START) == []


def test_another_seed() -> None:
    assert codes(begun(8), START) == ["case-seed"]


def test_another_attempt() -> None:
    assert codes(begun(), replace(START, attempt=2)) == ["case-attempt"]


def test_facts_that_are_not_recorded() -> None:
    assert codes(Continuity(7), replace(START, facts=None)) == ["facts-missing"]


def test_other_facts() -> None:
    continuity = begun()
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


LEFT = {"transactions": ["t1"]}


class TestWhatACaseIsTold:
    def after_a_case(self) -> Continuity:
        continuity = begun()
        judged = JudgedCase(RESULT, "pass", (), None, (), LEFT, ("t1",))
        continuity.ended(START, [CASE], judged)
        return continuity

    def test_a_restore_is_told_what_was_left(self) -> None:
        restore = replace(START, case="restore")
        assert codes(self.after_a_case(), replace(restore, extra=LEFT)) == []
        assert codes(self.after_a_case(), restore) == ["case-told"]

    def test_a_case_is_told_of_transactions_up_to_the_restore(self) -> None:
        restored = JudgedCase(RESULT, "pass", (), None, (), {}, ("t2",))
        for past, expected in ((["t1", "t2"], []), (["t1"], ["case-told"]), ([], ["case-told"])):
            continuity = self.after_a_case()
            continuity.ended(replace(START, case="restore"), [CASE], restored)
            assert codes(continuity, replace(START, extra={"past": past})) == expected

    def test_others_are_told_what_is_always_the_same(self) -> None:
        intake = replace(START, case="intake", extra={"passwords": ["p1"]})
        assert codes(begun(), intake) == []
        assert codes(begun(), replace(intake, extra={})) == ["case-told"]
        assert codes(begun(), replace(START, case="closing", extra={"x": 1})) == ["case-told"]


class TestOutcomes:
    DONE = a_line(Kind.ACTION_DONE, {"id": "a1"}, 5)
    SERVED = a_line(Kind.MADE, {"location": "u", "sha256": "s", "complete": True}, 6)

    def found(self, *owns: Own) -> list[str]:
        continuity, found = begun(), []
        for own in owns:
            found += continuity.ended(
                START, [CASE], JudgedCase(RESULT, "pass", (), None, (), own=own)
            )
        return [each.code for each in found]

    def test_of_the_case_before_may_come_late(self) -> None:
        late = Own(late=(self.DONE,))
        assert self.found(Own(frozenset({"a1"})), late) == []
        assert self.found(Own(frozenset({"a2"})), late) == ["outcome-unasked"]
        assert self.found(Own(frozenset({"a1"})), Own(), late) == ["outcome-unasked"]

    def test_files_are_served_as_they_were_offered(self) -> None:
        served = Own(served=(self.SERVED,))
        assert self.found(Own(offered={"u": "s"}), served) == []
        assert self.found(served) == ["served-unoffered"]
        assert self.found(Own(offered={"u": "other"}), served) == ["served-unoffered"]


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
            [CASE, RECORDED._replace(data={**CHECK.as_json(), "actual": "Rejected"})],
        ],
    )
    def test_that_are_recorded_otherwise_are_found(self, lines: list[Line]) -> None:
        assert [each.code for each in own_checks(lines, RESULT)] == ["check"]

    def test_of_a_case_that_diverged_are_not_compared(self) -> None:
        assert own_checks([CASE], replace(RESULT, diverged="x")) == []


class TestWords:
    NOTE = a_line(Kind.NOTE, {"text": "late"}, 6)
    VERDICT = a_line(Kind.VERDICT, {"verdict": "pass", "because": ""}, 7)
    MADE: Sequence[tuple[Kind, Mapping[str, Any]]] = (
        (Kind.CHECK, {}),
        (Kind.NOTE, {"text": "late"}),
        (Kind.VERDICT, {"because": ""}),
    )

    def test_that_are_said_are_recorded(self) -> None:
        assert own_words([CASE, self.NOTE, self.VERDICT], RESULT, self.MADE) == []

    @pytest.mark.parametrize(
        "lines",
        [
            [NOTE],
            [VERDICT],
            [a_line(Kind.NOTE, {"text": "early"}, 6), VERDICT],
            [NOTE, a_line(Kind.VERDICT, {"verdict": "pass", "because": "approved"}, 7)],
        ],
    )
    def test_that_are_recorded_otherwise_are_found(self, lines: list[Line]) -> None:
        assert [each.code for each in own_words([CASE, *lines], RESULT, self.MADE)] == ["words"]

    def test_of_a_case_that_diverged_are_not_compared(self) -> None:
        assert own_words([CASE], replace(RESULT, diverged="x"), self.MADE) == []
