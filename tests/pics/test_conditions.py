from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.pics import Condition, ConditionError, parse_condition
from vdoc.pics.conditions import AllOf, AnyOf, Claim, Comparison, Node, Not, Operator

ITEMS = ("C-01", "C-09.1", "AQ-2", "profile.Core", "subtype.Mode12Only", "HFS-8")
OPERATORS: tuple[Operator, ...] = (">", ">=", "<", "<=", "=", "!=")

_claims = st.sampled_from(ITEMS).map(Claim)
_comparisons = st.builds(
    Comparison, st.just("HFS-8"), st.sampled_from(OPERATORS), st.integers(0, 9)
)


def _compound(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    terms = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(inner.map(Not), terms.map(AllOf), terms.map(AnyOf))


_nodes: st.SearchStrategy[Node] = st.recursive(st.one_of(_claims, _comparisons), _compound)
_conditions = _nodes.map(Condition)
_answers = st.fixed_dictionaries(
    {item: st.integers(0, 9) if item == "HFS-8" else st.booleans() for item in ITEMS}
)


def _as_python(condition: Condition) -> str:
    """The same condition as a Python expression over `v`."""
    text = re.sub(r"(?<![<>!])=", "==", str(condition))
    return re.sub(r"(?:C|AQ|HFS)-[\d.]*\d|(?:profile|subtype)\.\w+", r"v['\g<0>']", text)


class TestParsing:
    @given(_conditions)
    def test_what_is_written_reads_back_the_same(self, condition: Condition) -> None:
        assert parse_condition(str(condition)) == condition

    @given(st.text(alphabet="C-01 andornt()>=8.%", max_size=30))
    def test_any_text_parses_or_names_a_position_in_it(self, text: str) -> None:
        try:
            parse_condition(text)
        except ConditionError as error:
            position = error.position
        else:
            position = 0
        assert 0 <= position <= len(text)

    def test_and_binds_closer_than_or_and_not_closer_than_and(self) -> None:
        node = parse_condition("C-01 or not C-02 and C-03").node
        assert node == AnyOf((Claim("C-01"), AllOf((Not(Claim("C-02")), Claim("C-03")))))

    @pytest.mark.parametrize(
        ("text", "position", "expected"),
        [
            ("C-01 or", 7, "an item, 'not' or '('"),
            ("C-01 C-02", 5, "'and', 'or' or the end"),
            ("(C-01", 5, "')', 'and' or 'or'"),
            ("C-01 and %", 9, "an item or an operator"),
            ("C-01 and and", 9, "an item, 'not' or '('"),
            ("HFS-8>", 6, "a whole number"),
            (")", 0, "an item, 'not' or '('"),
        ],
    )
    def test_an_error_names_the_position_and_what_was_expected(
        self, text: str, position: int, expected: str
    ) -> None:
        with pytest.raises(ConditionError) as caught:
            parse_condition(text)
        assert (caught.value.position, caught.value.expected) == (position, expected)
        assert expected in str(caught.value)

    def test_items_and_compared_items_are_listed(self) -> None:
        condition = parse_condition("not C-01 and (AQ-2 or HFS-8>1)")
        assert condition.items() == {"C-01", "AQ-2", "HFS-8"}
        assert condition.compared() == {"HFS-8"}


class TestEvaluation:
    @given(_conditions, _answers)
    def test_it_agrees_with_python(self, condition: Condition, v: dict[str, int]) -> None:
        expected = eval(_as_python(condition), {"__builtins__": {}}, {"v": v})  # noqa: S307  # our own text
        assert condition.evaluate(v.__getitem__) is bool(expected)

    @pytest.mark.parametrize("text", ["", "  "])
    def test_the_empty_condition_always_holds(self, text: str) -> None:
        condition = parse_condition(text)
        assert condition.mandatory
        assert condition.evaluate(lambda _: False)
        assert condition.explain(lambda _: False) == "mandatory"

    @pytest.mark.parametrize("value", [True, "2", ("a",)])
    def test_only_numbers_are_compared(self, value: bool | str | tuple[str, ...]) -> None:
        with pytest.raises(TypeError, match="HFS-8"):
            parse_condition("HFS-8>1").evaluate(lambda _: value)

    @pytest.mark.parametrize("value", ["text", ("an item",), 1, True])
    def test_a_text_or_list_is_claimed_when_it_is_not_empty(
        self, value: bool | int | str | tuple[str, ...]
    ) -> None:
        assert parse_condition("C-23").evaluate(lambda _: value)
        assert not parse_condition("C-23").evaluate(lambda _: ())


class TestExplanation:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("C-01 or C-09.1 and not AQ-2", "C-09.1 is claimed and AQ-2 is not claimed"),
            ("C-01 and C-09.1", "C-01 is not claimed"),
            ("C-01 or AQ-2", "C-01 is not claimed and AQ-2 is not claimed"),
            ("HFS-8>1", "HFS-8 is 2, more than 1"),
            ("HFS-8>2", "HFS-8 is 2, not more than 2"),
            ("not (C-09.1 and AQ-2) and C-09.1", "AQ-2 is not claimed and C-09.1 is claimed"),
        ],
    )
    def test_it_names_the_deciding_claims(self, text: str, words: str) -> None:
        answers = {"C-01": False, "C-09.1": True, "AQ-2": False, "HFS-8": 2}
        assert parse_condition(text).explain(answers.__getitem__) == words

    @given(_conditions, _answers, _answers)
    def test_what_it_does_not_name_does_not_matter(
        self, condition: Condition, first: dict[str, int], other: dict[str, int]
    ) -> None:
        words = condition.explain(first.__getitem__)
        mixed = {item: first[item] if f"{item} is " in words else other[item] for item in ITEMS}
        assert condition.evaluate(mixed.__getitem__) == condition.evaluate(first.__getitem__)
