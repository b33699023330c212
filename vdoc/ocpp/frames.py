"""OCPP-J framing: text to CALL, CALLRESULT, CALLERROR, and back (Part 4, chapter 4).

Owns the wrapper, not the payload: actions, directions and schemas are judged by `schemas` and
`session`. `parse` never raises, whatever the text; what it cannot accept is a `Malformed` that
says why and which CALLERROR code answers it (Part 4, table 8).

Rules kept here:

- The message is valid JSON in UTF-8 (4.1.2): no NaN, no infinite number, no lone surrogate.
- A repeated name in an object, and nesting beyond `MAX_DEPTH`, make a payload whose meaning
  depends on the reader (RFC 8259, sections 4 and 9): refused as syntactically incorrect.
- A message id is a string of at most 36 characters (4.1.4). An unreadable one is answered
  with "-1" (4.2.3); so is a longer one, because a reply may not carry it either.
- `null` stands for an empty payload (4.1.5).
- A message type outside table 3 is MessageTypeNotSupported (table 8; 4.4 misspells the name).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, Literal, NamedTuple, assert_never, get_args

from pydantic_core import from_json, to_json

ErrorCode = Literal[
    "FormatViolation",
    "GenericError",
    "InternalError",
    "MessageTypeNotSupported",
    "NotImplemented",
    "NotSupported",
    "OccurrenceConstraintViolation",
    "PropertyConstraintViolation",
    "ProtocolError",
    "RpcFrameworkError",
    "SecurityError",
    "TypeConstraintViolation",
]
"""A CALLERROR code of Part 4, table 8, in its spelling."""

ERROR_CODES: frozenset[str] = frozenset(get_args(ErrorCode))
"""All of table 8; a CALLERROR with another code parses, and `Session` reports the code."""

CALL, CALLRESULT, CALLERROR = 2, 3, 4
MAX_ID_CHARACTERS = 36
MAX_DESCRIPTION_CHARACTERS = 255
MAX_DEPTH = 100
UNREADABLE_ID = "-1"
_LENGTHS = {CALL: 4, CALLRESULT: 3, CALLERROR: 5}
_NAMES = {CALL: "CALL", CALLRESULT: "CALLRESULT", CALLERROR: "CALLERROR"}


class Call(NamedTuple):
    """A request: [2, id, action, payload] (4.2.1)."""

    id: str
    action: str
    payload: dict[str, Any]


class CallResult(NamedTuple):
    """A response: [3, id, payload] (4.2.2)."""

    id: str
    payload: dict[str, Any]


class CallError(NamedTuple):
    """A failure to process: [4, id, code, description, details] (4.2.3)."""

    id: str
    code: str
    description: str
    details: dict[str, Any]


Frame = Call | CallResult | CallError


@dataclass(frozen=True, slots=True)
class Malformed:
    """A text that is no frame.

    Attributes:
        text: the text as received.
        reason: what is wrong, for a reader.
        id: the message id, where a reply may carry it.
        action: the action, where it could be read.
        code: the CALLERROR code that answers it (table 8).
        message_type: the message type number, where it could be read.
    """

    text: str
    reason: str
    id: str | None
    action: str | None
    code: ErrorCode
    message_type: int | None


class _RefusedError(Exception):
    """Why a text is no frame; never leaves this module."""

    def __init__(self, reason: str, code: ErrorCode = "RpcFrameworkError") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def parse(text: str) -> Frame | Malformed:
    """Return the frame that `text` is, or why it is none. Never raises."""
    try:
        message = _decode(text)
    except _RefusedError as refused:
        return _from_head(text, refused.reason)
    try:
        return _frame(message)
    except _RefusedError as refused:
        return _from_message(text, message, refused)


def serialise(frame: Frame) -> str:
    """Return `frame` as compact JSON text.

    Raises:
        ValueError: the payload holds NaN, an infinite number or a reference to itself.
        TypeError: the payload holds something that JSON cannot say.
    """
    match frame:
        case Call():
            message: list[object] = [CALL, frame.id, frame.action, frame.payload]
        case CallResult() if frame.payload == {}:  # most answers; to make an encoder takes longest
            return f"[{CALLRESULT},{encode_basestring(frame.id)},{{}}]"
        case CallResult():
            message = [CALLRESULT, frame.id, frame.payload]
        case CallError():
            message = [CALLERROR, frame.id, frame.code, frame.description, frame.details]
        case _:
            assert_never(frame)
    return _ENCODER.encode(message)


# --- JSON ------------------------------------------------------------------------------------


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        [(repeated, _)] = counts.most_common(1)
        raise _RefusedError(f"the name {repeated!r} stands twice in one object")
    return value


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _RefusedError(f"the number {text[:40]} is out of range")
    return value


def _constant(text: str) -> float:
    raise _RefusedError(f"{text} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_number, parse_constant=_constant
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def _decode(text: str) -> object:
    message = _compact(text)
    if message is None:
        message = _any_form(text)
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(message)
    return message


def _compact(text: str) -> object:
    """Return the message of a text in the one form that `serialise` writes; None of any other.

    Written again it is the same: so no name stands twice, every number is finite and every
    character is one. This is how most stations write, and takes half of the time.
    """
    try:
        data = text.encode()
        message: object = from_json(data, allow_inf_nan=False)
        return message if to_json(message) == data else None
    except ValueError:
        return None


def _any_form(text: str) -> object:
    try:
        message: object = _DECODER.decode(text)
    except RecursionError:
        raise _RefusedError("nested too deeply to be read") from None
    except ValueError as error:  # also an integer of more digits than Python converts
        raise _RefusedError(f"not valid JSON: {error}") from None
    _check_unicode(text, message)
    return message


def _check_depth(message: object) -> None:
    layer: list[object] = [message]
    for _ in range(MAX_DEPTH + 1):
        layer = [inner for outer in layer for inner in _inner(outer)]
        if not layer:
            return
    raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels")


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_unicode(text: str, message: object) -> None:
    try:
        if _SURROGATE_ESCAPE.search(text) is not None:
            _ENCODER.encode(message).encode()
        elif not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        raise _RefusedError("holds half a surrogate pair, which UTF-8 cannot carry") from None


# --- the wrapper -----------------------------------------------------------------------------


def _frame(message: object) -> Frame:
    if type(message) is not list:
        raise _RefusedError("the message is not a JSON array")
    kind = _message_type(message)
    message_id = _message_id(message)
    if len(message) != _LENGTHS[kind]:
        raise _RefusedError(
            f"a {_NAMES[kind]} has {_LENGTHS[kind]} elements, this has {len(message)}"
        )
    if kind == CALL:
        return _call(message_id, message[2], message[3])
    if kind == CALLRESULT:
        return CallResult(message_id, _payload(message[2]))
    return _call_error(message_id, *message[2:])


def _message_type(message: list[Any]) -> int:
    kind = message[0] if message else None
    if type(kind) is not int:
        raise _RefusedError("the message type is not an integer")
    if kind not in _LENGTHS:
        raise _RefusedError(f"message type {kind} is unknown", "MessageTypeNotSupported")
    return kind


def _message_id(message: list[Any]) -> str:
    message_id = message[1] if len(message) > 1 else None
    if not isinstance(message_id, str):
        raise _RefusedError("the message id is not a string")
    if len(message_id) > MAX_ID_CHARACTERS:
        raise _RefusedError(
            f"the message id has {len(message_id)} characters, at most {MAX_ID_CHARACTERS} may be"
        )
    return message_id


def _call(message_id: str, action: object, payload: object) -> Call:
    if not isinstance(action, str):
        raise _RefusedError("the action is not a string")
    return Call(message_id, action, _payload(payload))


def _call_error(message_id: str, code: object, description: object, details: object) -> CallError:
    if not isinstance(code, str) or not isinstance(description, str):
        raise _RefusedError("the error code and the error description must be strings")
    if not isinstance(details, dict):
        raise _RefusedError("the error details are not a JSON object")
    return CallError(message_id, code, description, details)


def _payload(payload: object) -> dict[str, Any]:
    if payload is None:
        return {}
    if not isinstance(payload, dict):
        raise _RefusedError("the payload is not a JSON object", "ProtocolError")
    return payload


# --- what can be said about a text that is no frame ---------------------------------------------

_HEAD = re.compile(
    r'\s*\[\s*(?P<type>[0-9]{1,9})\s*,\s*"(?P<id>[^"\\\x00-\x1f\ud800-\udfff]{0,36})"\s*'
    r'(?:,\s*"(?P<action>[^"\\\x00-\x1f\ud800-\udfff]{0,64})"\s*,)?'
)


def _from_head(text: str, reason: str) -> Malformed:
    """Corrupt JSON: the message id is still used where the head of the text shows it (4.2.3)."""
    head = _HEAD.match(text)
    if head is None:
        return Malformed(text, reason, None, None, "RpcFrameworkError", None)
    kind, action = int(head["type"]), head["action"]
    code: ErrorCode = "RpcFrameworkError"
    if kind not in _LENGTHS:
        code = "MessageTypeNotSupported"
    elif kind == CALL and action is not None:
        code = "FormatViolation"
    return Malformed(text, reason, head["id"], action if kind == CALL else None, code, kind)


def _from_message(text: str, message: object, refused: _RefusedError) -> Malformed:
    kind, message_id, action = [*(message if isinstance(message, list) else ()), *[None] * 3][:3]
    if not isinstance(message_id, str) or len(message_id) > MAX_ID_CHARACTERS:
        message_id = None
    if kind != CALL or not isinstance(action, str):
        action = None
    message_type = kind if type(kind) is int else None
    return Malformed(text, refused.reason, message_id, action, refused.code, message_type)
