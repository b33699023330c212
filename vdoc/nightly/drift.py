"""Whether the station answers more slowly (or faster) than noise explains.

Owns the rule: a parameter has drifted when *both* hold. (1) Its times of tonight and of the nights
before do not come from one distribution: Mann-Whitney U, two-sided, p < 0.001; no shape is assumed.
(2) Its median moved further than medians move from night to night, and at least 10 % and 20 ms:
a machine that is busy with something else takes as long as that.

How far they move is the scatter of the earlier medians on a logarithmic scale, the night that lies
farthest off left out, so that one bad night neither alarms nor hides. A few nights know their own
scatter badly: what it is multiplied by is such that normal noise passes all six parameters in 99
nights of 100. Fewer than five nights know next to nothing: then a change is at least 40 %, and
beyond what the scatter within a night does to a median.

What one night cannot show, several do: a parameter has drifted as well when the medians of the last
five (or ten) nights do not come from one distribution with those of the nights before (the same
test, exact, p < 0.001), and differ by 10 % and 20 ms. That takes at least ten (five) nights before,
and holds however much nights scatter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from statistics import median

from vdoc.nightly.stored import Parameter

_P = 0.001
_LEAST_SHARE, _LEAST_S = 0.10, 0.020
_FEW_NIGHTS, _SHARE_OF_FEW, _TIMES_OF_FEW = 5, 0.40, 5.0
_MAD_TO_SIGMA = 1.4826
# Number of nights to the quantile 1 - 0.01/6 of |next - median| / scatter of normal noise, found by
# simulation (tests/nightly/test_drift.py simulates what comes of them); from 15 on to 1 - 0.005/6,
# as then several nights together may name something as well.
_TIMES_THE_SCATTER = (
    (20, 4.9), (15, 5.4), (12, 5.6), (10, 6.3), (9, 7.1), (8, 8.0), (7, 9.8), (6, 12.5), (5, 21.1),
)  # fmt: skip
_LEAST_SAMPLES = 5
_SPANS = (5, 10)  # nights that show together what one does not
_LEAST_TIME_S = 1e-6

Times = Mapping[Parameter, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Drift:
    """A response time that changed beyond noise; times in seconds.

    Attributes:
        before_s: median of the earlier nights' medians.
        now_s: tonight's median.
        noise_s: how far a median may move and mean nothing.
        p: probability that one distribution gives both.
        nights: how many earlier nights there are.
        over: how many nights show it together, tonight included; `now_s` is the median of theirs.
        known: a night before has shown it already, in the same direction.
    """

    parameter: Parameter
    before_s: float
    now_s: float
    noise_s: float
    p: float
    nights: int
    known: bool = False
    over: int = 1

    @property
    def slower(self) -> bool:
        """The direction."""
        return self.now_s > self.before_s


def drifts(now: Times, before: Sequence[Times]) -> tuple[Drift, ...]:
    """Return what changed beyond noise, the slower ones first, the largest change first.

    Args:
        now: of the run in question.
        before: of the earlier runs, the newest first.
    """
    found = []
    for name in Parameter:
        nights = [now.get(name, ()), *(n[name] for n in before if n.get(name))]
        drift = _change(name, nights)
        found += [] if drift is None else [replace(drift, known=_known(drift, nights))]
    return tuple(sorted(found, key=lambda d: -d.now_s / max(d.before_s, _LEAST_TIME_S)))


def _known(drift: Drift, nights: Sequence[Sequence[float]]) -> bool:
    """Whether the night before has shown it, or one of those that show it together."""
    earlier = (_change(drift.parameter, nights[n:]) for n in range(1, max(2, drift.over)))
    return any(each is not None and each.slower is drift.slower for each in earlier)


def _change(name: Parameter, nights: Sequence[Sequence[float]]) -> Drift | None:
    """Return what the newest night shows, alone or with those before it; the newest is first."""
    if not nights:
        return None
    return _drift(name, nights[0], nights[1:]) or _step(name, nights)


def _drift(
    name: Parameter, now: Sequence[float], nights: Sequence[Sequence[float]]
) -> Drift | None:
    pooled = [time for night in nights for time in night]
    if min(len(now), len(pooled)) < _LEAST_SAMPLES:
        return None
    medians = [median(night) for night in nights]
    before_s, now_s = median(medians), median(now)
    share = _noise(medians, now, pooled)
    noise_s = max(_LEAST_S, before_s * math.expm1(share))
    if abs(now_s - before_s) <= _LEAST_S or abs(_log(now_s) - _log(before_s)) <= share:
        return None
    p = mann_whitney_p(now, pooled)
    return Drift(name, before_s, now_s, noise_s, p, len(nights)) if p < _P else None


def _step(name: Parameter, nights: Sequence[Sequence[float]]) -> Drift | None:
    """Return what the last nights together show; tonight must be one of them."""
    if len(nights[0]) < _LEAST_SAMPLES:
        return None
    medians = [median(night) for night in nights if len(night) >= _LEAST_SAMPLES]
    for span in _SPANS:
        last, earlier = medians[:span], medians[span:]
        if not earlier:
            return None
        before_s, now_s = median(earlier), median(last)
        least_s = max(_LEAST_S, _LEAST_SHARE * before_s)
        p = exact_p(last, earlier)
        if p < _P and abs(now_s - before_s) > least_s:
            return Drift(name, before_s, now_s, least_s, p, len(earlier), over=span)
    return None


def _noise(medians: Sequence[float], now: Sequence[float], pooled: Sequence[float]) -> float:
    """Return how far tonight's median may lie from the earlier ones, as a difference of logs."""
    logs = [_log(each) for each in medians]
    middle = median(logs)
    off = sorted((each - middle) ** 2 for each in logs)[:-1]
    scatter = math.sqrt(sum(off) / len(off)) if off else 0.0
    if len(medians) < _FEW_NIGHTS:
        sampling = math.hypot(_median_error(now), _median_error(pooled))
        return max(math.log1p(_SHARE_OF_FEW), _TIMES_OF_FEW * scatter, _TIMES_OF_FEW * sampling)
    times = next(factor for nights, factor in _TIMES_THE_SCATTER if len(medians) >= nights)
    return max(math.log1p(_LEAST_SHARE), times * scatter)


