"""The variables that a station must have: components.tsv, and which of it a product owes.

Owns the rows of Part 2 and Part 4 (with errata 2.1, 2.57, 2.62, 2.63, 2.66) per certification
profile (Part 5 §5). Where the sources disagree on whether a variable is required, the stricter one
counts (contradictions.md, Device model). It knows nothing of reports; whoever has one compares.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

from vdoc.pics import Pics
from vdoc.pics.conditions import Condition, parse_condition

Need = Literal["M", "C", "O"]

_WRITABLE = frozenset({"ReadWrite", "WriteOnly"})


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """One line of components.tsv.

    Attributes:
        profile: certification profile that asks for it.
        instance: of the variable; empty when it has none.
        required: M, C (when `condition` holds) or O.
        condition: over PICS items.
        mutability: those that Part 2 allows; empty where it says nothing.
        datatype: as Part 2 names it.
        source: where it is said.
    """

    profile: str
    component: str
    variable: str
    instance: str
    required: Need
    condition: Condition
    mutability: tuple[str, ...]
    datatype: str
    source: str


@dataclass(frozen=True, slots=True)
class RequiredVariable:
    """A variable that this product must report, and where.

    Attributes:
        evse: EVSE id for components EVSE and Connector, else None.
        connector: connector id for component Connector, else None.
    """

    component: str
    variable: str
    instance: str | None
    evse: int | None
    connector: int | None
    mutability: tuple[str, ...]
    datatype: str

    @property
    def always_writable(self) -> bool:
        """Whether Part 2 leaves no choice but a variable that can be set."""
        return bool(self.mutability) and _WRITABLE.issuperset(self.mutability)

    def __str__(self) -> str:
        places = [str(place) for place in (self.evse, self.connector) if place is not None]
        component = f"{self.component}({'/'.join(places)})" if places else self.component
        instance = f"[{self.instance}]" if self.instance else ""
        return f"{component}.{self.variable}{instance}"


@cache
def component_rows() -> tuple[ComponentRow, ...]:
    """Return every row that ships with the package."""
    text = resources.files("vdoc.catalogue").joinpath("components.tsv").read_text(encoding="utf-8")
    return tuple(
        ComponentRow(
            profile=row["profile"],
            component=row["component"],
            variable=row["variable"],
            instance=row["instance"],
            required=cast("Need", row["required"]),
            condition=parse_condition(row["condition"]),
            mutability=tuple(row["mutability"].split(" or ")) if row["mutability"] else (),
            datatype=row["datatype"],
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines(), delimiter="\t")
    )


def required_variables(pics: Pics) -> tuple[RequiredVariable, ...]:
    """Return what the claimed profiles demand: M, and C whose condition the PICS meets.

    Variables of EVSE and Connector are demanded of each EVSE and connector of the PICS. A variable
    that several profiles ask for comes once.
    """
    owed = (row for row in component_rows() if _owed(row, pics))
    return tuple(dict.fromkeys(one for row in owed for one in _placed(row, pics)))


def _owed(row: ComponentRow, pics: Pics) -> bool:
    if row.required == "O" or not pics.claims(f"profile.{row.profile}"):
        return False
    return row.condition.evaluate(pics.value)


def _placed(row: ComponentRow, pics: Pics) -> Iterator[RequiredVariable]:
    for evse, connector in _places(row.component, pics):
        yield RequiredVariable(
            component=row.component,
            variable=row.variable,
            instance=row.instance or None,
            evse=evse,
            connector=connector,
            mutability=row.mutability,
            datatype=row.datatype,
        )


def _places(component: str, pics: Pics) -> Iterator[tuple[int | None, int | None]]:
    if component == "EVSE":
        yield from ((evse.id, None) for evse in pics.evses)
    elif component == "Connector":
        yield from ((evse.id, each.id) for evse in pics.evses for each in evse.connectors)
    else:
        yield None, None
