"""What came of an action. Anything but `done` is a fault of the bench: an `error`, never a `fail`.

Owns the six statuses and their JSON form, which evidence records as `action_done`. Never holds a
secret: drivers describe what they sent without its credentials.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

Status: TypeAlias = Literal["done", "unsupported", "refused", "unreachable", "timeout", "fault"]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=True))
class Outcome:
    """The reply to one action.

    Attributes:
        status: `done` accepted; `unsupported` nobody can do it; `refused` wrong value or
            credentials; `unreachable` nobody answered the door, nothing was done; `timeout` the
            limit passed, the effect is unknown; `fault` the other side broke.
        detail: what happened and, unless done, what to do about it.
        sent: what was asked of whom, without secrets.
        http_status: of an HTTP reply, else None.
        attempts: calls made; 2 after the one retry that a refused connection allows.
        seen: answer of an `Observe`; False is a finding on the station, not a bench fault.
    """

    status: Status
    detail: str
    sent: str
    http_status: int | None = None
    attempts: int = 1
    seen: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """The object evidence records."""
        result: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return result


_ADAPTER: TypeAdapter[Outcome] = TypeAdapter(Outcome)


def outcome_from_json(value: Mapping[str, Any]) -> Outcome:
    """The outcome that `as_json` wrote.

    Raises:
        ValueError: a field is missing, unknown or of the wrong type.
    """
    return Outcome(**value)
