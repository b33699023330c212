"""Whether a verdict that varies is a change or chance.

Owns the rule: among runs of one station with the same firmware and seed (and PICS and catalogue) a
case is *flaky* when its verdict changed at least twice (good, bad, good). One change alone is a
change. The rate of failing comes with its Wilson score interval of 95 %, so that "1 of 2" does not
look like "50 of 100". Where the bench failed nothing was judged: that is neither.

A case that was flaky before a new firmware stays so until the new one has been seen often enough
that mere luck is unlikely (below 5 %).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vdoc.nightly.stored import CaseKey, StoredCase, by_key

_CHANGES = 2
_Z = 1.959964  # two-sided 95 %
LUCK = 0.05


@dataclass(frozen=True, slots=True)
class Flakiness:
    """How often a case failed under equal conditions.

    Attributes:
        runs: in which it was judged.
        failed: of these.
        changes: from good to bad or back, in the order of time.
        low, high: the interval in which the true rate lies with a confidence of 95 %.
    """

    runs: int
    failed: int
    changes: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """The share of runs in which it failed."""
        return self.failed / self.runs

    def __str__(self) -> str:
        return (
            f"failed {self.failed} of {self.runs} ({self.rate:.0%}; "
            f"95 % confidence {self.low:.0%} to {self.high:.0%})"
        )


def measure(good: Sequence[bool]) -> Flakiness:
    """Return how a case came out in runs under equal conditions.

    Args:
        good: whether it did, in the order of time; at least one.
    """
    failed = len(good) - sum(good)
    changes = sum(before != now for before, now in pairwise(good))
    low, high = _wilson(failed, len(good))
    return Flakiness(len(good), failed, changes, low, high)


def flaky(runs: Iterable[Sequence[StoredCase]]) -> Mapping[CaseKey, Flakiness]:
    """Return the flaky cases of runs under equal conditions, which come in the order of time."""
    return {
        key: measured
        for key, good in _outcomes(runs).items()
        if len(set(good)) > 1 and (measured := measure(good)).changes >= _CHANGES
    }


def still_flaky(
    before: Mapping[CaseKey, Flakiness], runs: Iterable[Sequence[StoredCase]]
) -> Mapping[CaseKey, Flakiness]:
    """Return which of the cases that were flaky before may still be so.

    Args:
        before: under the conditions before.
        runs: those under the new conditions, in the order of time.
    """
    outcomes = _outcomes(runs) if before else {}
    return {key: was for key, was in before.items() if not _unlike(was, outcomes.get(key, []))}


def _unlike(was: Flakiness, good: Sequence[bool]) -> bool:
    """Whether results that are all the same would be unlikely at the old rate."""
    if len(set(good)) != 1:
        return False
    rate = was.rate if not good[0] else 1 - was.rate
    return rate ** len(good) < LUCK


def _outcomes(runs: Iterable[Sequence[StoredCase]]) -> dict[CaseKey, list[bool]]:
    found: dict[CaseKey, list[bool]] = {}
    for cases in runs:
        for key, case in by_key(each for each in cases if each.judged).items():
            found.setdefault(key, []).append(case.good)
    return found


def _wilson(failed: int, runs: int) -> tuple[float, float]:
    rate, z2 = failed / runs, _Z * _Z
    centre = (rate + z2 / (2 * runs)) / (1 + z2 / runs)
    spread = rate * (1 - rate) / runs + z2 / (4 * runs * runs)
    half = _Z * math.sqrt(spread) / (1 + z2 / runs)
    return max(0.0, centre - half), min(1.0, centre + half)
