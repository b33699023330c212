"""Slower beyond noise, and noise that is no news."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from vdoc.nightly.drift import drifts, mann_whitney_p, quantiles
from vdoc.nightly.stored import Parameter

ANSWER = Parameter.ANSWER


def night(median_s: float, seed: int, count: int = 60) -> dict[Parameter, Sequence[float]]:
    chance = random.Random(seed)
    return {ANSWER: [max(0.001, chance.gauss(median_s, median_s / 10)) for _ in range(count)]}


QUIET = [night(0.2, seed) for seed in range(8)]


class TestDrift:
    def test_a_slower_station_is_noticed(self) -> None:
        (drift,) = drifts(night(0.3, 99), QUIET)
        assert drift.slower
        assert drift.before_s == pytest.approx(0.2, rel=0.05)
        assert drift.now_s == pytest.approx(0.3, rel=0.05)
        assert (drift.nights, drift.p < 0.001) == (8, True)

    def test_a_faster_one_too(self) -> None:
        (drift,) = drifts(night(0.1, 99), QUIET)
        assert not drift.slower

    @pytest.mark.parametrize("seed", range(50, 90))
    def test_another_night_of_the_same_is_no_news(self, seed: int) -> None:
        assert drifts(night(0.2, seed), QUIET) == ()

    def test_a_station_that_is_unsteady_every_night_is_no_news(self) -> None:
        unsteady = [night(median, seed) for seed, median in enumerate((0.1, 0.3, 0.2, 0.4, 0.15))]
        assert drifts(night(0.3, 99), unsteady) == ()

    def test_one_earlier_night_asks_for_more(self) -> None:
        assert drifts(night(0.23, 99), QUIET[:1]) == ()
        assert len(drifts(night(0.3, 99), QUIET[:1])) == 1

    def test_milliseconds_of_a_fast_station_are_no_news(self) -> None:
        assert drifts(night(0.004, 1), [night(0.001, seed) for seed in range(5)]) == ()

    @pytest.mark.parametrize("before", [[], [{}], [{ANSWER: [0.1]}]])
    def test_too_little_to_compare_says_nothing(
        self, before: list[dict[Parameter, Sequence[float]]]
    ) -> None:
        assert drifts(night(0.3, 1), before) == ()


class TestMannWhitney:
    def test_agrees_with_a_worked_example(self) -> None:
        # by hand: the ranks of the first are 1, 3, 3 and 5, so U = 2 and z = 7.5 / 3.9965
        assert mann_whitney_p([1, 2, 2, 3], [2, 4, 5, 6, 6]) == pytest.approx(0.0606, abs=1e-4)

    def test_equal_values_say_nothing(self) -> None:
        assert mann_whitney_p([1.0] * 9, [1.0] * 9) == 1.0

    def test_it_has_no_direction(self) -> None:
        a, b = [0.1, 0.2, 0.3, 0.9], [0.4, 0.5, 0.6]
        assert mann_whitney_p(a, b) == pytest.approx(mann_whitney_p(b, a))


def test_quantiles_are_times_that_were_measured() -> None:
    assert quantiles([4, 1, 3, 2], 0, 0.5, 0.95) == (1, 2, 4)
