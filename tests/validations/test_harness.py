"""The harness itself: paths with `*`, phrases, alterations, what would have been recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from tests.validations.conditions import Situation, holds
from tests.validations.entries import Alteration, Insertion, load_excuses, load_validations
from tests.validations.mutation import find, mutate
from tests.validations.paths import bindings, bound, matches, put
from tests.validations.record import Record
from tests.validations.retelling import retell
from vdoc.bench import Bench, CaseStart, DutState, Facts, Password, RunContext, VariableFact
from vdoc.bench.start import OpenConnection
from vdoc.cases.registry import case_functions
from vdoc.evidence import Kind, Line
from vdoc.pics.values import Values

START = CaseStart(
    case="TC_X_01_CS",
    variant={},
    attempt=1,
    seed=1,
    state=DutState(password=Password(name="p1")),
    connection=OpenConnection(1, {"connection": 1}),
)


class _Settings:
    values = Values(message_timeout_s=1.0)


MADE = {"what": "root_certificate", "value": {"hash_data": {"serialNumber": "1"}}}
CONTEXT = RunContext(None, _Settings(), Facts())  # type: ignore[arg-type]


def lines_of(*told: tuple[Kind, Any]) -> list[Line]:
    data = [(Kind.CASE, START.as_json()), *told]
    return [
        Line(n, 1_800_000_000_000_000_000, n, "TC_X_01_CS", "-", kind, value)
        for n, (kind, value) in enumerate(data)
    ]


def received(*frame: Any) -> tuple[Kind, Any]:
    return Kind.RECEIVED, {"connection": 1, "frame": json.dumps(frame)}


def sent(*frame: Any) -> tuple[Kind, Any]:
    return Kind.SENT, {"connection": 1, "frame": json.dumps(frame)}


class TestPaths:
    BODY: ClassVar = {"e": [{"name": "a", "value": 1}, {"name": "b", "value": 2}]}

    def test_conditions_that_share_a_star_hold_for_one_element(self) -> None:
        assert matches(self.BODY, {"e.*.name": "a", "e.*.value": 1})
        assert not matches(self.BODY, {"e.*.name": "a", "e.*.value": 2})

    def test_a_list_of_values_means_any_of_them(self) -> None:
        assert matches(self.BODY, {"e.*.name": ["x", "b"]})

    def test_present_and_absent(self) -> None:
        assert matches(self.BODY, {"e.*.name": "<present>", "f": "<absent>"})

    def test_alterations_touch_only_the_elements_that_match(self) -> None:
        found = list(bindings(self.BODY, {"e.*.name": "b"}, ("e.*.value",)))
        assert [bound("e.*.value", binding) for binding in found] == ["e.1.value"]

    def test_missing_parents_are_made_and_an_index_at_the_end_appends(self) -> None:
        body: dict[str, Any] = {"list": [1]}
        put(body, "a.b", 2)
        put(body, "list.1", 3)
        assert body == {"a": {"b": 2}, "list": [1, 3]}


class TestFind:
    RECORD = Record(
        lines_of(
            received(2, "s1", "Heartbeat", {}),
            sent(2, "c1", "Reset", {"type": "OnIdle"}),
            received(3, "c1", {"status": "Accepted"}),
            received(2, "s2", "Heartbeat", {}),
            received(2, "s3", "Heartbeat", {}),
        )
    )

    @pytest.mark.parametrize(
        ("pick", "ids"),
        [("all", ["s1", "s2", "s3"]), ("first", ["s1"]), ("last", ["s3"]), ("nth:2", ["s2"])],
    )
    def test_pick(self, pick: str, ids: list[str]) -> None:
        found = find(Alteration("received", "HeartbeatRequest", pick=pick), self.RECORD)
        assert [json.loads(seen.line.data["frame"])[1] for seen in found] == ids

    def test_after_request(self) -> None:
        alteration = Alteration("received", "HeartbeatRequest", after_request="Reset")
        assert len(find(alteration, self.RECORD)) == 2

    def test_before_request(self) -> None:
        alteration = Alteration("received", "HeartbeatRequest", before_request="Reset")
        assert len(find(alteration, self.RECORD)) == 1

    def test_after_what_never_was(self) -> None:
        alteration = Alteration("received", "HeartbeatRequest", after_action="plugin")
        assert find(alteration, self.RECORD) == []

    def test_a_response_is_named_after_its_call(self) -> None:
        assert len(find(Alteration("received", "ResetResponse"), self.RECORD)) == 1


class TestMutate:
    @staticmethod
    def numbers(told: list[int], alteration: Alteration) -> list[int]:
        """Return the seqNos that are left of these, which events of one transaction have."""
        event = {"transactionInfo": {"transactionId": "t"}}
        sent_so = [
            received(2, f"s{i}", "TransactionEvent", {**event, "seqNo": n})
            for i, n in enumerate(told)
        ]
        lines = mutate(replace(load_validations()[0], main=alteration), Record(lines_of(*sent_so)))
        assert lines is not None
        return [json.loads(line.data["frame"])[-1]["seqNo"] for line in lines[1:]]

    def test_dropped_transaction_events_leave_no_gap(self) -> None:
        second = Alteration("received", "TransactionEventRequest", pick="nth:2", drop=True)
        assert self.numbers([0, 1, 2], second) == [0, 1]

    def test_a_dropped_resend_leaves_none(self) -> None:
        third = Alteration("received", "TransactionEventRequest", pick="nth:3", drop=True)
        assert self.numbers([0, 1, 1, 2], third) == [0, 1, 2]

    def test_all_transmissions_of_an_event_leave_one(self) -> None:
        both = Alteration("received", "TransactionEventRequest", where={"seqNo": 1}, drop=True)
        assert self.numbers([0, 1, 1, 2], both) == [0, 1]

    def test_the_place_is_the_one_that_was_used(self) -> None:
        plugged = {"action": {"operation": "plugin", "evse": 2, "connector": 3}}
        status = {"evseId": 2, "connectorId": 3, "connectorStatus": "Occupied"}
        record = Record(
            lines_of((Kind.ACTION, plugged), received(2, "s1", "StatusNotification", status))
        )
        where = {"evseId": 1, "connectorId": 1}
        main = Alteration("received", "StatusNotificationRequest", where=where, drop=True)
        assert mutate(replace(load_validations()[0], main=main), record) == record.lines[:-1]


class TestFurtherAlterations:
    RECORD = Record(
        lines_of(
            (Kind.MADE, MADE),
            sent(2, "c1", "GetBaseReport", {"requestId": 7}),
            received(3, "c1", {"status": "Accepted"}),
            received(2, "s1", "Heartbeat", {}),
            sent(2, "c2", "ClearCache", {}),
            received(4, "c2", "InternalError", "", {}),
            received(2, "s2", "Heartbeat", {}),
        )
    )

    def frames(self, main: Alteration | Insertion) -> list[Any]:
        lines = mutate(replace(load_validations()[0], main=main), self.RECORD)
        assert lines is not None
        told = (line for line in lines if line.kind is Kind.RECEIVED)
        return [json.loads(line.data["frame"]) for line in told]

    def test_an_error_gets_another_code(self) -> None:
        frames = self.frames(Alteration("received", "CallError", error_code="SecurityError"))
        assert frames[2] == [4, "c2", "SecurityError", "", {}]

    def test_an_error_becomes_a_result(self) -> None:
        frames = self.frames(Alteration("received", "CallError", as_result={"status": "Accepted"}))
        assert frames[2] == [3, "c2", {"status": "Accepted"}]

    def test_a_message_is_moved_before_a_response(self) -> None:
        move = Alteration("received", "HeartbeatRequest", move_before_response="GetBaseReport")
        assert [frame[1] for frame in self.frames(move)] == ["s1", "s2", "c1", "c2"]

    def test_a_certificate_of_the_tester_is_listed(self) -> None:
        changes = {"list": [], "list.+": {"certificateHashData": "<hash:last>"}}
        listed = Alteration("received", "GetBaseReportResponse", set=changes)
        assert self.frames(listed)[0][2]["list"] == [{"certificateHashData": {"serialNumber": "1"}}]

    @pytest.mark.parametrize(("pick", "place"), [("first", 2), ("last", 4)])
    def test_an_insertion_comes_after_the_picked_message(self, pick: str, place: int) -> None:
        new = Insertion("received", "X", {}, after_message="HeartbeatRequest", pick=pick)
        assert self.frames(new)[place][2] == "X"

    def test_an_insertion_at_the_end_is_in_time(self) -> None:
        told = (received(2, "s1", "Heartbeat", {}), received(2, "s2", "Heartbeat", {}))
        stamps = (0, 10_000_000, 19_999_000, 20_000_000)
        lines = lines_of(*told, (Kind.DEADLINE, {}))
        record = Record([o._replace(mono_ns=n) for o, n in zip(lines, stamps, strict=True)])
        new = Insertion("received", "X", {}, at_end=True)
        altered = mutate(replace(load_validations()[0], main=new), record)
        assert altered is not None
        assert json.loads(altered[2].data["frame"])[2] == "X"

    def test_an_insertion_after_an_action_that_never_was(self) -> None:
        new = Insertion("received", "X", {}, after_action="plugin")
        assert mutate(replace(load_validations()[0], main=new), self.RECORD) is None

    def test_an_insertion_names_what_was_asked_for(self) -> None:
        content = {"requestId": "<asked:requestId>"}
        new = Insertion("received", "NotifyReport", content, after_request="GetBaseReport")
        assert self.frames(new)[1][3] == {"requestId": 7}


async def _two_heartbeats(bench: Bench) -> None:
    await bench.receive("Heartbeat")
    answer = await bench.call("ClearCache")
    bench.check(answer["status"], "Accepted")


class TestRetell:
    def recorded(self, function: Any = _two_heartbeats) -> list[Line]:
        call = [2, _call_id(function), "ClearCache", {}]
        return lines_of(
            received(2, "s1", "Heartbeat", {}),
            sent(3, "s1", {"currentTime": "2027-01-15T08:00:00.000Z"}),
            sent(*call),
            received(3, call[1], {"status": "Accepted"}),
        )

    def test_unaltered_lines_give_the_same_deeds(self) -> None:
        told = retell(self.recorded(), _two_heartbeats, CONTEXT)
        assert not told.diverged
        assert [line.kind for line in told.told] == [line.kind for line in self.recorded()]

    def test_what_is_waited_for_in_vain_lets_time_pass(self) -> None:
        told = retell([self.recorded()[0], *self.recorded()[2:]], _two_heartbeats, CONTEXT)
        assert [line.kind for line in told.told] == [Kind.CASE, Kind.DEADLINE]
        assert told.told[-1].mono_ns > 1_000_000_000

    def test_another_way_diverges(self) -> None:
        async def other(bench: Bench) -> None:
            await bench.receive("Heartbeat")
            await bench.call("GetLocalListVersion")

        told = retell(self.recorded(), other, CONTEXT)
        assert "GetLocalListVersion" in told.diverged


def _call_id(function: Any) -> str:
    told = retell(lines_of(received(2, "s1", "Heartbeat", {})), function, CONTEXT).told
    frames = [json.loads(line.data["frame"]) for line in told if line.kind is Kind.SENT]
    return str(next(frame[1] for frame in frames if frame[0] == 2))


class TestPhrases:
    def situation(self, start_point: str) -> Situation:
        fact = VariableFact(component="TxCtrlr", variable="TxStartPoint", value=start_point)
        context = replace(CONTEXT, facts=Facts(variables=(fact,)))
        return Situation(Record(lines_of()), context, START)

    def test_or_binds_closer_than_and(self) -> None:
        phrases = "local and TxStartPoint has EVConnected or parking bay used"
        assert holds(phrases, self.situation("EVConnected,Authorized")) is True
        assert holds(phrases, self.situation("Authorized")) is False

    def test_stop_points(self) -> None:
        assert holds("TxStopPoint has no Authorized", self.situation("EVConnected")) is True
        assert holds("TxStopPoint has Authorized", self.situation("EVConnected")) is False

    def test_what_only_the_record_can_tell_stays_open(self) -> None:
        assert holds("local and optional step taken", self.situation("")) is None

    def test_an_unknown_phrase_is_refused(self) -> None:
        with pytest.raises(ValueError, match="moon"):
            holds("moon is full", self.situation(""))


class TestTables:
    def test_ids_are_unique(self) -> None:
        ids = [entry.id for entry in load_validations()]
        assert len(ids) == len(set(ids))

    def test_every_case_is_implemented(self) -> None:
        assert {entry.case for entry in load_validations()} <= set(case_functions())

    def test_excuses_are_of_entries_that_exist(self) -> None:
        assert {excuse.id for excuse in load_excuses()} <= {e.id for e in load_validations()}
