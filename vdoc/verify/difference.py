"""Where two JSON values differ, in words."""

from __future__ import annotations

from collections.abc import Iterator

from vdoc.evidence.sameness import same
from vdoc.verify.findings import shown

__all__ = ["first_difference", "same"]


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
