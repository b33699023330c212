"""What of a long exchange is shown at once, and what only on request.

Owns the rule. Where something failed: the failure and what stands right before and after it. Where
nothing did: what was checked; long stretches without any check are folded. A fold opens, also
without JavaScript; of a very long one it lists both ends, and says how much stands between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from vdoc.nightly.pages.exchange import Direction, Row

_BEFORE, _AFTER, _FURTHEST = 6, 3, 12
_LEAST_FOLDED = 6
_MOST_AT_ONCE = 24
MOST_LISTED = 400


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring rows, shown at once or folded."""

    rows: tuple[Row, ...]
    folded: bool

    @property
    def listed(self) -> tuple[Row | int, ...]:
        """The rows to list; a number stands for so many that are left out."""
        if not self.folded or len(self.rows) <= MOST_LISTED:
            return self.rows
        end = MOST_LISTED // 2
        return (*self.rows[:end], len(self.rows) - 2 * end, *self.rows[-end:])

    @property
    def checks(self) -> int:
        """How many validations were made on these rows."""
        return sum(len(row.steps) for row in self.rows)


def stretches(rows: Sequence[Row]) -> tuple[Stretch, ...]:
    """Return the rows in their order, put together by whether they are shown at once."""
    shown = _shown(rows)
    found: list[Stretch] = []
    for is_shown, numbers in groupby(range(len(rows)), key=lambda n: n in shown):
        part = tuple(rows[n] for n in numbers)
        folded = not is_shown and len(part) >= _LEAST_FOLDED
        if found and not folded and not found[-1].folded:
            part = (*found.pop().rows, *part)
        found.append(Stretch(part, folded))
    return tuple(found)


def _shown(rows: Sequence[Row]) -> frozenset[int]:
    failed = [n for n, row in enumerate(rows) if row.failed]
    if failed:
        return frozenset(n for f in failed for n in range(_cause(rows, f), f + _AFTER + 1))
    if len(rows) <= _MOST_AT_ONCE:
        return frozenset(range(len(rows)))
    checked = [n for n, row in enumerate(rows) if row.steps]
    return frozenset(near for n in checked for near in range(n - 1, n + 2))


def _cause(rows: Sequence[Row], failed: int) -> int:
    """Return where to begin: at the deed before a failure, when it is near."""
    near = range(failed - 1, max(-1, failed - _FURTHEST), -1)
    deeds = (n for n in near if rows[n].direction is Direction.DEED)
    return next(deeds, failed - _BEFORE)
