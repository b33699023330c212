"""Which failures are one fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nightly.made import case, failure
from vdoc.nightly.causes import Cause, grouped, plain


class TestGroups:
    def test_same_requirement_field_and_message_is_one_cause(self) -> None:
        cases = [
            case("TC_A", "fail", failure(actual="'1'")),
            case("TC_B", "fail", failure(actual="'2'")),
            case("TC_C"),
        ]
        (group,) = grouped(cases)
        assert group.cause == Cause("C01.FR.02", "idToken", "Authorize")
        assert [each.case for each in group.cases] == ["TC_A", "TC_B"]
        assert group.example == cases[0].failures[0]

    @pytest.mark.parametrize(
        "other",
        [failure("C01.FR.03"), failure(what="seqNo"), failure(message="TransactionEvent")],
    )
    def test_another_requirement_field_or_message_is_another(self, other: object) -> None:
        assert len(grouped([case("TC_A", "fail"), case("TC_B", "fail", other)])) == 2  # type: ignore[arg-type]  # a failure

    def test_the_cause_of_most_cases_comes_first(self) -> None:
        many, few = failure("X02"), failure("A01")
        cases = [case("TC_A", "fail", few), case("TC_B", "fail", many), case("TC_C", "fail", many)]
        assert [group.cause.requirement for group in grouped(cases)] == ["X02", "A01"]

    def test_of_equals_what_failed_first_comes_first(self) -> None:
        one = case("TC_A", "fail", failure("X02", step="2"), failure("A01", step="4"))
        assert [group.cause.requirement for group in grouped([one])] == ["X02", "A01"]

    def test_a_case_without_a_check_is_grouped_by_its_reason(self) -> None:
        cases = [
            replace(case(name, "inconc"), because=f"no answer within {seconds} s")
            for name, seconds in (("TC_A", "30.0"), ("TC_B", "12"))
        ]
        (group,) = grouped(cases)
        assert group.cause.what == "no answer within # s"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seqNo of 'abc' is 3", "seqNo of … is #"),
        ("id 04A1B2C3D4001234 at 12:30:05", "id … at #"),
        ("  idToken\n type ", "idToken type"),
    ],
)
def test_plain_leaves_out_what_varies(text: str, expected: str) -> None:
    assert plain(text) == expected
