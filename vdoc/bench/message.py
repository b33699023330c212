"""What a case gets to see: messages and facts, each tied to the evidence line that shows it.

Owns access to fields by path. A path is camelCase names and list indices joined by dots
(`getVariableResult.0.attributeStatus`). Reading an absent field never raises: it gives `ABSENT`,
which fails every expectation but those about absence; `need` fails the step instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from vdoc.bench.outcome import Fact, StepFailedError
from vdoc.ocpp.values import parse_datetime


class _Absent:
    """The value of a field that is not there."""

    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = _Absent()

Form = Literal["Request", "Response", "Error"]


def look_up(payload: Any, path: str) -> Any:  # noqa: ANN401  # the JSON edge
    """Return the value at `path`, or `ABSENT`."""
    value = payload
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part, ABSENT)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return ABSENT
    return value


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the station: a CALL, or its answer to one of ours.

    Attributes:
        action: OCPP action, such as `BootNotification`.
        form: Request for a CALL, Response for a CALLRESULT, Error for a CALLERROR.
        payload: the JSON object; of a CALLERROR `{"errorCode", "errorDescription"}`.
        id: the message id.
        connection: number of the connection it came on.
        n: its evidence line.
        at: when it was received, UTC.
        mono_ns: the same by the bench's monotonic clock.
    """

    action: str
    form: Form
    payload: dict[str, Any]
    id: str
    connection: int
    n: int
    at: datetime
    mono_ns: int

    @property
    def name(self) -> str:
        """As the specification names it: `BootNotificationRequest`."""
        return f"{self.action}{self.form}"

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401  # the JSON edge
        """Return the value at `path`, or `default` when it is absent."""
        value = look_up(self.payload, path)
        return default if value is ABSENT else value

    def has(self, path: str) -> bool:
        """Tell whether the field at `path` is present."""
        return look_up(self.payload, path) is not ABSENT

    def __getitem__(self, path: str) -> Fact:
        return Fact(f"{self.name} {path}", look_up(self.payload, path), self.n)

    def need(self, path: str) -> Any:  # noqa: ANN401  # the JSON edge
        """Return the value at `path`.

        Raises:
            StepFailedError: the field is absent, so that the step cannot be judged any further.
        """
        value = look_up(self.payload, path)
        if value is ABSENT:
            raise StepFailedError(f"{self.name} {path}", "present", "absent", self.n)
        return value

    def need_time(self, path: str) -> datetime:
        """Return the date and time at `path`, in UTC.

        Raises:
            StepFailedError: absent, or not a date and time.
        """
        text = self.need(path)
        try:
            return parse_datetime(text)
        except (ValueError, TypeError) as error:
            expected = "a date and time by RFC 3339"
            raise StepFailedError(f"{self.name} {path}", expected, repr(text), self.n) from error


@dataclass(frozen=True, slots=True)
class Event:
    """An observation that is no OCPP message: a connection, a handshake, a file transfer.

    Attributes:
        kind: opened, closed, refused, tls or made.
        data: what the evidence line holds.
    """

    kind: str
    data: dict[str, Any]
    n: int
    at: datetime
    mono_ns: int

    def get(self, path: str, default: Any = None) -> Any:  # noqa: ANN401  # the JSON edge
        """Return the value at `path`, or `default` when it is absent."""
        value = look_up(self.data, path)
        return default if value is ABSENT else value

    def __getitem__(self, path: str) -> Fact:
        return Fact(f"{self.kind} {path}", look_up(self.data, path), self.n)
