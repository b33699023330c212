"""The PICS items a station can claim, with their kinds, parents and rules, read from `items.toml`.

Owns which items exist. Knows nothing of what any product claims.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

from vdoc.pics.conditions import Condition, Value, parse_condition

Kind = Literal["bool", "choice", "list", "int", "text"]
Table = Literal["profiles", "subtypes", "features", "questions", "hardware"]

_TABLES: Mapping[str, Table] = MappingProxyType(
    {"profile": "profiles", "subtype": "subtypes", "AQ": "questions", "HFS": "hardware"}
)
_NOTHING: Mapping[Kind, Value] = MappingProxyType(
    {"bool": False, "choice": False, "list": (), "int": 0, "text": ""}
)
EXPECTED: Mapping[Kind, str] = MappingProxyType(
    {
        "bool": "true or false",
        "choice": "true or false",
        "list": "a list of texts",
        "int": "a whole number",
        "text": "a text",
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """One PICS item.

    Attributes:
        id: as Part 5 and its errata name it, e.g. "C-09.1".
        kind: what its answer is.
        title: in our words.
        parent: the item that this one refines, if any.
        value: the device model literal that a claim stands for, if it stands for one.
        values: what a list may hold; empty when any text will do.
        contains: what a list must hold.
        variable: the device model variable that shows it, "Component.Variable".
        note: when to claim it, or what is special about it.
    """

    id: str
    kind: Kind
    title: str
    parent: str | None = None
    value: str | None = None
    values: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    variable: str | None = None
    note: str | None = None

    @property
    def table(self) -> Table:
        """The part of a PICS file that holds it."""
        return _TABLES.get(self.id.split(".")[0].split("-")[0], "features")

    @property
    def unclaimed(self) -> Value:
        """The answer that claims nothing."""
        return _NOTHING[self.kind]


@dataclass(frozen=True, slots=True)
class Rule:
    """Whenever `when` holds, `needs` must; `item` is what a report points at."""

    item: str
    when: Condition
    needs: Condition
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ItemList:
    """All items by id, in the order of the source, and the rules between them."""

    items: Mapping[str, Item]
    rules: tuple[Rule, ...]

    def children(self, item: str) -> tuple[Item, ...]:
        """Return the items that refine `item`."""
        return tuple(each for each in self.items.values() if each.parent == item)

    def of_table(self, table: Table) -> tuple[Item, ...]:
        """Return the items that stand in one table of a PICS file."""
        return tuple(each for each in self.items.values() if each.table == table)


@cache
def item_list() -> ItemList:
    """Return the items shipped with this package; read once."""
    raw = tomllib.loads(resources.files("vdoc.pics").joinpath("items.toml").read_text("utf-8"))
    vocabulary: dict[str, list[str]] = raw["vocabulary"]
    items = {
        key: Item(
            id=key,
            values=tuple(vocabulary[fields.pop("values")]) if "values" in fields else (),
            contains=tuple(fields.pop("contains", ())),
            **fields,
        )
        for key, fields in raw["items"].items()
    }
    rules = tuple(
        Rule(
            item=rule["item"],
            when=parse_condition(rule.get("when", "")),
            needs=parse_condition(rule["needs"]),
            why=rule["why"],
            source=rule["source"],
        )
        for rule in raw["rule"]
    )
    return ItemList(items=MappingProxyType(items), rules=rules)
