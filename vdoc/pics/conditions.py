"""The condition grammar of catalogue and PICS: ``C-01 or (C-30 and not AQ-2)``, ``HFS-8>1``.

Precedence, tightest first: comparison, ``not``, ``and``, ``or``; parentheses group. An empty text
is the condition that always holds. This module knows the shape of an item id, not which items
exist: `vdoc.pics.items` does.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, assert_never

from vdoc.errors import InputError, Problem

Value = bool | int | str | tuple[str, ...]
ValueOf = Callable[[str], Value]
Operator = Literal[">", ">=", "<", "<=", "=", "!="]

OPERATORS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        ">": operator.gt,
        ">=": operator.ge,
        "<": operator.lt,
        "<=": operator.le,
        "=": operator.eq,
        "!=": operator.ne,
    }
)
_WORDS: Mapping[Operator, str] = MappingProxyType(
    {
        ">": "more than",
        ">=": "at least",
        "<": "less than",
        "<=": "at most",
        "=": "equal to",
        "!=": "other than",
    }
)
_KEYWORDS = frozenset({"and", "or", "not"})
_TOKEN = re.compile(
    r"\s*(?:(?P<item>[A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*)"
    r"|(?P<number>\d+)|(?P<operator>>=|<=|!=|>|<|=)|(?P<bracket>[()]))"
)


class ConditionError(InputError):
    """A condition text does not follow the grammar.

    Attributes:
        text: the whole condition.
        position: offset in `text` at which something else was expected, from 0.
        expected: what would have been right there.
        found: what stands there.
    """

    def __init__(self, text: str, position: int, *, expected: str, found: str) -> None:
        self.text, self.position, self.expected, self.found = text, position, expected, found
        super().__init__(
            Problem(
                file="condition",
                line=None,
                item=repr(text),
                message=f"expected {expected} at position {position}, got {found}.",
                remedy="write items joined by and, or, not and parentheses.",
            )
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """True when the item is claimed: true, a number above 0, a text or list that is not empty."""

    item: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """True when the item's number compares as stated."""

    item: str
    operator: Operator
    number: int


@dataclass(frozen=True, slots=True)
class Not:
    """True when its term is false."""

    term: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every term is (``and``); without terms always."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when some term is (``or``)."""

    terms: tuple[Node, ...]


Node = Claim | Comparison | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition; equal conditions have equal trees. `str` writes it back."""

    node: Node

    def __str__(self) -> str:
        return _render(self.node)

    @property
    def mandatory(self) -> bool:
        """Whether this is the empty condition, which always holds."""
        return self.node == AllOf(())

    def evaluate(self, value_of: ValueOf) -> bool:
        """Return whether the condition holds for the claims behind `value_of`.

        Raises:
            TypeError: an item that is compared has no number for its value.
        """
        return _evaluate(self.node, value_of)

    def explain(self, value_of: ValueOf) -> str:
        """Return the claims that decide the condition, in words; "mandatory" for the empty one.

        The facts named are enough to decide it: whatever the other claims were, the result stays.
        """
        if self.mandatory:
            return "mandatory"
        return " and ".join(dict.fromkeys(_facts(self.node, value_of)))

    def items(self) -> frozenset[str]:
        """Return the ids of all items that the condition mentions."""
        return frozenset(leaf.item for leaf in _leaves(self.node))

    def compared(self) -> frozenset[str]:
        """Return the ids of the items that must have a number, because they are compared."""
        return frozenset(leaf.item for leaf in _leaves(self.node) if isinstance(leaf, Comparison))


def parse_condition(text: str) -> Condition:
    """Parse a condition; the empty text gives the condition that always holds.

    Raises:
        ConditionError: the text does not follow the grammar; it says where and what was expected.
    """
    if not text.strip():
        return Condition(AllOf(()))
    return Condition(_Parser(text).parse())


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0

    def parse(self) -> Node:
        node = self._any_of()
        if self._kind() != "end":
            raise self._error("'and', 'or' or the end")
        return node

    def _any_of(self) -> Node:
        terms = [self._all_of()]
        while self._accept("or"):
            terms.append(self._all_of())
        return terms[0] if len(terms) == 1 else AnyOf(tuple(terms))

    def _all_of(self) -> Node:
        terms = [self._term()]
        while self._accept("and"):
            terms.append(self._term())
        return terms[0] if len(terms) == 1 else AllOf(tuple(terms))

    def _term(self) -> Node:
        if self._accept("not"):
            return Not(self._term())
        if self._accept("("):
            node = self._any_of()
            if not self._accept(")"):
                raise self._error("')', 'and' or 'or'")
            return node
        if self._kind() != "item":
            raise self._error("an item, 'not' or '('")
        item = self._take()
        return self._comparison(item) if self._kind() == "operator" else Claim(item)

    def _comparison(self, item: str) -> Comparison:
        symbol: Operator = self._take()  # type: ignore[assignment]  # the token pattern admits no other
        if self._kind() != "number":
            raise self._error("a whole number")
        return Comparison(item, symbol, int(self._take()))

    def _kind(self) -> str:
        return self._tokens[self._next][0]

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1][1]

    def _accept(self, kind: str) -> bool:
        if self._kind() != kind:
            return False
        self._next += 1
        return True

    def _error(self, expected: str) -> ConditionError:
        _, found, position = self._tokens[self._next]
        return ConditionError(
            self._text, position, expected=expected, found=repr(found) if found else "the end"
        )


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (kind, text, position); keyword and bracket are their own kind; the last is "end"."""
    position, stop = 0, len(text.rstrip())
    while position < stop:
        match = _TOKEN.match(text, position)
        if match is None:
            position += len(text[position:]) - len(text[position:].lstrip())
            raise ConditionError(
                text, position, expected="an item or an operator", found=repr(text[position])
            )
        kind = match.lastgroup or ""
        word = match[kind]
        own_kind = kind == "bracket" or word in _KEYWORDS
        yield (word if own_kind else kind), word, match.start(kind)
        position = match.end()
    yield "end", "", stop


