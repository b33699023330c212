"""What a person sees: progress of a run, tables, problems.

Owns the look on a terminal and elsewhere; programs read `--json` instead. Rule: nothing that is
printed is markup, since much of it is the words of a station or of a bundle.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vdoc.bench import CaseResult, Verdict
from vdoc.declaration.record import RunRecord
from vdoc.plan import Entry

console = Console(soft_wrap=True, markup=False, emoji=False)
errors = Console(stderr=True, soft_wrap=True, markup=False, emoji=False)

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONC: "yellow",
    Verdict.ERROR: "magenta",
    Verdict.NOT_APPLICABLE: "cyan",
}


def print_json(value: object) -> None:
    """Print a value for a program."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def visible(text: str) -> str:
    """Return the words of others so that no terminal obeys them: what does not show as its code."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in text)


def print_problems(error: object) -> None:
    """Print what is wrong, one line each, on standard error."""
    errors.print(Text(str(error), style="red"))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table."""
    table = Table(title=title or None, box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


class RunProgress:
    """Tells how a run goes on: a line a case, failures spelled out at once."""

    def said(self, text: str) -> None:
        """Print a sentence."""
        console.print(Text(text, style="dim"))

    def began(self, entry: Entry, number: int, count: int) -> None:
        """Print nothing yet on a log; the line comes with the verdict."""
        self._place = f"{number:>3}/{count}"
        if console.is_terminal:
            console.print(Text(f"{self._place} {entry.case} {entry.variant} …"), end="\r")

    def ended(self, entry: Entry, result: CaseResult, seconds: float) -> None:
        """Print the verdict and what failed."""
        line = Text(f"{self._place} {entry.case} {entry.variant!s:<16} ")
        line.append(f"{result.verdict.value:<15}", style=_COLOURS[result.verdict])
        line.append(f"{seconds:6.1f} s  {len(result.checks)} checks")
        console.print(line)
        print_failures(result)


def print_failures(result: CaseResult) -> None:
    """Print every failed check of a case: step, requirement, expected, actual, evidence line."""
    for check in result.failures:
        console.print(
            Text(
                f"        step {check.step or '-'} [{check.requirement}] {check.what}: "
                f"expected {check.expected}, got {check.actual}"
                + (f" (evidence line {check.n})" if check.n is not None else ""),
                style="red",
            )
        )
    if result.because and not result.failures:
        console.print(Text(f"        {result.because}", style="yellow"))


def summary(record: RunRecord) -> dict[str, Any]:
    """Return the counts that a run ends with."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for result in record.results:
        counts[result.verdict.value] += 1
    return counts


def print_summary(record: RunRecord) -> None:
    """Print what a run came to."""
    counts = ", ".join(f"{n} {name}" for name, n in summary(record).items() if n)
    console.print(Text(f"run: {record.verdict.value}; cases: {counts or 'none'}"))
    if record.void_because:
        console.print(Text(f"void: {record.void_because}", style="red"))
    for crash in record.crashes:
        console.print(Text(f"crash: {crash}", style="red"))
