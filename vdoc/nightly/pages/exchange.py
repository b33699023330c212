"""What was exchanged in one case, with each validation beside the message that it was made on.

Owns the way from evidence to rows of a diagram. A check belongs to the line that it names; one that
names none, or a line of before, stands with the newest row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from vdoc.evidence import Kind, Line, open_evidence
from vdoc.nightly.finished import evidence_file
from vdoc.nightly.response_times import frame_of, message_of
from vdoc.rejudge import UPKEEP

_SHOWN_CHARACTERS = 20_000
_NS = 1e9


class Direction(StrEnum):
    """Which way a row goes."""

    TO_BENCH = "to_bench"
    TO_STATION = "to_station"
    DEED = "deed"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Step:
    """One validation."""

    step: str
    requirement: str
    what: str
    expected: str
    actual: str
    passed: bool

    @property
    def words(self) -> tuple[str, ...]:
        """The validation in words; what was expected and what came only when it did not hold."""
        place = f"step {self.step} " if self.step else ""
        said = f"{place}[{self.requirement}] {self.what}"
        return (said,) if self.passed else (said, f"expected {self.expected}", f"got {self.actual}")


@dataclass(frozen=True, slots=True)
class Row:
    """One message or event.

    Attributes:
        n: the line of evidence.
        at_s: seconds since the case began.
        text: the message, indented; empty when there is no more than the label.
    """

    n: int
    at_s: float
    direction: Direction
    label: str
    text: str
    steps: tuple[Step, ...] = ()


@dataclass(slots=True)
class _Reading:
    """The rows of the case that is being read."""

    begun_ns: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def feed(self, line: Line) -> None:
        if line.kind is Kind.CHECK:
            self._check(line.data)
            return
        if line.kind in {Kind.SENT, Kind.RECEIVED}:
            match frame_of(line):
                case [2, str(message_id), str(action), *_]:
                    self.asked[message_id] = action
                case _:
                    pass
        shown = _shown(line, self.asked)
        if shown is not None:
            at_s = (line.mono_ns - self.begun_ns) / _NS
            self.rows[line.n] = Row(line.n, at_s, *shown)

    def _check(self, data: Mapping[str, Any]) -> None:
        newest = next(reversed(self.rows), -1)
        n = data.get("n")
        step = Step(
            step=str(data.get("step", "")),
            requirement=str(data.get("requirement", "")),
            what=str(data.get("what", "")),
            expected=str(data.get("expected", "")),
            actual=str(data.get("actual", "")),
            passed=data.get("passed") is True,
        )
        self.steps.setdefault(n if n in self.rows else newest, []).append(step)

    def result(self) -> tuple[Row, ...]:
        alone = self.steps.get(-1, [])
        first = [Row(-1, 0.0, Direction.EVENT, "before any message", "", tuple(alone))]
        rows = [
            Row(r.n, r.at_s, r.direction, r.label, r.text, tuple(self.steps.get(r.n, ())))
            for r in self.rows.values()
        ]
        return (*(first if alone else []), *rows)


def read_exchange(directory: Path, ordinal: int) -> tuple[Row, ...]:
    """Return what was exchanged in the `ordinal`-th case (from 0) of a run.

    Args:
        directory: of the run.
        ordinal: counts as the history does, without what the runner itself does.

    Raises:
        InputError: there is no evidence (any more).
    """
    reading, number = _Reading(), -1
    for line in open_evidence(evidence_file(directory), check_chain=False):
        if line.kind is Kind.CASE and line.case not in UPKEEP:
            number += 1
            reading = _Reading(line.mono_ns)
        if number > ordinal:
            break
        if number == ordinal and line.case not in UPKEEP:
            reading.feed(line)
            if line.kind is Kind.VERDICT:
                break
    return reading.result() if number == ordinal else ()


def _shown(line: Line, asked: Mapping[str, str]) -> tuple[Direction, str, str] | None:
    data = line.data
    match line.kind:
        case Kind.RECEIVED:
            return Direction.TO_BENCH, message_of(line, asked), _frame(line)
        case Kind.SENT:
            return Direction.TO_STATION, message_of(line, asked), _frame(line)
        case Kind.ACTION:
            action = data.get("action")
            name = action.get("action") if isinstance(action, dict) else "action"
            return Direction.DEED, str(name), _json(action)
        case Kind.OPENED | Kind.CLOSED | Kind.REFUSED:
            return Direction.EVENT, f"connection {line.kind.value}", _json(data)
        case _:
            return None


def _frame(line: Line) -> str:
    frame = frame_of(line)
    return str(line.data.get("frame")) if frame is None else _json(frame)


def _json(value: object) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}\n…"
