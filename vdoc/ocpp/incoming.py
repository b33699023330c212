"""What a received text turns out to be: the values that `Session.receive` returns.

What the peer did wrong is always one of these values, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from vdoc.ocpp.frames import Call, CallError, CallResult, Malformed
from vdoc.ocpp.schemas import Violation

StrayReason = Literal["unknown", "repeated", "late"]


class Request(NamedTuple):
    """A valid CALL of the peer; answer it with `respond` or `respond_error`.

    Attributes:
        call: the CALL.
        retry: it repeats a CALL that the peer may send again under its id (errata 4.6).
        unanswered: ids of the peer's earlier CALLs on this connection that we still owe an
            answer. Whether the peer may already take them as timed out (4.1.1) is for the
            owner to judge, who has the clock.
    """

    call: Call
    retry: bool = False
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Invalid:
    """A text that is no frame, or a CALL that must not be processed (4.1.7).

    Attributes:
        frame: the CALL, or the text that is no frame.
        violations: what is wrong; never empty. Path "" is the message as a whole.
        reply: the CALLERROR to send; None when the text is a response, which is never answered.
        call: our outstanding CALL, when the text is a malformed response to it. It is settled.
        send_next: text of the next CALL of ours, to be sent now.
    """

    frame: Call | Malformed
    violations: tuple[Violation, ...]
    reply: CallError | None
    call: Call | None = None
    send_next: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to our outstanding CALL, which it settles.

    Attributes:
        call: our CALL.
        result: the CALLRESULT or the CALLERROR.
        violations: what the response breaks: its schema, or the tables 7 and 8 of Part 4.
        send_next: text of the next CALL of ours, to be sent now.
    """

    call: Call
    result: CallResult | CallError
    violations: tuple[Violation, ...] = ()
    send_next: str | None = None


@dataclass(frozen=True, slots=True)
class Stray:
    """A well-formed response that settles nothing.

    Attributes:
        frame: the response.
        reason: "unknown": no such CALL was sent on this connection; "late": we had given the
            CALL up; "repeated": the CALL had its response.
        call: our CALL, unless unknown.
    """

    frame: CallResult | CallError
    reason: StrayReason
    call: Call | None = None


Incoming = Request | Invalid | Answer | Stray
