"""`vdoc nightly`: run, watch, add, list, show, compare, export, tidy."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer
import uvicorn
from rich.text import Text

from vdoc.catalogue import load_catalogue
from vdoc.cli.inputs import load
from vdoc.cli.output import console, print_json, print_table
from vdoc.errors import ExitCode, InputError, Problem
from vdoc.nightly.compare import Comparison, compare
from vdoc.nightly.config import DutTable, NightlyConfig, load_config
from vdoc.nightly.export import comparison_json, run_json, write_csv, write_json
from vdoc.nightly.fetched import files_of_the_night
from vdoc.nightly.finished import Known, read_finished
from vdoc.nightly.history import Attempt, History
from vdoc.nightly.night import Job, Night, Outcome
from vdoc.nightly.pages.server import application, check_reach
from vdoc.nightly.pages.site import NIGHTS, write_site
from vdoc.nightly.retention import tidy as tidy_history
from vdoc.nightly.schedule import too_late
from vdoc.nightly.schedule import watch as watch_schedule
from vdoc.nightly.selection import coverage, selected
from vdoc.nightly.stored import StoredRun
from vdoc.nightly.telling import News, NotRun, markdown
from vdoc.nightly.telling.everybody import tell

app = typer.Typer(no_args_is_help=True)

ConfigFile = Annotated[Path, typer.Option("--config", help="The nightly.toml.", dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="For a program.")]
OneDut = Annotated[str | None, typer.Option("--dut", help="Only this station.")]
_CONFIG = Path("nightly.toml")
_SHORT_ID = 10


@app.command()
def run(
    names: Annotated[list[str] | None, typer.Argument(help="Stations; all when absent.")] = None,
    config: ConfigFile = _CONFIG,
    due: Annotated[
        datetime | None, typer.Option(help="When it was due (UTC): never twice for the same.")
    ] = None,
) -> None:
    """Run stations now, compare, tell; for cron, a systemd timer or a CI job."""
    loaded = load_config(config)
    duts = _chosen(loaded, names or ())
    stop = _stopped_by_signals()
    at = datetime.now(UTC).replace(microsecond=0) if due is None else due.replace(tzinfo=UTC)
    with ThreadPoolExecutor(max_workers=len(duts)) as pool:
        settled = _settle(loaded, stop)
        outcomes = list(pool.map(lambda dut: _one(loaded, dut, at, stop), duts))
    news = _news(at, [*settled, *(o for o in outcomes if o is not None)])
    _tell(loaded, news)
    raise typer.Exit(news.exit_code)


@app.command()
def watch(config: ConfigFile = _CONFIG) -> None:
    """Run every station at its time of day until told to end (SIGTERM, Ctrl-C)."""
    loaded = load_config(config)
    stop, one_at_a_time, began = _stopped_by_signals(), threading.Lock(), datetime.now(UTC)
    left = _settle(loaded, stop)
    if left:
        _tell(loaded, _news(began, left))

    def start(dut: DutTable, at: datetime) -> None:
        outcome = _one(loaded, dut, at, stop, began)
        if outcome is not None:
            with one_at_a_time:
                _tell(loaded, _news(at, [outcome]))

    for dut in loaded.dut:
        _say(f"{dut.name}: every day at {dut.at:%H:%M}")
    watch_schedule(loaded, start, stop)


@app.command()
def add(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Of a run.")],
    dut: Annotated[str, typer.Option("--dut", help="The station's name in the history.")],
    config: ConfigFile = _CONFIG,
) -> None:
    """Put a run that `vdoc run` has left into the history."""
    with History(load_config(config).history) as history:
        finished = read_finished(directory, Known(dut))
        new = history.add(finished)
        words = "added" if new else "was there already"
        console.print(f"{finished.run.id[:_SHORT_ID]} {words}: {finished.run.verdict.value}")


@app.command("list")
def list_runs(
    config: ConfigFile = _CONFIG,
    dut: OneDut = None,
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first, and what was due but not run."""
    with History(load_config(config).history) as history:
        runs = history.runs(dut, limit=limit)
        missed = [a for a in history.attempts() if a.run is None and dut in {None, a.dut}]
    if as_json:
        print_json([run_json(each) for each in runs])
        return
    columns = ("run", "station", "started (UTC)", "verdict", "firmware", "cases", "hours")
    print_table(columns, map(_row, runs))
    for attempt in missed[-limit:]:
        state = attempt.because if attempt.done else "under way"
        _say(f"no run: {attempt.dut}, due {attempt.due:%Y-%m-%d %H:%M} UTC: {state}")


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(help="Id of a run, or its beginning.")],
    config: ConfigFile = _CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show one run against the ones before it."""
    with History(load_config(config).history) as history:
        found = compare(history, history.run(run_id))
    _print(found, as_json=as_json)


@app.command("compare")
def compare_runs(
    before: Annotated[str, typer.Argument(help="Id of the earlier run.")],
    now: Annotated[str, typer.Argument(help="Id of the later run.")],
    config: ConfigFile = _CONFIG,
    as_json: AsJson = False,
) -> None:
    """Compare two runs."""
    with History(load_config(config).history) as history:
        found = compare(history, history.run(now), history.run(before))
    _print(found, as_json=as_json)


@app.command()
def export(
    form: Annotated[Literal["csv", "json"], typer.Argument(help="csv or json.")],
    config: ConfigFile = _CONFIG,
    dut: OneDut = None,
    out: Annotated[Path | None, typer.Option(help="File; standard output when absent.")] = None,
) -> None:
    """Write the history for a spreadsheet or another program."""
    target: AbstractContextManager[TextIO] = (
        nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8", newline="")
    )
    with History(load_config(config).history) as history, target as file:
        write = write_csv if form == "csv" else write_json
        write(history, history.runs(dut), file)


@app.command()
def tidy(config: ConfigFile = _CONFIG) -> None:
    """Pack, prune and forget as the retention table of nightly.toml says."""
    loaded = load_config(config)
    with History(loaded.history) as history:
        done = tidy_history(history, loaded.retention.policy(), datetime.now(UTC))
    console.print(
        f"packed {done.packed}, pruned {done.pruned}, forgotten {done.forgotten}: "
        f"{done.freed_bytes / 1e6:.1f} MB free"
    )


@app.command()
def pages(
    out: Annotated[Path, typer.Option(help="Directory of the pages.")],
    config: ConfigFile = _CONFIG,
    nights: Annotated[int, typer.Option(help="Of each station, the newest.")] = NIGHTS,
) -> None:
    """Write pages for people: fleet, runs, cases with their exchange; no server needed."""
    with History(load_config(config).history) as history:
        count = write_site(history, out, nights=nights)
    _say(f"wrote {count} pages: {out / 'index.html'}")


@app.command()
def serve(
    config: ConfigFile = _CONFIG,
    host: Annotated[str, typer.Option(help="Address; beyond loopback it needs VDOC_TOKEN.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8800,
) -> None:
    """Serve the pages, every case included; read-only."""
    token = os.environ.get("VDOC_TOKEN") or None
    check_reach(host, token)
    history = load_config(config).history
    _say(f"http://{host}:{port}/")
    uvicorn.run(application(history, token), host=host, port=port, log_level="warning")


# --- a night ----------------------------------------------------------------------------------


def _one(
    config: NightlyConfig,
    dut: DutTable,
    at: datetime,
    stop: threading.Event,
    watched_since: datetime | None = None,
) -> Outcome | None:
    """Run a station in this thread, with a history of its own."""
    with History(config.history) as history:
        night = Night(config, history, _job, _say, stop)
        if watched_since is not None:
            if at < watched_since and not any(a.dut == dut.name for a in history.attempts()):
                return None  # nobody has watched this station before: nothing was missed
            because = too_late(dut, at, datetime.now(UTC))
            if because:
                return night.skip(dut, at, because)
        return night.run(dut, at)


def _job(dut: DutTable, attempt: Attempt, history: History) -> Job:
    """Read the inputs of a station, so that what is wrong with them is known before it runs."""
    files, share = files_of_the_night(dut, attempt.directory), dut.select.share(attempt.due)
    loaded = load(files.pics, files.bench, seed=dut.seed, only=None, share=share)
    only = selected(dut, loaded.plan, load_catalogue(), history) or ()
    if share is not None:
        whole = load(files.pics, files.bench, seed=dut.seed, only=only or None).plan
        _say(f"{dut.name}: {coverage(history, dut, loaded.plan, whole)}")
    command = (
        sys.executable, "-m", "vdoc.cli", "run", "--pics", str(files.pics),
        "--bench", str(files.bench),
        "--variants", "all" if share is None else str(share),
        "--seed", str(dut.seed), *(word for case in only for word in ("--only", case)),
    )  # fmt: skip
    return Job(dut, command, loaded.settings.action_api.url)


def _settle(config: NightlyConfig, stop: threading.Event) -> tuple[Outcome, ...]:
    with History(config.history) as history:
        return Night(config, history, _job, _say, stop).settle()


def _news(at: datetime, outcomes: Sequence[Outcome]) -> News:
    return News(
        at,
        tuple(outcome for outcome in outcomes if isinstance(outcome, Comparison)),
        tuple(outcome for outcome in outcomes if isinstance(outcome, NotRun)),
    )


def _tell(config: NightlyConfig, news: News) -> None:
    with History(config.history) as history:
        tell(config, history, news, _say)
        tidy_history(history, config.retention.policy(), datetime.now(UTC))
    sys.stdout.write(markdown(news))
    sys.stdout.flush()


def _chosen(config: NightlyConfig, names: Sequence[str]) -> tuple[DutTable, ...]:
    try:
        return config.chosen(tuple(names))
    except KeyError as error:
        known = ", ".join(dut.name for dut in config.dut)
        raise InputError(
            Problem("nightly.toml", None, str(error), "is no station.", f"name one of {known}.")
        ) from error


def _stopped_by_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


# --- printing ---------------------------------------------------------------------------------


def _say(text: str) -> None:
    console.print(Text(text))


def _print(found: Comparison, *, as_json: bool) -> None:
    if as_json:
        print_json(comparison_json(found))
    else:
        sys.stdout.write(markdown(News(found.now.started, (found,))))
    if not found.now.comparable:
        raise typer.Exit(ExitCode.VOID)
    raise typer.Exit(ExitCode.FAIL if found.newly_failing else ExitCode.PASS)


def _row(each: StoredRun) -> tuple[object, ...]:
    counts = ", ".join(f"{number} {verdict.value}" for verdict, number in each.counts.items())
    return (
        each.id[:_SHORT_ID],
        each.dut,
        f"{each.started:%Y-%m-%d %H:%M}",
        each.verdict.value,
        each.firmware_version,
        counts,
        f"{each.seconds / 3600:.2f}",
    )
