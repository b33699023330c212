"""The station as a process: arguments, the action API beside it, and a clean end.

Prints one JSON line when the action API can be called: `{"action_api": URL, "ev_api": URL,
"pid": N}`. Ends on SIGTERM or SIGINT with exit code 0. `vdoc station` calls `main`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import uvicorn

from vdoc.errors import ExitCode, InputError, Problem
from vdoc.pics import Pics, load_pics
from vdoc.station.action_api import ActionApi
from vdoc.station.config import ActionTiming, StationConfig, Timings
from vdoc.station.defects import all_defects
from vdoc.station.machine import Machine
from vdoc.station.model import DeviceModel
from vdoc.station.provision import identity_of
from vdoc.station.storage import FileStorage
from vdoc.station.styles import STYLES

Ready = Callable[[dict[str, Any]], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Listening:
    """Where the action API listens; port 0 = the system chooses; token None = no bearer token."""

    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None


class QuietServer(uvicorn.Server):
    """uvicorn that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield


@contextlib.asynccontextmanager
async def serving(api: ActionApi, where: Listening) -> AsyncIterator[str]:
    """Serve the action API; yields its base address, from which on calls are answered."""
    listener = socket.create_server((where.host, where.port))
    settings = uvicorn.Config(
        api.application(), lifespan="off", log_level="warning", access_log=False
    )
    server = QuietServer(settings)
    task = asyncio.create_task(server.serve([listener]))
    bound = listener.getsockname()
    try:
        yield f"http://{bound[0]}:{bound[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


async def run_station(
    config: StationConfig,
    *,
    ready: Ready,
    stop: asyncio.Event,
    listening: Listening = Listening(),
) -> None:
    """Run a station with its action API until `stop` is set.

    Args:
        config: the station.
        ready: is called once with what the ready line says.
        stop: ends it.
        listening: where its action API is.

    Raises:
        BaseException: what ended the station's software, if it broke.
    """
    machine = Machine(config)
    api = ActionApi(machine, timing=config.action_timing, token=listening.token)
    async with serving(api, listening) as address:
        await machine.power_on()
        ready({"action_api": address, "ev_api": f"{address}/ev", "pid": os.getpid()})
        try:
            await _until(stop, machine)
        finally:
            await machine.power_off()


