"""Chance and change told apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nightly.made import case
from vdoc.nightly.flaky import flaky, measure, still_flaky
from vdoc.nightly.stored import StoredCase

KEY = ("TC_A", "-")


def nights(verdicts: str) -> list[tuple[StoredCase, ...]]:
    """A run a letter: `+` passed, `-` failed, `.` not run."""
    letters = {"+": (case("TC_A"),), "-": (case("TC_A", "fail"),), ".": ()}
    return [letters[letter] for letter in verdicts]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [("+-+", True), ("-+-", True), ("+.-.+", True), ("+++--", False), ("---", False), ("", False)],
)
def test_two_changes_are_chance_one_is_a_change(verdicts: str, *, expected: bool) -> None:
    assert (KEY in flaky(nights(verdicts))) is expected


class TestMeasure:
    def test_rate_and_confidence(self) -> None:
        measured = measure([True, False, True, True])
        assert (measured.runs, measured.failed, measured.changes) == (4, 1, 2)
        assert str(measured) == "failed 1 of 4 (25%; 95 % confidence 5% to 70%)"

    def test_more_runs_give_more_confidence(self) -> None:
        few, many = measure([True, False] * 2), measure([True, False] * 50)
        assert few.rate == many.rate
        assert many.high - many.low < few.high - few.low

    @given(st.lists(st.booleans(), min_size=1))
    def test_the_rate_lies_in_its_interval(self, good: list[bool]) -> None:
        measured = measure(good)
        assert 0 <= measured.low <= measured.rate + 1e-9
        assert measured.rate - 1e-9 <= measured.high <= 1


class TestAfterANewFirmware:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [("", True), ("-", True), ("++", True), ("+++++", False), ("-----", False), ("+-", True)],
    )
    def test_it_stays_flaky_until_luck_is_unlikely(self, after: str, *, expected: bool) -> None:
        before = flaky(nights("+-+-+-+-"))
        assert (KEY in still_flaky(before, nights(after))) is expected
