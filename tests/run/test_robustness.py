"""Whatever the DUT or the action API does: the right verdict, a message, no traceback, no hang."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import vdoc.bench.bench
import vdoc.cli.reference_bench
from tests.reference_runs import ReferenceRuns, RunRequest
from vdoc.bench import Bench, CaseResult, Fact, Verdict
from vdoc.cases.intake import closing
from vdoc.declaration.record import RunRecord, RunVerdict
from vdoc.errors import ExitCode
from vdoc.pics import BenchSettings
from vdoc.run.runner import Run
from vdoc.station.machine import Machine
from vdoc.station.station import Station

PICS = "pics/ac-wallbox-detachable.toml"
CASE = "TC_B_06_CS"
BIG = json.dumps([2, "big", "DataTransfer", {"vendorId": "v", "data": "x" * 1_000_000}])


@dataclass
class Rogue:
    """One run of one case, during which the station can be made to do something odd."""

    runs: ReferenceRuns
    machines: list[Machine] = field(default_factory=list)
    made: list[Run] = field(default_factory=list)

    @property
    def station(self) -> Station:
        return self.machines[-1].station

    def make(self, case: Callable[[Bench], Coroutine[Any, Any, None]]) -> RunRecord:
        request = RunRequest(PICS, only=(CASE,), functions={CASE: case})
        machine_class, run_class = Machine, Run

        def machine(*arguments: Any) -> Machine:
            self.machines.append(machine_class(*arguments))
            return self.machines[-1]

        def run(*arguments: Any, **named: Any) -> Run:
            self.made.append(run_class(*arguments, **named))
            return self.made[-1]

        with (
            mock.patch("tests.reference_runs.Machine", machine),
            mock.patch("tests.reference_runs.Run", run),
        ):
            return asyncio.run(self.runs.make(request)).record

    def sends(self, *frames: str) -> RunRecord:
        """The station sends these frames, unasked, while the case waits."""

        async def case(bench: Bench) -> None:
            self.station.spawn(self._send(frames))
            await bench.wait(0.5, "for what the station sends")
            bench.check(Fact("the case", "went on", None), "went on")

        return self.make(case)

    async def _send(self, frames: tuple[str, ...]) -> None:
        transport = self.station.messenger._transport
        assert transport is not None
        for frame in frames:
            await transport.send(frame)


@pytest.fixture
def rogue(reference_run: ReferenceRuns) -> Rogue:
    return Rogue(reference_run)


async def reads(bench: Bench) -> None:
    answer = await bench.call("GetLocalListVersion")
    bench.check(answer["versionNumber"], 0)


def only_result(record: RunRecord) -> CaseResult:
    assert len(record.results) == 1
    return record.results[0]


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        (('{"not": "a frame"',), "the frame"),
        (('[2,"a","MakeCoffee",{}]',), "MakeCoffee"),
        (('[2,"a","Heartbeat",{"sugar":2}]',), "HeartbeatRequest sugar"),
        (('[2,"a","StatusNotification",{"evseId":"one"}]',), "StatusNotificationRequest"),
        (('[2,"a","BootNotification",{"reason":7}]',), "BootNotificationRequest"),
        (('[3,"nobody-asked",{}]',), "an answer belongs to a CALL"),
    ],
)
def test_a_breach_of_the_protocol_fails_the_case(
    rogue: Rogue, frames: tuple[str, ...], words: str
) -> None:
    result = only_result(rogue.sends(*frames))
    assert result.verdict is Verdict.FAIL
    assert words in result.failures[0].what
    assert result.failures[0].n is not None


def test_a_frame_of_a_megabyte_is_taken_and_answered(rogue: Rogue) -> None:
    record = rogue.sends(BIG)
    assert only_result(record).verdict is Verdict.PASS
    assert sum("UnknownVendorId" in line for line in record.evidence.read_text().splitlines()) == 1


def test_a_breach_outside_of_a_case_fails_the_run_and_does_not_void_it(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        await reads(bench)
        rogue.station.spawn(rogue._send(("no frame at all",)))

    record = rogue.make(case)
    assert only_result(record).verdict is Verdict.PASS
    assert record.verdict is RunVerdict.FAIL
    assert "restore" in record.crashes[0]


def test_two_calls_at_once_fail_the_case(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        connection = next(iter(rogue.made[-1]._bench.live._sockets.values()))  # type: ignore[union-attr]
        for identity in ("a", "b"):  # both stand in one read of the bench's socket
            connection.endpoint.listener.received(
                connection, f'[2,"{identity}","Heartbeat",{{}}]', together=identity == "b"
            )
        await bench.wait(0.3, "for what the station sends")

    result = only_result(rogue.make(case))
    assert result.verdict is Verdict.FAIL
    assert result.failures[0].requirement == "OCPP-J §4.1.1"


def test_a_disconnect_in_the_middle_of_a_case_fails_it_and_says_so(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        rogue.station.spawn(rogue.station.messenger.close())
        await bench.connection.closed()
        await bench.call("GetLocalListVersion")

    record = rogue.make(case)
    assert only_result(record).verdict is Verdict.FAIL
    assert "no connection" in only_result(record).failures[0].actual
    assert record.verdict is RunVerdict.FAIL, "a bare disconnect is recorded, the run goes on"


def test_a_reboot_that_nobody_asked_for_fails_the_run(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        rogue.station.spawn(rogue.station.reboot("PowerUp"))
        await bench.receive("BootNotification", within_s=5)
        await reads(bench)

    record = rogue.make(case)
    assert only_result(record).verdict is Verdict.PASS
    assert record.verdict is RunVerdict.FAIL
    assert "nobody had asked" in record.crashes[0]


def test_a_watchdog_reboot_fails_the_run(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        rogue.station.spawn(rogue.station.reboot("Watchdog"))
        await bench.receive("BootNotification", within_s=5)
        await reads(bench)

    record = rogue.make(case)
    assert record.verdict is RunVerdict.FAIL
    assert "Watchdog" in record.crashes[0]


def test_another_serial_number_voids_the_run(rogue: Rogue) -> None:
    async def case(bench: Bench) -> None:
        station = rogue.station
        station.config = replace(station.config, serial_number="ANOTHER")
        await bench.call("Reset", type="Immediate")
        await bench.receive("BootNotification", within_s=5)
        bench.check(Fact("boot", "seen", None), "seen")

    record = rogue.make(case)
    assert record.verdict is RunVerdict.VOID
    assert "serialNumber" in record.void_because
    assert rogue.made[-1].exit_code is ExitCode.VOID


def test_another_serial_number_at_the_very_end_voids_the_run_too(rogue: Rogue) -> None:
    async def end(bench: Bench) -> None:
        await closing(bench)
        station = rogue.station
        station.config = replace(station.config, serial_number="ANOTHER")
        await bench.call("Reset", type="Immediate")
        await bench.receive("BootNotification", within_s=5)

    with mock.patch("vdoc.run.runner.closing", end):
        record = rogue.make(reads)
    assert record.verdict is RunVerdict.VOID
    assert "serialNumber" in record.void_because


def test_a_clock_ten_seconds_off_voids_the_run(rogue: Rogue) -> None:
    right = Station.now

    def wrong(station: Station) -> datetime:
        return right(station) + timedelta(seconds=10)

    with mock.patch.object(Station, "now", wrong):
        record = rogue.make(reads)
    assert record.verdict is RunVerdict.VOID
    assert "clock offset" in record.void_because


def test_a_dut_that_never_connects_is_unreachable(rogue: Rogue) -> None:
    async def nothing(settings: BenchSettings, environment: Mapping[str, str]) -> bool:
        del settings, environment
        return True

    with mock.patch("tests.reference_runs._commission", return_value=nothing):
        record = rogue.make(reads)
    assert record.verdict is RunVerdict.VOID
    assert "connects" in record.void_because
    assert rogue.made[-1].exit_code is ExitCode.UNREACHABLE


class TestActionApi:
    """What a broken action API comes to: always a fault of the bench, never of the station."""

    @staticmethod
    def with_api(rogue: Rogue, answer: Callable[[Request], Awaitable[Response]]) -> RunRecord:
        routes = [Route("/{path:path}", answer, methods=["POST"])]
        broken = SimpleNamespace(application=lambda: Starlette(routes=routes))

        def api(*_arguments: Any, **_named: Any) -> Any:
            return broken

        with mock.patch("tests.reference_runs.ActionApi", api):
            return rogue.make(reads)

    @staticmethod
    def judged(rogue: Rogue, record: RunRecord, words: str) -> None:
        assert record.verdict is RunVerdict.VOID
        assert words in record.void_because, record.void_because
        assert rogue.made[-1].exit_code is ExitCode.UNREACHABLE

    @pytest.mark.parametrize(
        ("status", "words"), [(500, "fault"), (401, "refused"), (404, "unsupp")]
    )
    def test_a_bad_status(self, rogue: Rogue, status: int, words: str) -> None:
        async def answer(request: Request) -> Response:
            del request
            return PlainTextResponse("no", status)

        self.judged(rogue, self.with_api(rogue, answer), words)

    def test_one_that_hangs(self, rogue: Rogue) -> None:
        async def answer(request: Request) -> Response:
            while not await request.is_disconnected():
                await request.receive()
            return PlainTextResponse("")

        with (
            mock.patch("vdoc.bench.bench.ACTION_LIMIT_S", 0.3),
            mock.patch.object(vdoc.bench.bench.Bench.act, "__kwdefaults__", {"limit_s": 0.3}),
        ):
            self.judged(rogue, self.with_api(rogue, answer), "timeout")

    def test_one_that_is_down(self, rogue: Rogue) -> None:
        def settings(bench: Any, action_api: str, ev_api: str) -> Path:
            del action_api, ev_api
            original: Path = write(bench, "http://127.0.0.1:9", "http://127.0.0.1:9/ev")
            return original

        write = vdoc.cli.reference_bench.ReferenceBench.write_settings
        with mock.patch("vdoc.cli.reference_bench.ReferenceBench.write_settings", settings):
            self.judged(rogue, rogue.make(reads), "unreachable")
