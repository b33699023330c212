"""`vdoc nightly`: add, list, show, compare, export, import, tidy: what is done with the history.

Owns these commands; `vdoc.cli.nightly` gives them their place beside those that make runs.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer

from vdoc.cli.night_options import CONFIG, AsJson, ConfigFile, OneDut, Retention, with_retention
from vdoc.cli.night_output import (
    RUN_COLUMNS,
    SHORT_ID,
    aside,
    evidence_gone,
    print_comparison,
    run_row,
    say,
)
from vdoc.cli.output import console, print_json, print_table
from vdoc.nightly.compare import compare
from vdoc.nightly.config import load_config
from vdoc.nightly.export import Table, attempt_json, run_json, write_csv, write_json
from vdoc.nightly.finished import Known, read_finished
from vdoc.nightly.history import History
from vdoc.nightly.imported import read_exported
from vdoc.nightly.retention import failing_nights
from vdoc.nightly.retention import tidy as tidy_history

app = typer.Typer()


@app.command()
def add(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Of a run.")],
    dut: Annotated[str, typer.Option("--dut", help="The station's name in the history.")],
    config: ConfigFile = CONFIG,
) -> None:
    """Put a run that `vdoc run` has left into the history."""
    with History(load_config(config).history) as history:
        finished = read_finished(directory, Known(dut))
        new = history.add(finished)
        words = "added" if new else "was there already"
        console.print(f"{finished.run.id[:SHORT_ID]} {words}: {finished.run.verdict.value}")


@app.command("list")
def list_runs(
    config: ConfigFile = CONFIG,
    dut: OneDut = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first; what was due and is no run; what is due next."""
    loaded = load_config(config)
    with History(loaded.history) as history:
        runs, attempts = history.runs(dut, limit=limit), history.attempts
        others = [each for each in attempts.all(dut) if each.run is None][-limit:]
        if as_json:
            print_json([run_json(each) for each in runs] + [attempt_json(each) for each in others])
            return
        print_table(RUN_COLUMNS, map(run_row, runs))
        for each in runs:
            about = f"{each.id[:SHORT_ID]} {each.dut}"
            aside(about, each.void_because, attempts.note_of(each.id), evidence_gone(each))
        for attempt in others:
            due = f"due {attempt.due:%Y-%m-%d %H:%M} UTC"
            why = attempt.because or attempt.state
            what = "no run" if attempt.done else "no run yet"
            aside(f"{what}: {attempt.dut}, {due}", why, attempt.note)
        for name in sorted(each.name for each in loaded.dut if dut in {None, each.name}):
            upcoming = attempts.next_due(name)
            aside(f"next: {name}", f"{upcoming.astimezone():%Y-%m-%d %H:%M %Z}" if upcoming else "")


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(help="Id of a run, or its beginning.")],
    config: ConfigFile = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one run against the ones before it."""
    with History(load_config(config).history) as history:
        found = compare(history, history.run(run_id))
        note = history.attempts.note_of(found.now.id)
    print_comparison(found, as_json=as_json, note=note)


@app.command("compare")
def compare_runs(
    before: Annotated[str, typer.Argument(help="Id of the earlier run.")],
    now: Annotated[str, typer.Argument(help="Id of the later run.")],
    config: ConfigFile = CONFIG,
    as_json: AsJson = False,
) -> None:
    """Compare two runs."""
    with History(load_config(config).history) as history:
        found = compare(history, history.run(now), history.run(before))
    print_comparison(found, as_json=as_json, alone=True)


@app.command()
def export(
    form: Annotated[Literal["csv", "json"], typer.Argument(help="csv or json.")],
    config: ConfigFile = CONFIG,
    dut: OneDut = None,
    out: Annotated[Path | None, typer.Option(help="File; standard output when absent.")] = None,
    table: Annotated[Table, typer.Option(help="Of csv; json holds all of them.")] = Table.CASES,
) -> None:
    """Write the history for a spreadsheet or another program."""
    target: AbstractContextManager[TextIO] = (
        nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8", newline="")
    )
    with History(load_config(config).history) as history, target as file:
        if form == "csv":
            write_csv(history, history.runs(dut), file, table)
        else:
            write_json(history, history.runs(dut), file, dut)


@app.command("import")
def import_runs(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Exported as json.")],
    config: ConfigFile = CONFIG,
) -> None:
    """Put the runs of another history into this one."""
    with History(load_config(config).history) as history:
        added = [history.add(finished) for finished in read_exported(file)]
    say(f"added {sum(added)} runs; {len(added) - sum(added)} were there already")


@app.command()
def tidy(config: ConfigFile = CONFIG, retention: Retention = None) -> None:
    """Pack, prune and forget as the retention table of nightly.toml says."""
    loaded, now = with_retention(config, retention), datetime.now(UTC)
    with History(loaded.history) as history:
        for sentence in failing_nights(history, loaded.retention.policy(), now):
            say(sentence)
        done = tidy_history(history, loaded.retention.policy(), now)
    console.print(
        f"packed {done.packed}, pruned {done.pruned}, forgotten {done.forgotten}: "
        f"{done.freed_bytes / 1e6:.1f} MB free"
    )
