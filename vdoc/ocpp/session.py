"""One side of one OCPP-J connection, without the connection (Part 4, chapter 4).

The owner feeds received text to `receive`; sends what `request`, `respond`, `respond_error` and
`give_up` return, and the `send_next` or serialised `reply` of what `receive` returns; and keeps
the clock: a time-out is `give_up(id)`. Role "csms" is the side that a station connects to.

Rules kept here:

- One CALL of ours is outstanding, the others wait in a queue (4.1.1).
- A response counts once, and only on the connection of its CALL.
- A CALL has an id that its sender did not use before, on any connection of the same station
  (4.1.4): pass the session before as `after`. A CALL that got no result in time may be sent
  again under its id (errata 2025-09, 4.6). So the very same CALL is a retry while we owe the
  answer, after a CALLERROR, when the answer came after the peer's next CALL, or when it was the
  last one before the connection ended and may have been lost with it.
- A CALL that cannot be processed is answered with a CALLERROR (4.1.7, 4.2.3), a response never.

Whose fault: what the peer does wrong is a value (see `incoming`); what we are about to do wrong
is a `LocalProtocolError`, and nothing was sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, assert_never

from vdoc.errors import BenchError
from vdoc.ocpp.actions import ACTIONS, PEER, SENDERS, Role
from vdoc.ocpp.frames import (
    CALLERROR,
    CALLRESULT,
    ERROR_CODES,
    MAX_DESCRIPTION_CHARACTERS,
    MAX_ID_CHARACTERS,
    UNREADABLE_ID,
    Call,
    CallError,
    CallResult,
    ErrorCode,
    Malformed,
    parse,
    serialise,
)
from vdoc.ocpp.incoming import Answer, Incoming, Invalid, Request, Stray, StrayReason
from vdoc.ocpp.schemas import Violation, violations

__all__ = ["Answer", "Incoming", "Invalid", "LocalProtocolError", "Request", "Session", "Stray"]


class LocalProtocolError(BenchError):
    """We were about to break the protocol; nothing was sent."""


class _State(Enum):
    """State of a CALL of ours on this connection."""

    NONE = auto()
    QUEUED = auto()
    OUTSTANDING = auto()
    ANSWERED = auto()
    GIVEN_UP = auto()
    WITHDRAWN = auto()


class _Event(Enum):
    """What happens to a CALL of ours."""

    REQUEST = auto()
    SEND = auto()
    RESPONSE = auto()
    GIVE_UP = auto()


_TABLE: Mapping[tuple[_State, _Event], _State] = {
    (_State.NONE, _Event.REQUEST): _State.QUEUED,
    (_State.QUEUED, _Event.SEND): _State.OUTSTANDING,
    (_State.QUEUED, _Event.GIVE_UP): _State.WITHDRAWN,
    (_State.OUTSTANDING, _Event.RESPONSE): _State.ANSWERED,
    (_State.OUTSTANDING, _Event.GIVE_UP): _State.GIVEN_UP,
    (_State.GIVEN_UP, _Event.RESPONSE): _State.ANSWERED,
    (_State.GIVEN_UP, _Event.REQUEST): _State.QUEUED,
    (_State.WITHDRAWN, _Event.REQUEST): _State.QUEUED,
    (_State.ANSWERED, _Event.REQUEST): _State.QUEUED,  # an unchecked request only
}
"""State of a CALL of ours and what happens to it; what is not here is a fault of ours."""

_STRAY: Mapping[_State, StrayReason] = {
    _State.NONE: "unknown",
    _State.QUEUED: "unknown",
    _State.WITHDRAWN: "unknown",
    _State.GIVEN_UP: "late",
    _State.ANSWERED: "repeated",
}
"""Why a response to a CALL in this state settles nothing; OUTSTANDING is the one it settles."""


class _Received:
    """The ids of the peer's CALLs: which are used up, and which may come again as a retry."""

    def __init__(self, before: _Received | None) -> None:
        self._seen: set[str] = set() if before is None else before._seen
        self._retractable: dict[str, Call] = {} if before is None else before._at_close()
        self._unconfirmed: Call | None = None
        self._newest: str | None = None
        self.unanswered: dict[str, Call] = {}

    def is_new(self, call: Call) -> bool:
        return call.id not in self._seen

    def is_retry(self, call: Call) -> bool:
        before = self._retractable.get(call.id)
        return before is not None and before == call

    def add(self, call: Call) -> None:
        self._seen.add(call.id)
        self._retractable[call.id] = call
        self._newest = call.id
        self._unconfirmed = None  # the peer has moved on, so the answer before has arrived

    def settle(self, call: Call, *, in_error: bool) -> None:
        self.unanswered.pop(call.id, None)
        if not in_error and self._newest == call.id:
            self._unconfirmed = self._retractable.pop(call.id, None)

    def _at_close(self) -> dict[str, Call]:
        lost = self._unconfirmed
        return dict(self._retractable) if lost is None else {**self._retractable, lost.id: lost}


