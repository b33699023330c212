"""Slower beyond noise, and noise that is no news."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from vdoc.nightly.drift import drifts, exact_p, mann_whitney_p, quantiles
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
        assert drifts(night(0.27, 99), QUIET[:1]) == ()
        assert len(drifts(night(0.33, 99), QUIET[:1])) == 1

    def test_the_second_night_in_a_row_is_known(self) -> None:
        (first,) = drifts(night(0.3, 98), QUIET)
        (second,) = drifts(night(0.3, 99), [night(0.3, 98), *QUIET])
        assert (first.known, second.known) == (False, True)

    def test_one_bad_night_before_neither_alarms_nor_hides(self) -> None:
        before = [*QUIET, night(2.0, 97)]
        assert drifts(night(0.2, 99), before) == ()
        assert len(drifts(night(0.3, 99), before)) == 1

    def test_milliseconds_of_a_fast_station_are_no_news(self) -> None:
        assert drifts(night(0.004, 1), [night(0.001, seed) for seed in range(5)]) == ()

    @pytest.mark.parametrize("before", [[], [{}], [{ANSWER: [0.1]}]])
    def test_too_little_to_compare_says_nothing(
        self, before: list[dict[Parameter, Sequence[float]]]
    ) -> None:
        assert drifts(night(0.3, 1), before) == ()


def station(
    chance: random.Random, nights: int, scatter: float
) -> list[dict[Parameter, list[float]]]:
    """Nights of one station that does not change, on a bench that is busier in some of them.

    Every night shifts each parameter by its own factor; within a night times scatter by 30 %, and
    one in twenty waits for a busy bench, ten times as long.
    """
    return [
        {
            name: [
                0.2 * busy * chance.lognormvariate(0, 0.3) * (10 if chance.random() < 0.05 else 1)
                for _ in range(15)
            ]
            for name in Parameter
            for busy in (chance.lognormvariate(0, scatter),)
        }
        for _ in range(nights)
    ]


class TestSeveralNights:
    """A change that its first night cannot show, since nights scatter or few are known."""

    def changed(self, before: int, after: int, scatter: float) -> list[bool]:
        """Whether the response times of a station are named, night by night after they doubled."""
        nights = station(random.Random(before), before + after, scatter)
        for changed in nights[before:]:
            changed[ANSWER] = [2 * time for time in changed[ANSWER]]
        found = [drifts(nights[n], nights[:n][::-1]) for n in range(before, before + after)]
        return [any(d.parameter is ANSWER and not d.known for d in each) for each in found]

    @pytest.mark.parametrize(("before", "after", "scatter"), [(10, 5, 0.2), (5, 10, 0.1)])
    def test_a_doubling_is_found_on_the_fifth_or_tenth_at_the_latest(
        self, before: int, after: int, scatter: float
    ) -> None:
        assert any(self.changed(before, after, scatter))

    def test_they_are_said_to_be_several(self) -> None:
        unsteady = [night(0.2 * 1.6 ** (n % 3 - 1), n) for n in range(10)]
        slower = [night(0.6, n) for n in range(50, 55)]
        assert drifts(slower[0], unsteady) == ()
        (found,) = drifts(slower[4], [*slower[:4], *unsteady])
        assert (found.over, found.nights, found.slower, found.known) == (5, 10, True, False)
        assert found.now_s == pytest.approx(0.6, rel=0.05)

    def test_a_night_that_did_not_measure_it_says_nothing(self) -> None:
        slower = [night(0.6, n) for n in range(50, 55)]
        assert drifts({}, [*slower, *[night(0.2, n) for n in range(12)]]) == ()

    def test_less_than_ten_per_cent_is_no_news(self) -> None:
        slower = [night(0.215, n, 900) for n in range(50, 55)]
        assert drifts(slower[0], [*slower[1:], *[night(0.2, n, 900) for n in range(12)]]) == ()


class TestFalseAlarms:
    """Of all six parameters together, simulated: nothing changed, so whatever is named is false."""

    @pytest.mark.parametrize(
        ("scatter", "nights"),
        [*((s, n) for s in (0.0, 0.03, 0.1) for n in (1, 3, 5, 8, 12, 20)), (0.3, 8), (0.3, 20)],
    )
    def test_a_station_that_did_not_change_is_named_once_in_fifty_nights_at_most(
        self, nights: int, scatter: float
    ) -> None:
        chance = random.Random(nights)
        alarms = 0
        for _ in range(200):
            tonight, *before = station(chance, nights + 1, scatter)
            alarms += bool(drifts(tonight, before))
        assert alarms <= 4

    @pytest.mark.parametrize(("nights", "factor"), [(1, 3.0), (8, 2.5), (20, 1.8)])
    def test_a_change_is_noticed_in_spite_of_it(self, nights: int, factor: float) -> None:
        chance, found = random.Random(3), 0
        for _ in range(100):
            tonight, *before = station(chance, nights + 1, 0.03)
            tonight[ANSWER] = [factor * time for time in tonight[ANSWER]]
            found += any(d.parameter is ANSWER and d.slower for d in drifts(tonight, before))
        assert found >= 80

    def test_five_outliers_tonight_are_no_news(self) -> None:
        tonight = night(0.2, 99)
        assert drifts({ANSWER: [*tonight[ANSWER], *[30.0] * 5]}, QUIET) == ()


class TestMannWhitney:
    def test_agrees_with_a_worked_example(self) -> None:
        # by hand: the ranks of the first are 1, 3, 3 and 5, so U = 2 and z = 7.5 / 3.9965
        assert mann_whitney_p([1, 2, 2, 3], [2, 4, 5, 6, 6]) == pytest.approx(0.0606, abs=1e-4)

    def test_exact_it_counts_orders(self) -> None:
        # U = 0 has one order of 3003, U = 1 one more; a tie is half a pair, and counts as a whole
        low = [0.1, 0.2, 0.3, 0.4, 0.5]
        high = [1.0 + n for n in range(10)]
        assert exact_p(low, high) == exact_p(high, low) == pytest.approx(2 / 3003)
        assert exact_p([*low[:4], 1.5], high) == pytest.approx(4 / 3003)
        assert exact_p([*low[:4], 1.0], high) == pytest.approx(4 / 3003)
        assert exact_p([1.0], [1.0]) == 1.0

    def test_equal_values_say_nothing(self) -> None:
        assert mann_whitney_p([1.0] * 9, [1.0] * 9) == 1.0

    def test_it_has_no_direction(self) -> None:
        a, b = [0.1, 0.2, 0.3, 0.9], [0.4, 0.5, 0.6]
        assert mann_whitney_p(a, b) == pytest.approx(mann_whitney_p(b, a))


def test_quantiles_are_times_that_were_measured() -> None:
    assert quantiles([4, 1, 3, 2], 0, 0.5, 0.95) == (1, 2, 4)
