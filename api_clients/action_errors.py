"""Why an action was not accepted: one class per thing that somebody must do about it.

    BenchError
     └── ActionError            facts: sent, http_status; text: what happened, and the remedy
          ├── UnsupportedError     404, 405, 501, or nothing bound: this bench cannot do it
          ├── CredentialsError     401, 403, 407
          ├── ConfigurationError   400, 422, relay "Nok", or an address that cannot be used
          ├── UnreachableError     nothing was delivered; `refused` when the port is closed
          │    └── TlsError           no trust or no common protocol
          ├── NoReplyError         delivered, but the limit passed: the effect is unknown
          └── FaultError           other 5xx, a redirect, garbage, a connection broken off

None of these says anything about the station under test (octt-interfaces section A, rule 3).
"""

from __future__ import annotations

from vdoc.errors import BenchError


class ActionError(BenchError):
    """An operation that was not accepted.

    Attributes:
        happened: what was seen.
        remedy: what to do about it.
        sent: what was asked of whom, without secrets.
        http_status: of the reply, None when there was none.
    """

    def __init__(
        self, happened: str, *, remedy: str, sent: str, http_status: int | None = None
    ) -> None:
        super().__init__(happened)
        self.happened = happened
        self.remedy = remedy
        self.sent = sent
        self.http_status = http_status

    def __str__(self) -> str:
        return f"{self.sent}: {self.happened} Remedy: {self.remedy}"


class UnsupportedError(ActionError):
    """The other side does not offer this operation; the case cannot be concluded."""


class CredentialsError(ActionError):
    """The other side does not accept our token or password."""


class ConfigurationError(ActionError):
    """A value that we sent, or the address we sent it to, is wrong."""


class UnreachableError(ActionError):
    """Nothing was delivered, so nothing happened.

    Attributes:
        refused: the host answered that nobody listens there.
    """

    def __init__(self, happened: str, *, remedy: str, sent: str, refused: bool = False) -> None:
        super().__init__(happened, remedy=remedy, sent=sent)
        self.refused = refused


class TlsError(UnreachableError):
    """The connection was made but TLS was not."""


class NoReplyError(ActionError):
    """The limit passed without a reply; whether it was done is unknown."""


class FaultError(ActionError):
    """The other side answered that it broke, or in a way that the interface does not know."""