def _render(node: Node) -> str:
    match node:
        case Claim(item):
            return item
        case Comparison(item, symbol, number):
            return f"{item}{symbol}{number}"
        case Not(term):
            return f"not {_grouped(term)}"
        case AllOf(terms):
            return " and ".join(_grouped(term) for term in terms)
        case AnyOf(terms):
            return " or ".join(_grouped(term) for term in terms)
        case _:
            assert_never(node)


def _grouped(node: Node) -> str:
    text = _render(node)
    return f"({text})" if isinstance(node, AllOf | AnyOf) else text


def _evaluate(node: Node, value_of: ValueOf) -> bool:
    match node:
        case Claim(item):
            return bool(value_of(item))
        case Comparison(item, symbol, number):
            return OPERATORS[symbol](_number(item, value_of), number)
        case Not(term):
            return not _evaluate(term, value_of)
        case AllOf(terms):
            return all(_evaluate(term, value_of) for term in terms)
        case AnyOf(terms):
            return any(_evaluate(term, value_of) for term in terms)
        case _:
            assert_never(node)


def _number(item: str, value_of: ValueOf) -> int:
    value = value_of(item)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{item} is compared with a number, but its value is {value!r}")
    return value


def _facts(node: Node, value_of: ValueOf) -> Iterator[str]:
    """Yield single claims that together decide `node`, whether it holds or not."""
    match node:
        case Claim(item):
            yield f"{item} is claimed" if value_of(item) else f"{item} is not claimed"
        case Comparison(item, symbol, number):
            holds = _evaluate(node, value_of)
            words = _WORDS[symbol] if holds else f"not {_WORDS[symbol]}"
            yield f"{item} is {_number(item, value_of)}, {words} {number}"
        case Not(term):
            yield from _facts(term, value_of)
        case AllOf(terms) | AnyOf(terms):
            decisive = isinstance(node, AnyOf)
            deciding = [term for term in terms if _evaluate(term, value_of) is decisive]
            for term in deciding[:1] or terms:
                yield from _facts(term, value_of)
        case _:
            assert_never(node)


def _leaves(node: Node) -> Iterator[Claim | Comparison]:
    match node:
        case Claim() | Comparison():
            yield node
        case Not(term):
            yield from _leaves(term)
        case AllOf(terms) | AnyOf(terms):
            for term in terms:
                yield from _leaves(term)
        case _:
            assert_never(node)
