"""The night as GitHub-style Markdown: for a job summary, a merge request, a chat.

Owns the text. Failures come first and lists are cut, so that what matters stands on one screen.
Everything that came from a station is escaped: it can neither format nor link nor mention anybody.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from vdoc.nightly.comparison import Comparison
from vdoc.nightly.telling.news import News
from vdoc.nightly.telling.points import Point, Section, firmware, sections
from vdoc.nightly.telling.screen import clean

_LISTED = 8
_LINE_CHARACTERS = 280
_LINKED = re.compile(r"@|#(?=\d)|:(?=//)|\bwww(?=\.)")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@&])")


def markdown(news: News) -> str:
    """Return the summary of a night."""
    blocks = [f"# Nightly {_plain(news.counts)}", _table(news)]
    blocks += [f"**{_plain(n.dut)} was not run**: {_plain(n.because)}" for n in news.not_run]
    for comparison in news.worst_first:
        blocks += _station(comparison)
    notes = tuple(Point("", note) for note in (*news.removed, *news.notes))
    blocks += [_section(Section("To know", notes))] if notes else []
    return "\n\n".join(filter(None, blocks)) + "\n"


def _table(news: News) -> str:
    if not news.comparisons:
        return ""
    head = ("station", "verdict", "passed", "newly failing", "still failing", "flaky", "firmware")
    rows = [head, ("---",) * len(head), *(_row(c) for c in news.worst_first)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(comparison: Comparison) -> tuple[str, ...]:
    now = comparison.now
    good = sum(case.good for case in comparison.cases)
    return (
        _plain(now.dut),
        now.verdict.value,
        f"{good} of {now.planned}",
        str(len(comparison.newly_failing) + len(comparison.first_failing)),
        str(len(comparison.still_failing)),
        str(len(comparison.flaky)),
        _plain(firmware(comparison).removeprefix("firmware ")),
    )


def _station(comparison: Comparison) -> Iterator[str]:
    found = sections(comparison)
    if found:
        yield f"## {_plain(comparison.now.dut)}"
        yield from map(_section, found)


def _section(section: Section) -> str:
    count = len(section.names) + sum(max(1, len(point.names)) for point in section.points)
    title = f"### {section.title} ({count})"
    if not section.points:
        return f"{title}\n{_names(section.names)}"
    lines = [title, *(f"- {_point(point)}" for point in section.points[:_LISTED])]
    left = sum(max(1, len(point.names)) for point in section.points[_LISTED:])
    return "\n".join(lines + ([f"- … and {left} more"] if left else []))


def _point(point: Point) -> str:
    about = f"**{_plain(_short(point.about))}**" if point.about else ""
    names = f"({_names(point.names)})" if point.names else ""
    return " ".join(filter(None, (about, _plain(_short(point.text)), names)))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(map(_plain, names[:_LISTED])) + more


def _short(text: str) -> str:
    return textwrap.shorten(text, _LINE_CHARACTERS, placeholder=" …")


def _plain(text: str) -> str:
    """Escape, and part what GitHub links or mentions even where it is escaped."""
    parted = _LINKED.sub("\\g<0>\u200b", clean(text))
    return _SPECIAL.sub(r"\\\1", parted)
