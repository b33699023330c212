"""Verdicts, checks, and the ways in which a case can end early.

Owns the verdict rules of design §4: a failed validation is `fail`; a precondition or restore that
was not reached is `inconc`; a fault of the bench or the action API is `error`; a case that made no
check cannot pass. Everything that ends a case is drawn here:

    CaseEndedError
     ├── StepFailedError      the DUT did not do what the step demands     fail (inconc before Main)
     ├── InconclusiveError    the case could not be brought to its point   inconc
     ├── NotApplicableError   a Part 6 prerequisite is shown unmet         not_applicable
     └── BenchFaultError      the bench, the action API or a tool failed   error
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a case came to."""

    PASS = "pass"  # noqa: S105  # not a password
    FAIL = "fail"
    INCONC = "inconc"
    ERROR = "error"
    NOT_APPLICABLE = "not_applicable"


class Phase(StrEnum):
    """Where in its table a case stands."""

    BEFORE = "before"
    MAIN = "main"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value to be judged, what it is, and the evidence line that shows it."""

    what: str
    value: Any
    n: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One validation and how it came out."""

    step: str
    requirement: str
    what: str
    expected: str
    actual: str
    n: int | None
    passed: bool
    phase: Phase

    def as_json(self) -> dict[str, Any]:
        """Return the data of a `check` line."""
        return {
            "step": self.step,
            "requirement": self.requirement,
            "what": self.what,
            "expected": self.expected,
            "actual": self.actual,
            "n": self.n,
            "passed": self.passed,
            "phase": self.phase.value,
        }

    def failure_json(self) -> dict[str, Any]:
        """Return the failure as `result.json` lists it."""
        names = ("step", "requirement", "what", "expected", "actual", "n")
        return {name: self.as_json()[name] for name in names}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The verdict of one case in one variant, and every check it rests on.

    Attributes:
        diverged: how the replay left what is recorded, in words; empty when it did not.
        divergence: the same for programs (`vdoc.bench.replay.Divergence`).
    """

    case: str
    variant: str
    verdict: Verdict
    checks: tuple[Check, ...]
    because: str = ""
    diverged: str = ""
    divergence: str = ""

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that did not hold."""
        return tuple(check for check in self.checks if not check.passed)

    def as_json(self) -> dict[str, Any]:
        """Return the case as `result.json` and `vdoc rejudge --json` list it."""
        return {
            "case": self.case,
            "variant": self.variant,
            "verdict": self.verdict.value,
            "because": self.because,
            "checks": len(self.checks),
            "failures": [check.failure_json() for check in self.failures],
        }


class CaseEndedError(Exception):
    """Root of the ways in which a case ends before its last step."""


class StepFailedError(CaseEndedError):
    """The DUT did not do what the step demands, and nothing further can be judged.

    `recorded` tells that the failed check is in the evidence already.
    """

    def __init__(
        self, what: str, expected: str, actual: str, n: int | None = None, *, recorded: bool = False
    ) -> None:
        super().__init__(what, expected, actual, n)
        self.what = what
        self.expected = expected
        self.actual = actual
        self.n = n
        self.recorded = recorded

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, got {self.actual}"


class InconclusiveError(CaseEndedError):
    """The case could not be brought to the point where it judges."""


class NotApplicableError(CaseEndedError):
    """A prerequisite that the catalogue names is shown unmet by a report or GetVariables."""

    def __init__(self, prerequisite: str, n: int) -> None:
        super().__init__(f"{prerequisite} (evidence line {n})")


class BenchFaultError(CaseEndedError):
    """Not the DUT's doing: the bench, the action API or a tool of ours failed."""


def judge(ended: BaseException | None, checks: Sequence[Check], *, stalled: bool) -> Verdict:
    """Return the verdict of a case that has ended.

    Args:
        ended: what its coroutine raised, None when it ran to its end.
        checks: every check it made.
        stalled: the bench itself was blocked across a deadline.
    """
    if stalled:
        return Verdict.ERROR
    failed = [check for check in checks if not check.passed]
    if isinstance(ended, NotApplicableError) and not failed:
        return Verdict.NOT_APPLICABLE
    if ended is not None and not isinstance(ended, StepFailedError | InconclusiveError):
        return Verdict.ERROR
    if any(check.phase is Phase.MAIN for check in failed):
        return Verdict.FAIL
    if failed or ended is not None:
        return Verdict.INCONC
    return Verdict.PASS if any(c.phase is Phase.MAIN for c in checks) else Verdict.ERROR
