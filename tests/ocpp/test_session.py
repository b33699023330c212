"""The state of a connection: two sessions joined without a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.frames import Call, CallError, CallResult, serialise
from vdoc.ocpp.session import (
    Answer,
    Incoming,
    Invalid,
    LocalProtocolError,
    Request,
    Session,
    Stray,
)

HEARTBEAT = Call("h1", "Heartbeat", {})
TIME = {"currentTime": "2024-01-01T00:00:00.000Z"}
RESET = Call("r1", "Reset", {"type": "OnIdle"})
CACHE = Call("c1", "ClearCache", {})
ACCEPTED = {"status": "Accepted"}


def text(frame: Call | CallResult | CallError) -> str:
    return serialise(frame)


def sent(frame: str | None) -> str:
    assert frame is not None
    return frame


@dataclass
class Pair:
    """A CSMS and a station, joined."""

    csms: Session = field(default_factory=lambda: Session("csms", 1))
    station: Session = field(default_factory=lambda: Session("station", 1))

    def reconnect(self) -> Pair:
        return Pair(Session("csms", 2, after=self.csms), Session("station", 2, after=self.station))

    def heartbeat(self, message_id: str) -> Incoming:
        call = Call(message_id, "Heartbeat", {})
        return self.csms.receive(sent(self.station.request(call, checked=False)))


@pytest.fixture
def pair() -> Pair:
    return Pair()


class TestExchange:
    def test_a_station_is_answered(self, pair: Pair) -> None:
        pair.csms.receive(sent(pair.station.request(HEARTBEAT)))
        answer = pair.station.receive(pair.csms.respond("h1", TIME))
        assert answer == Answer(HEARTBEAT, CallResult("h1", TIME))

    def test_a_csms_is_answered(self, pair: Pair) -> None:
        pair.station.receive(sent(pair.csms.request(RESET)))
        answer = pair.csms.receive(pair.station.respond("r1", ACCEPTED))
        assert answer == Answer(RESET, CallResult("r1", ACCEPTED))

    def test_a_call_error_answers_too(self, pair: Pair) -> None:
        pair.station.receive(sent(pair.csms.request(RESET)))
        answer = pair.csms.receive(pair.station.respond_error("r1", "NotSupported", "no"))
        assert answer == Answer(RESET, CallError("r1", "NotSupported", "no", {}))

    def test_calls_may_cross(self, pair: Pair) -> None:
        from_station, from_csms = pair.station.request(HEARTBEAT), pair.csms.request(RESET)
        pair.csms.receive(sent(from_station))
        pair.station.receive(sent(from_csms))
        assert isinstance(pair.csms.receive(pair.station.respond("r1", ACCEPTED)), Answer)
        assert isinstance(pair.station.receive(pair.csms.respond("h1", TIME)), Answer)

    def test_both_may_use_the_same_id(self, pair: Pair) -> None:
        pair.csms.request(Call("1", "Reset", {"type": "OnIdle"}))
        assert isinstance(pair.heartbeat("1"), Request)

    @given(st.lists(st.uuids(), unique=True, max_size=20))
    def test_any_number_of_exchanges(self, ids: list[object]) -> None:
        pair = Pair()
        for message_id in map(str, ids):
            assert isinstance(pair.heartbeat(message_id), Request)
            answer = pair.station.receive(pair.csms.respond(message_id, TIME))
            assert isinstance(answer, Answer)
        assert (pair.station.outstanding, pair.csms.unanswered) == (None, ())


class TestOneOutstanding:
    """4.1.1."""

    def test_the_second_call_waits_for_the_answer(self, pair: Pair) -> None:
        pair.station.receive(sent(pair.csms.request(RESET)))
        assert pair.csms.request(CACHE) is None
        answer = pair.csms.receive(pair.station.respond("r1", ACCEPTED))
        assert isinstance(answer, Answer)
        assert answer.send_next == text(CACHE)
        assert pair.csms.outstanding == CACHE

    def test_or_for_the_time_out(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.request(CACHE)
        assert pair.csms.queued == (CACHE,)
        assert pair.csms.give_up("r1") == text(CACHE)

    def test_a_queued_call_can_be_withdrawn(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.request(CACHE)
        assert pair.csms.give_up("c1") is None
        assert (pair.csms.outstanding, pair.csms.queued) == (RESET, ())

    def test_the_queue_keeps_its_order(self, pair: Pair) -> None:
        calls = [Call(str(n), "ClearCache", {}) for n in range(4)]
        texts = [pair.csms.request(call) for call in calls]
        texts = [texts[0], *(pair.csms.give_up(call.id) for call in calls)]
        assert texts == [*map(text, calls), None]

    def test_the_peers_unanswered_calls_are_named(self, pair: Pair) -> None:
        pair.csms.receive(text(Call("1", "Heartbeat", {})))
        second = pair.csms.receive(text(Call("2", "Heartbeat", {})))
        assert isinstance(second, Request)
        assert second.unanswered == ("1",)

    def test_answered_ones_are_not(self, pair: Pair) -> None:
        pair.csms.receive(text(Call("1", "Heartbeat", {})))
        pair.csms.respond("1", TIME)
        second = pair.csms.receive(text(Call("2", "Heartbeat", {})))
        assert isinstance(second, Request)
        assert second.unanswered == ()

    def test_what_is_not_waiting_cannot_be_given_up(self, pair: Pair) -> None:
        with pytest.raises(LocalProtocolError, match="NONE: no GIVE_UP"):
            pair.csms.give_up("r1")


class TestStray:
    """A response counts once, and only on the connection of its CALL."""

    def test_a_second_response_is_repeated(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.receive(text(CallResult("r1", ACCEPTED)))
        found = pair.csms.receive(text(CallResult("r1", ACCEPTED)))
        assert found == Stray(CallResult("r1", ACCEPTED), "repeated", RESET)

    def test_a_response_after_the_time_out_is_late_and_then_repeated(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.give_up("r1")
        reasons = [pair.csms.receive(text(CallResult("r1", ACCEPTED))) for _ in range(2)]
        assert [found.reason for found in reasons if isinstance(found, Stray)] == [
            "late",
            "repeated",
        ]

    def test_a_late_response_leaves_the_outstanding_call_alone(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.request(CACHE)
        pair.csms.give_up("r1")
        pair.csms.receive(text(CallResult("r1", ACCEPTED)))
        assert pair.csms.outstanding == CACHE

    def test_a_response_to_a_queued_call_is_unknown(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.request(CACHE)
        found = pair.csms.receive(text(CallResult("c1", ACCEPTED)))
        assert found == Stray(CallResult("c1", ACCEPTED), "unknown")

    def test_a_response_on_the_next_connection_is_unknown(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        found = pair.reconnect().csms.receive(text(CallResult("r1", ACCEPTED)))
        assert found == Stray(CallResult("r1", ACCEPTED), "unknown")

    def test_an_error_under_minus_one_is_unknown(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        found = pair.csms.receive('[4,"-1","RpcFrameworkError","",{}]')
        assert isinstance(found, Stray)
        assert pair.csms.outstanding == RESET


class TestMalformedResponse:
    def test_it_settles_the_call_that_it_names(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.request(CACHE)
        found = pair.csms.receive('[3,"r1"]')
        assert isinstance(found, Invalid)
        assert (found.call, found.send_next) == (RESET, text(CACHE))

    def test_any_other_settles_nothing(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        found = pair.csms.receive('[3,"x"]')
        assert isinstance(found, Invalid)
        assert (found.call, pair.csms.outstanding) == (None, RESET)


class TestUsedIds:
    """4.1.4 with errata 2025-09, 4.6: new ids, save for a retry of what got no result."""

    def repeated(self, found: Incoming) -> bool:
        if isinstance(found, Request):
            return False
        assert isinstance(found, Invalid)
        assert found.reply is not None
        return found.reply.code == "RpcFrameworkError"

    def test_an_answered_id_is_used(self, pair: Pair) -> None:
        pair.heartbeat("1")
        pair.station.receive(pair.csms.respond("1", TIME))
        assert self.repeated(pair.heartbeat("1"))

    def test_another_call_under_an_unanswered_id_is_none(self, pair: Pair) -> None:
        pair.heartbeat("1")
        call = Call("1", "DataTransfer", {"vendorId": "v"})
        assert self.repeated(pair.csms.receive(text(call)))

    def test_the_same_call_without_an_answer_is_a_retry(self, pair: Pair) -> None:
        pair.heartbeat("1")
        found = pair.csms.receive(text(Call("1", "Heartbeat", {})))
        assert found == Request(Call("1", "Heartbeat", {}), retry=True)

    def test_so_it_is_after_a_call_error(self, pair: Pair) -> None:
        pair.heartbeat("1")
        pair.station.receive(pair.csms.respond_error("1", "InternalError"))
        found = pair.heartbeat("1")
        assert isinstance(found, Request)
        assert found.retry

    def test_and_after_an_answer_that_came_after_the_next_call(self, pair: Pair) -> None:
        pair.heartbeat("1")
        pair.csms.receive(text(Call("2", "Heartbeat", {})))
        pair.csms.respond("1", TIME)
        assert not self.repeated(pair.csms.receive(text(Call("1", "Heartbeat", {}))))

    def test_and_after_the_connection_that_may_have_lost_the_answer(self, pair: Pair) -> None:
        pair.heartbeat("1")
        pair.csms.respond("1", TIME)
        assert not self.repeated(pair.reconnect().heartbeat("1"))

    def test_an_answer_that_arrived_uses_the_id_on_every_connection(self, pair: Pair) -> None:
        for message_id in ("1", "2"):
            pair.heartbeat(message_id)
            pair.station.receive(pair.csms.respond(message_id, TIME))
        assert self.repeated(pair.reconnect().heartbeat("1"))
        assert self.repeated(pair.reconnect().reconnect().heartbeat("1"))

    def test_an_invalid_call_uses_its_id_too(self, pair: Pair) -> None:
        pair.csms.receive(text(Call("1", "Reset", {})))
        assert self.repeated(pair.heartbeat("1"))


class TestOurFaults:
    """What we are about to do wrong is never sent."""

    @pytest.mark.parametrize(
        "call",
        [
            Call("1", "Heartbeat", {}),
            Call("1", "Boot", {}),
            Call("1", "Reset", {}),
            Call("1" * 37, "ClearCache", {}),
        ],
    )
    def test_a_call_that_breaks_a_rule(self, pair: Pair, call: Call) -> None:
        with pytest.raises(LocalProtocolError):
            pair.csms.request(call)
        assert pair.csms.outstanding is None

    def test_unless_unchecked(self, pair: Pair) -> None:
        call = Call("1", "Boot", {})
        assert pair.csms.request(call, checked=False) == text(call)
        assert isinstance(pair.csms.receive(text(CallResult("1", {}))), Answer)

    def test_an_id_that_is_answered(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.receive(text(CallResult("r1", ACCEPTED)))
        for csms in (pair.csms, pair.reconnect().csms):
            with pytest.raises(LocalProtocolError, match="'r1' is used"):
                csms.request(RESET)

    def test_a_retry_of_what_was_given_up_keeps_its_id(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        pair.csms.give_up("r1")
        assert pair.csms.request(RESET) == text(RESET)

    def test_so_it_does_on_the_next_connection(self, pair: Pair) -> None:
        pair.csms.request(RESET)
        assert pair.reconnect().csms.request(RESET) == text(RESET)

    @pytest.mark.parametrize("checked", [True, False])
    def test_an_id_that_is_waiting(self, pair: Pair, *, checked: bool) -> None:
        pair.csms.request(RESET)
        with pytest.raises(LocalProtocolError, match="OUTSTANDING: no REQUEST"):
            pair.csms.request(RESET, checked=checked)

    @pytest.mark.parametrize(
        "respond",
        [
            lambda csms: csms.respond("h1", {}),
            lambda csms: csms.respond_error("h1", "Oops"),
            lambda csms: csms.respond_error("h1", "GenericError", "x" * 256),
            lambda csms: csms.respond("h2", TIME),
        ],
    )
    def test_a_response_that_breaks_a_rule(
        self, pair: Pair, respond: Callable[[Session], str]
    ) -> None:
        pair.csms.receive(text(HEARTBEAT))
        with pytest.raises(LocalProtocolError):
            respond(pair.csms)
        assert pair.csms.unanswered == (HEARTBEAT,)

    def test_an_unchecked_response_is_sent(self, pair: Pair) -> None:
        pair.csms.receive(text(HEARTBEAT))
        assert pair.csms.respond("h1", {}, checked=False) == '[3,"h1",{}]'

    def test_a_second_response(self, pair: Pair) -> None:
        pair.csms.receive(text(HEARTBEAT))
        pair.csms.respond("h1", TIME)
        with pytest.raises(LocalProtocolError, match="no CALL 'h1'"):
            pair.csms.respond("h1", TIME)