class Session:
    """The protocol state of one side of one connection.

    Args:
        role: which side this is.
        connection: number of the connection; kept for the owner, never sent.
        after: the session of the same station's connection before this one.
    """

    def __init__(self, role: Role, connection: int, *, after: Session | None = None) -> None:
        self.role = role
        self.connection = connection
        self._received: _Received = _Received(None if after is None else after._received)
        self._sent: dict[str, Call | None] = {} if after is None else after._sent
        self._states: dict[str, _State] = {}
        self._calls: dict[str, Call] = {}
        self._queue: deque[str] = deque()
        self._outstanding: str | None = None

    @property
    def outstanding(self) -> Call | None:
        """Our CALL that was sent and is neither answered nor given up."""
        return None if self._outstanding is None else self._calls[self._outstanding]

    @property
    def queued(self) -> tuple[Call, ...]:
        """Our CALLs that wait for the outstanding one, in the order of their sending."""
        return tuple(self._calls[message_id] for message_id in self._queue)

    @property
    def unanswered(self) -> tuple[Call, ...]:
        """The peer's CALLs on this connection that we owe an answer, oldest first."""
        return tuple(self._received.unanswered.values())

    # --- sending -------------------------------------------------------------------------------

    def request(self, call: Call, *, checked: bool = True) -> str | None:
        """Queue `call`; return its text when it is to be sent now, None while another is out.

        Args:
            call: the CALL.
            checked: False sends what the protocol forbids (wrong direction, schema, used id).

        Raises:
            LocalProtocolError: the CALL may not be sent, or its id is waiting already.
        """
        if checked:
            _refuse(self._request_problems(call))
        self._step(call.id, _Event.REQUEST)
        self._calls[call.id] = call
        self._sent[call.id] = call
        self._queue.append(call.id)
        return self._send_next()

    def respond(self, message_id: str, payload: dict[str, Any], *, checked: bool = True) -> str:
        """Return the text of the CALLRESULT to the peer's CALL `message_id`.

        Args:
            message_id: id of a CALL that is in `unanswered`.
            payload: the response.
            checked: False sends a payload that breaks the schema.

        Raises:
            LocalProtocolError: there is no such CALL to answer, or the payload is invalid.
        """
        call = self._owed(message_id)
        if checked:
            _refuse(violations(call.action, "Response", payload))
        self._received.settle(call, in_error=False)
        return serialise(CallResult(message_id, payload))

    def respond_error(
        self,
        message_id: str,
        code: ErrorCode,
        description: str = "",
        details: dict[str, Any] | None = None,
    ) -> str:
        """Return the text of the CALLERROR to the peer's CALL `message_id` (4.2.3).

        Raises:
            LocalProtocolError: there is no such CALL to answer, or table 7 or 8 is broken.
        """
        call = self._owed(message_id)
        error = CallError(message_id, code, description, details or {})
        _refuse(_error_problems(error))
        self._received.settle(call, in_error=True)
        return serialise(error)

    def give_up(self, message_id: str) -> str | None:
        """Take our CALL as timed out, or out of the queue; return the text to send next, if any.

        Raises:
            LocalProtocolError: the CALL is neither outstanding nor queued.
        """
        state = self._step(message_id, _Event.GIVE_UP)
        if state is _State.WITHDRAWN:
            self._queue.remove(message_id)
        else:
            self._outstanding = None
        return self._send_next()

    def _send_next(self) -> str | None:
        if self._outstanding is not None or not self._queue:
            return None
        message_id = self._queue.popleft()
        self._step(message_id, _Event.SEND)
        self._outstanding = message_id
        return serialise(self._calls[message_id])

    def _request_problems(self, call: Call) -> tuple[Violation, ...]:
        problems = _direction_problems(call, self.role)
        if len(call.id) > MAX_ID_CHARACTERS:
            problems += (_message("RpcFrameworkError", "the message id is too long"),)
        if call.id in self._sent and self._sent[call.id] != call:
            problems += (_message("RpcFrameworkError", f"message id {call.id!r} is used"),)
        return problems or violations(call.action, "Request", call.payload)

    def _owed(self, message_id: str) -> Call:
        call = self._received.unanswered.get(message_id)
        if call is None:
            raise LocalProtocolError(f"no CALL {message_id!r} of the peer waits for an answer")
        return call

    def _step(self, message_id: str, event: _Event) -> _State:
        state = self._states.get(message_id, _State.NONE)
        following = _TABLE.get((state, event))
        if following is None:
            raise LocalProtocolError(f"CALL {message_id!r} is {state.name}: no {event.name} now")
        self._states[message_id] = following
        return following

    # --- receiving -----------------------------------------------------------------------------

    def receive(self, text: str) -> Incoming:
        """Return what `text` is, having taken it into account. Never raises."""
        frame = parse(text)
        match frame:
            case Call():
                return self._receive_call(frame)
            case CallResult() | CallError():
                return self._receive_response(frame)
            case Malformed():
                return self._receive_malformed(frame)
            case _:
                assert_never(frame)

    def _receive_call(self, call: Call) -> Request | Invalid:
        received = self._received
        retry = received.is_retry(call)
        problems = _direction_problems(call, PEER[self.role])
        if received.is_new(call) or retry:
            received.add(call)
        else:
            problems += (_message("RpcFrameworkError", f"message id {call.id!r} was used before"),)
        problems = problems or violations(call.action, "Request", call.payload)
        if problems:
            return Invalid(call, problems, _reply(call.id, problems[0]))
        received.unanswered.pop(call.id, None)
        unanswered = tuple(received.unanswered)
        received.unanswered[call.id] = call
        return Request(call, retry, unanswered)

    def _receive_response(self, response: CallResult | CallError) -> Answer | Stray:
        call = self._calls.get(response.id)
        state = self._states.get(response.id, _State.NONE)
        if call is None or state is not _State.OUTSTANDING:
            if state is _State.GIVEN_UP:
                self._settle(response.id)
            reason = _STRAY[state]
            return Stray(response, reason, None if reason == "unknown" else call)
        problems = _response_problems(call, response)
        return Answer(call, response, problems, self._settle(response.id))

    def _receive_malformed(self, text: Malformed) -> Invalid:
        problem = Violation("", text.reason, text.code)
        if text.message_type not in (CALLRESULT, CALLERROR):
            return Invalid(text, (problem,), _reply(text.id or UNREADABLE_ID, problem))
        if text.id is None or text.id != self._outstanding:
            return Invalid(text, (problem,), None)
        call = self._calls[text.id]
        return Invalid(text, (problem,), None, call, self._settle(text.id))

    def _settle(self, message_id: str) -> str | None:
        self._step(message_id, _Event.RESPONSE)
        self._sent[message_id] = None
        if self._outstanding == message_id:
            self._outstanding = None
        return self._send_next()


