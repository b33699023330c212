"""The sequence diagram of a case as SVG, made on the server.

Owns the layout: bench left, station right, time downwards; right of each message the validations
made on it, the failed ones marked by sign and weight as well as by colour. Colours come from the
page's style sheet, so that light and dark both read well.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from vdoc.nightly.pages.exchange import Direction, Row, Step

_BENCH_X, _STATION_X, _STEPS_X, _WIDTH = 90, 390, 420, 1060
_TOP, _MESSAGE_PX, _STEP_PX = 34, 30, 17
_STEP_CHARACTERS, _LINES = 84, 3


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands: the height of its arrow, and how much of the page it takes."""

    row: Row
    lines: tuple[tuple[str, bool], ...]
    y: int
    height: int


def diagram(rows: Iterable[Row], title: str) -> str:
    """Return the exchange as one SVG element; text that came from a station is escaped."""
    places = list(_placed(rows))
    bottom = places[-1].y + places[-1].height if places else _TOP
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {bottom + 10}" width="{_WIDTH}" role="img" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{_text(title)}</title>',
        f'<text class="who" x="{_BENCH_X}" y="16" text-anchor="middle">bench</text>',
        f'<text class="who" x="{_STATION_X}" y="16" text-anchor="middle">station</text>',
        *(
            f'<line class="life" x1="{x}" y1="22" x2="{x}" y2="{bottom}"/>'
            for x in (_BENCH_X, _STATION_X)
        ),
        *(part for place in places for part in _drawn(place)),
        "</svg>",
    ]
    return "".join(parts)


def _placed(rows: Iterable[Row]) -> Iterator[_Place]:
    y = _TOP
    for row in rows:
        lines = tuple(line for step in row.steps for line in _lines(step))
        height = max(_MESSAGE_PX, len(lines) * _STEP_PX + 12)
        yield _Place(row, lines, y, height)
        y += height


def _lines(step: Step) -> Iterator[tuple[str, bool]]:
    """Yield what stands beside a message, line by line, and whether the validation held."""
    sign = "✓" if step.passed else "✗"
    for words in step.words:
        for line in textwrap.wrap(words, _STEP_CHARACTERS)[:_LINES]:
            yield f"{sign} {line}", step.passed
            sign = "  "


def _drawn(place: _Place) -> Iterator[str]:
    row, y = place.row, place.y + 16
    bad = " bad" if any(not step.passed for step in row.steps) else ""
    yield f'<g class="{row.direction.value}{bad}" id="n{row.n}">'
    yield f'<text class="at" x="4" y="{y}">{row.at_s:.3f} s</text>'
    middle = (_BENCH_X + _STATION_X) // 2
    label = f'<text class="label" x="{middle}" y="{y - 4}" text-anchor="middle">'
    yield (
        f'<a href="#line-{row.n}">{label}{_text(row.label)}</text></a>'
        if row.text
        else (f"{label}{_text(row.label)}</text>")
    )
    yield _arrow(row.direction, y)
    for number, (words, passed) in enumerate(place.lines):
        kind = "held" if passed else "broken"
        yield (
            f'<text class="{kind}" x="{_STEPS_X}" y="{y + number * _STEP_PX}" '
            f'xml:space="preserve">{_text(words)}</text>'
        )
    yield "</g>"


def _arrow(direction: Direction, y: int) -> str:
    if direction is Direction.EVENT:
        return ""
    start, end = _BENCH_X, _STATION_X
    if direction is Direction.TO_BENCH:
        start, end = end, start
    back = -8 if end > start else 8
    return (
        f'<path class="arrow" d="M{start} {y} H{end}"/>'
        f'<path class="head" d="M{end} {y} l{back} -4 v8 z"/>'
    )


def _text(text: str) -> str:
    """Return text that SVG may hold; control characters that a station has sent are replaced."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in text))
