"""One line of evidence: its fields, its kinds, its text form.

Owns the format that `docs/evidence.md` promises to outsiders. Every line is one JSON object that
ends with a newline; `prev` is the SHA-256 of the bytes of the line before it, without the newline,
so that nothing can be altered, removed or inserted unseen. It knows nothing of what a line means.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

FORMAT_VERSION = 1
FIRST_PREV = "0" * 64
_TIME_CHARACTERS = 27
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What a line records (`shared/timeline.md`, three kinds of evidence line)."""

    # about the run itself
    RUN = "run"
    SEAL = "seal"
    # observations: what came in
    CASE = "case"
    RECEIVED = "received"
    OPENED = "opened"
    CLOSED = "closed"
    REFUSED = "refused"
    TLS = "tls"
    ACTION_DONE = "action_done"
    MADE = "made"
    DEADLINE = "deadline"
    STALL = "stall"
    # deeds: what the tester did
    SENT = "sent"
    ACTION = "action"
    ANSWER = "answer"
    GATE = "gate"
    DROP = "drop"
    ASK = "ask"
    # judgements: computed, never read back
    CHECK = "check"
    NOTE = "note"
    VERDICT = "verdict"


OBSERVATIONS = frozenset(
    {
        Kind.CASE,
        Kind.RECEIVED,
        Kind.OPENED,
        Kind.CLOSED,
        Kind.REFUSED,
        Kind.TLS,
        Kind.ACTION_DONE,
        Kind.MADE,
        Kind.DEADLINE,
        Kind.STALL,
    }
)
DEEDS = frozenset({Kind.SENT, Kind.ACTION, Kind.ANSWER, Kind.GATE, Kind.DROP, Kind.ASK})
JUDGEMENTS = frozenset({Kind.CHECK, Kind.NOTE, Kind.VERDICT})


class Line(NamedTuple):
    """One observation, deed or judgement; a tuple, since there are a million in a run.

    Attributes:
        n: position in the file, from 0, without gaps.
        at_ns: UTC time in nanoseconds since the epoch; written to the microsecond.
        mono_ns: monotonic clock of the bench in nanoseconds; never decreases.
        case: id of the case that was running; empty for lines about the run.
        variant: id of the variant; `-` when the case has none.
        kind: what the line records.
        data: the JSON object that goes with the kind.
    """

    n: int
    at_ns: int
    mono_ns: int
    case: str
    variant: str
    kind: Kind
    data: dict[str, Any]

    @property
    def at(self) -> datetime:
        """The wall-clock time, aware, in UTC, to the microsecond."""
        return _EPOCH + timedelta(microseconds=self.at_ns // 1000)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def render_time(at_ns: int) -> str:
    """Return nanoseconds since the epoch as RFC 3339 UTC with six decimals."""
    seconds, rest = divmod(at_ns, 1_000_000_000)
    return f"{_render_second(seconds)}.{rest // 1000:06d}Z"


def parse_time(text: str) -> int:
    """Return the nanoseconds since the epoch that `render_time` wrote; no other form is taken.

    Raises:
        ValueError: it is not in that form, or no time.
    """
    fraction = text[20:26]
    if len(text) != _TIME_CHARACTERS or text[19::7] != ".Z":
        raise ValueError(f"at must look like 2026-11-24T06:00:00.000000Z, not {text!r}")
    if not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"at must have six decimals, not {text!r}")
    return _parse_second(text[:19]) * 1_000_000_000 + int(fraction) * 1000


@lru_cache(maxsize=4)
def _parse_second(text: str) -> int:
    seconds = round((datetime.fromisoformat(f"{text}+00:00") - _EPOCH).total_seconds())
    if _render_second(seconds) != text:  # the ISO format has other forms of the same
        raise ValueError(f"at must look like 2026-11-24T06:00:00.000000Z, not {text!r}")
    return seconds


@lru_cache(maxsize=4)
def _render_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def encode_data(data: dict[str, Any]) -> bytes:
    """Return JSON as it stands in a line; a lone surrogate, legal in JSON, is kept escaped."""
    text = _encode(data)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(data, separators=(",", ":"), allow_nan=False).encode()


def render(line: Line, prev: str) -> bytes:
    """Return `line` as it stands in the file, without the newline."""
    head = (
        f'{{"n":{line.n},"at":"{render_time(line.at_ns)}","mono":{line.mono_ns},'
        f'"case":"{line.case}","variant":"{line.variant}","kind":"{line.kind.value}","data":'
    )
    return head.encode() + encode_data(line.data) + b',"prev":"' + prev.encode() + b'"}'