# --- the rules of single messages ----------------------------------------------------------------


def _message(code: ErrorCode, text: str) -> Violation:
    return Violation("", text, code)


def _direction_problems(call: Call, sender: Role) -> tuple[Violation, ...]:
    if call.action in SENDERS[sender]:
        return ()
    if call.action in ACTIONS:
        return (_message("NotSupported", f"{call.action} is not for a {sender} to send"),)
    return (_message("NotImplemented", f"OCPP 2.0.1 has no action {call.action[:64]!r}"),)


def _response_problems(call: Call, response: CallResult | CallError) -> tuple[Violation, ...]:
    if isinstance(response, CallError):
        return _error_problems(response)
    if call.action not in ACTIONS:  # an unchecked request; nothing says what answers it
        return ()
    return violations(call.action, "Response", response.payload)


def _error_problems(error: CallError) -> tuple[Violation, ...]:
    problems: list[Violation] = []
    if error.code not in ERROR_CODES:
        text = f"{error.code[:64]!r} is not one of the codes of table 8"
        problems.append(Violation("errorCode", text, "PropertyConstraintViolation"))
    length = len(error.description)
    if length > MAX_DESCRIPTION_CHARACTERS:
        text = f"{length} characters, at most {MAX_DESCRIPTION_CHARACTERS} may be"
        problems.append(Violation("errorDescription", text, "PropertyConstraintViolation"))
    return tuple(problems)


def _reply(message_id: str, problem: Violation) -> CallError:
    text = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return CallError(message_id, problem.code, text[:MAX_DESCRIPTION_CHARACTERS], {})


def _refuse(problems: tuple[Violation, ...]) -> None:
    if problems:
        raise LocalProtocolError(
            "; ".join(f"{problem.path or 'message'}: {problem.message}" for problem in problems)
        )
