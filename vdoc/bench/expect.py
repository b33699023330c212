"""Expectations: what a validation demands of a value, as a value that can be printed.

Owns the words in which a report says what was expected, and the comparison rules that hold
everywhere (Part 6 §2.1: times within a configured deviation; tokens without regard to case).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vdoc.bench.message import ABSENT
from vdoc.ocpp.values import parse_datetime


@dataclass(frozen=True, slots=True)
class Expectation:
    """A demand on a value: words for the report, and whether a value meets it."""

    words: str
    holds: Callable[[Any], bool]

    def __str__(self) -> str:
        return self.words


def shown(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return a value as a report prints it, shortened to what helps."""
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"  # noqa: PLR2004


def equals(expected: Any) -> Expectation:  # noqa: ANN401  # any JSON value
    """The value is exactly this one; 1 is not True."""
    boolean = isinstance(expected, bool)
    return Expectation(shown(expected), lambda v: v == expected and isinstance(v, bool) == boolean)


def one_of(*expected: Any) -> Expectation:  # noqa: ANN401  # any JSON value
    """The value is one of these."""
    words = " or ".join(shown(value) for value in expected)
    return Expectation(words, lambda v: any(equals(value).holds(v) for value in expected))


def present() -> Expectation:
    """The field is there."""
    return Expectation("present", lambda v: v is not ABSENT)


def absent() -> Expectation:
    """The field is not there."""
    return Expectation("absent", lambda v: v is ABSENT)


def absent_or(expected: Any) -> Expectation:  # noqa: ANN401  # a value or an Expectation
    """The field is absent, or meets the expectation."""
    inner = expected if isinstance(expected, Expectation) else equals(expected)
    return Expectation(f"absent or {inner.words}", lambda v: v is ABSENT or inner.holds(v))


def not_(expected: Any) -> Expectation:  # noqa: ANN401  # a value or an Expectation
    """The field is present and does not meet the expectation."""
    inner = expected if isinstance(expected, Expectation) else equals(expected)
    return Expectation(f"not {inner.words}", lambda v: v is not ABSENT and not inner.holds(v))


def same_text(expected: str) -> Expectation:
    """The text is this one, without regard to case (idTokens compare so, Part 2 §2.14)."""
    return Expectation(
        f"{expected!r} (any case)",
        lambda v: isinstance(v, str) and v.casefold() == expected.casefold(),
    )


def matching(pattern: str, words: str) -> Expectation:
    """The whole text matches a regular expression; `words` says it to a reader."""
    compiled = re.compile(pattern)
    return Expectation(words, lambda v: isinstance(v, str) and bool(compiled.fullmatch(v)))


def at_least(limit: float) -> Expectation:
    """The number is this or more."""
    return Expectation(f"at least {limit}", lambda v: _number(v) and v >= limit)


def between(low: float, high: float) -> Expectation:
    """The number is from `low` to `high`, both included."""
    return Expectation(f"from {low} to {high}", lambda v: _number(v) and low <= v <= high)


def near_time(expected: datetime, deviation_s: float) -> Expectation:
    """The date and time lies within `deviation_s` of `expected` (Part 6 §2.1)."""
    margin = timedelta(seconds=deviation_s)
    words = f"{expected:%Y-%m-%dT%H:%M:%S.%f}Z within {deviation_s} s"
    return Expectation(words, lambda v: _is_time(v, lambda t: abs(t - expected) <= margin))


def a_time() -> Expectation:
    """The text is a date and time by RFC 3339."""
    return Expectation("a date and time by RFC 3339", lambda v: _is_time(v, lambda _: True))


def containing(*members: Any) -> Expectation:  # noqa: ANN401  # any JSON value
    """The list or comma separated text has all of these."""
    words = "containing " + ", ".join(shown(member) for member in members)
    return Expectation(words, lambda v: set(members) <= set(_members(v)))


def lacking(*members: Any) -> Expectation:  # noqa: ANN401  # any JSON value
    """The list or comma separated text is present and has none of these."""
    words = "without " + ", ".join(shown(member) for member in members)
    return Expectation(words, lambda v: v is not ABSENT and not set(members) & set(_members(v)))


def that(words: str, holds: Callable[[Any], bool]) -> Expectation:
    """Anything else, in the case's own words; a comparison that cannot be made does not hold."""

    def safely(value: Any) -> bool:  # noqa: ANN401  # any JSON value
        try:
            return value is not ABSENT and bool(holds(value))
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            return False

    return Expectation(words, safely)


def _number(value: Any) -> bool:  # noqa: ANN401  # any JSON value
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any, holds: Callable[[datetime], bool]) -> bool:  # noqa: ANN401  # any JSON
    try:
        return isinstance(value, str) and holds(parse_datetime(value))
    except ValueError:
        return False


def _members(value: Any) -> Iterable[Any]:  # noqa: ANN401  # any JSON value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [v for v in value if not isinstance(v, dict | list)] if isinstance(value, list) else []
