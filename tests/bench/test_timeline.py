"""The rules of shared/timeline.md, each from both sides; every script is replayed as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from vdoc.automation.actions import Reboot
from vdoc.bench import ABSENT, Bench, BenchFaultError, CaseFunction, Fact, Verdict, want
from vdoc.bench.answers import InTurn, call_error, id_token_status, payload, silent
from vdoc.evidence import Kind

BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
STATUS = {
    "timestamp": "2027-01-15T08:00:00Z",
    "connectorStatus": "Available",
    "evseId": 1,
    "connectorId": 1,
}
Script = Callable[..., Any]


def ok(bench: Bench) -> None:
    bench.check(Fact("made up", 1, None), 1)


def status(evse: int) -> dict[str, Any]:
    return {**STATUS, "evseId": evse}


class TestReceive:
    @staticmethod
    async def two(bench: Bench) -> None:
        await bench.receive("BootNotification", within_s=10)
        message = await bench.receive("StatusNotification", within_s=5)
        bench.check(message["connectorStatus"], "Available")

    def test_the_right_messages_pass(self, script: Script) -> None:
        run = script(self.two).says("BootNotification", BOOT, 1)
        run.says("StatusNotification", STATUS, 2)
        assert run.result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_one_at_its_deadline_is_in_time(self, script: Script) -> None:
        run = script(self.two).says("BootNotification", BOOT, 10)
        run.says("StatusNotification", STATUS, 15)
        assert run.result.verdict is Verdict.PASS

    def test_one_after_its_deadline_is_not(self, script: Script) -> None:
        run = script(self.two).says("BootNotification", BOOT, 10.000000001)
        assert run.result.verdict is Verdict.FAIL
        assert run.result.failures[0].what == "BootNotificationRequest"
        assert run.replayed() == run.result

    def test_a_wrong_value_is_a_failed_check(self, script: Script) -> None:
        run = script(self.two).says("BootNotification", BOOT, 1)
        run.says("StatusNotification", {**STATUS, "connectorStatus": "Faulted"}, 2)
        failure = run.result.failures[0]
        assert (failure.expected, failure.actual) == ("'Available'", "'Faulted'")
        assert run.lines[failure.n].kind is Kind.RECEIVED

    def test_what_has_come_before_the_cursor_is_stale(self, script: Script) -> None:
        run = script(self.two).says("StatusNotification", STATUS, 0.5)
        run.says("BootNotification", BOOT, 1).passes(7)
        assert run.result.verdict is Verdict.FAIL

    def test_where_says_what_a_message_is(self, script: Script) -> None:
        async def second(bench: Bench) -> None:
            message = await bench.receive(
                "StatusNotification", where=lambda m: m.get("evseId") == 2, within_s=5
            )
            bench.check(message["evseId"], 2)

        run = script(second).says("StatusNotification", status(1), 1)
        assert run.running
        assert run.says("StatusNotification", status(2), 2).result.verdict is Verdict.PASS

    def test_a_mark_reaches_back(self, script: Script) -> None:
        async def back(bench: Bench) -> None:
            mark = bench.mark()
            await bench.receive("BootNotification", within_s=5)
            message = await bench.receive("StatusNotification", since=mark, within_s=5)
            bench.check(message["evseId"], 1)

        run = script(back).says("StatusNotification", STATUS, 1).says("BootNotification", BOOT, 2)
        assert run.result.verdict is Verdict.PASS

    def test_an_absent_field_fails_the_step(self, script: Script) -> None:
        async def needs(bench: Bench) -> None:
            message = await bench.receive("BootNotification", within_s=5)
            bench.check(message["chargingStation.serialNumber"], ABSENT)
            message.need("chargingStation.serialNumber")

        run = script(needs).says("BootNotification", BOOT, 1)
        assert run.result.verdict is Verdict.FAIL
        assert run.result.failures[-1].actual == "absent"


class TestGroups:
    @staticmethod
    async def any_order(bench: Bench) -> None:
        first, second = await bench.all_of(
            want("StatusNotification", where=lambda m: m.get("evseId") == 1),
            want("StatusNotification", where=lambda m: m.get("evseId") == 2),
            within_s=5,
        )
        assert first is not None
        assert second is not None
        bench.check(first["evseId"], 1)
        bench.check(second["evseId"], 2)

    @staticmethod
    async def in_order(bench: Bench) -> None:
        boot, _event, report = await bench.sequence(
            want("BootNotification"),
            want("SecurityEventNotification", optional=True),
            want("StatusNotification"),
            within_s=5,
        )
        bench.check(Fact("boot and report", bool(boot and report), None), True)

    def test_any_order(self, script: Script) -> None:
        run = script(self.any_order).says("StatusNotification", status(2), 1)
        run.says("StatusNotification", status(1), 2)
        assert run.result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_the_missing_one_is_named(self, script: Script) -> None:
        run = script(self.any_order).says("StatusNotification", status(2), 1).passes(6)
        assert run.result.failures[0].what == "StatusNotificationRequest"

    def test_an_optional_one_may_be_absent(self, script: Script) -> None:
        run = script(self.in_order).says("BootNotification", BOOT, 1)
        run.says("StatusNotification", STATUS, 2)
        assert run.result.verdict is Verdict.PASS

    def test_a_mandatory_one_is_not_claimed_before_its_turn(self, script: Script) -> None:
        run = script(self.in_order).says("StatusNotification", STATUS, 1)
        run.says("BootNotification", BOOT, 2).passes(6)
        assert run.result.verdict is Verdict.FAIL

    def test_an_optional_one_after_its_place_fails(self, script: Script) -> None:
        async def late(bench: Bench) -> None:
            await bench.sequence(
                want("SecurityEventNotification", optional=True),
                want("BootNotification"),
                want("StatusNotification"),
                within_s=5,
            )

        event = {"type": "StartupOfTheDevice", "timestamp": "2027-01-15T08:00:00Z"}
        run = script(late).says("BootNotification", BOOT, 1)
        run.says("SecurityEventNotification", event, 2).says("StatusNotification", STATUS, 3)
        assert run.result.failures[0].actual == "after its place"


class TestSilence:
    @staticmethod
    async def quiet(bench: Bench) -> None:
        await bench.silence("TransactionEvent", within_s=5)

    def test_it_holds(self, script: Script) -> None:
        run = script(self.quiet).says("StatusNotification", STATUS, 1).passes(5.1)
        assert run.result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_an_intruder_fails_it(self, script: Script) -> None:
        event = {
            "eventType": "Started",
            "timestamp": "2027-01-15T08:00:00Z",
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "t"},
        }
        run = script(self.quiet).says("TransactionEvent", event, 5)
        assert run.result.verdict is Verdict.FAIL


class TestCalls:
    @staticmethod
    async def one(bench: Bench) -> None:
        answer = await bench.call("Reset", type="Immediate", within_s=5)
        bench.check(answer["status"], "Accepted")

    def test_an_answer(self, script: Script) -> None:
        run = script(self.one)
        assert run.calls[0][2:] == ["Reset", {"type": "Immediate"}]
        assert run.answers({"status": "Accepted"}, 1).result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_no_answer(self, script: Script) -> None:
        run = script(self.one).passes(5.1)
        assert run.result.failures[0].actual == "no answer within 5 s"

    def test_a_callerror(self, script: Script) -> None:
        run = script(self.one)
        run.frame([4, run.calls[0][1], "NotSupported", "no", {}], 1)
        assert "NotSupported" in run.result.failures[0].actual

    def test_an_answer_against_the_schema_fails(self, script: Script) -> None:
        run = script(self.one).answers({"status": "Maybe"}, 1)
        assert run.result.verdict is Verdict.FAIL
        assert run.result.failures[0].requirement == "Part 3 schemas"

    def test_a_closed_connection_loses_the_call(self, script: Script) -> None:
        run = script(self.one).observe(Kind.CLOSED, {"connection": 1}, 1)
        assert "closed" in run.result.failures[0].actual

    def test_only_one_is_outstanding(self, script: Script) -> None:
        async def both(bench: Bench) -> None:
            await bench.gather(
                bench.call("Reset", type="Immediate", within_s=5),
                bench.call("GetLocalListVersion", within_s=5),
            )
            ok(bench)

        run = script(both)
        assert len(run.calls) == 1
        run.answers({"status": "Accepted"}, 4)
        assert len(run.calls) == 2
        assert run.answers({"versionNumber": 0}, 8.5).result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_our_own_fault_is_an_error(self, script: Script) -> None:
        async def wrong(bench: Bench) -> None:
            await bench.call("Reset", type="Sideways")

        assert script(wrong).result.verdict is Verdict.ERROR

    def test_a_repeated_answer_is_a_breach(self, script: Script) -> None:
        async def then_wait(bench: Bench) -> None:
            await bench.call("Reset", type="Immediate", within_s=5)
            await bench.wait(5, "to see more")
            ok(bench)

        run = script(then_wait).answers({"status": "Accepted"}, 1)
        run.answers({"status": "Accepted"}, 2).passes(7)
        assert run.result.verdict is Verdict.FAIL


class TestAnswers:
    def test_the_default_answers_before_the_case_sees_it(self, script: Script) -> None:
        async def sees(bench: Bench) -> None:
            await bench.receive("BootNotification", within_s=5)
            ok(bench)

        run = script(sees).says("BootNotification", BOOT, 1)
        assert run.sent[0][2]["status"] == "Accepted"
        assert run.sent[0][2]["currentTime"].endswith("Z")

    def test_policies_take_turns(self, script: Script) -> None:
        async def turns(bench: Bench) -> None:
            policy = InTurn((call_error("InternalError"), silent()), payload())
            bench.answer("StatusNotification", policy)
            for _ in range(3):
                await bench.receive("StatusNotification", within_s=5)
            ok(bench)

        run = script(turns)
        for second in (1, 2, 3):
            run.says("StatusNotification", STATUS, second)
        assert [frame[0] for frame in run.sent] == [4, 3]
        assert run.replayed() == run.result

    def test_id_token_info_only_for_an_id_token(self, script: Script) -> None:
        async def invalid(bench: Bench) -> None:
            bench.answer("TransactionEvent", id_token_status("Invalid"))
            await bench.receive("TransactionEvent", within_s=5)
            ok(bench)

        event = {
            "eventType": "Started",
            "timestamp": "2027-01-15T08:00:00Z",
            "triggerReason": "CablePluggedIn",
            "seqNo": 0,
            "transactionInfo": {"transactionId": "t"},
        }
        assert script(invalid).says("TransactionEvent", event, 1).sent == [[3, "s2", {}]]


class TestProtocol:
    @staticmethod
    async def waits(bench: Bench) -> None:
        await bench.wait(5, "whatever comes")
        ok(bench)

    @pytest.mark.parametrize(
        ("frame", "code"),
        [
            ("{", "RpcFrameworkError"),
            ([2, "a", "Nonsense", {}], "NotImplemented"),
            ([2, "a", "Heartbeat", {"x": 1}], "ProtocolError"),
            ([9, "a", {}], "MessageTypeNotSupported"),
        ],
    )
    def test_a_breach_is_answered_and_fails(self, script: Script, frame: Any, code: str) -> None:
        run = script(self.waits).frame(frame, 1).passes(6)
        assert run.sent[0][0] == 4
        assert run.sent[0][2] == code
        assert run.result.verdict is Verdict.FAIL
        assert run.replayed() == run.result

    def test_two_calls_at_once_fail(self, script: Script) -> None:
        run = script(self.waits).says("Heartbeat", {}, 1)
        data = {"connection": 1, "frame": '[2,"x","Heartbeat",{}]', "together": True}
        run.observe(Kind.RECEIVED, data, 1).passes(6)
        assert run.result.failures[0].requirement == "OCPP-J §4.1.1"

    def test_frames_of_a_superseded_connection_are_not_answered(self, script: Script) -> None:
        run = script(self.waits).observe(Kind.OPENED, {"connection": 2}, 1)
        run.frame([2, "a", "Heartbeat", {}], 2, connection=1).passes(6)
        assert run.sent == []
        assert run.result.verdict is Verdict.PASS


class TestStrands:
    def test_a_failure_closes_its_siblings(self, script: Script) -> None:
        ended: list[str] = []

        async def waits(bench: Bench) -> None:
            try:
                await bench.receive("BootNotification", within_s=50)
            finally:
                ended.append("closed")

        async def both(bench: Bench) -> None:
            await bench.gather(waits(bench), bench.receive("Heartbeat", within_s=1))

        assert script(both).passes(2).result.verdict is Verdict.FAIL
        assert ended == ["closed"]

    def test_a_message_wakes_the_receive_that_began_first(self, script: Script) -> None:
        async def both(bench: Bench) -> None:
            first, second = await bench.gather(
                bench.receive("Heartbeat", within_s=5), bench.receive("Heartbeat", within_s=5)
            )
            bench.check(Fact("order", first.n < second.n, None), True)

        run = script(both).says("Heartbeat", {}, 1).says("Heartbeat", {}, 2)
        assert run.result.verdict is Verdict.PASS
        assert run.replayed() == run.result

    def test_a_foreign_await_is_an_error(self, script: Script) -> None:
        async def sleeps(bench: Bench) -> None:  # noqa: ARG001
            await asyncio.sleep(0)

        assert script(sleeps).result.verdict is Verdict.ERROR


class TestVerdicts:
    def test_no_check_cannot_pass(self, script: Script) -> None:
        async def nothing(bench: Bench) -> None: ...

        assert script(nothing).result.verdict is Verdict.ERROR

    def test_a_failed_before_is_inconclusive(self, script: Script) -> None:
        async def before(bench: Bench) -> None:
            with bench.before():
                await bench.receive("BootNotification", within_s=1)

        assert script(before).passes(2).result.verdict is Verdict.INCONC

    def test_an_exception_is_an_error_with_its_place(self, script: Script) -> None:
        async def breaks(bench: Bench) -> None:  # noqa: ARG001
            raise KeyError("x")

        run = script(breaks)
        assert run.result.verdict is Verdict.ERROR
        assert any(line.kind is Kind.NOTE and "KeyError" in str(line.data) for line in run.lines)

    def test_a_stall_is_an_error(self, script: Script) -> None:
        run = script(TestSilence.quiet).observe(Kind.STALL, {"why": "blocked"}, 6)
        assert run.result.verdict is Verdict.ERROR
        assert run.replayed() == run.result

    def test_an_action_that_fails_is_an_error(self, script: Script) -> None:
        async def acts(bench: Bench) -> None:
            await bench.act(Reboot())

        run = script(acts)
        outcome = {"status": "unreachable", "detail": "refused"}
        identity = run.lines[-1].data["id"]
        run.observe(Kind.ACTION_DONE, {"id": identity, "outcome": outcome}, 1)
        assert run.result.verdict is Verdict.ERROR
        assert "unreachable" in run.result.because

    def test_what_could_not_be_made_is_an_error(self, script: Script) -> None:
        async def asks(bench: Bench) -> None:
            with pytest.raises(BenchFaultError):
                await bench.ask("firmware", which="valid")
            ok(bench)

        run = script(asks)
        data = {"id": run.lines[-1].data["id"], "what": "firmware", "error": "no file"}
        assert run.observe(Kind.MADE, data, 1).result.verdict is Verdict.PASS


class TestReplay:
    case: CaseFunction = staticmethod(TestReceive.two)

    def finished(self, script: Script) -> Any:
        run = script(self.case).says("BootNotification", BOOT, 1)
        return run.says("StatusNotification", STATUS, 2)

    def test_a_missing_deed_diverges(self, script: Script) -> None:
        run = self.finished(script)
        lines = [line for line in run.lines if line.kind is not Kind.SENT]
        result = run.replayed(lines)
        assert result.verdict is not Verdict.PASS
        assert result.diverged

    def test_an_extra_deed_diverges(self, script: Script) -> None:
        run = self.finished(script)
        extra = next(line for line in run.lines if line.kind is Kind.SENT)
        result = run.replayed([*run.lines[:2], extra, *run.lines[2:]])
        assert result.verdict is not Verdict.PASS

    def test_evidence_that_stops_early_never_passes(self, script: Script) -> None:
        run = self.finished(script)
        for end in range(1, len(run.lines) - 2):
            assert run.replayed(run.lines[:end]).verdict is not Verdict.PASS

    def test_a_forged_deadline_decides_nothing(self, script: Script) -> None:
        run = self.finished(script)
        forged = run.lines[0].__class__(
            1, run.lines[0].at_ns, 500_000_000, "TC_X_01_CS", "-", Kind.DEADLINE, {}
        )
        assert run.replayed([run.lines[0], forged, *run.lines[1:]]).verdict is Verdict.PASS
