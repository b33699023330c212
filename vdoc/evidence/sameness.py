"""When two JSON values are the same: stricter than `==`, which takes `true` for 1."""

from __future__ import annotations


def same(one: object, other: object) -> bool:
    """Tell whether two JSON values are the same; numbers compare by value, `true` is no number."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other
