"""What one case hands to the next, so that no case of another run can be put in its place.

Owns the rules that hold between the cases of a run and that no single case shows: the seed, the
facts, the state of the DUT as the case before left it, the connection at hand, and that all lines
of a case are its own and its recorded checks are the ones that it makes. Everything is computed
from the evidence and compared with what each `case` line says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from vdoc.bench import CaseResult, CaseStart, DutState
from vdoc.bench.start import OpenConnection
from vdoc.cases.intake import Intake
from vdoc.evidence import Kind, Line

_PLACES = 200


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Evidence that says one thing where another follows: a code, a sentence, the line."""

    code: str
    message: str
    n: int

    def __str__(self) -> str:
        return f"line {self.n}: {self.message}"


class HandedOn(Protocol):
    """What is looked at of a judged case."""

    @property
    def result(self) -> CaseResult:
        """Its verdict, and whether it diverged."""

    @property
    def value(self) -> Intake | DutState | None:
        """What its function returned, when it is of use to the next case."""

    @property
    def gone(self) -> tuple[str, ...]:
        """Ids of calls that were given up on the connection at hand."""


class Continuity:
    """Follows a whole run case by case.

    Args:
        seed: of the run, as its first line says; None when it does not.
    """

    def __init__(self, seed: object) -> None:
        self._seed = seed
        self._state: DutState | None = None
        self._facts: str | None = None
        self._open: OpenConnection | None = None

    def provisioned(self) -> None:
        """Forget the state: the DUT was brought to another outside of OCPP."""
        self._state = None

    def learned(self, facts: str) -> None:
        """Take the digest of the facts that are in force from now on."""
        self._facts = facts

    def begins(self, start: CaseStart, line: Line) -> list[Contradiction]:
        """Return where a `case` line differs from what follows from the lines before it."""
        pairs: list[tuple[str, str, object, object]] = [
            ("case-seed", "seed", start.seed, self._seed),
            ("case-facts", "facts", start.facts, self._facts),
            ("case-connection", "connection", start.connection, self._open),
        ]
        if self._state is not None:
            pairs.append(("case-state", "state of the DUT", start.state, self._state))
        return [
            Contradiction(
                code,
                f"{start.case} begins with another {what} than the lines before leave: "
                f"got {_cut(got)}, expected {_cut(expected)}",
                line.n,
            )
            for code, what, got, expected in pairs
            if got != expected
        ]

    def ended(self, start: CaseStart, lines: Sequence[Line], judged: HandedOn) -> None:
        """Take what a case hands on; one that diverged leaves the state unknown."""
        for line in lines:
            self._connection(line)
        if self._open is not None:
            self._open = OpenConnection(self._open.number, self._open.opened, judged.gone)
        value = judged.value.state if isinstance(judged.value, Intake) else judged.value
        if judged.result.diverged:
            self._state = None
        elif isinstance(value, DutState) and start.case != "closing":
            self._state = value
        elif self._state is None:
            self._state = start.state

    def _connection(self, line: Line) -> None:
        if line.kind is Kind.OPENED:
            self._open = OpenConnection(line.data.get("connection", 0), line.data)
        elif line.kind in {Kind.CLOSED, Kind.DROP}:
            number = None if self._open is None else self._open.number
            if number == line.data.get("connection"):
                self._open = None


def own_lines(lines: Sequence[Line]) -> list[Contradiction]:
    """Return the first line that stands among those of a case and names another."""
    first = lines[0]
    place = (first.case, first.variant)
    for line in lines:
        if (line.case, line.variant) != place:
            words = f"it says that it is of {line.case} {line.variant}, and stands in {first.case}"
            return [Contradiction("case-label", words, line.n)]
    return []


def own_checks(lines: Sequence[Line], result: CaseResult) -> list[Contradiction]:
    """Return the first recorded check that is not the one that the replayed case makes."""
    if result.diverged:
        return []
    recorded = [line for line in lines if line.kind is Kind.CHECK]
    made: list[dict[str, Any]] = [check.as_json() for check in result.checks]
    for line, data in zip(recorded, made, strict=False):
        if line.data != data:
            words = f"the recorded check is {_cut(line.data)}, the case makes {_cut(data)}"
            return [Contradiction("check", words, line.n)]
    if len(recorded) != len(made):
        words = f"{result.case} has {len(recorded)} recorded checks and makes {len(made)}"
        return [Contradiction("check", words, lines[-1].n)]
    return []


def _cut(value: object) -> str:
    text = str(value)
    return text if len(text) <= _PLACES else f"{text[:_PLACES]}…"
