"""The rules over all events of a session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vdoc.bench import Message
from vdoc.cases.transaction_rules import (
    First,
    first_after,
    first_authorized,
    first_plugged,
    first_unseen,
    in_order,
    missing_numbers,
    seq_no,
    transactions,
)

AT = datetime(2027, 1, 15, 8, tzinfo=UTC)


def event(n: int, number: int, trigger: str = "ChargingStateChanged", **more: Any) -> Message:
    payload = {
        "eventType": "Updated",
        "seqNo": number,
        "triggerReason": trigger,
        "timestamp": f"2027-01-15T08:00:{number:02}Z",
        "transactionInfo": {"transactionId": more.pop("transaction", "t")},
        **more,
    }
    return Message("TransactionEvent", "Request", payload, f"s{n}", 1, n, AT, n)


@given(st.permutations(range(5)))
def test_the_order_of_arrival_is_free(order: list[int]) -> None:
    events = [event(n, number) for n, number in enumerate(order)]
    assert [seq_no(each) for each in in_order(events)] == list(range(5))
    assert not missing_numbers(events)


def test_a_message_that_is_sent_again_counts_once() -> None:
    first, again = event(1, 0), event(5, 0, offline=True)
    assert [each.n for each in in_order([first, again, event(6, 1)])] == [1, 6]


def test_a_repeated_number_is_no_repeated_message() -> None:
    assert len(in_order([event(1, 0), event(2, 0, "Trigger")])) == 2


def test_gaps_are_found_in_each_transaction() -> None:
    events = [event(1, 3), event(2, 6), event(3, 0, transaction="u")]
    assert missing_numbers(events) == {4, 5}
    assert set(transactions(events)) == {"t", "u"}


def test_samples_are_not_the_first_to_tell_a_deed() -> None:
    events = [event(1, 0), event(12, 1, "MeterValuePeriodic"), event(13, 2, "CablePluggedIn")]
    found = first_after(events, First(10))
    assert found is not None
    assert found.n == 13


def test_what_told_the_deed_is_the_last_that_can_be_first() -> None:
    told, later = event(12, 2), event(11, 3)
    assert first_after([later, told], First(10, told)) is told
    assert first_after([], First(10)) is None


def test_unseen_deeds_are_known_by_what_events_tell() -> None:
    bay, cable = event(1, 0, "EVDetected"), event(2, 1, "CablePluggedIn")
    token = event(3, 2, "Authorized")
    assert first_unseen([token, cable, bay]) is cable
    assert first_plugged([token, cable, bay]) is cable
    assert first_authorized([token, cable, bay]) is token
