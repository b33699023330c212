"""What was exchanged in one case, with each step and validation beside the message it is about.

Owns the way from evidence to rows of a diagram. A check belongs to the line that it names. One that
names none stands in a row of its own, when it was made: a message that did not come is shown where
it was missed, not beside one that has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from vdoc.bench.strands import Place
from vdoc.evidence import Kind, Line
from vdoc.nightly.pages.evidence import read_cases
from vdoc.nightly.pages.steps import steps_met
from vdoc.nightly.response_times import frame_of, message_of

_NS = 1e9
_TELLING = ("eventType", "triggerReason", "seqNo", "connectorStatus", "status", "reason", "type")
_MOST_TELLING, _MOST_CHARACTERS = 3, 90
_ABSENT = ("none", "did not come", "no answer", "absent")


class Direction(StrEnum):
    """Which way a row goes."""

    TO_BENCH = "to_bench"
    TO_STATION = "to_station"
    MISSING = "missing"
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


@dataclass(frozen=True, slots=True)
class Row:
    """One message or event.

    Attributes:
        n: the line of evidence.
        at_s: seconds since the case began.
        gist: the few values that tell such messages apart.
        body: what was sent or recorded, as JSON or as text that is none; None for nothing more.
        steps: the validations made on it, in their order.
        met: the step that waited for this message, and the requirement it rests on.
    """

    n: int
    at_s: float
    direction: Direction
    label: str
    gist: str = ""
    body: object = None
    steps: tuple[Step, ...] = ()
    met: tuple[str, str] | None = None

    @property
    def failed(self) -> tuple[Step, ...]:
        """The validations that did not hold."""
        return tuple(step for step in self.steps if not step.passed)


@dataclass(slots=True)
class _Reading:
    """The rows of the case that is being read."""

    begun_ns: int
    rows: dict[int, Row] = field(default_factory=dict)
    others: dict[int, Line] = field(default_factory=dict)
    steps: dict[int, list[Step]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def feed(self, line: Line) -> None:
        if line.kind is Kind.CHECK:
            self._check(line)
            return
        match frame_of(line):
            case [2, str(message_id), str(action), *_]:
                self.asked[message_id] = action
            case _:
                pass
        row = _row(line, self.asked, self._at_s(line))
        if row is not None:
            self.rows[line.n] = row
        else:
            self.others[line.n] = line

    def _at_s(self, line: Line) -> float:
        return (line.mono_ns - self.begun_ns) / _NS

    def _check(self, line: Line) -> None:
        step, n = _step(line.data), line.data.get("n")
        if n in self.others:
            self._take_up(self.others.pop(n))
        if n not in self.rows:
            n = line.n
            direction = Direction.MISSING if _missed(step) else Direction.EVENT
            self.rows[n] = Row(n, self._at_s(line), direction, step.what)
        self.steps.setdefault(n, []).append(step)

    def _take_up(self, line: Line) -> None:
        """Show a line that is none of the exchange, since something was checked on it."""
        label = line.kind.value.replace("_", " ")
        self.rows[line.n] = Row(
            line.n, self._at_s(line), Direction.EVENT, label, body=dict(line.data)
        )

    def result(self, met: Mapping[int, Place]) -> tuple[Row, ...]:
        return tuple(
            replace(
                row,
                steps=tuple(self.steps.get(n, ())),
                met=(met[n].label, met[n].requirement) if n in met and met[n].label else None,
            )
            for n, row in sorted(self.rows.items())
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was exchanged in one case.

    Attributes:
        steps_known: whether rows say which step waited for them, besides what was checked.
    """

    rows: tuple[Row, ...] = ()
    steps_known: bool = True


def read_exchanges(directory: Path, ordinals: Iterable[int]) -> Mapping[int, Exchange]:
    """Return what was exchanged in some cases of a run, by reading its evidence once.

    Args:
        directory: of the run.
        ordinals: count from 0 as the history does, without what the runner itself does.

    Raises:
        InputError: there is no evidence (any more).
    """
    read = read_cases(directory, ordinals)
    return {number: _exchange(read.run, lines) for number, lines in read.cases.items()}


def _exchange(run: Sequence[Line], lines: Sequence[Line]) -> Exchange:
    reading = _Reading(lines[0].mono_ns)
    for line in lines:
        reading.feed(line)
    met = steps_met(run, lines)
    return Exchange(reading.result(met or {}), steps_known=met is not None)


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        step=str(data.get("step", "")),
        requirement=str(data.get("requirement", "")),
        what=str(data.get("what", "")),
        expected=str(data.get("expected", "")),
        actual=str(data.get("actual", "")),
        passed=data.get("passed") is True,
    )


def _missed(step: Step) -> bool:
    """Whether a check that names no line says that something did not come."""
    return not step.passed and step.actual.strip("'").startswith(_ABSENT)


def _row(line: Line, asked: Mapping[str, str], at_s: float) -> Row | None:
    data = line.data
    match line.kind:
        case Kind.RECEIVED | Kind.SENT:
            to = Direction.TO_BENCH if line.kind is Kind.RECEIVED else Direction.TO_STATION
            frame = frame_of(line)
            body = str(data.get("frame")) if frame is None else frame
            return Row(line.n, at_s, to, message_of(line, asked), _gist(frame), body)
        case Kind.ACTION:
            action = data.get("action")
            name = action.get("action") if isinstance(action, dict) else "action"
            return Row(line.n, at_s, Direction.DEED, str(name), _place(action), action)
        case Kind.ANSWER:
            label = f"from now on {data.get('action')} is answered with"
            gist = ", ".join(_texts(data.get("policy")))[:_MOST_CHARACTERS]
            return Row(line.n, at_s, Direction.EVENT, label, gist, dict(data))
        case Kind.OPENED | Kind.CLOSED | Kind.REFUSED | Kind.DROP | Kind.GATE:
            label = f"connection {_CONNECTION[line.kind]}"
            return Row(line.n, at_s, Direction.EVENT, label, body=dict(data))
        case _:
            return None


_CONNECTION = {
    Kind.OPENED: "opened",
    Kind.CLOSED: "closed",
    Kind.REFUSED: "refused",
    Kind.DROP: "dropped by the bench",
    Kind.GATE: "gate set by the bench",
}


def _gist(frame: object) -> str:
    match frame:
        case [2, _, _, dict(payload)] | [3, _, dict(payload)]:
            told = [(name, payload[name]) for name in _TELLING if name in payload]
            return ", ".join(
                value if isinstance(value, str) else f"{name} {value}"
                for name, value in told[:_MOST_TELLING]
                if isinstance(value, str | int)
            )
        case [4, _, str(code), *_]:
            return code
        case _:
            return ""


def _texts(value: object) -> Iterator[str]:
    """Yield all texts within a JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case _:
            pass


def _place(action: object) -> str:
    if not isinstance(action, dict):
        return ""
    at = [f"{name} {action[name]}" for name in ("evse", "connector") if action.get(name)]
    token = [str(action["id_token"])] if action.get("id_token") else []
    return ", ".join([*token, *at])
