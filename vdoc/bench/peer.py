"""The OCPP side of a Timeline: sessions by connection, our calls, answers in force.

Owns what is said to the station and how what it says is read: one session per connection, the
newest supersedes; every CALL is answered by the policy in force before anyone sees it; every breach
of the protocol or a schema becomes a failed check, whatever the case looks for. It emits deeds and
checks through the Timeline that owns it and knows nothing of strands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, assert_never

from vdoc.bench.answers import Answer as TesterAnswer
from vdoc.bench.answers import Answered, Policy, Refused, Unanswered
from vdoc.bench.message import Message
from vdoc.bench.operations import Call as CallOperation
from vdoc.bench.outcome import BenchFaultError
from vdoc.bench.start import OpenConnection
from vdoc.evidence import Line
from vdoc.ocpp.frames import Call, CallError, CallResult, Malformed, serialise
from vdoc.ocpp.incoming import Answer, Invalid, Request, Stray
from vdoc.ocpp.session import LocalProtocolError, Session

Send = Callable[[int, str], Line]
"""Writes the `sent` deed and sends the frame on a connection."""

Breach = Callable[[str, str, str, int], None]
"""Records a failed check: requirement, what, actual, evidence line."""

_FRAMING, _ONE_AT_A_TIME, _SCHEMAS = "OCPP-J §4", "OCPP-J §4.1.1", "Part 3 schemas"
PROTOCOL = frozenset({_FRAMING, _ONE_AT_A_TIME, _SCHEMAS})
"""Requirements of checks that are no case's own: the protocol holds everywhere."""


