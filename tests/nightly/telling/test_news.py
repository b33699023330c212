"""Headline, order and exit code of a night."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nightly.made import case, failure
from vdoc.declaration import RunVerdict
from vdoc.errors import ExitCode
from vdoc.nightly.stored import StoredCase
from vdoc.nightly.telling import News
from vdoc.nightly.telling.news import shown


class TestExitCode:
    def test_each_kind_of_night(self, all_good: News, bad: News, void: News) -> None:
        assert all_good.exit_code is ExitCode.PASS
        assert bad.exit_code is ExitCode.FAIL
        assert void.exit_code is ExitCode.VOID

    def test_a_station_that_was_not_run(self, all_good: News, void: News) -> None:
        assert replace(all_good, not_run=void.not_run).exit_code is ExitCode.UNREACHABLE

    def test_nothing_run_at_all_is_no_pass(self, all_good: News) -> None:
        assert replace(all_good, comparisons=()).exit_code is ExitCode.UNREACHABLE

    def test_a_failure_outweighs_the_rest(self, bad: News, void: News) -> None:
        both = News(bad.at, (*void.comparisons, *bad.comparisons), void.not_run)
        assert both.exit_code is ExitCode.FAIL
        assert both.worst_first == (*bad.comparisons, *void.comparisons)


class TestHeadline:
    def test_says_what_matters_first(self, all_good: News, bad: News, void: News) -> None:
        assert all_good.headline == "2026-11-24 wall: passed"
        assert bad.headline == (
            "2026-11-24 wall: 1 newly failing, 1 still failing, 1 flaky and failing, 1 slower, "
            "1 changed in the device model"
        )
        assert void.headline == "2026-11-24: 1 void, 1 not run"
        alone = replace(void, not_run=())
        assert alone.headline == "2026-11-24 wall: void: the DUT did not connect"
        assert replace(void, comparisons=(), not_run=()).headline.endswith("nothing was due")
        both = News(bad.at, (*bad.comparisons, *all_good.comparisons))
        assert both.headline.endswith("1 of 2 stations passed")
        with_another = replace(all_good, not_run=void.not_run)
        assert with_another.headline == "2026-11-24: 1 not run, 1 of 2 stations passed"

    def test_a_night_that_failed_by_a_crash_alone_says_so(self, all_good: News) -> None:
        (one,) = all_good.comparisons
        crash = replace(one.now, verdict=RunVerdict.FAIL, crashes=("unasked boot",))
        crashed = replace(all_good, comparisons=(replace(one, now=crash),))
        assert crashed.headline == "2026-11-24 wall: crashed"
        assert crashed.changed

    def test_changed(self, all_good: News, bad: News, void: News) -> None:
        assert (all_good.changed, bad.changed, void.changed) == (False, True, True)
        assert replace(all_good, removed=("evidence of a failing night",)).changed
        assert not replace(all_good, notes=("40 of 60 variants",)).changed


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (
            case("TC_A", "fail", failure(), failure()),
            "step 2 [C01.FR.02] idToken: expected '04A1', got 'FFFF' (Authorize, evidence line 12)"
            "; 1 more",
        ),
        (case("TC_A", "inconc"), "inconc"),
        (replace(case("TC_A", "error"), because="API down"), "error: API down"),
    ],
)
def test_a_failure_in_plain_words(one: StoredCase, expected: str) -> None:
    assert shown(one) == expected