def _median_error(times: Sequence[float]) -> float:
    """Return the standard error of a median of normal samples on the logarithmic scale."""
    logs = [_log(time) for time in times]
    middle = median(logs)
    deviation = _MAD_TO_SIGMA * median(abs(each - middle) for each in logs)
    return math.sqrt(math.pi / 2 / len(logs)) * deviation


def _log(time_s: float) -> float:
    return math.log(max(time_s, _LEAST_TIME_S))


def mann_whitney_p(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the two-sided p of the Mann-Whitney U test, by its normal approximation with ties."""
    total = len(a) + len(b)
    ordered = sorted([(x, True) for x in a] + [(x, False) for x in b])
    ranks_of_a, ties, place = 0.0, 0.0, 0
    for _, equal in groupby(ordered, key=lambda pair: pair[0]):
        of_a = [is_a for _, is_a in equal]
        count = len(of_a)
        ranks_of_a += sum(of_a) * (place + (count + 1) / 2)
        ties += count**3 - count
        place += count
    u = ranks_of_a - len(a) * (len(a) + 1) / 2
    mean = len(a) * len(b) / 2
    variance = len(a) * len(b) / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = max(0.0, abs(u - mean) - 0.5) / math.sqrt(variance)
    return math.erfc(z / math.sqrt(2))


def exact_p(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the two-sided p of the same test for a few values, by counting; ties count half."""
    u = sum((x > y) + 0.5 * (x == y) for x in a for y in b)
    least = min(u, len(a) * len(b) - u)
    orders = sum(_orders(len(a), len(b), n) for n in range(math.ceil(least) + 1))
    return min(1.0, 2 * orders / math.comb(len(a) + len(b), len(a)))


@cache
def _orders(a: int, b: int, u: int) -> int:
    """Return how many orders of `a` and `b` values have exactly `u` pairs with the first above."""
    if u < 0 or min(a, b) < 0:
        return 0
    if a == 0 or b == 0:
        return int(u == 0)
    return _orders(a - 1, b, u - b) + _orders(a, b - 1, u)


def quantiles(times: Iterable[float], *shares: float) -> tuple[float, ...]:
    """Return the times that these shares (0 to 1) of all lie at or below, by the nearest rank."""
    ordered = sorted(times)
    return tuple(ordered[max(0, math.ceil(share * len(ordered)) - 1)] for share in shares)
