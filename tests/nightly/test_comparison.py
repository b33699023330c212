"""What became of a case by its two verdicts, and when there is nothing to tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nightly.made import Nights, case
from vdoc.nightly.comparison import Change, ChangeKind, Comparison
from vdoc.nightly.drift import Drift
from vdoc.nightly.history import History
from vdoc.nightly.stored import Parameter

BEFORE = (None, "pass", "not_applicable", "fail", "inconc")
SAME, NEW, FIRST, STILL = (
    ChangeKind.SAME, ChangeKind.NEWLY_FAILING, ChangeKind.FIRST_FAILING, ChangeKind.STILL_FAILING,
)  # fmt: skip
BETTER, GONE, UNJUDGED = (
    ChangeKind.NEWLY_PASSING, ChangeKind.NOT_APPLICABLE, ChangeKind.NOT_JUDGED,
)  # fmt: skip
BY_VERDICT_NOW = {
    "pass": (SAME, SAME, SAME, BETTER, BETTER),
    "not_applicable": (SAME, GONE, SAME, GONE, GONE),
    "fail": (FIRST, NEW, NEW, STILL, STILL),
    "inconc": (FIRST, NEW, NEW, STILL, STILL),
    "error": (UNJUDGED,) * 5,
}
SLOW = Drift(Parameter.BOOT, 30.0, 45.0, 1.0, 1e-6, 9)


@pytest.mark.parametrize("now", BY_VERDICT_NOW)
def test_what_became_of_a_case(now: str) -> None:
    before = [None if verdict is None else case("TC_A", verdict) for verdict in BEFORE]
    kinds = tuple(Change(case("TC_A", now), each).kind for each in before)
    assert kinds == BY_VERDICT_NOW[now]


@pytest.fixture
def as_ever(nights: Nights) -> Comparison:
    before = nights(case("TC_A"))
    return Comparison(nights(case("TC_A")), before)


class TestNothingChanged:
    def test_a_night_as_ever(self, as_ever: Comparison) -> None:
        assert as_ever.nothing_changed

    def test_what_fails_as_before_is_known(self, as_ever: Comparison) -> None:
        known = Change(case("TC_A", "fail"), case("TC_A", "fail"))
        assert replace(as_ever, still_failing=(known,)).nothing_changed

    def test_what_is_new_is_news(self, as_ever: Comparison) -> None:
        change = Change(case("TC_A", "fail"), case("TC_A"))
        assert not replace(as_ever, newly_failing=(change,)).nothing_changed
        crashed = replace(as_ever.now, crashes=("an unasked boot",))
        assert not replace(as_ever, now=crashed).nothing_changed

    def test_a_slower_response_is_news_once(self, as_ever: Comparison) -> None:
        assert not replace(as_ever, drifts=(SLOW,)).nothing_changed
        assert replace(as_ever, drifts=(replace(SLOW, known=True),)).nothing_changed


class TestTheRunBefore:
    def test_void_ones_compare_with_nothing(self, history: History) -> None:
        nights = Nights(history)
        good, void = nights(case("TC_A")), nights(void="unplugged")
        assert Comparison(good, None).comparable
        assert not Comparison(void, good).comparable
        assert not Comparison(good, void).comparable

    def test_without_one_the_firmware_is_not_the_same(self, as_ever: Comparison) -> None:
        assert as_ever.same_firmware
        assert not replace(as_ever, before=None).same_firmware
        other = replace(as_ever.now, firmware_sha256="fw2", firmware_version="4.0.0")
        assert not replace(as_ever, now=other).same_firmware
