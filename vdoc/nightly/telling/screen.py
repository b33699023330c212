"""The night on one screen: for a terminal, a mail, a telephone at three in the morning.

Owns the layout: at most 24 lines of at most 80 columns, failures first, plain text. A station that
passed as ever is a name in a line. What has no room is counted, and the last line says where it is.
Nothing that a station has sent can steer a terminal. `whole` is the same without the limit.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vdoc.declaration import RunVerdict
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.drift import quantiles
from vdoc.nightly.telling.news import News, NotRun
from vdoc.nightly.telling.points import Point, Section, firmware, sections

COLUMNS, LINES = 80, 24
_POINTS, _LINES_OF_A_POINT, _LINES_OF_A_HEAD = 6, 2, 3
_LEAST, _OF_THE_WORST = 2, 8
_NOTES = 4
_ENDLESS = 10**6
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one station; `where` tells how to see all of it."""

    head: tuple[str, ...]
    lines: tuple[str, ...] = ()
    where: str = ""


def screen(news: News, *, titled: bool = True) -> str:
    """Return the night as plain text of one screen that ends with a line feed.

    Args:
        news: of the night.
        titled: whether it begins with a headline; a message has a title of its own.
    """
    blocks, well = _blocks(news, _Room(_POINTS, _LINES_OF_A_POINT, 1))
    ends = _ends(news, well, _NOTES, 1)
    titled = titled or not (blocks or ends)
    head = _wrapped(f"vdoc nightly {news.counts}", _INDENT, _LEAST) if titled else []
    room = LINES - len(head) - len(ends)
    return "\n".join((*head, *_fitting(blocks, room), *ends)) + "\n"


def whole(news: News) -> str:
    """Return the same with everything in it, however long."""
    blocks, well = _blocks(news, _Room(_ENDLESS, _ENDLESS, _ENDLESS))
    lines = [line for block in blocks for line in (*block.head, *block.lines)]
    head = _wrapped(f"vdoc nightly {news.counts}", _INDENT, _ENDLESS)
    return "\n".join((*head, *lines, *_ends(news, well, _ENDLESS, _ENDLESS))) + "\n"


