from __future__ import annotations

import pytest

from vdoc.catalogue import Before, Precedence, Variant
from vdoc.plan import Entry
from vdoc.plan.order import ordered


def entry(case: str, variant: str = "-", stage: int = 1) -> Entry:
    return Entry(case=case, variant=Variant.parse(variant), stage=stage, because="test")


def precedence(*edges: tuple[str, str]) -> Precedence:
    before = tuple(Before(earlier, (later,), "test") for earlier, later in edges)
    return Precedence("first", "test", "last", "test", before)


def cases(*entries: Entry) -> list[str]:
    return [each.case for each in entries]


def test_first_and_last_stand_at_the_ends() -> None:
    entries = [entry("last"), entry("a"), entry("first"), entry("b")]
    result = cases(*ordered(entries, precedence(), 3))
    assert (result[0], result[-1]) == ("first", "last")


def test_a_later_case_waits_for_every_run_of_the_earlier() -> None:
    entries = [entry("b"), entry("a", "key=RSA"), entry("a", "key=ECDSA")]
    for seed in range(20):
        assert cases(*ordered(entries, precedence(("a", "b")), seed)) == ["a", "a", "b"]


def test_an_edge_whose_earlier_case_is_not_planned_is_void() -> None:
    assert cases(*ordered([entry("b")], precedence(("a", "b")), 1)) == ["b"]


def test_the_order_of_the_input_does_not_matter() -> None:
    entries = [entry(name) for name in "abcdef"]
    assert ordered(entries, precedence(), 9) == ordered(entries[::-1], precedence(), 9)


def test_a_cycle_is_an_error() -> None:
    with pytest.raises(ValueError, match="cycle among a, b"):
        ordered([entry("a"), entry("b")], precedence(("a", "b"), ("b", "a")), 1)
