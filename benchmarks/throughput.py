"""TransactionEvents per second on one connection, against the `ocpp` package and two bare servers.

All serve the same station, one CALL at a time. Ours validates, records, answers and gives the
message to a case; the `ocpp` package validates and answers; `echo` is what `websockets` alone can
do; `raw` is a constant answer to every read, the least that any server on asyncio needs. The rounds
alternate and medians are compared, since other programs share the machine.

The target is for the events of a three-phase meter, which is what a station sends back to back.
The shortest possible event is there for comparison: it has as long a way and less to validate, so
that the ratio is smaller.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ocpp.routing import on  # type: ignore[import-untyped]
from ocpp.v201 import ChargePoint, call_result  # type: ignore[import-untyped]
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from benchmarks.figure import Figure
from benchmarks.station import EVENTS
from benchmarks.tester import a_context, a_start, a_tester, station, taking

TARGETS = {"three-phase": 10.0}
"""How many times the rate of the `ocpp` package is asked for, by kind of event."""

Server = Callable[[int], AbstractAsyncContextManager[int]]
"""Serves this many CALLs; gives its port."""


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: answers per second, and what each cost the server's process in CPU."""

    per_second: float
    cpu_us: float


@asynccontextmanager
async def ours(count: int) -> AsyncIterator[int]:
    """Serve with a LiveBench that writes evidence."""
    with tempfile.TemporaryDirectory() as name:
        async with a_tester(Path(name)) as tester:
            case = asyncio.create_task(tester.live.run_case(a_start(), taking(count), a_context()))
            yield tester.port
            run = await case
            assert run.result.verdict == "pass", run.result


class _Csms(ChargePoint):  # type: ignore[misc]  # the package has no types
    @on("TransactionEvent")  # type: ignore[untyped-decorator]
    def on_transaction_event(self, **_fields: object) -> call_result.TransactionEvent:
        return call_result.TransactionEvent()


@asynccontextmanager
async def ocpp_package(count: int) -> AsyncIterator[int]:  # noqa: ARG001  # serves any number
    """Serve with the `ocpp` package, as its documentation shows, its logging off."""
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)

    async def connected(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            await _Csms("CS-BENCH", connection).start()

    async with serve(connected, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")]) as server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def echo(count: int) -> AsyncIterator[int]:  # noqa: ARG001  # serves any number
    """Serve with `websockets` and nothing else: the same short answer to everything."""

    async def connected(connection: ServerConnection) -> None:
        async for _ in connection:
            await connection.send('[3,"0",{}]')

    async with serve(connected, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp2.0.1")]) as server:
        yield server.sockets[0].getsockname()[1]


class _Raw(asyncio.Protocol):
    """Answers everything with the same bytes, without reading it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._answer = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"

    def data_received(self, data: bytes) -> None:  # noqa: ARG002  # asyncio's signature
        self._transport.write(self._answer)
        self._answer = b'\x81\x0a[3,"0",{}]'


@asynccontextmanager
async def raw(count: int) -> AsyncIterator[int]:  # noqa: ARG001  # serves any number
    """Serve with asyncio and nothing else."""
    server = await asyncio.get_running_loop().create_server(_Raw, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def measure(server: Server, count: int, kind: str) -> Round:
    """Return how fast a server answers `count` CALLs."""
    async with server(count) as port:
        cpu_s = time.process_time()
        told = await station(port, count, "--kind", kind)
        cpu_s = time.process_time() - cpu_s
    return Round(told.count / told.seconds, cpu_s / told.count * 1e6)


def run(rounds: int, count: int) -> list[Figure]:
    """Measure `rounds` times each and return medians and ratios, for each kind of event."""
    return [_compare(kind, rounds, count) for kind in EVENTS]


def _compare(kind: str, rounds: int, count: int) -> Figure:
    servers: dict[str, Server] = {"vdoc": ours, "ocpp": ocpp_package, "echo": echo, "raw": raw}
    found: dict[str, list[Round]] = {name: [] for name in servers}
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(asyncio.run(measure(server, count, kind)))
    rate = {name: median(r.per_second for r in some) for name, some in found.items()}
    cpu = {name: median(r.cpu_us for r in some) for name, some in found.items()}
    pairs = zip(found["vdoc"], found["ocpp"], strict=True)
    ratio = median(mine.per_second / theirs.per_second for mine, theirs in pairs)
    target = TARGETS.get(kind)
    rates = ", ".join(f"{name} {rate[name]:,.0f}/s ({cpu[name]:.0f} µs CPU)" for name in servers)
    return Figure(
        f"throughput, {kind} events",
        f"{ratio:.1f} x the ocpp package ({cpu['ocpp'] / cpu['vdoc']:.1f} x by CPU; "
        f"{rate['vdoc'] / rate['echo']:.2f} x echo, {rate['vdoc'] / rate['raw']:.2f} x raw, which "
        f"is {rate['raw'] / rate['ocpp']:.1f} x the ocpp package): {rates}",
        "no target" if target is None else f">= {target:g} x the ocpp package",
        met=target is None or ratio >= target,
    )