def clean(text: str) -> str:
    """Return text as one line without control signs, whatever a station has put into it."""
    signs = ("\ufffd" if unicodedata.category(c)[0] == "C" else c for c in " ".join(text.split()))
    return "".join(signs)


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is shown of what: points of a section, lines of a point, lines of names."""

    points: int
    lines: int
    names: int


def _ends(news: News, well: Sequence[Comparison], most: int, lines: int) -> list[str]:
    """Return who passed without anything to tell, and so many notes of so many lines."""
    found = []
    for title, is_first in (("passed as before: ", False), ("passed in the first run: ", True)):
        names = [each.now.dut for each in well if (each.before is None) is is_first]
        found += [title + _listed(names, COLUMNS - len(title))] if names else []
    notes = (*news.removed, *news.notes)
    for note in notes[:most]:
        found += _wrapped(f"note: {note}", _INDENT, lines)
    return found + ([f"… and {len(notes) - most} notes more"] if len(notes) > most else [])


def _blocks(news: News, room: _Room) -> tuple[list[_Block], list[Comparison]]:
    """Return what there is to tell, the worst first, and those that passed as ever."""
    bad, changed, well = [], [], []
    for comparison in news.worst_first:
        if comparison.now.verdict is not RunVerdict.PASS:
            bad.append(_station(comparison, room))
        elif not comparison.nothing_changed or len(news.comparisons) == 1:
            changed.append(_station(comparison, room))
        else:
            well.append(comparison)
    return [*bad, *map(_missing, news.not_run), *changed], well


def _station(comparison: Comparison, room: _Room) -> _Block:
    now = comparison.now
    good = sum(case.good for case in comparison.cases)
    passed = f": {good} of {now.planned} passed" if now.comparable else ""
    head = f"{now.dut} {now.verdict.value.upper()}{passed}, {firmware(comparison)}"
    lines = tuple(line for each in sections(comparison) for line in _section(each, room))
    if room.points == _ENDLESS:
        lines += tuple(_times(comparison))
    where = "" if comparison.nothing_changed and now.comparable else now.id[:10]
    return _Block(tuple(_wrapped(head, _INDENT, _LEAST)), lines, where)


def _times(comparison: Comparison) -> Iterator[str]:
    """Yield the distribution of each response time, for who wants to know all of it."""
    if comparison.times:
        yield f"{_INDENT}{'Response times':16}{'median':>10}{'95 %':>10}{'most':>10}{'times':>8}"
    for parameter, samples in comparison.times.items():
        values = "".join(f"{_time(value):>10}" for value in quantiles(samples, 0.5, 0.95, 1))
        yield f"{2 * _INDENT}{parameter.value.replace('_', ' '):14}{values}{len(samples):>8}"


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _missing(missing: NotRun) -> _Block:
    words = f"{missing.dut} NOT RUN: {missing.because}"
    return _Block(tuple(_wrapped(words, _INDENT, _LINES_OF_A_HEAD)))


def _section(section: Section, room: _Room) -> Iterator[str]:
    title = f"{_INDENT}{section.title}"
    if not section.points:
        yield from _names(f"{title} ({len(section.names)}): ", section.names, room)
    elif len(section.points) == 1:
        yield from _point(section.points[0], f"{title}: ", room)
    else:
        cases = sum(max(1, len(point.names)) for point in section.points)
        yield f"{title} ({cases}):"
        for point in section.points[: room.points]:
            yield from _point(point, 2 * _INDENT, room)
        if len(section.points) > room.points:
            left = sum(max(1, len(point.names)) for point in section.points[room.points :])
            yield f"{2 * _INDENT}… and {left} more"


def _point(point: Point, before: str, room: _Room) -> Iterator[str]:
    words = f"{before}{point.about}" + (f" {point.text}" if point.text else "")
    yield from _wrapped(words, 3 * _INDENT, room.lines)
    if point.names:
        yield from _names(3 * _INDENT, point.names, room)


def _names(before: str, names: Sequence[str], room: _Room) -> Iterator[str]:
    if room.names > 1:
        yield from _wrapped(before + ", ".join(names), 3 * _INDENT, room.names)
    else:
        yield before + _listed(names, COLUMNS - len(before))


def _listed(names: Sequence[str], columns: int) -> str:
    """Return as many names as a line holds, and how many more there are."""
    shown = list(map(clean, names))
    for count in range(len(names), 0, -1):
        more = f" and {len(names) - count} more" if count < len(names) else ""
        text = ", ".join(shown[:count]) + more
        if len(text) <= columns:
            return text
    return f"{len(names)}"


def _wrapped(text: str, indent: str, lines: int) -> list[str]:
    lead = text[: len(text) - len(text.lstrip())]
    found = textwrap.wrap(
        clean(text), COLUMNS, initial_indent=lead, subsequent_indent=indent, max_lines=lines,
        placeholder=" …", break_on_hyphens=False,
    )  # fmt: skip
    return found or [""]


def _fitting(blocks: Sequence[_Block], room: int) -> Iterator[str]:
    """Yield what fits: the worst whole, of the others at least the head and what comes first."""
    count = len(blocks)
    room_of_worst = min(_OF_THE_WORST, len(blocks[0].lines) + 1) if blocks else 0
    while (
        sum(len(block.head) for block in blocks[:count]) + (count < len(blocks)) + room_of_worst
        > room
    ):
        count -= 1
    shown, more = blocks[:count], len(blocks) - count
    left = room - sum(len(block.head) for block in shown) - bool(more)
    for number, block in enumerate(shown):
        others = sum(min(_LEAST, len(each.lines)) for each in shown[number + 1 :])
        least = min(left, _LEAST if number else _OF_THE_WORST)
        some = _some(block, max(least, left - others))
        left -= len(some)
        yield from (*block.head, *some)
    if more:
        yield f"… and {more} stations more"


def _some(block: _Block, room: int) -> tuple[str, ...]:
    where = f": vdoc nightly show {block.where}" if block.where else ""
    if len(block.lines) + bool(where) <= room:
        return (*block.lines, f"{_INDENT}more{where}") if where else block.lines
    kept = block.lines[: max(0, room - 1)]
    while kept and kept[-1].endswith("):"):  # a title alone says nothing
        kept = kept[:-1]
    more = f"{_INDENT}… {len(block.lines) - len(kept)} lines more{where}"
    return (*kept, more) if room > 0 else ()
