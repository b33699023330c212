"""What a night came to, for all stations: the one input of everything that tells.

Owns the order (what went wrong first), the headline and the exit code. Knows no format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from vdoc.declaration import RunVerdict
from vdoc.errors import ExitCode
from vdoc.nightly.comparison import Comparison
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
        notes: what else there is to know, such as a start that was late.
        removed: evidence of failing nights that retention takes away, which must not go unsaid.
    """

    at: datetime
    comparisons: tuple[Comparison, ...]
    not_run: tuple[NotRun, ...] = ()
    notes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

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
        missing = bool(self.not_run or self.removed)
        return void or missing or not all(c.nothing_changed for c in self.comparisons)

    @property
    def headline(self) -> str:
        """The night in one sentence, for the title of a message."""
        why = self._why()
        return self.counts + (f": {why}" if why else "")

    @property
    def counts(self) -> str:
        """The same without the reason why there are no results."""
        known = self.comparisons or self.not_run
        words = ", ".join(self._parts()) or ("failed as before" if known else "nothing was due")
        return f"{self.at:%Y-%m-%d}{self._station()}: {words}"

    def _station(self) -> str:
        """The name of the station when the news is of one alone."""
        names = [each.now.dut for each in self.comparisons] + [each.dut for each in self.not_run]
        return f" {names[0]}" if len(names) == 1 else ""

    def _why(self) -> str:
        """Why there are no results, when the news is of one station alone."""
        reasons = [each.now.void_because for each in self.comparisons]
        reasons += [each.because for each in self.not_run]
        return reasons[0] if len(reasons) == 1 else ""

    def _parts(self) -> Iterator[str]:
        every, alone = self.comparisons, len(self.comparisons) + len(self.not_run) == 1
        passed = sum(each.now.verdict is RunVerdict.PASS for each in every)
        flaky = [each for comparison in every for each in comparison.flaky]
        slow = [each.slower and not each.known for one in every for each in one.drifts]
        creep = [each.slower and not each.known for one in every for each in one.trends]
        counts = (
            (self.newly_failing, "newly failing"),
            (sum(len(each.now.crashes) for each in every), "crashed"),
            (sum(not each.now.comparable for each in every), "void"),
            (len(self.not_run), "not run"),
            (sum(len(each.first_failing) for each in every), "failing in the first run"),
            (sum(len(each.not_judged) for each in every), "not judged"),
            (sum(len(each.still_failing) for each in every), "still failing"),
            (sum(not each.now.good for each in flaky), "flaky and failing"),
            (sum(slow) + sum(creep), "slower"),
            (sum(len(each.device_model) for each in every), "changed in the device model"),
        )
        bare = {"void", "not run", "crashed"} if alone else set()
        yield from (w if w in bare else f"{number} {w}" for number, w in counts if number)
        if passed:
            stations = len(every) + len(self.not_run)
            yield "passed" if alone else f"{passed} of {stations} stations passed"


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
        -len(comparison.first_failing) - len(comparison.still_failing),
        comparison.now.dut,
    )
