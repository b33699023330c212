"""Cases on a live bench, with a station on a real socket; the `bench` fixture replays every one."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import time
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.frames import Frame, Opcode

import vdoc.bench.live
from vdoc.automation.actions import PlugIn
from vdoc.automation.outcome import Outcome
from vdoc.bench import Bench, Fact, Verdict
from vdoc.errors import BenchError
from vdoc.evidence import DEEDS, Kind, SystemClock

HEARTBEAT = '[2,"h1","Heartbeat",{}]'
HEARTBEAT2 = '[2,"h2","Heartbeat",{}]'
PLUG_IN = PlugIn(evse=1, connector=1)


def ok(bench: Bench) -> None:
    bench.check(Fact("made up", 1, None), 1)


async def connects(bench: Bench) -> None:
    await bench.connection.opened(within_s=5)
    ok(bench)


async def beats(bench: Bench) -> None:
    await bench.receive("Heartbeat", within_s=5)
    ok(bench)


async def plugs(bench: Bench) -> None:
    await bench.act(PLUG_IN, limit_s=0.01)
    ok(bench)


async def asks(bench: Bench) -> None:
    bench.check(Fact("made", await bench.ask("sum", a=1, b=2), None), 3)


async def answer(station: ClientConnection) -> Any:
    return json.loads(await station.recv())


class TestCalls:
    @staticmethod
    async def calls(bench: Bench) -> None:
        await bench.connection.opened(within_s=5)
        reply = await bench.call("ClearCache", within_s=0.05)
        bench.check(reply["status"], "Accepted")

    async def test_an_answer_reaches_the_case(self, bench: Any) -> None:
        case = bench.begin(self.calls)
        async with bench.connect() as station:
            _, identity, action, payload = await answer(station)
            assert (action, payload) == ("ClearCache", {})
            await station.send(json.dumps([3, identity, {"status": "Accepted"}]))
            assert (await case).verdict is Verdict.PASS

    async def test_no_answer_in_time_fails_the_step(self, bench: Any) -> None:
        case = bench.begin(self.calls)
        async with bench.connect():
            assert (await case).verdict is Verdict.FAIL
        assert bench.of(Kind.DEADLINE) == [{}]

    async def test_a_lost_connection_fails_the_step(self, bench: Any) -> None:
        async def calls(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            await bench.call("ClearCache", within_s=5)

        case = bench.begin(calls)
        async with bench.connect() as station:
            await station.recv()
        result = await case
        assert result.verdict is Verdict.FAIL
        assert "closed before the answer" in result.failures[-1].actual

    async def test_a_late_answer_is_a_note(self, bench: Any) -> None:
        async def gives_up(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            with pytest.raises(Exception, match="no answer within"):
                await bench.call("ClearCache", within_s=0.01)
            await bench.receive("Heartbeat", within_s=5)
            ok(bench)

        case = bench.begin(gives_up)
        async with bench.connect() as station:
            _, identity, *_ = await answer(station)
            await bench.seen(Kind.DEADLINE)
            await station.send(json.dumps([3, identity, {"status": "Accepted"}]))
            await station.send(HEARTBEAT)
            assert len((await case).failures) == 1
        assert any("late answer" in note["text"] for note in bench.of(Kind.NOTE))


class TestConnections:
    async def test_a_refusing_gate_is_opened_again(self, bench: Any) -> None:
        async def refuses(bench: Bench) -> None:
            bench.connection.refuse()
            await bench.connection.refused(within_s=5)
            bench.connection.accept()
            await bench.connection.opened(within_s=5)
            ok(bench)

        case = bench.begin(refuses)
        await bench.seen(Kind.GATE)
        with pytest.raises((OSError, EOFError, InvalidMessage)):
            await bench.connect()
        async with bench.connect():
            assert (await case).verdict is Verdict.PASS
        assert [gate["accept"] for gate in bench.of(Kind.GATE)] == [False, True]

    async def test_a_gate_takes_another_password(self, bench: Any) -> None:
        async def changes(bench: Bench) -> None:
            bench.connection.accept(passwords=("p2",))
            await bench.connection.refused(within_s=5)
            await bench.connection.opened(within_s=5)
            ok(bench)

        case = bench.begin(changes)
        await bench.seen(Kind.GATE)
        with pytest.raises(InvalidStatus):
            await bench.connect()
        async with bench.connect(password="fedcba9876543210"):
            assert (await case).verdict is Verdict.PASS

    async def test_a_second_connection_supersedes_the_first(self, bench: Any) -> None:
        async def twice(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            await bench.connection.opened(within_s=5)
            await beats(bench)

        case = bench.begin(twice)
        async with bench.connect() as first, bench.connect() as second:
            with pytest.raises(ConnectionClosed):
                await first.recv()
            await second.send(HEARTBEAT)
            assert (await case).verdict is Verdict.PASS
        assert [data["connection"] for data in bench.of(Kind.RECEIVED)] == [2]

    async def test_a_drop_cuts_and_what_came_with_it_is_only_recorded(self, bench: Any) -> None:
        async def drops(bench: Bench) -> None:
            await bench.receive("Heartbeat", within_s=5)
            bench.connection.drop()
            await bench.connection.opened(within_s=5)
            ok(bench)

        case = bench.begin(drops)
        async with bench.connect() as station:
            frames = (Frame(Opcode.TEXT, call.encode()) for call in (HEARTBEAT, HEARTBEAT2))
            station.transport.write(b"".join(f.serialize(mask=True) for f in frames))
            await station.wait_closed()
        async with bench.connect():
            assert (await case).verdict is Verdict.PASS
        assert [data["frame"] for data in bench.of(Kind.RECEIVED)] == [HEARTBEAT, HEARTBEAT2]
        assert len(bench.of(Kind.SENT)) == 1

    async def test_the_answer_before_a_drop_is_not_cut_off(self, bench: Any) -> None:
        async def drops(bench: Bench) -> None:
            await bench.receive("Heartbeat", within_s=5)
            bench.connection.drop()
            ok(bench)

        case = bench.begin(drops)
        async with bench.connect() as station:
            await station.send(HEARTBEAT)
            assert (await case).verdict is Verdict.PASS
            assert not bench.of(Kind.CLOSED)
            assert (await answer(station))[:2] == [3, "h1"]
            await station.send(HEARTBEAT2)
            await station.wait_closed()
        assert [data["frame"] for data in bench.of(Kind.RECEIVED)] == [HEARTBEAT]

    async def test_a_deed_after_a_drop_waits_for_the_cut(self, bench: Any) -> None:
        async def drops(bench: Bench) -> None:
            await bench.receive("Heartbeat", within_s=5)
            bench.connection.drop()
            await bench.act(PLUG_IN, limit_s=1)
            ok(bench)

        case = bench.begin(drops)
        async with bench.connect() as station:
            await station.send(HEARTBEAT)
            assert (await case).verdict is Verdict.PASS
        kinds = [line.kind for line in bench.lines]
        assert kinds.index(Kind.CLOSED) < kinds.index(Kind.ACTION_DONE)

    async def test_the_next_case_begins_with_the_connection_at_hand(self, bench: Any) -> None:
        case = bench.begin(connects)
        async with bench.connect() as station:
            await case
            again = bench.begin(beats)
            await station.send(HEARTBEAT)
            assert (await again).verdict is Verdict.PASS
        first, second = bench.of(Kind.CASE)
        assert (first["connection"], second["connection"]["number"]) == (None, 1)

    async def test_what_comes_between_cases_goes_to_the_next(self, bench: Any) -> None:
        case = bench.begin(connects)
        async with bench.connect() as station:
            await case
            await station.send(HEARTBEAT)
            await (await station.ping())  # the bench has read what was sent before
            assert not bench.of(Kind.RECEIVED)
            assert (await bench.run(beats)).verdict is Verdict.PASS
            assert (await answer(station))[1] == "h1"

    async def test_a_close_between_cases_is_seen_by_the_next(self, bench: Any) -> None:
        case = bench.begin(connects)
        async with bench.connect():
            await case

        async def closes(bench: Bench) -> None:
            await bench.connection.closed(within_s=5)
            ok(bench)

        assert (await bench.run(closes)).verdict is Verdict.PASS

    async def test_a_call_at_the_moment_of_closing_is_no_fault(self, bench: Any) -> None:
        async def waits_then_calls(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            await bench.wait(0.001, "so that the closing finds it expired")
            await bench.try_call("ClearCache", within_s=5)

        case = bench.begin(waits_then_calls)
        async with bench.connect():
            pass
        assert (await case).verdict is Verdict.FAIL


class TestActions:
    async def test_one_that_is_done_goes_on(self, bench: Any) -> None:
        assert (await bench.run(plugs)).verdict is Verdict.PASS
        assert bench.of(Kind.ACTION_DONE)[0]["outcome"]["status"] == "done"

    @pytest.mark.parametrize("status", ["unsupported", "refused", "unreachable", "timeout"])
    async def test_any_other_outcome_is_an_error(self, bench: Any, status: Any) -> None:
        bench.hands.outcome = Outcome(status, "why", "plugin")
        result = await bench.run(plugs)
        assert (result.verdict, result.because) == (Verdict.ERROR, f"action plugin: {status}: why")

    async def test_a_driver_that_raises_is_an_error(self, bench: Any) -> None:
        bench.hands.outcome = ValueError("broken")
        result = await bench.run(plugs)
        assert result.because == "action plugin: fault: ValueError: broken"

    async def test_a_driver_that_hangs_is_cut(
        self, bench: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vdoc.bench.live, "DRIVER_GRACE_S", 0.0)
        bench.hands.outcome = None
        assert "TimeoutError" in (await bench.run(plugs)).because

    async def test_one_under_way_is_cancelled_at_the_end(self, bench: Any) -> None:
        bench.hands.outcome = None

        async def fails_meanwhile(bench: Bench) -> None:
            async def fails() -> None:
                await bench.receive("Heartbeat", within_s=0.01)

            await bench.gather(bench.act(PLUG_IN, limit_s=60), fails())

        assert (await bench.run(fails_meanwhile)).verdict is Verdict.FAIL
        assert not bench.of(Kind.ACTION_DONE)


class TestAsking:
    async def test_what_was_made_is_recorded(self, bench: Any) -> None:
        assert (await bench.run(asks)).verdict is Verdict.PASS
        assert bench.of(Kind.MADE)[0]["value"] == 3

    async def test_what_cannot_be_made_is_an_error(self, bench: Any) -> None:
        bench.hands.outcome = BenchError("no hands")
        result = await bench.run(asks)
        assert (result.verdict, result.because) == (Verdict.ERROR, "sum: BenchError: no hands")

    async def test_what_nobody_can_make_is_an_error(self, bench: Any) -> None:
        async def asks_too_much(bench: Bench) -> None:
            await bench.ask("product", a=1, b=2)

        assert (await bench.run(asks_too_much)).because == "product: KeyError: 'product'"

    async def test_what_is_never_made_is_an_error(
        self, bench: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vdoc.bench.live, "ASK_LIMIT_S", 0.01)
        bench.hands.outcome = None
        result = await bench.run(asks)
        assert (result.verdict, result.because) == (Verdict.ERROR, "sum: not made within 0.01 s")

    async def test_what_the_servers_saw_is_an_event(self, bench: Any) -> None:
        async def served(bench: Bench) -> None:
            event = await bench.made("file_served", within_s=5)
            bench.check(event["bytes"], 7)

        case = bench.begin(served)
        bench.live.observe(Kind.MADE, {"what": "file_served", "bytes": 7})
        assert (await case).verdict is Verdict.PASS


def full(_fd: int, _text: bytes) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class TestEnding:
    async def test_every_deed_is_written_before_it_is_done(self, bench: Any) -> None:
        case = bench.begin(TestCalls.calls)
        async with bench.connect() as station:
            frame = await station.recv()
            assert bench.of(Kind.SENT)[-1]["frame"] == frame
            await case
        kinds = [line.kind for line in bench.lines]
        assert kinds[kinds.index(Kind.OPENED) + 1] in DEEDS

    async def test_what_comes_after_the_last_deadline_is_for_the_next_case(
        self, bench: Any
    ) -> None:
        async def waits(bench: Bench) -> None:
            await bench.connection.opened(within_s=5)
            await bench.wait(0.05, "to the end of the case")
            ok(bench)

        case = bench.begin(waits)
        async with bench.connect() as station:
            await station.send(HEARTBEAT)
            time.sleep(0.1)  # noqa: ASYNC251  # so that frame and deadline are found at once
            assert (await case).verdict is Verdict.PASS
            again = bench.begin(beats)
            async with asyncio.timeout(5):
                assert (await answer(station))[:2] == [3, "h1"]
            assert (await again).verdict is Verdict.PASS

    async def test_an_aborted_case_is_an_error(self, bench: Any) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await (await station.ping())
            bench.live.abort("interrupted by SIGINT")
            result = await case
        bench.replays = False  # it came from outside
        assert (result.verdict, result.because) == (Verdict.ERROR, "interrupted by SIGINT")

    async def test_a_blocked_bench_is_an_error_and_what_came_meanwhile_is_kept(
        self, bench: Any
    ) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await bench.seen(Kind.OPENED)
            bench.clock.ahead_ns = 60_000_000_000
            await station.send(HEARTBEAT)
            result = await case
            assert (result.verdict, len(bench.of(Kind.STALL))) == (Verdict.ERROR, 1)
            assert "the bench was blocked" in result.because
            assert (await bench.run(beats)).verdict is Verdict.PASS

    async def test_a_full_disk_ends_the_case_with_its_reason(
        self, bench: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = bench.begin(beats)
        async with bench.connect() as station:
            await bench.seen(Kind.OPENED)
            monkeypatch.setattr(os, "write", full)
            await station.send(HEARTBEAT)
            with pytest.raises(BenchError, match="No space left on device"):
                await case
        bench.replays = False  # there is nothing to judge

    async def test_nothing_is_recorded_after_the_seal(self, bench: Any) -> None:
        case = bench.begin(connects)
        async with bench.connect() as station:
            await case
            count = len(bench.lines)
            bench.live.forget_evidence()
            farewell = bench.begin(beats)
            await station.send(HEARTBEAT)
            assert (await farewell).verdict is Verdict.PASS
            assert len(bench.lines) == count
        bench.replays = False  # the last case left no evidence


def test_the_clock_of_evidence_is_the_one_of_the_loop() -> None:
    before = SystemClock().mono_ns()
    loop = asyncio.new_event_loop()
    now = loop.time()
    loop.close()
    assert before <= now * 1e9 <= SystemClock().mono_ns()
