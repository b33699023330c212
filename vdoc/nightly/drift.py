"""Whether the station answers more slowly (or faster) than noise explains.

Owns the rule: a parameter has drifted when *both* hold. (1) Its times of tonight and of the nights
before do not come from one distribution: Mann-Whitney U, two-sided, p < 0.001; no shape is assumed.
(2) Its median moved further than medians move from night to night: three robust standard deviations
(1.4826 MAD) of the earlier medians, and at least 10 % and 5 ms; with fewer than three earlier
nights, which say nothing about noise, at least 25 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from vdoc.nightly.stored import Parameter

_P = 0.001
_SIGMAS, _MAD_TO_SIGMA = 3.0, 1.4826
_LEAST_SHARE, _LEAST_S = 0.10, 0.005
_FEW_NIGHTS, _SHARE_OF_FEW = 3, 0.25
_LEAST_SAMPLES = 5

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
    """

    parameter: Parameter
    before_s: float
    now_s: float
    noise_s: float
    p: float
    nights: int

    @property
    def slower(self) -> bool:
        """The direction."""
        return self.now_s > self.before_s


def drifts(now: Times, before: Sequence[Times]) -> tuple[Drift, ...]:
    """Return what changed beyond noise, the slower ones first, the largest change first.

    Args:
        now: of the run in question.
        before: of the earlier runs.
    """
    found = [_drift(name, now.get(name, ()), [n[name] for n in before if n.get(name)])
             for name in Parameter]  # fmt: skip
    changed = [drift for drift in found if drift is not None]
    return tuple(sorted(changed, key=lambda d: -d.now_s / max(d.before_s, 1e-9)))


def _drift(name: Parameter, now: Sequence[float], nights: list[Sequence[float]]) -> Drift | None:
    pooled = [time for night in nights for time in night]
    if min(len(now), len(pooled)) < _LEAST_SAMPLES:
        return None
    medians = [median(night) for night in nights]
    before_s, now_s = median(medians), median(now)
    noise_s = _noise_s(medians, before_s)
    if abs(now_s - before_s) <= noise_s:
        return None
    p = mann_whitney_p(now, pooled)
    return Drift(name, before_s, now_s, noise_s, p, len(nights)) if p < _P else None


def _noise_s(medians: Sequence[float], centre: float) -> float:
    if len(medians) < _FEW_NIGHTS:
        return max(_LEAST_S, _SHARE_OF_FEW * centre)
    spread = median(abs(each - centre) for each in medians)
    return max(_LEAST_S, _LEAST_SHARE * centre, _SIGMAS * _MAD_TO_SIGMA * spread)


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


def quantiles(times: Iterable[float], *shares: float) -> tuple[float, ...]:
    """Return the times that these shares (0 to 1) of all lie at or below, by the nearest rank."""
    ordered = sorted(times)
    return tuple(ordered[max(0, math.ceil(share * len(ordered)) - 1)] for share in shares)
