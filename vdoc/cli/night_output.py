"""What `vdoc nightly` prints of nights, runs and comparisons."""

from __future__ import annotations

import sys

import typer
from rich.text import Text

from vdoc.cli.output import console, print_json
from vdoc.errors import ExitCode
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.export import comparison_json
from vdoc.nightly.retention import Evidence, evidence_of
from vdoc.nightly.stored import StoredRun
from vdoc.nightly.telling import News, screen, whole

SHORT_ID = 10
RUN_COLUMNS = ("run", "station", "started (UTC)", "verdict", "firmware", "cases", "hours")
_GONE = {
    Evidence.PRUNED: "its evidence was removed by retention",
    Evidence.MISSING: "its evidence is not where it was left",
}


def print_night(news: News) -> None:
    """Print a night on one screen."""
    sys.stdout.write(screen(news))
    sys.stdout.flush()


def print_comparison(
    found: Comparison, *, as_json: bool, note: str = "", alone: bool = False
) -> None:
    """Print all of a comparison, and end the command with its exit code.

    Args:
        found: to print.
        as_json: for a program.
        note: of the run.
        alone: it was held against one run, not against all before.

    Raises:
        typer.Exit: always.
    """
    if as_json:
        print_json(comparison_json(found))
    else:
        about = (note, evidence_gone(found.now))
        notes = tuple(f"{found.now.dut}: {each}" for each in about if each)
        sys.stdout.write(whole(News(found.now.started, (found,), notes=notes)))
        plain(f"run {_named(found.now)}, files in {found.now.directory}")
        if found.before is not None:
            beyond = "" if alone else "; each case against its own last result"
            plain(f"held against {_named(found.before)}{beyond}")
    if not found.comparable:
        raise typer.Exit(ExitCode.VOID)
    worse = found.newly_failing or found.first_failing or found.now.crashes
    raise typer.Exit(ExitCode.FAIL if worse else ExitCode.PASS)


def _named(run: StoredRun) -> str:
    return f"{run.id[:SHORT_ID]} of {run.started:%Y-%m-%d %H:%M} UTC"


def evidence_gone(run: StoredRun) -> str:
    """Say that the evidence of a run is no longer there; empty when it is."""
    return _GONE.get(evidence_of(run), "")


def run_row(each: StoredRun) -> tuple[object, ...]:
    """Return a run as a row under `RUN_COLUMNS`."""
    counts = ", ".join(f"{number} {verdict.value}" for verdict, number in each.counts.items())
    return (
        each.id[:SHORT_ID],
        each.dut,
        f"{each.started:%Y-%m-%d %H:%M}",
        each.verdict.value,
        each.firmware_version,
        counts,
        f"{each.seconds / 3600:.2f}",
    )


def say(text: str) -> None:
    """Print a sentence as it is."""
    console.print(Text(text))


def aside(about: str, *words: str) -> None:
    """Print what there is to say about something, if there is anything."""
    if any(words):
        say(f"{about}: {'; '.join(filter(None, words))}")


def plain(*lines: str) -> None:
    """Print lines for a file or a program, however wide."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
