"""The connections of a run: numbered, let in by a gate, open while something comes over them.

Owns what the bench guarantees of every `opened`, `closed` and `received` line, whatever the DUT
does: connections are numbered from 1; one is opened under a gate that was in force and with the
facts that such a gate lets in; frames come on the newest alone, and only until it closes. So a
frame cannot be hidden by moving it to a connection that is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vdoc.bench import CaseStart
from vdoc.bench.gate import standard_gate
from vdoc.evidence import Kind, Line
from vdoc.evidence.sameness import same
from vdoc.rejudge.contradiction import Contradiction, cut

_VERSIONS = frozenset({"TLSv1.2", "TLSv1.3"})
_CLIENT_CERTIFICATE = 3  # the security profile (Part 2 §A00)

Gates = list[Mapping[str, Any]]


class Connections:
    """Follows the connections of a whole run.

    Args:
        identity: under which the DUT must connect.
    """

    def __init__(self, identity: str) -> None:
        self._identity = identity
        self._newest = 0
        self._open: set[object] = set()
        self._shaken: set[object] = set()
        self._gates_before: Gates = []
        self._gates: Gates = []

    def begins(self, start: CaseStart) -> None:
        """Take the beginning of a case: the usual gates are in force."""
        self._gates_before = self._gates
        self._gates = [standard_gate(start.state, endpoint).as_json() for endpoint in (1, 2)]

    def feed(self, line: Line) -> Iterator[Contradiction]:
        """Take the next line of a case, and yield what no bench could have recorded."""
        match line.kind:
            case Kind.GATE:
                self._gates.append(line.data)
            case Kind.TLS:
                if line.data.get("outcome") == "completed":
                    self._shaken.add(_random(line.data))
            case Kind.OPENED:
                yield from self._opened(line)
            case Kind.CLOSED | Kind.RECEIVED:
                number = line.data.get("connection")
                closed = line.kind is Kind.CLOSED
                known = type(number) is int and number in self._open
                if not known or not (closed or number == self._newest):
                    words = f"{line.kind.value} on connection {cut(number)}, which is not in use"
                    yield Contradiction("connection-unknown", words, line.n)
                if closed:
                    self._open.discard(number)
            case _:
                pass

    def _opened(self, line: Line) -> Iterator[Contradiction]:
        number, expected = line.data.get("connection"), self._newest + 1
        if not same(number, expected):
            words = f"connection {cut(number)} is opened, the next is number {expected}"
            yield Contradiction("connection-number", words, line.n)
        self._newest = number if isinstance(number, int) else expected
        self._open.add(number)
        gates = (*self._gates_before, *self._gates)
        if not any(self._lets_in(gate, line.data) for gate in gates):
            words = f"connection {cut(number)} is opened, no gate in force lets it in"
            yield Contradiction("connection-gate", words, line.n)
        wrong = self._untrue(line.data)
        if wrong:
            profile = cut(line.data.get("profile"))
            words = f"connection {cut(number)} is opened in security profile {profile}: {wrong}"
            yield Contradiction("connection-tls", words, line.n)

    def _lets_in(self, gate: Mapping[str, Any], opened: Mapping[str, Any]) -> bool:
        profile = opened.get("profile")
        authorization = opened.get("authorization")
        authorization = authorization if isinstance(authorization, dict) else {}
        with_password = (
            authorization.get("user") == self._identity
            and authorization.get("password_name") in gate["passwords"]
        )
        return (
            gate["accept"] is True
            and (gate["endpoint"], gate["profile"]) == (opened.get("endpoint"), profile)
            and opened.get("root") == (gate["root"] if profile != 1 else None)
            and opened.get("identity") == self._identity
            and (with_password or profile == _CLIENT_CERTIFICATE)
        )

    def _untrue(self, opened: Mapping[str, Any]) -> str:
        """Return what is wrong with the facts of TLS; empty when nothing is."""
        profile, facts = opened.get("profile"), opened.get("tls")
        if profile == 1 or not isinstance(facts, dict):
            return "" if profile == 1 and facts is None else "TLS in profile 1, or none above it"
        if _random(facts) not in self._shaken:
            return "no handshake that was completed leads to it"
        if facts.get("handshake_done") is not True or facts.get("version") not in _VERSIONS:
            return f"the handshake ended with {cut(facts.get('version'))}"
        known = facts.get("peer_certificate") or facts.get("resumed")
        if profile == _CLIENT_CERTIFICATE and not known:
            return "the DUT has shown no certificate"
        return ""


def _random(facts: Mapping[str, Any]) -> object:
    hello = facts.get("client_hello")
    random = hello.get("random") if isinstance(hello, dict) else None
    return random if isinstance(random, str) else None
