"""What changed in the device model from one run to another.

Owns what is compared: which variables there are, and of each mutability, type, unit, limit and list
of values; the value itself only when it is ReadOnly, since a run sets the others, and only when it
did not vary in earlier runs either (a clock or a meter does).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vdoc.bench import VariableFact

_SNAPSHOTS = 2  # of which a value must be known to count as steady
_ATTRIBUTES = ("mutability", "data_type", "unit", "max_limit", "values_list")


class ChangeKind(StrEnum):
    """What happened to a variable."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class VariableChange:
    """One difference; `attribute` and the values only of a change."""

    kind: ChangeKind
    variable: str
    attribute: str = ""
    before: str = ""
    now: str = ""

    def __str__(self) -> str:
        if self.kind is not ChangeKind.CHANGED:
            return f"{self.variable} {self.kind.value}"
        return f"{self.variable} {self.attribute}: {self.before or '-'} → {self.now or '-'}"


def differences(
    before: Iterable[VariableFact],
    now: Iterable[VariableFact],
    earlier: Iterable[Iterable[VariableFact]] = (),
) -> tuple[VariableChange, ...]:
    """Return what was removed, added and changed, by the name of the variable.

    Args:
        before: the snapshot of the run before.
        now: the one in question.
        earlier: those of several runs before; only values that are equal in at least two of them,
            and never differ, are compared.
    """
    old, new = _named(before), _named(now)
    steady = _steady(old, [_named(each) for each in earlier])
    removed = [VariableChange(ChangeKind.REMOVED, name) for name in sorted(old.keys() - new.keys())]
    added = [VariableChange(ChangeKind.ADDED, name) for name in sorted(new.keys() - old.keys())]
    changed = [
        change
        for name in sorted(old.keys() & new.keys())
        for change in _changes(name, old[name], new[name], value=name in steady)
    ]
    return (*removed, *added, *changed)


def variable_name(fact: VariableFact) -> str:
    """Return what names a variable: `Connector[1.2].Available`, `OCPPCommCtrlr.X(Default)`."""
    place = ".".join(str(each) for each in (fact.evse, fact.connector) if each is not None)
    component = fact.component + (f"[{place}]" if place else "")
    component += f"({fact.component_instance})" if fact.component_instance else ""
    return f"{component}.{fact.variable}" + (f"({fact.instance})" if fact.instance else "")


def _named(variables: Iterable[VariableFact]) -> dict[str, VariableFact]:
    return {variable_name(fact): fact for fact in variables}


def _steady(
    before: Mapping[str, VariableFact], earlier: list[dict[str, VariableFact]]
) -> frozenset[str]:
    return frozenset(
        name
        for name, fact in before.items()
        if len(seen := [each[name].value for each in earlier if name in each]) >= _SNAPSHOTS
        and set(seen) <= {fact.value}
    )


def _changes(
    name: str, before: VariableFact, now: VariableFact, *, value: bool
) -> Iterable[VariableChange]:
    compared = list(_ATTRIBUTES)
    if value and before.mutability == now.mutability == "ReadOnly":
        compared.append("value")
    for attribute in compared:
        old, new = getattr(before, attribute), getattr(now, attribute)
        if old != new:
            texts = ("" if each is None else str(each) for each in (old, new))
            yield VariableChange(ChangeKind.CHANGED, name, attribute, *texts)
