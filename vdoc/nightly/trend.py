"""Whether a response time creeps: a little more each night, and never enough in one to be noticed.

Owns the rule: over at least ten nights the medians rise (or fall) as chance does not, by the
Mann-Kendall test (p < 0.001), and by the Theil-Sen line at least 10 % and 20 ms in all. Both go by
order alone, so that neither one bad night nor a step in the middle makes a trend.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

from vdoc.nightly.stored import Parameter

LEAST_NIGHTS = 10
_P = 0.001
_LEAST_SHARE, _LEAST_S = 0.10, 0.020
_LEAST_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Trend:
    """A response time that changes little by little; times in seconds.

    Attributes:
        first_s, now_s: both ends of the line through the medians.
        nights: that the line covers, tonight included.
        p: probability that medians without a trend lie so.
        known: it was so without tonight already.
    """

    parameter: Parameter
    first_s: float
    now_s: float
    nights: int
    p: float
    known: bool = False

    @property
    def slower(self) -> bool:
        """The direction."""
        return self.now_s > self.first_s


def trends(nights: Sequence[Mapping[Parameter, Sequence[float]]]) -> tuple[Trend, ...]:
    """Return what creeps, the largest change first.

    Args:
        nights: the response times of each in seconds, the newest first.
    """
    known = {(t.parameter, t.slower) for t in _trends(nights[1:])}
    found = [replace(t, known=(t.parameter, t.slower) in known) for t in _trends(nights)]
    return tuple(sorted(found, key=lambda t: -t.now_s / t.first_s))


def _trends(nights: Sequence[Mapping[Parameter, Sequence[float]]]) -> list[Trend]:
    found = []
    for name in Parameter:
        times = [night.get(name, ()) for night in reversed(nights)]
        medians = [median(each) for each in times if len(each) >= _LEAST_SAMPLES]
        trend = _trend(name, medians) if len(medians) >= LEAST_NIGHTS else None
        found += [] if trend is None else [trend]
    return found


def _trend(name: Parameter, medians: Sequence[float]) -> Trend | None:
    slope = median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(medians), 2))
    span = slope * (len(medians) - 1)
    middle = median(medians)
    first_s, now_s = middle - span / 2, middle + span / 2
    least_s = max(_LEAST_S, _LEAST_SHARE * first_s)
    p = mann_kendall_p(medians)
    if p >= _P or first_s <= 0 or abs(span) < least_s:
        return None
    return Trend(name, first_s, now_s, len(medians), p)


def mann_kendall_p(values: Sequence[float]) -> float:
    """Return the two-sided p of the Mann-Kendall test, by its normal approximation with ties."""
    count = len(values)
    s = sum((b > a) - (b < a) for a, b in combinations(values, 2))
    ties = (values.count(each) for each in set(values))
    variance = _spread(count) - sum(map(_spread, ties))
    if variance <= 0:
        return 1.0
    z = max(0, abs(s) - 1) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def _spread(count: int) -> float:
    return count * (count - 1) * (2 * count + 5) / 18
