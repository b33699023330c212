from __future__ import annotations

import tomllib
from typing import Any

import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from vdoc.pics.positions import KeyPath, key_lines

DOCUMENT = '''\
top = 1  # a comment = with [brackets]
"quoted.key" = [
    "a ] in a text", # ] in a comment
    { inline = 1 },
]
many = """
not_a_key = 1
[not_a_table]
"""
literal = \'\'\'
'not = this'
\'\'\'
dotted.inner.key = true

[table]
key = 'x'
[[list]]
id = 1
[[list]]
id = 2
[[list.inner]]
id = 3
[list.one]
id = 4
'''


def test_each_key_has_its_line() -> None:
    lines = key_lines(DOCUMENT)
    expected: dict[KeyPath, int] = {
        ("top",): 1,
        ("quoted.key",): 2,
        ("many",): 6,
        ("literal",): 10,
        ("dotted", "inner", "key"): 13,
        ("dotted", "inner"): 13,
        ("table", "key"): 16,
        ("list", 0, "id"): 18,
        ("list", 1): 19,
        ("list", 1, "id"): 20,
        ("list", 1, "inner", 0, "id"): 22,
        ("list", 1, "one", "id"): 24,
    }
    assert {path: lines[path] for path in expected} == expected
    assert ("not_a_key",) not in lines


def test_line_breaks_of_windows_count_once() -> None:
    assert key_lines("a = 1\r\nb = 2\r\n")[("b",)] == 2


_keys = st.text(min_size=1, max_size=6).filter(lambda text: text.isprintable())
_scalars = st.one_of(st.booleans(), st.integers(-9, 9), st.text(max_size=12))
_values: st.SearchStrategy[Any] = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(_keys, _values, max_size=4))
def test_every_key_of_any_document_is_found(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    lines = key_lines(text)
    assert {(key,) for key in tomllib.loads(text)} <= set(lines)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
