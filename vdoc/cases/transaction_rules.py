"""What holds for the TransactionEvents of every case, judged at its end over all of them.

Owns the rules of Part 6 §2.1 that are about transactions: they may arrive in any order, so the set
is judged by seqNo. A message that was sent again because its answer was lost counts once. Pure but
for the checks it records; it does not know what a case is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from vdoc.automation.action_fields import IdTokenType
from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import absent_or, equals, one_of, same_text

REQUIREMENT = "Part 6 §2.1"
EXTRA_TRIGGERS = frozenset({"MeterValuePeriodic", "MeterValueClock", "Trigger"})
"""triggerReason of events that may come at any moment of a transaction (E02.FR.16)."""

_FLOWING = frozenset({"Charging", "SuspendedEV", "SuspendedEVSE"})


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token as it is presented and must be reported."""

    text: str
    type: IdTokenType

    def as_json(self) -> dict[str, str]:
        """Return the IdTokenType."""
        return {"idToken": self.text, "type": self.type}


@dataclass(frozen=True, slots=True)
class First:
    """What the first event after some deed has to carry.

    Attributes:
        after: the evidence line of the deed.
        until: the event that told the deed, if one was due: it is the last that can be the first.
    """

    after: int
    until: Message | None = None


def is_extra(event: Message) -> bool:
    """Tell whether an event may come at any moment, whatever the driver does."""
    return event.get("triggerReason") in EXTRA_TRIGGERS


def transaction_id(event: Message) -> str:
    """Return the transactionId of an event."""
    return str(event.get("transactionInfo.transactionId"))


def seq_no(event: Message) -> int:
    """Return the seqNo of an event."""
    value = event.get("seqNo")
    return value if isinstance(value, int) else -1


def in_order(events: Iterable[Message]) -> list[Message]:
    """Return events by seqNo; a message that was sent again is there once, as it came first."""
    kept: dict[tuple[object, ...], Message] = {}
    for event in events:
        same = ("seqNo", "eventType", "timestamp", "triggerReason")
        key = (transaction_id(event), *(event.get(name) for name in same))
        kept.setdefault(key, event)
    return sorted(kept.values(), key=seq_no)


def transactions(events: Iterable[Message]) -> dict[str, list[Message]]:
    """Return the events of each transaction, in order of seqNo."""
    found: dict[str, list[Message]] = {}
    for event in in_order(events):
        found.setdefault(transaction_id(event), []).append(event)
    return found


def missing_numbers(events: Iterable[Message]) -> frozenset[int]:
    """Return the seqNos between the least and the greatest of a transaction that have not come."""
    missing: set[int] = set()
    for members in transactions(events).values():
        numbers = {seq_no(event) for event in members}
        missing |= set(range(min(numbers), max(numbers))) - numbers
    return frozenset(missing)


def judge_set(bench: Bench, events: Sequence[Message]) -> None:
    """Check that the events make one whole transaction: numbers, times, beginning and end.

    Nothing is checked when there are none: whether any is due, the states know.
    """
    found = transactions(events)
    if not found:
        return
    bench.check(
        Fact("transactions in this session", len(found), events[-1].n), 1, "E01.FR.14",
        what=", ".join(found),
    )  # fmt: skip
    for members in found.values():
        _judge_numbers(bench, members)
        _judge_times(bench, members)
        _judge_types(bench, members)


def _judge_numbers(bench: Bench, events: Sequence[Message]) -> None:
    numbers = [seq_no(event) for event in events]
    expected = list(range(numbers[0], numbers[0] + len(numbers)))
    wrong = next((e for e, n in zip(events, expected, strict=True) if seq_no(e) != n), events[-1])
    bench.check(Fact("seqNo of all TransactionEvents", numbers, wrong.n), expected, "E01.FR.07")


def _judge_times(bench: Bench, events: Sequence[Message]) -> None:
    """By seqNo the events go on in time, within the time deviation."""
    deviation = timedelta(seconds=bench.settings.values.max_time_deviation_s)
    at = [event.need_time("timestamp") for event in events]
    early = [
        event for event, now, before in zip(events[1:], at[1:], at, strict=False)
        if now < before - deviation
    ]  # fmt: skip
    line = early[0].n if early else events[-1].n
    fact = Fact("seqNo of events earlier than the one before", [seq_no(e) for e in early], line)
    bench.check(fact, [], REQUIREMENT)


