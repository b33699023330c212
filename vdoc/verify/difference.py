"""Where two JSON values differ, in words; stricter than `==`, which takes `true` for 1."""

from __future__ import annotations

from collections.abc import Iterator

from vdoc.verify.findings import shown


def same(one: object, other: object) -> bool:
    """Tell whether two JSON values are the same; numbers compare by value, `true` is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def first_difference(got: object, expected: object, place: str) -> str:
    """Return the first place at which two JSON values differ, with got and expected.

    Args:
        got: one value.
        expected: the other; must differ.
        place: what both are called.
    """
    return next(_differences(got, expected, place), f"{place} differs")


def _differences(got: object, expected: object, place: str) -> Iterator[str]:
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in sorted({*got, *expected}):
            if key not in got or key not in expected or not same(got[key], expected[key]):
                yield from _differences(got.get(key), expected.get(key), f"{place}.{key}")
    elif isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        for number, (one, other) in enumerate(zip(got, expected, strict=True)):
            if not same(one, other):
                yield from _differences(one, other, f"{place}.{number}")
    else:
        yield f"{place}: got {shown(got)}, expected {shown(expected)}"
