"""Identification tokens and who they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NO_AUTHORIZATION = "NoAuthorization"


@dataclass(frozen=True, slots=True)
class Token:
    """An IdTokenType; equal when text (without case) and type are (C01.FR.25)."""

    id: str
    kind: str

    @classmethod
    def of(cls, data: dict[str, Any]) -> Token:
        """Read an IdTokenType."""
        return cls(data["idToken"], data["type"])

    def as_json(self) -> dict[str, str]:
        """Write an IdTokenType."""
        return {"idToken": self.id, "type": self.kind}

    @property
    def key(self) -> str:
        """What makes it equal to another one; usable in storage."""
        return f"{self.kind}:{self.id.casefold()}"


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who may charge at an EVSE.

    Attributes:
        token: the token that was authorized.
        group: key of its groupIdToken, if it has one.
        remote_start_id: of the RequestStartTransactionRequest that started it, if one did.
    """

    token: Token
    group: str | None = None
    remote_start_id: int | None = None

    @property
    def remote(self) -> bool:
        """Whether the CSMS asked for it."""
        return self.remote_start_id is not None


def group_of(info: dict[str, Any]) -> str | None:
    """The key of the groupIdToken of an IdTokenInfoType."""
    group = info.get("groupIdToken")
    return None if group is None else Token.of(group).key
