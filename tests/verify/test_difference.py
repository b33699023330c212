from __future__ import annotations

import pytest

from vdoc.verify.difference import first_difference


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "x.a.1.b: got 2, expected 3"),
        ({"a": None}, {}, "x.a: got None, expected None"),
        ({"a": True}, {"a": 1}, "x.a: got True, expected 1"),
        ([1], [1, 2], "x: got [1], expected [1, 2]"),
        ({}, None, "x: got {}, expected None"),
    ],
)
def test_the_first_difference_is_named(got: object, expected: object, words: str) -> None:
    assert first_difference(got, expected, "x") == words
