"""A LiveBench on loopback, as a run has it, with nothing behind it."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.station import IDENTITY, PASSWORD, Told
from vdoc.automation.actions import Action
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome
from vdoc.bench import Bench, CaseFunction, CaseStart, DutState, Facts, Password, RunContext
from vdoc.bench.endpoint import Endpoint, Trust
from vdoc.bench.gate import Gate, standard_gate
from vdoc.bench.live import LiveBench
from vdoc.evidence import EvidenceWriter, SystemClock
from vdoc.pics.values import Values
from vdoc.tls.hello import ClientHello
from vdoc.tls.pki import ServerCredentials

STATE = DutState(password=Password(name="p1", text=PASSWORD))


class _NoDriver(Driver):
    def supports(self, action: Action) -> bool:  # noqa: ARG002  # the driver's seam
        return False

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:  # noqa: ARG002
        return Outcome("unsupported", "nothing is bound", "")

    async def close(self) -> None:
        return


def _no_context(gate: Gate, hello: ClientHello) -> ssl.SSLContext:  # noqa: ARG001
    raise AssertionError("no benchmark uses TLS")


def _no_credentials(gate: Gate) -> ServerCredentials:  # noqa: ARG001
    raise AssertionError("no benchmark uses TLS")


TRUST = Trust(
    identity=IDENTITY,
    context=_no_context,
    credentials=_no_credentials,
    password_name=lambda text: "p1" if text == PASSWORD else None,
    password_text=lambda text: {"password": text},
)


def a_context() -> RunContext:
    """Return what the cases of a benchmark share: default waits, no PICS."""
    settings = SimpleNamespace(values=Values())
    return RunContext(cast("Any", None), cast("Any", settings), Facts())


def a_start() -> CaseStart:
    """Return what the case of a benchmark starts from."""
    return CaseStart(case="BENCHMARK", variant={}, attempt=1, seed=1, state=STATE)


def taking(count: int, first: int = 0) -> CaseFunction:
    """Return a case that claims `count` TransactionEvents from seqNo `first` on."""

    async def case(bench: Bench) -> None:
        for n in range(first, first + count):
            message = await bench.receive("TransactionEvent", within_s=60)
            if n == first + count - 1:
                bench.check(message["seqNo"], n)

    return case


@dataclass(frozen=True, slots=True)
class Tester:
    """A bench that listens."""

    live: LiveBench
    port: int
    evidence: Path


@asynccontextmanager
async def a_tester(directory: Path) -> AsyncIterator[Tester]:
    """Give a bench that writes its evidence into `directory`."""
    clock = SystemClock()
    writer = EvidenceWriter(directory / "evidence.jsonl", clock)
    live = LiveBench(writer, clock, driver=_NoDriver(), asked={})
    endpoint = Endpoint(1, "127.0.0.1", 0, "/", standard_gate(STATE, 1), TRUST, live)
    await live.start(endpoint)
    try:
        yield Tester(live, endpoint.port, writer.path)
    finally:
        await live.stop()
        writer.seal({"void": False})


async def station(port: int, count: int, *options: str) -> Told:
    """Run the station as a process and return what it measured.

    Raises:
        RuntimeError: it failed.
    """
    arguments = ["-m", "benchmarks.station", str(port), str(count), *options]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the station ended with {process.returncode}")
    return Told(**json.loads(out))