class Peer:
    """The station as a partner in OCPP.

    Args:
        policies: the answer in force per action.
        send: how a frame leaves.
        breach: how a breach of the protocol is recorded.
        answered: told of each call of ours that has been answered, or lost.
    """

    def __init__(
        self,
        policies: Mapping[str, Policy],
        *,
        send: Send,
        breach: Breach,
        answered: Callable[[CallOperation, Message | None], None],
        note: Callable[[str], None],
    ) -> None:
        self.policies = dict(policies)
        self.connection: int | None = None
        self._send = send
        self._breach = breach
        self._answered = answered
        self._note = note
        self._session: Session | None = None
        self._counts: Counter[str] = Counter()
        self._by_id: dict[str, CallOperation] = {}
        self._gone: set[str] = set()
        self._last_call: int | None = None

    # --- connections ---

    def begin(self, connection: OpenConnection | None) -> None:
        """Take over the connection that the case starts with."""
        if connection is not None:
            self._open(connection.number)
            self._gone = set(connection.gone)

    def opened(self, number: int) -> None:
        """Let a new connection supersede the one at hand (Part 4 §3.2)."""
        self._lose("a new connection superseded the one it was sent on")
        self._open(number)

    def closed(self, number: int) -> None:
        """Forget the connection when it is the one at hand."""
        if number == self.connection:
            self.connection = None
            self._lose("the connection closed before the answer came")

    def _open(self, number: int) -> None:
        self._session = Session("csms", number, after=self._session)
        self.connection = number
        self._gone = set()
        self._last_call = None

    def _lose(self, why: str) -> None:
        lost, self._by_id = list(self._by_id.values()), {}
        for operation in lost:
            operation.lost = why
            self._answered(operation, None)

    @property
    def gone(self) -> tuple[str, ...]:
        """Ids of calls that were given up on this connection: an answer may still come."""
        return tuple(sorted(self._gone))

    # --- our calls ---

    def call(self, operation: CallOperation) -> Line | None:
        """Send a call, or queue it behind the one outstanding.

        Returns:
            The `sent` line, or None when it waits for its turn.

        Raises:
            BenchFaultError: our payload is against the schema, or there is no connection.
        """
        if self._session is None or self.connection is None:
            operation.lost = "there is no connection to send it on"
            return None
        try:
            text = self._session.request(Call(operation.id, operation.action, operation.payload))
        except LocalProtocolError as error:
            raise BenchFaultError(f"our {operation.action}Request: {error}") from error
        self._by_id[operation.id] = operation
        return None if text is None else self._send(self.connection, text)

    def give_up(self, operation: CallOperation) -> CallOperation | None:
        """Stop waiting for an answer; returns the queued call that was sent in its place."""
        known = self._by_id.pop(operation.id, None) is not None
        if not known or self._session is None or self.connection is None:
            return None
        self._gone.add(operation.id)
        return self._send_next(self._session.give_up(operation.id))

    def _send_next(self, text: str | None) -> CallOperation | None:
        if text is None or self._session is None or self.connection is None:
            return None
        self._send(self.connection, text)
        outstanding = self._session.outstanding
        return None if outstanding is None else self._by_id.get(outstanding.id)

    # --- what the station says ---

    def received(self, line: Line, now: datetime) -> tuple[Message | None, CallOperation | None]:
        """Read a frame and answer it.

        Returns:
            The station's request, when it is one that a case may claim; and the queued call of
            ours that was sent because an answer freed the line.
        """
        number, text = line.data["connection"], line.data["frame"]
        if number != self.connection or self._session is None:
            self._note(f"frame on connection {number}, which is not the one in use (line {line.n})")
            return None, None
        incoming = self._session.receive(text)
        match incoming:
            case Request():
                return self._request(incoming, line, now), None
            case Invalid():
                return None, self._invalid(incoming, line)
            case Answer():
                return None, self._answer(incoming, line)
            case Stray():
                self._stray(incoming, line)
                return None, None
            case _:
                assert_never(incoming)

    def _request(self, request: Request, line: Line, now: datetime) -> Message:
        call = request.call
        message = Message(
            call.action, "Request", call.payload, call.id, line.data["connection"], line.n, now,
            line.mono_ns,
        )  # fmt: skip
        if line.data.get("together"):
            self._breach(
                _ONE_AT_A_TIME,
                "one CALL at a time in each direction",
                f"{message.name} sent before {self._before()} was answered",
                line.n,
            )
        self._last_call = line.n
        self._reply(message, now)
        return message

    def _before(self) -> str:
        return "an earlier CALL" if self._last_call is None else f"that of line {self._last_call}"

    def _reply(self, message: Message, now: datetime) -> None:
        policy = self.policies.get(message.action)
        count = self._counts[message.action]
        self._counts[message.action] += 1
        if policy is None or self.connection is None:
            raise BenchFaultError(f"no answer is known for {message.name}")
        answer = policy(message, count, now)
        try:
            text = self._answer_text(message, answer)
        except LocalProtocolError as error:
            raise BenchFaultError(f"our answer to {message.name}: {error}") from error
        if text is not None:
            self._send(self.connection, text)

    def _answer_text(self, message: Message, answer: TesterAnswer) -> str | None:
        session = self._require_session()
        match answer:
            case Answered():
                return session.respond(message.id, dict(answer.payload))
            case Refused():
                return session.respond_error(message.id, answer.code, answer.description)
            case Unanswered():
                return None
            case _:
                assert_never(answer)

    def _require_session(self) -> Session:
        if self._session is None:
            raise BenchFaultError("there is no connection")
        return self._session

    def _invalid(self, invalid: Invalid, line: Line) -> CallOperation | None:
        name = _described(invalid)
        for violation in invalid.violations:
            where = f" {violation.path}" if violation.path else ""
            what = f"{name}{where} is valid ({violation.code})"
            self._breach(_FRAMING, what, violation.message, line.n)
        if invalid.reply is not None and self.connection is not None:
            self._send(self.connection, serialise(invalid.reply))
        if invalid.call is not None:
            self._settle(invalid.call.id, None, "its answer was malformed")
        return self._send_next(invalid.send_next)

    def _answer(self, answer: Answer, line: Line) -> CallOperation | None:
        form = "Response" if isinstance(answer.result, CallResult) else "Error"
        for violation in answer.violations:
            what = f"{answer.call.action}{form} {violation.path} is valid ({violation.code})"
            self._breach(_SCHEMAS, what, violation.message, line.n)
        payload: dict[str, Any] = (
            answer.result.payload
            if isinstance(answer.result, CallResult)
            else {
                "errorCode": answer.result.code,
                "errorDescription": answer.result.description,
            }
        )
        message = Message(
            answer.call.action, "Response" if form == "Response" else "Error", payload,
            answer.call.id, line.data["connection"], line.n, line.at, line.mono_ns,
        )  # fmt: skip
        next_call = self._send_next(answer.send_next)
        self._settle(answer.call.id, message, "")
        return next_call

    def _settle(self, call_id: str, message: Message | None, lost: str) -> None:
        operation = self._by_id.pop(call_id, None)
        if operation is not None:
            operation.lost = lost
            self._answered(operation, message)

    def _stray(self, stray: Stray, line: Line) -> None:
        if stray.reason == "late" or stray.frame.id in self._gone:
            self._gone.discard(stray.frame.id)
            self._note(f"late answer to call {stray.frame.id} (line {line.n})")
            return
        form = "CALLERROR" if isinstance(stray.frame, CallError) else "CALLRESULT"
        actual = f"{form} with id {stray.frame.id!r}: {stray.reason}"
        self._breach(_FRAMING, "an answer belongs to a CALL of ours, once", actual, line.n)


def _described(invalid: Invalid) -> str:
    if isinstance(invalid.frame, Malformed):
        return "the frame"
    return f"{invalid.frame.action}Request"
