"""Paths with `*`: which elements meet the conditions, and altering exactly those.

A path is names and indices joined by dots; `*` is any element. Paths that begin with the same `…*`
speak of one and the same element.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vdoc.bench.message import ABSENT, look_up

Binding = Mapping[str, int]
"""From a prefix that ends with `*` to the index that stands for it."""


def matches(body: Any, where: Mapping[str, Any]) -> bool:
    """Tell whether one choice of elements meets every condition."""
    return any(True for _ in bindings(body, where, ()))


def bindings(body: Any, where: Mapping[str, Any], others: tuple[str, ...]) -> Iterator[Binding]:
    """Every choice of elements, for the conditions and `others`, that meets the conditions."""
    prefixes = sorted({p for path in (*where, *others) for p in _prefixes(path)}, key=len)
    for binding in _choices(body, prefixes, {}):
        if all(_holds(look_up(body, bound(path, binding)), w) for path, w in where.items()):
            yield binding


def bound(path: str, binding: Binding) -> str:
    """The path with each `*` replaced by its index; one that is not bound stays."""
    parts: list[str] = []
    pattern = ""
    for part in path.split("."):
        pattern = f"{pattern}.{part}" if pattern else part
        parts.append(str(binding[pattern]) if part == "*" and pattern in binding else part)
    return ".".join(parts)


def put(body: Any, path: str, value: Any) -> None:
    """Set a field; missing parents are made, `+`, or an index that is the length, appends."""
    *parents, last = path.split(".")
    for part in parents:
        body = _child(body, part)
    if isinstance(body, list):
        index = len(body) if last == "+" else int(last)
        body[index : index + 1] = [value]
    else:
        body[last] = value


def remove(body: Any, path: str) -> bool:
    """Delete a field; tell whether it was there."""
    *parents, last = path.split(".")
    holder = look_up(body, ".".join(parents)) if parents else body
    if isinstance(holder, dict) and last in holder:
        del holder[last]
        return True
    return False


def _child(body: Any, part: str) -> Any:
    if isinstance(body, list):
        return body[int(part)]
    if not isinstance(body.get(part), dict | list):
        body[part] = {}
    return body[part]


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: i + 1]) for i, part in enumerate(parts) if part == "*"]


def _choices(body: Any, prefixes: list[str], chosen: dict[str, int]) -> Iterator[Binding]:
    if not prefixes:
        yield dict(chosen)
        return
    prefix, *rest = prefixes
    container = look_up(body, bound(prefix, chosen).rpartition(".")[0])
    for index in range(len(container) if isinstance(container, list) else 0):
        yield from _choices(body, rest, {**chosen, prefix: index})


def _holds(actual: Any, wanted: Any) -> bool:
    if wanted == "<present>":
        return actual is not ABSENT
    if wanted == "<absent>":
        return actual is ABSENT
    if isinstance(wanted, list):
        return any(_holds(actual, one) for one in wanted)
    return bool(actual == wanted) and isinstance(actual, bool) == isinstance(wanted, bool)
