"""What a night came to, for all stations: the one input of everything that tells.

Owns the order (what went wrong first), the headline and the exit code. Knows no format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vdoc.declaration import RunVerdict
from vdoc.errors import ExitCode
from vdoc.nightly.compare import Comparison
from vdoc.nightly.stored import StoredCase

_EXIT = {
    RunVerdict.PASS: ExitCode.PASS,
    RunVerdict.FAIL: ExitCode.FAIL,
    RunVerdict.VOID: ExitCode.VOID,
}
_WORST_FIRST = (ExitCode.FAIL, ExitCode.VOID, ExitCode.UNREACHABLE, ExitCode.PASS)


@dataclass(frozen=True, slots=True)
class NotRun:
    """A station that was due and of which there is no run at all, and why."""

    dut: str
    because: str


@dataclass(frozen=True, slots=True)
class News:
    """What a night came to.

    Attributes:
        at: the night; aware.
        comparisons: one for each station that ran.
        not_run: the others that were due.
    """

    at: datetime
    comparisons: tuple[Comparison, ...]
    not_run: tuple[NotRun, ...] = ()

    @property
    def worst_first(self) -> tuple[Comparison, ...]:
        """The comparisons, those with most to look at first."""
        return tuple(sorted(self.comparisons, key=_weight))

    @property
    def exit_code(self) -> ExitCode:
        """What a command ends with: a failure found outweighs a void run, that one not made."""
        codes = {_EXIT[each.now.verdict] for each in self.comparisons}
        if self.not_run or not self.comparisons:
            codes.add(ExitCode.UNREACHABLE)
        return next(code for code in _WORST_FIRST if code in codes)

    @property
    def newly_failing(self) -> int:
        """How many cases, over all stations."""
        return sum(len(each.newly_failing) for each in self.comparisons)

    @property
    def changed(self) -> bool:
        """Whether there is anything that was not known the night before."""
        void = any(not each.now.comparable for each in self.comparisons)
        return void or bool(self.not_run) or not all(c.nothing_changed for c in self.comparisons)

    @property
    def headline(self) -> str:
        """The night in one sentence."""
        return f"{self.at:%Y-%m-%d}: " + (", ".join(self._parts()) or "nothing was due")

    def _parts(self) -> Iterator[str]:
        void = sum(not each.now.comparable for each in self.comparisons)
        still = sum(len(each.still_failing) for each in self.comparisons)
        passed = sum(each.now.verdict is RunVerdict.PASS for each in self.comparisons)
        slower = sum(drift.slower for each in self.comparisons for drift in each.drifts)
        counts = (
            (self.newly_failing, "newly failing"),
            (void, "void"),
            (len(self.not_run), "not run"),
            (still, "still failing"),
            (slower, "slower"),
        )
        yield from (f"{number} {words}" for number, words in counts if number)
        if passed:
            yield f"{passed} of {len(self.comparisons)} stations passed"


def shown(case: StoredCase) -> str:
    """Return a failing case with what failed first, in plain words."""
    if not case.failures:
        return f"{case.verdict.value}: {case.because}" if case.because else case.verdict.value
    first = case.failures[0]
    where = f", evidence line {first.line}" if first.line is not None else ""
    seen = f" ({first.message}{where})" if first.message else ""
    more = f"; {len(case.failures) - 1} more" if len(case.failures) > 1 else ""
    step = f"step {first.step} " if first.step else ""
    return (
        f"{step}[{first.requirement}] {first.what}: expected {first.expected}, "
        f"got {first.actual}{seen}{more}"
    )


def _weight(comparison: Comparison) -> tuple[int, int, int, str]:
    code = _EXIT[comparison.now.verdict]
    return (
        -len(comparison.newly_failing),
        _WORST_FIRST.index(code),
        -len(comparison.still_failing),
        comparison.now.dut,
    )
