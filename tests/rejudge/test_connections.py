"""Connections that a bench may have recorded, and others."""

from __future__ import annotations

from typing import Any

import pytest

from vdoc.bench import CaseStart, DutState, Password
from vdoc.bench.gate import standard_gate
from vdoc.evidence import Kind, Line
from vdoc.rejudge.connections import Connections

AUTHORIZATION = {"scheme": "Basic", "user": "D1", "password_name": "p1"}
HELLO = {"random": "ab"}
TLS = {"client_hello": HELLO, "handshake_done": True, "version": "TLSv1.3",
       "peer_certificate": {"subject": "D1"}, "resumed": False}  # fmt: skip


def line(kind: Kind, **data: Any) -> Line:
    return Line(5, 0, 0, "TC_X", "-", kind, data)


def opened(number: int = 1, profile: int = 1, **changes: Any) -> Line:
    facts = {
        "connection": number, "endpoint": 1, "profile": profile, "identity": "D1",
        "root": None if profile == 1 else "root1", "tls": None if profile == 1 else TLS,
        "authorization": AUTHORIZATION if profile < 3 else None,
    }  # fmt: skip
    return line(Kind.OPENED, **{**facts, **changes})


def codes(*lines: Line, profile: int = 1) -> list[str]:
    connections = Connections("D1")
    state = DutState(password=Password(name="p1"), profile=profile)
    connections.begins(CaseStart("TC_X", {}, 1, 7, state))
    return [each.code for fed in lines for each in connections.feed(fed)]


def received(number: int) -> Line:
    return line(Kind.RECEIVED, connection=number, frame="[]")


def closed(number: int) -> Line:
    return line(Kind.CLOSED, connection=number)


HANDSHAKE = line(Kind.TLS, outcome="completed", client_hello=HELLO)


def test_frames_come_on_the_newest_until_it_closes() -> None:
    assert codes(opened(1), received(1), opened(2), closed(1), received(2), closed(2)) == []


@pytest.mark.parametrize(
    "lines",
    [
        [received(1)],
        [opened(1), received(2)],
        [opened(1), closed(1), received(1)],
        [opened(1), opened(2), received(1)],
        [closed(1)],
        [opened(1), closed(1), closed(1)],
    ],
)
def test_others_are_not_in_use(lines: list[Line]) -> None:
    assert codes(*lines) == ["connection-unknown"]


def test_they_are_numbered_one_by_one() -> None:
    assert codes(opened(2)) == ["connection-number"]
    assert codes(opened(1), opened(1)) == ["connection-number"]


@pytest.mark.parametrize("profile", [2, 3])
def test_tls_that_was_shaken_hands_for(profile: int) -> None:
    assert codes(HANDSHAKE, opened(1, profile), profile=profile) == []


@pytest.mark.parametrize(
    ("facts", "profile"),
    [
        (TLS, 1),
        (None, 2),
        ({**TLS, "client_hello": {"random": "cd"}}, 2),
        ({**TLS, "client_hello": None}, 2),
        ({**TLS, "handshake_done": False}, 2),
        ({**TLS, "version": "TLSv1.1"}, 2),
        ({**TLS, "peer_certificate": None}, 3),
    ],
)
def test_any_other_tls(facts: Any, profile: int) -> None:
    lines = [HANDSHAKE, opened(1, profile, tls=facts)]
    assert codes(*lines, profile=profile) == ["connection-tls"]


def test_a_handshake_that_failed_leads_to_none() -> None:
    failed = line(Kind.TLS, outcome="failed", client_hello=HELLO)
    assert codes(failed, opened(1, 2), profile=2) == ["connection-tls"]


@pytest.mark.parametrize(
    "changes",
    [
        {"identity": "D2"},
        {"endpoint": 2},
        {"root": "root1"},
        {"authorization": None},
        {"authorization": {**AUTHORIZATION, "user": "D2"}},
        {"authorization": {**AUTHORIZATION, "password_name": "p9"}},
    ],
)
def test_no_gate_lets_others_in(changes: dict[str, Any]) -> None:
    assert codes(opened(1, **changes)) == ["connection-gate"]


def test_the_gates_of_the_case_before_count_and_older_ones_do_not() -> None:
    connections = Connections("D1")
    state = DutState(password=Password(name="p1"))
    start = CaseStart("TC_X", {}, 1, 7, state)
    connections.begins(start)
    gate = {**standard_gate(state, 2).as_json(), "accept": True}
    assert list(connections.feed(line(Kind.GATE, **gate))) == []
    for number, expected in ((1, []), (2, ["connection-gate"])):
        connections.begins(start)
        found = [each.code for each in connections.feed(opened(number, endpoint=2))]
        assert found == expected
