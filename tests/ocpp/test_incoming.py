"""What each received text is taken for, from both roles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.frames import ERROR_CODES, Call, CallError, CallResult, Malformed, serialise
from vdoc.ocpp.incoming import Answer, Invalid, Request, Stray
from vdoc.ocpp.session import Session


def receive(role: str, action: str, payload: dict[str, Any]) -> Request | Invalid:
    session = Session("csms" if role == "csms" else "station", 1)
    found = session.receive(serialise(Call("1", action, payload)))
    assert isinstance(found, Request | Invalid)
    return found


def refusal(found: object) -> CallError:
    assert isinstance(found, Invalid)
    assert found.violations
    assert found.reply is not None
    return found.reply


class TestCall:
    def test_a_valid_one_is_a_request(self) -> None:
        found = receive("csms", "Heartbeat", {})
        assert found == Request(Call("1", "Heartbeat", {}))

    def test_so_it_is_at_the_station(self) -> None:
        found = receive("station", "Reset", {"type": "OnIdle"})
        assert found == Request(Call("1", "Reset", {"type": "OnIdle"}))

    def test_a_breach_of_the_schema_is_answered_with_its_code(self) -> None:
        found = receive("csms", "BootNotification", {"reason": "PowerUp"})
        reply = refusal(found)
        assert (reply.id, reply.code) == ("1", "OccurrenceConstraintViolation")
        assert reply.description.startswith("chargingStation: ")

    def test_the_description_keeps_to_255_characters(self) -> None:
        reply = refusal(receive("csms", "Heartbeat", {"x" * 1000: 1}))
        assert len(reply.description) == 255


class TestDirection:
    def test_a_csms_action_from_a_station_is_not_supported(self) -> None:
        assert refusal(receive("csms", "Reset", {"type": "OnIdle"})).code == "NotSupported"

    def test_a_station_action_from_a_csms_is_not_supported(self) -> None:
        assert refusal(receive("station", "Heartbeat", {})).code == "NotSupported"

    @pytest.mark.parametrize("role", ["csms", "station"])
    def test_data_transfer_goes_both_ways(self, role: str) -> None:
        assert isinstance(receive(role, "DataTransfer", {"vendorId": "v"}), Request)

    @pytest.mark.parametrize("action", ["", "heartbeat", "HeartbeatRequest", "StartTransaction"])
    def test_an_unknown_action_is_not_implemented(self, action: str) -> None:
        assert refusal(receive("csms", action, {})).code == "NotImplemented"


class TestMalformed:
    def test_it_is_answered_under_its_id(self) -> None:
        reply = refusal(Session("csms", 1).receive('[2,"7","Heartbeat",[]]'))
        assert (reply.id, reply.code) == ("7", "ProtocolError")

    def test_it_is_answered_under_minus_one_without_a_readable_id(self) -> None:
        reply = refusal(Session("csms", 1).receive("garbage"))
        assert (reply.id, reply.code, reply.details) == ("-1", "RpcFrameworkError", {})

    def test_an_unknown_message_type_is_answered(self) -> None:
        assert refusal(Session("csms", 1).receive('[5,"7",{}]')).code == "MessageTypeNotSupported"

    @pytest.mark.parametrize("text", ['[3,"7",[]]', '[4,"7","X"]', "[3]", '[3,"7",{"a":NaN}]'])
    def test_a_response_is_never_answered(self, text: str) -> None:
        found = Session("csms", 1).receive(text)
        assert isinstance(found, Invalid)
        assert isinstance(found.frame, Malformed)
        assert found.reply is None


class TestResponse:
    def session(self) -> Session:
        session = Session("csms", 1)
        session.request(Call("1", "Reset", {"type": "OnIdle"}))
        return session

    def test_a_valid_one_is_an_answer(self) -> None:
        found = self.session().receive('[3,"1",{"status":"Accepted"}]')
        assert isinstance(found, Answer)
        assert (found.result, found.violations) == (CallResult("1", {"status": "Accepted"}), ())

    def test_a_breach_of_the_schema_is_an_answer_with_violations(self) -> None:
        found = self.session().receive('[3,"1",{"status":"Done"}]')
        assert isinstance(found, Answer)
        assert [violation.path for violation in found.violations] == ["status"]

    def test_a_call_error_is_an_answer(self) -> None:
        found = self.session().receive('[4,"1","InternalError","",{}]')
        assert isinstance(found, Answer)
        assert (found.result, found.violations) == (CallError("1", "InternalError", "", {}), ())

    @pytest.mark.parametrize("code", ["FormationViolation", "OccurenceConstraintViolation", ""])
    def test_a_code_outside_table_8_is_a_violation(self, code: str) -> None:
        found = self.session().receive(f'[4,"1","{code}","",{{}}]')
        assert isinstance(found, Answer)
        assert [violation.path for violation in found.violations] == ["errorCode"]

    def test_a_description_of_256_characters_is_a_violation(self) -> None:
        found = self.session().receive(f'[4,"1","InternalError","{"x" * 256}",{{}}]')
        assert isinstance(found, Answer)
        assert [violation.path for violation in found.violations] == ["errorDescription"]

    def test_one_that_nobody_waits_for_is_stray(self) -> None:
        found = self.session().receive('[3,"2",{}]')
        assert found == Stray(CallResult("2", {}), "unknown")


class TestNeverRaises:
    @given(st.lists(st.text() | st.sampled_from(['[3,"1",{}]', '[2,"1","Heartbeat",{}]'])))
    def test_any_texts_in_any_order(self, texts: list[str]) -> None:
        session = Session("csms", 1)
        session.request(Call("1", "Reset", {"type": "OnIdle"}))
        for text in texts:
            found = session.receive(text)
            if isinstance(found, Invalid) and found.reply is not None:
                assert found.reply.code in ERROR_CODES
                serialise(found.reply).encode()
