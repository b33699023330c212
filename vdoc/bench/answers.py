"""How the tester answers the station, by default and when a case says otherwise.

Owns the answering policies: pure functions of the message, how many of its kind came before, and
now (`shared/timeline.md`, Matching). The defaults are sound for every message that a Charging
Station may send (Part 6 §2.1, "responds accordingly").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from vdoc.bench.message import Message
from vdoc.ocpp.frames import ErrorCode
from vdoc.ocpp.values import render_datetime


class Answered(NamedTuple):
    """A CALLRESULT with this payload."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """A CALLERROR with this code."""

    code: ErrorCode
    description: str = ""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer at all."""


Answer = Answered | Refused | Unanswered


class Policy(Protocol):
    """Decides the answer to a message; must not depend on anything but its arguments."""

    def __call__(self, message: Message, count: int, now: datetime) -> Answer:
        """Return the answer to `message`, the `count`-th (from 0) of its action in this case."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Return what the `answer` line of evidence says of it."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same answer."""

    answer: Answer

    def __call__(self, message: Message, count: int, now: datetime) -> Answer:  # noqa: ARG002
        """Return the fixed answer."""
        return self.answer

    def as_json(self) -> dict[str, Any]:
        """Return the answer."""
        return _answer_json(self.answer)


@dataclass(frozen=True, slots=True)
class InTurn:
    """The first messages get the first policies, one each; the rest get `then`."""

    first: tuple[Policy, ...]
    then: Policy

    def __call__(self, message: Message, count: int, now: datetime) -> Answer:
        """Return the answer whose turn it is."""
        policy = self.first[count] if count < len(self.first) else self.then
        return policy(message, count, now)

    def as_json(self) -> dict[str, Any]:
        """Return the policies in order."""
        return {"first": [policy.as_json() for policy in self.first], "then": self.then.as_json()}


@dataclass(frozen=True, slots=True)
class Selected:
    """One policy for the messages that a named pure predicate selects, another for the rest."""

    name: str
    selects: Callable[[Message], bool] = field(compare=False)
    then: Policy
    otherwise: Policy

    def __call__(self, message: Message, count: int, now: datetime) -> Answer:
        """Return the answer of the policy that is meant for the message."""
        policy = self.then if self.selects(message) else self.otherwise
        return policy(message, count, now)

    def as_json(self) -> dict[str, Any]:
        """Return both policies, and for which messages the first is."""
        policies = {"then": self.then.as_json(), "otherwise": self.otherwise.as_json()}
        return {"selected": self.name, **policies}


@dataclass(frozen=True, slots=True)
class Computed:
    """The default answer, or one that a named pure function of the message makes."""

    name: str
    function: Callable[[Message, datetime], Mapping[str, Any]] = field(compare=False)

    def __call__(self, message: Message, count: int, now: datetime) -> Answer:  # noqa: ARG002
        """Return what the function makes of the message."""
        return Answered(self.function(message, now))

    def as_json(self) -> dict[str, Any]:
        """Return the name of the function."""
        return {"computed": self.name}


def payload(**fields: Any) -> Fixed:  # noqa: ANN401  # any JSON value
    """Answer with a CALLRESULT of these fields."""
    return Fixed(Answered(fields))


def call_error(code: ErrorCode, description: str = "") -> Fixed:
    """Answer with a CALLERROR."""
    return Fixed(Refused(code, description))


def silent() -> Fixed:
    """Do not answer."""
    return Fixed(Unanswered())


def boot(status: str, interval_s: int) -> Computed:
    """Answer BootNotification with this status and interval (seconds), and the time of now."""

    def make(message: Message, now: datetime) -> dict[str, Any]:  # noqa: ARG001
        return {"currentTime": render_datetime(now), "interval": interval_s, "status": status}

    return Computed(f"boot {status} {interval_s} s", make)


def id_token_status(status: str, **id_token_info: Any) -> Computed:  # noqa: ANN401
    """Answer Authorize or TransactionEvent with this idTokenInfo.

    A TransactionEvent gets it only when it carries an idToken (E01.FR.12 and its like).
    """

    def make(message: Message, now: datetime) -> dict[str, Any]:  # noqa: ARG001
        if message.action == "TransactionEvent" and not message.has("idToken"):
            return {}
        return {"idTokenInfo": {"status": status, **id_token_info}}

    return Computed(f"idTokenInfo {status} {id_token_info or ''}".strip(), make)


def _current_time(message: Message, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    return {"currentTime": render_datetime(now)}


_EMPTY = payload()
_ACCEPTED = payload(status="Accepted")


def default_policies(heartbeat_interval_s: int) -> dict[str, Policy]:
    """Return the policy in force for each action when no case says otherwise."""
    policies: dict[str, Policy] = dict.fromkeys(
        (
            "ClearedChargingLimit",
            "FirmwareStatusNotification",
            "LogStatusNotification",
            "MeterValues",
            "NotifyChargingLimit",
            "NotifyCustomerInformation",
            "NotifyDisplayMessages",
            "NotifyEvent",
            "NotifyMonitoringReport",
            "NotifyReport",
            "ReportChargingProfiles",
            "ReservationStatusUpdate",
            "SecurityEventNotification",
            "StatusNotification",
        ),
        _EMPTY,
    )
    policies |= {
        "BootNotification": boot("Accepted", heartbeat_interval_s),
        "Heartbeat": Computed("currentTime", _current_time),
        "Authorize": id_token_status("Accepted"),
        "TransactionEvent": id_token_status("Accepted"),
        "SignCertificate": _ACCEPTED,
        "NotifyEVChargingNeeds": _ACCEPTED,
        "NotifyEVChargingSchedule": _ACCEPTED,
        "PublishFirmwareStatusNotification": _EMPTY,
        "DataTransfer": payload(status="UnknownVendorId"),
        "GetCertificateStatus": payload(status="Failed"),
        "Get15118EVCertificate": payload(status="Failed", exiResponse=""),
    }
    return policies


def _answer_json(answer: Answer) -> dict[str, Any]:
    match answer:
        case Answered():
            return {"result": dict(answer.payload)}
        case Refused():
            return {"error": answer.code, "description": answer.description}
        case Unanswered():
            return {"unanswered": True}
