"""What creeps, and what only looks like it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from vdoc.nightly.stored import Parameter
from vdoc.nightly.trend import mann_kendall_p, trends

BOOT = Parameter.BOOT
Night = dict[Parameter, Sequence[float]]


def newest_first(medians: Sequence[float]) -> list[Night]:
    return [{BOOT: [median_s] * 7} for median_s in reversed(medians)]


class TestTrends:
    def test_two_per_cent_a_night_are_noticed(self) -> None:
        (trend,) = trends(newest_first([30 * 1.02**night for night in range(14)]))
        assert (trend.parameter, trend.slower, trend.nights) == (BOOT, True, 14)
        assert trend.first_s == pytest.approx(30, rel=0.05)
        assert trend.now_s == pytest.approx(38.8, rel=0.05)
        assert trend.known

    def test_it_is_new_on_the_night_that_shows_it(self) -> None:
        medians = [30 * 1.02**night for night in range(10)]
        (trend,) = trends(newest_first(medians))
        assert not trend.known
        assert trends(newest_first(medians[:-1])) == ()

    def test_faster_is_a_trend_too(self) -> None:
        (trend,) = trends(newest_first([30 - night for night in range(12)]))
        assert not trend.slower

    @pytest.mark.parametrize(
        "medians",
        [
            [],
            [30.0] * 14,
            [30 + night / 100 for night in range(14)],  # less than 10 %
            [0.010 + night / 10000 for night in range(14)],  # less than 5 ms
            [30.0] * 7 + [45.0] * 7,  # a step, which the night that brought it has told
            [30.0] * 13 + [90.0],  # one bad night
        ],
    )
    def test_what_is_none(self, medians: list[float]) -> None:
        assert trends(newest_first(medians)) == ()

    def test_false_alarms_are_rare(self) -> None:
        chance = random.Random(8)
        stations = [newest_first([chance.lognormvariate(0, 0.15) for _ in range(20)])
                    for _ in range(1000)]  # fmt: skip
        assert sum(bool(trends(station)) for station in stations) <= 4


def test_mann_kendall_agrees_with_a_worked_example() -> None:
    # by hand: 8 of 10 pairs rise and 2 fall, S = 6; variance 5·4·15/18 = 16.667, z = 5 / 4.0825
    assert mann_kendall_p([1, 3, 2, 5, 4]) == pytest.approx(0.2207, abs=1e-4)
    assert mann_kendall_p([2.0] * 12) == 1.0
