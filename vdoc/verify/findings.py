"""What a verifier has to say: findings, each with its step, a code and a sentence.

Owns the collector, which turns whatever a hostile bundle makes the parsers raise into a finding, so
that a verification ends with an answer and never with a traceback.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from vdoc.declaration import Statement
from vdoc.errors import ExitCode, InputError, VdocError
from vdoc.signing.certificates import BAD_CERTIFICATE

T = TypeVar("T")

HOSTILE = (
    ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, LookupError,
    MemoryError, OSError, RuntimeError, TypeError, ValueError, VdocError, zlib.error,
    *BAD_CERTIFICATE,
)  # fmt: skip
"""What reading or judging something that was altered on purpose may raise."""

_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to refuse a bundle.

    Attributes:
        step: of `verify_bundle`, 1 to 11.
        code: for programs; never changes its meaning.
        message: a sentence with what was found, what was expected, and the evidence line.
    """

    step: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"[{self.step} {self.code}] {self.message}"


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: accepted only without any finding.

    Attributes:
        statement: what the bundle declares; None when it cannot be read. Worth nothing unless `ok`.
        key_ids: of the keys that are said to have signed.
        notes: what whoever verifies should know besides; no reason to refuse.
        cases: how many runs of cases were judged again.
    """

    findings: tuple[Finding, ...]
    statement: Statement | None = None
    key_ids: tuple[str, ...] = ()
    cases: int = 0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the declaration holds."""
        return not self.findings

    @property
    def exit_code(self) -> ExitCode:
        """What `vdoc verify` returns."""
        return ExitCode.PASS if self.ok else ExitCode.FAIL


@dataclass(slots=True)
class Findings:
    """Collects the findings of one verification."""

    found: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, step: int, code: str, message: str) -> None:
        """Add one, once."""
        finding = Finding(step, code, message)
        if finding not in self.found:
            self.found.append(finding)

    def note(self, message: str) -> None:
        """Add what is no reason to refuse, and should be known."""
        self.notes.append(message)

    def expect(self, step: int, code: str, what: str, got: object, expected: object) -> bool:
        """Add a finding unless both are equal; return whether they are."""
        if got == expected:
            return True
        self.add(step, code, f"{what}: got {shown(got)}, expected {shown(expected)}")
        return False

    def attempt(self, step: int, code: str, what: str, make: Callable[[], T]) -> T | None:
        """Return what `make` returns; when it cannot, add why and return None."""
        try:
            return make()
        except InputError as error:
            for problem in error.problems:
                self.add(step, code, f"{what}: {problem.item}: {problem.message}")
        except HOSTILE as error:
            self.add(step, code, f"{what}: {type(error).__name__}: {shown(str(error))}")
        return None


def shown(value: object) -> str:
    """Return a value for a sentence, cut when it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