async def _until(stop: asyncio.Event, machine: Machine) -> None:
    stopped = asyncio.create_task(stop.wait())
    broken = asyncio.create_task(machine.broken())
    await asyncio.wait((stopped, broken), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if broken.done():
        raise broken.result()
    broken.cancel()


def parser() -> argparse.ArgumentParser:
    """The arguments of `vdoc station`."""
    arguments = argparse.ArgumentParser(
        prog="vdoc station", description="A reference station: an OCPP 2.0.1 station of software."
    )
    add = arguments.add_argument
    add("--pics", type=Path, help="PICS file: what the station claims to be")
    add("--csms", help="ws:// or wss:// address of the CSMS, without the identity")
    add("--identity", help="identity; default: as provisioned")
    add("--state", type=Path, help="directory that survives restarts")
    add("--action-host", default="127.0.0.1")
    add("--action-port", type=int, default=0, help="0 = the system chooses")
    add("--action-token", help="bearer token of the action API")
    add("--action-timing", choices=get_args(ActionTiming), default="at-once")
    add("--defect", action="append", default=[], metavar="NAME", help="may be repeated")
    add("--style", choices=sorted(STYLES), default="plain")
    add("--serial-number", default="REF-0001")
    add("--timings", nargs="*", default=[], metavar="KEY=SECONDS")
    add(
        "--factory",
        action="append",
        default=[],
        metavar="VARIABLE=VALUE",
        help="a variable as delivered, e.g. OCPPCommCtrlr.MessageTimeout[Default]=30",
    )
    add("--list-defects", action="store_true")
    add("--json", action="store_true", help="--list-defects as JSON")
    return arguments


def config_of(arguments: argparse.Namespace) -> StationConfig:
    """Return the station that the arguments describe.

    Raises:
        InputError: with every problem found.
    """
    problems = [*_missing(arguments), *_unknown_defects(arguments.defect)]
    timings, wrong = _timings(arguments.timings)
    if problems or wrong:
        raise InputError(*problems, *wrong)
    identity = arguments.identity or identity_of(arguments.state)
    if identity is None:
        raise InputError(_problem("--identity", "neither given nor provisioned", "give it"))
    return StationConfig(
        pics=load_pics(arguments.pics),
        identity=identity,
        csms_url=arguments.csms or "",
        state_dir=arguments.state,
        timings=timings,
        defects=frozenset(arguments.defect),
        style=STYLES[arguments.style],
        serial_number=arguments.serial_number,
        action_timing=cast(ActionTiming, arguments.action_timing),
        factory=_factory(arguments.factory, load_pics(arguments.pics)),
    )


def _factory(settings: Sequence[str], pics: Pics) -> dict[str, str]:
    """Return the variables that the factory has set; all must exist in this product."""
    values = dict(setting.partition("=")[::2] for setting in settings)
    try:
        with tempfile.TemporaryDirectory() as directory:
            DeviceModel(pics, FileStorage(Path(directory)), lambda _defect: False, values)
    except KeyError as error:
        message = f"the product has no variable {error.args[0]}"
        raise InputError(_problem("--factory", message, "see its FullInventory")) from error
    return values


def _missing(arguments: argparse.Namespace) -> list[Problem]:
    needed = ["pics", "state"]
    if arguments.state is None or not (arguments.state / "current" / "documents").exists():
        needed.append("csms")  # a provisioned station knows it
    return [
        _problem(f"--{name}", "not given", f"give --{name}")
        for name in needed
        if getattr(arguments, name) is None
    ]


def _unknown_defects(names: Sequence[str]) -> list[Problem]:
    known = {defect.name for defect in all_defects()}
    return [
        _problem("--defect", f"no defect is called {name}", "see vdoc station --list-defects")
        for name in names
        if name not in known
    ]


def _timings(settings: Sequence[str]) -> tuple[Timings, list[Problem]]:
    known = {field.name for field in dataclasses.fields(Timings)}
    values: dict[str, float] = {}
    problems = []
    for setting in settings:
        key, _, text = setting.partition("=")
        try:
            values[key] = float(text)
        except ValueError:
            values[key] = -1.0
        if key not in known or values[key] < 0:
            remedy = f"KEY=SECONDS with KEY one of {', '.join(sorted(known))}"
            problems.append(_problem("--timings", f"cannot use {setting}", remedy))
    return (Timings() if problems else Timings(**values)), problems


def _problem(item: str, message: str, remedy: str) -> Problem:
    return Problem("command line", None, item, f"{message}.", f"{remedy}.")


def list_defects(*, as_json: bool) -> str:
    """The defects of the station, for people or for programs."""
    found = all_defects()
    if as_json:
        return json.dumps([dataclasses.asdict(defect) for defect in found], indent=2)
    return "\n".join(
        f"{defect.name}: {defect.description} ({defect.requirement}; {', '.join(defect.cases)})"
        for defect in found
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `vdoc station`; return its exit code.

    Raises:
        InputError: the arguments or the PICS cannot be used.
    """
    arguments = parser().parse_args(argv)
    if arguments.list_defects:
        _print(list_defects(as_json=arguments.json))
        return ExitCode.PASS
    config = config_of(arguments)
    where = Listening(arguments.action_host, arguments.action_port, arguments.action_token)
    asyncio.run(_run_until_signal(config, where))
    return ExitCode.PASS


async def _run_until_signal(config: StationConfig, where: Listening) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_station(
        config, ready=lambda facts: _print(json.dumps(facts)), stop=stop, listening=where
    )


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
