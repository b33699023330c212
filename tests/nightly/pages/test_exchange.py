"""From the evidence of one case to the rows of its diagram."""

from __future__ import annotations

from vdoc.nightly.pages.exchange import Direction, read_exchange
from vdoc.nightly.stored import StoredRun


class TestExchange:
    def test_messages_deeds_and_what_was_checked_on_them(self, failed_run: StoredRun) -> None:
        rows = read_exchange(failed_run.directory, 1)
        assert [(row.direction, row.label, len(row.steps)) for row in rows] == [
            (Direction.EVENT, "before any message", 1),
            (Direction.DEED, "PresentToken", 0),
            (Direction.TO_BENCH, "Authorize", 2),
            (Direction.TO_STATION, "AuthorizeResponse", 0),
        ]
        assert [step.passed for step in rows[2].steps] == [True, False]
        assert rows[2].steps[1].words[1:] == ("expected '04A1'", "got 'FFFF'")

    def test_times_count_from_the_beginning_of_the_case(self, failed_run: StoredRun) -> None:
        first, *_, last = read_exchange(failed_run.directory, 1)
        assert (first.at_s, round(last.at_s, 3)) == (0.0, 0.007)

    def test_each_case_has_its_own(self, failed_run: StoredRun) -> None:
        (row,) = read_exchange(failed_run.directory, 0)
        assert row.label == "before any message"
        assert read_exchange(failed_run.directory, 2) == ()
