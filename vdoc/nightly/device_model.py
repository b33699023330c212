"""What changed in the device model from one run to another.

Owns what is compared: which variables there are, and of each mutability, type, unit, limit and list
of values. A value counts only when it was the same in every snapshot of several earlier runs: in
two when it is ReadOnly; in three when a run can set it, and then only if a new firmware may have
brought another default. What measures, counts or tells the time moves by itself and is never
compared, even if it stood still for some nights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vdoc.bench import VariableFact

_SNAPSHOTS, _SNAPSHOTS_IF_WRITABLE = 2, 3  # that must agree on a value
_MOVING = frozenset(
    """
    accurrent acvoltage active angle availabilitystate chargingtime complete connectedtime count
    currentimbalance datetime dccurrent dcvoltage departuretime energy energyexport
    energyexportregister energyimport energyimportregister entries fanspeed force frequency humidity
    impedance light percent power remainingtimebulk remainingtimefull signalstrength state
    stateofcharge stateofchargebulk storage temperature time token tries vehicleid voltageimbalance
    """.split()  # noqa: SIM905  # as a list it would be a page
)
"""Standard variables (Part 2, appendix 3.2) that are measured or counted, or follow an EV."""
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
    *,
    new_firmware: bool = False,
) -> tuple[VariableChange, ...]:
    """Return what was removed, added and changed, by the name of the variable.

    Args:
        before: the snapshot of the run before.
        now: the one in question.
        earlier: those of several runs before; only values on which enough of them agree, and none
            does not, are compared.
        new_firmware: whether a default may be another, so that values which runs set count as well.
    """
    old, new = _named(before), _named(now)
    steady = _steady(old, [_named(each) for each in earlier], writable=new_firmware)
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
    before: Mapping[str, VariableFact], earlier: list[dict[str, VariableFact]], *, writable: bool
) -> frozenset[str]:
    """Return the names of the variables whose value means something."""
    return frozenset(
        name
        for name, fact in before.items()
        if (wanted := _agreeing(fact, writable=writable)) is not None
        and len(seen := [each[name].value for each in earlier if name in each]) >= wanted
        and set(seen) <= {fact.value}
    )


def _agreeing(fact: VariableFact, *, writable: bool) -> int | None:
    """Return how many snapshots must agree on a value; None when it is not compared at all."""
    if fact.variable.casefold() in _MOVING:
        return None
    if fact.mutability == "ReadOnly":
        return _SNAPSHOTS
    return _SNAPSHOTS_IF_WRITABLE if writable else None


def _changes(
    name: str, before: VariableFact, now: VariableFact, *, value: bool
) -> Iterable[VariableChange]:
    compared = list(_ATTRIBUTES)
    if value and before.mutability == now.mutability:
        compared.append("value")
    for attribute in compared:
        old, new = getattr(before, attribute), getattr(now, attribute)
        if old != new:
            texts = ("" if each is None else str(each) for each in (old, new))
            yield VariableChange(ChangeKind.CHANGED, name, attribute, *texts)
