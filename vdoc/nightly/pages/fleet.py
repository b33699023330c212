"""The fleet as a table: a row for each station, a column for each night.

Owns which run stands in which cell, and how strong its colour is. A night is the UTC date on which
a run began; a night on which a station was due but did not run has a cell that says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date

from vdoc.bench import Verdict
from vdoc.declaration import RunVerdict
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.conditions import same_firmware
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredRun

_GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
_STRENGTHS = (0.02, 0.1, 0.3)
"""Shares of cases that did not pass, at which the colour becomes stronger."""


@dataclass(frozen=True, slots=True)
class RunCell:
    """One run in the table.

    Attributes:
        new_firmware: whether the run before had another.
    """

    run: StoredRun
    new_firmware: bool

    @property
    def bad(self) -> int:
        """How many cases did not pass."""
        return bad(self.run)

    @property
    def strength(self) -> str:
        """The style of the cell: `pass`, `void`, or `fail1` (few) to `fail4`."""
        if not self.run.comparable:
            return "void"
        if self.run.verdict is RunVerdict.PASS:
            return "pass"
        share = self.bad / max(1, sum(self.run.counts.values()))
        return f"fail{1 + sum(share >= limit for limit in _STRENGTHS)}"


@dataclass(frozen=True, slots=True)
class Night:
    """What a station did in one night: its runs, the newest first, and what came to no run."""

    runs: tuple[RunCell, ...] = ()
    others: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Fleet:
    """The table.

    Attributes:
        nights: its columns, the newest first.
        rows: stations with what they did in each of these nights.
        newest: the newest run of each station, those with most to look at first.
    """

    nights: tuple[date, ...]
    rows: tuple[tuple[str, tuple[Night, ...]], ...]
    newest: tuple[RunCell, ...]


@dataclass(slots=True)
class _Row:
    """The nights of one station as they are found."""

    runs: dict[date, list[RunCell]] = field(default_factory=dict)
    others: dict[date, list[Attempt]] = field(default_factory=dict)

    def night(self, at: date) -> Night:
        return Night(tuple(self.runs.get(at, ())), tuple(self.others.get(at, ())))


def fleet(history: History, nights: int) -> Fleet:
    """Return the table of the newest nights."""
    rows: dict[str, _Row] = {}
    newest = []
    for dut in history.duts():
        cells = _cells(history.runs(dut, limit=nights + 1))[:nights]
        rows[dut] = _Row(_by_night(cells))
        newest.append(cells[0])
    for attempt in history.attempts.all():
        if attempt.run is None:
            row = rows.setdefault(attempt.dut, _Row())
            row.others.setdefault(attempt.due.astimezone(UTC).date(), []).append(attempt)
    dates = {each for row in rows.values() for each in (*row.runs, *row.others)}
    columns = tuple(sorted(dates, reverse=True)[:nights])
    table = tuple((dut, tuple(map(row.night, columns))) for dut, row in sorted(rows.items()))
    return Fleet(columns, table, tuple(sorted(newest, key=_weight)))


def bad(run: StoredRun) -> int:
    """Return how many cases of a run did not pass."""
    return sum(number for verdict, number in run.counts.items() if verdict not in _GOOD)


def _cells(runs: tuple[StoredRun, ...]) -> list[RunCell]:
    """Return runs, the newest first, with whether the run before had another firmware."""
    before = (*runs[1:], None)
    return [
        RunCell(run, new_firmware=old is not None and not same_firmware(old, run))
        for run, old in zip(runs, before, strict=True)
    ]


def _by_night(cells: Iterable[RunCell]) -> dict[date, list[RunCell]]:
    found: dict[date, list[RunCell]] = {}
    for cell in cells:
        found.setdefault(cell.run.started.date(), []).append(cell)
    return found


def _weight(cell: RunCell) -> tuple[int, int, str]:
    order: Mapping[RunVerdict, int] = {RunVerdict.FAIL: 0, RunVerdict.VOID: 1, RunVerdict.PASS: 2}
    return order[cell.run.verdict], -cell.bad, cell.run.dut
