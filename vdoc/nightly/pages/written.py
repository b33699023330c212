"""A message as indented lines, those marked that a validation found fault with.

Owns the way from the words of a check (`StatusNotificationRequest connectorStatus`) to the lines of
the message that say so. A path that leads nowhere marks nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vdoc.nightly.pages.exchange import Row

_MOST_LINES, _MOST_CHARACTERS = 400, 2_000
_PATH = re.compile(r"^\S+(?:Request|Response) (?P<path>\S+)")
_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a message."""

    text: str
    marked: bool = False


def written(row: Row) -> tuple[WrittenLine, ...]:
    """Return what a row holds as lines; long ones and long messages are cut, which is said."""
    if row.body is None:
        return ()
    if isinstance(row.body, str):
        return tuple(WrittenLine(_cut(text)) for text in row.body.splitlines()[:_MOST_LINES])
    marks = frozenset(_paths(row))
    lines: list[WrittenLine] = []
    for path, text in _lines(row.body, (), "", ""):
        if len(lines) == _MOST_LINES:
            lines.append(WrittenLine("… (the evidence has all of it)"))
            break
        marked = any(path[: len(mark)] == mark for mark in marks)
        lines.append(WrittenLine(_cut(text), marked))
    return tuple(lines)


def _paths(row: Row) -> Iterator[_Path]:
    """Yield where in the frame the faults are."""
    match row.body:
        case [2, _, _, dict(payload)]:
            place = "3"
        case [3, _, dict(payload)]:
            place = "2"
        case _:
            return
    for step in row.failed:
        found = _PATH.match(step.what)
        first_word = step.what.partition(" ")[0]
        if found is not None:
            yield (place, *found["path"].split("."))
        elif first_word in payload:  # as in "seqNo of all TransactionEvents"
            yield place, first_word


def _lines(value: object, path: _Path, indent: str, name: str) -> Iterator[tuple[_Path, str]]:
    match value:
        case dict() if value:
            inner = [(str(key), f"{json.dumps(str(key), ensure_ascii=False)}: ", each)
                     for key, each in value.items()]  # fmt: skip
            yield from _nested(inner, path, indent, (f"{name}{{", "}"))
        case list() if value:
            inner = [(str(number), "", each) for number, each in enumerate(value)]
            yield from _nested(inner, path, indent, (f"{name}[", "]"))
        case _:
            yield path, f"{indent}{name}{json.dumps(value, ensure_ascii=False)}"


def _nested(
    inner: Sequence[tuple[str, str, object]], path: _Path, indent: str, brackets: tuple[str, str]
) -> Iterator[tuple[_Path, str]]:
    yield path, f"{indent}{brackets[0]}"
    for number, (key, name, each) in enumerate(inner):
        comma = "," if number < len(inner) - 1 else ""
        yield from _with_comma(_lines(each, (*path, key), f"{indent}  ", name), comma)
    yield path, f"{indent}{brackets[1]}"


def _with_comma(lines: Iterable[tuple[_Path, str]], comma: str) -> Iterator[tuple[_Path, str]]:
    held: tuple[_Path, str] | None = None
    for line in lines:
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held[0], f"{held[1]}{comma}"


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
