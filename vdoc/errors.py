"""The one error tree. Whose fault it was decides the class; exit codes are mapped here only.

    VdocError
     ├── InputError      the user gave something wrong          exit 2
     ├── BenchError      bench, action API or network failed, DUT unreachable   exit 4
     └── VoidRunError    a rule of a run was broken; evidence stays, no declaration      exit 3

What the DUT does wrong is never an exception that leaves a case: it is a failed check.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What every command returns to the shell (design §4)."""

    PASS = 0
    FAIL = 1
    BAD_INPUT = 2
    VOID = 3
    UNREACHABLE = 4


class VdocError(Exception):
    """Root of the tree."""

    exit_code: ExitCode = ExitCode.FAIL


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: where it stands, what is wrong, and what to do about it."""

    file: str
    line: int | None
    item: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.item}: {self.message} Remedy: {self.remedy}"


class InputError(VdocError):
    """An input cannot be used; carries every problem found, not only the first."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("InputError needs at least one problem")
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class BenchError(VdocError):
    """The bench's own fault: an action API, file server, socket or tool of ours failed."""

    exit_code = ExitCode.UNREACHABLE


class VoidRunError(VdocError):
    """A rule of the run was broken (design §4, Window); `reason` is what the report prints."""

    exit_code = ExitCode.VOID

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreachableError(VoidRunError):
    """The run is void because the DUT or the action API could not be reached."""

    exit_code = ExitCode.UNREACHABLE
