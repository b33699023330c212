"""`vdoc nightly`: run, watch, install, pages, serve; with the commands over the history beside."""

from __future__ import annotations

import getpass
import os
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from vdoc.cli import night_history
from vdoc.cli.night_job import night_job
from vdoc.cli.night_options import CONFIG, ConfigFile, Names, Retention, with_retention
from vdoc.cli.night_output import plain, print_night, say
from vdoc.errors import BenchError, InputError, Problem
from vdoc.nightly.config import DutTable, NightlyConfig, load_config
from vdoc.nightly.fleet import Fleet
from vdoc.nightly.history import History
from vdoc.nightly.install import Installed, Scope, Way
from vdoc.nightly.pages.server import application, check_reach
from vdoc.nightly.pages.site import NIGHTS, write_site
from vdoc.nightly.retention import failing_nights
from vdoc.nightly.retention import tidy as tidy_history
from vdoc.nightly.telling import News
from vdoc.nightly.telling.everybody import tell

app = typer.Typer(no_args_is_help=True)
app.add_typer(night_history.app)


@app.command()
def run(
    names: Names = None,
    config: ConfigFile = CONFIG,
    due: Annotated[
        datetime | None, typer.Option(help="When it was due (UTC): never twice for the same.")
    ] = None,
    scheduled: Annotated[
        bool,
        typer.Option("--scheduled", help="Only what is due by `at`; for cron and systemd timers."),
    ] = False,
    retention: Retention = None,
) -> None:
    """Run stations now, compare, tell; for cron, a systemd timer or a CI job."""
    loaded = with_retention(config, retention)
    duts, fleet = _chosen(loaded, names or ()), _fleet(loaded)
    if scheduled:
        if due is not None:
            raise InputError(
                Problem("command line", None, "--due", "contradicts --scheduled.", "give one.")
            )
        news = fleet.run_scheduled(duts)
        if not (news.comparisons or news.not_run):
            say("nothing is due")
            return
    else:
        at = datetime.now(UTC).replace(microsecond=0) if due is None else due.replace(tzinfo=UTC)
        news = fleet.run(duts, at)
        if not (news.comparisons or news.not_run):
            print_night(news)
    raise typer.Exit(news.exit_code)


@app.command()
def watch(config: ConfigFile = CONFIG, retention: Retention = None) -> None:
    """Run every station at its time of day until told to end (SIGTERM, Ctrl-C)."""
    loaded = with_retention(config, retention)
    for dut in loaded.dut:
        say(f"{dut.name}: every day at {dut.at:%H:%M}")
    _fleet(loaded).watch()


@app.command()
def install(
    config: ConfigFile = CONFIG,
    way: Annotated[
        Way, typer.Option(help="One service that watches, or a timer for each station.")
    ] = "watch",
    scope: Annotated[Scope, typer.Option(help="Of the machine, or of this user alone.")] = "system",
    out: Annotated[
        Path | None, typer.Option(help="Directory for the units; printed when absent.")
    ] = None,
    user: Annotated[
        str | None, typer.Option(help="Whom a service of the machine runs as; you when absent.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")
    ] = False,
) -> None:
    """Write systemd units, and print the cron lines that do the same; starts nothing."""
    loaded = load_config(config)
    program = (sys.executable, "-m", "vdoc.cli")
    installed = Installed(program, config.absolute(), scope, user or getpass.getuser())
    units = installed.units(loaded, way)
    directory = (out or Path.cwd()).absolute()
    for name, text in units.items():
        if out is None or dry_run:
            plain(f"# {directory / name}", text)
        else:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / name).write_text(text, encoding="utf-8")
            plain(f"# wrote {directory / name}")
    plain("# nothing was started; these do:", *installed.starting(units, directory))
    plain("\n# or, in a crontab:", *installed.cron(loaded))


@app.command()
def pages(
    out: Annotated[Path, typer.Option(help="Directory of the pages.")],
    config: ConfigFile = CONFIG,
    nights: Annotated[int, typer.Option(help="Of each station, the newest.")] = NIGHTS,
) -> None:
    """Write pages for people: fleet, runs, cases with their exchange; no server needed."""
    with History(load_config(config).history) as history:
        count = write_site(history, out, nights=nights)
    say(f"wrote {count} pages: {out / 'index.html'}")


@app.command()
def serve(
    config: ConfigFile = CONFIG,
    host: Annotated[str, typer.Option(help="Address; beyond loopback it needs VDOC_TOKEN.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8800,
) -> None:
    """Serve the pages, every case included; read-only."""
    token = os.environ.get("VDOC_TOKEN") or None
    check_reach(host, token)
    history = load_config(config).history
    say(f"http://{host}:{port}/")
    pages_of = application(history, token)
    uvicorn.run(pages_of, host=host, port=port, log_level="warning", server_header=False)


# --- a night ----------------------------------------------------------------------------------


def _fleet(config: NightlyConfig) -> Fleet:
    def told(history: History, news: News) -> None:
        policy, now = config.retention.policy(), datetime.now(UTC)
        news = replace(news, removed=failing_nights(history, policy, now))
        print_night(news)
        tell(config, history, news, say)
        try:
            tidy_history(history, policy, now)
        except BenchError as error:  # what could not be tidied changes no result
            say(str(error))

    return Fleet(config, night_job, told, say, _stopped_by_signals())


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
