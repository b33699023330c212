"""What of a long exchange is shown at once."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st

from vdoc.nightly.pages.exchange import Direction, Row, Step
from vdoc.nightly.pages.folding import MOST_LISTED, stretches


def step(*, passed: bool) -> Step:
    return Step("1", "R", "field", "a", "b", passed)


def rows(
    number: int, *, failed: Collection[int] = (), checked: Collection[int] = (), deed: int = -1
) -> list[Row]:
    made = []
    for n in range(number):
        steps = (step(passed=n not in failed),) if n in failed or n in checked else ()
        direction = Direction.DEED if n == deed else Direction.TO_BENCH
        made.append(Row(n, n, direction, "X", steps=steps))
    return made


def lengths(made: list[Row]) -> list[tuple[bool, int]]:
    return [(part.folded, len(part.rows)) for part in stretches(made)]


class TestFolding:
    def test_a_short_exchange_is_whole(self) -> None:
        assert lengths(rows(24)) == [(False, 24)]

    def test_around_a_failure_all_is_shown(self) -> None:
        assert lengths(rows(100, failed={50})) == [(True, 44), (False, 10), (True, 46)]

    def test_it_begins_with_the_deed_before(self) -> None:
        assert lengths(rows(100, failed={50}, deed=40)) == [(True, 40), (False, 14), (True, 46)]
        assert lengths(rows(100, failed={50}, deed=48)) == [(True, 48), (False, 6), (True, 46)]

    def test_a_few_rows_are_not_worth_a_fold(self) -> None:
        assert lengths(rows(60, failed={10, 25})) == [(False, 29), (True, 31)]

    def test_where_nothing_failed_what_was_checked_is_shown(self) -> None:
        parts = stretches(rows(60, checked={0, 30, 59}))
        assert [(part.folded, len(part.rows)) for part in parts] == [
            (False, 2), (True, 27), (False, 3), (True, 26), (False, 2)
        ]  # fmt: skip
        assert sum(part.checks for part in parts) == 3

    def test_of_a_very_long_fold_both_ends_are_listed(self) -> None:
        [fold] = [part for part in stretches(rows(9000, failed={8999})) if part.folded]
        listed = fold.listed
        assert len(listed) == MOST_LISTED + 1
        assert sum(1 if isinstance(each, Row) else each for each in listed) == len(fold.rows)

    @settings(deadline=None)
    @given(st.sets(st.integers(0, 79)), st.sets(st.integers(0, 79)), st.integers(0, 80))
    def test_nothing_is_left_out(self, failed: set[int], checked: set[int], number: int) -> None:
        made = rows(number, failed=failed, checked=checked)
        parts = stretches(made)
        assert [row for part in parts for row in part.rows] == made
        assert not any(row.failed for part in parts if part.folded for row in part.rows)