def _judge_types(bench: Bench, events: Sequence[Message]) -> None:
    bench.check(events[0]["eventType"], "Started", REQUIREMENT, what="first by seqNo")
    for event in events[1:-1]:
        bench.check(event["eventType"], "Updated", REQUIREMENT, what=f"seqNo {seq_no(event)}")
    if len(events) > 1:
        allowed = one_of("Updated", "Ended")
        bench.check(events[-1]["eventType"], allowed, REQUIREMENT, what="last by seqNo")


def first_after(events: Iterable[Message], first: First) -> Message | None:
    """Return the first event, by seqNo, that tells something after a deed; None when none does."""
    later = [e for e in in_order(events) if e.n > first.after]
    telling = [e for e in later if not is_extra(e) or e.get("eventType") == "Started"]
    if first.until is not None:
        telling = [e for e in telling if seq_no(e) <= seq_no(first.until)] or [first.until]
    return telling[0] if telling else None


def first_unseen(events: Iterable[Message]) -> Message | None:
    """Return the first event, by seqNo, after the bay was entered: it follows the first deed."""
    telling = (e for e in in_order(events) if not is_extra(e))
    return next((e for e in telling if e.get("triggerReason") != "EVDetected"), None)


def first_plugged(events: Iterable[Message]) -> Message | None:
    """Return the first event, by seqNo, that can only follow plugging in, by what it tells."""
    return next((e for e in in_order(events) if _follows_cable(e)), None)


def first_authorized(events: Iterable[Message]) -> Message | None:
    """Return the first event, by seqNo, that can only follow the token, by what it tells."""
    return next((e for e in in_order(events) if follows_token(e)), None)


def _follows_cable(event: Message) -> bool:
    state = event.get("transactionInfo.chargingState")
    told = event.get("triggerReason") == "CablePluggedIn" or event.has("evse")
    return told or state in {"EVConnected", *_FLOWING}


def follows_token(event: Message) -> bool:
    """Tell whether an event can only follow a token that was heeded, by what it tells."""
    state = event.get("transactionInfo.chargingState")
    told = event.get("triggerReason") in {"Authorized", "StopAuthorized"}
    return told or event.has("idToken") or state in _FLOWING


def judge_evse(bench: Bench, event: Message, evse: int, connector: int) -> None:
    """Check that the first event after plugging in names EVSE and connector (E01.FR.16)."""
    where = "first after plugging in"
    bench.check(event["evse.id"], evse, "E01.FR.16", what=where)
    bench.check(event["evse.connectorId"], connector, "E01.FR.16", what=where)


def judge_first_token(bench: Bench, event: Message, token: IdToken) -> None:
    """Check that the first event after a token was presented carries it (E01.FR.10, C02.FR.01)."""
    requirement = "C02.FR.01" if token.type == "NoAuthorization" else "E01.FR.10"
    where = "first after the token was presented"
    bench.check(event["idToken.idToken"], same_text(token.text), requirement, what=where)
    bench.check(event["idToken.type"], token.type, requirement, what=where)


def judge_token(bench: Bench, message: Message, token: IdToken) -> None:
    """Check that a message carries this token, by the requirement of the step."""
    bench.check(message["idToken.idToken"], same_text(token.text))
    bench.check(message["idToken.type"], token.type)


def judge_token_if_present(bench: Bench, message: Message, token: IdToken) -> None:
    """Check that a message carries this token or none, by the requirement of the step."""
    bench.check(message["idToken.idToken"], absent_or(same_text(token.text)))
    bench.check(message["idToken.type"], absent_or(equals(token.type)))


def judge_remote_start(bench: Bench, event: Message, remote_start_id: int) -> None:
    """Check the first event after a RequestStartTransactionRequest (F01.FR.19, F01.FR.25)."""
    where = "first after RequestStartTransaction"
    bench.check(event["triggerReason"], "RemoteStart", "F01.FR.19", what=where)
    told = event["transactionInfo.remoteStartId"]
    bench.check(told, remote_start_id, "F01.FR.25", what=where)
