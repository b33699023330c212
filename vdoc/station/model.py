"""The device model: which variables this product has, their values, and the rules for setting them.

Owns what B05 and B06 call component and variable. Which variables exist follows from the PICS
(`model_data.tsv`, one row per variable); their values survive reboots. A module that computes a
variable binds it; one that must agree to a change guards it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from vdoc.ocpp.values import parse_datetime
from vdoc.pics import Pics
from vdoc.station.model_rows import Row, read_rows
from vdoc.station.seams import Storage

Mutability = Literal["ReadOnly", "ReadWrite", "WriteOnly"]
SetStatus = Literal["Accepted", "Rejected", "RebootRequired"]
_MAX_PASSWORD_CHARACTERS = 64
_MAX_VALUE_CHARACTERS = 1000
_LISTS = frozenset({"OptionList", "MemberList", "SequenceList"})


@dataclass(frozen=True, slots=True)
class Component:
    """A component as messages address it; names compare without case (Part 1, 4.1)."""

    name: str
    evse: int | None = None
    connector: int | None = None
    instance: str | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Component:
        """Read a ComponentType."""
        evse = data.get("evse") or {}
        return cls(
            data["name"], evse.get("id"), evse.get("connectorId"), data.get("instance") or None
        )

    def as_json(self) -> dict[str, Any]:
        """Write a ComponentType."""
        data: dict[str, Any] = {"name": self.name}
        if self.instance is not None:
            data["instance"] = self.instance
        if self.evse is not None:
            data["evse"] = {"id": self.evse}
            if self.connector is not None:
                data["evse"]["connectorId"] = self.connector
        return data

    def matches(self, other: Component) -> bool:
        """Whether both address the same component."""
        return self.folded == other.folded

    @property
    def folded(self) -> tuple[object, ...]:
        """What makes it equal to another one."""
        instance = None if self.instance is None else self.instance.casefold()
        return (self.name.casefold(), self.evse, self.connector, instance)


@dataclass(slots=True)
class Variable:
    """One variable of one component, with its characteristics and its current value."""

    component: Component
    name: str
    instance: str | None
    mutability: Mutability
    data_type: str
    unit: str | None
    minimum: float | None
    maximum: float | None
    values_list: str | None
    value: str
    read: Callable[[], str] | None = None
    guard: Callable[[str], str | None] | None = None
    on_set: Callable[[str], SetStatus] | None = None

    @property
    def actual(self) -> str:
        """Its value now."""
        return self.value if self.read is None else self.read()

    @property
    def key(self) -> str:
        """Its name in storage."""
        component = self.component
        place = ":".join(str(part) for part in (component.evse, component.connector) if part)
        return f"{component.name}@{place}.{self.name}[{self.instance or ''}]"

    def variable_json(self) -> dict[str, str]:
        """Write a VariableType."""
        if self.instance is None:
            return {"name": self.name}
        return {"name": self.name, "instance": self.instance}

    def characteristics(self) -> dict[str, Any]:
        """Write a VariableCharacteristicsType."""
        is_text = self.data_type in {"passwordString", "identifierString"}
        data: dict[str, Any] = {
            "dataType": "string" if is_text else self.data_type,
            "supportsMonitoring": False,
        }
        if self.unit is not None:
            data["unit"] = self.unit
        if self.minimum is not None:
            data["minLimit"] = self.minimum
        if self.maximum is not None:
            data["maxLimit"] = self.maximum
        if self.values_list is not None:
            data["valuesList"] = self.values_list
        return data

    def refusal(self, value: str) -> str | None:
        """Return the reasonCode for which `value` cannot be set, or None (B05.FR.07, FR.08)."""
        if self.mutability == "ReadOnly":
            return "ReadOnly"
        reason = _malformed(self, value) or _out_of_range(self, value)
        if reason is None and self.guard is not None:
            reason = self.guard(value)
        return reason


def _malformed(variable: Variable, value: str) -> str | None:
    if len(value) > _MAX_VALUE_CHARACTERS:
        return "TooLargeElement"
    if variable.data_type == "passwordString":
        return "InvalidValue" if len(value) > _MAX_PASSWORD_CHARACTERS else None
    patterns = {"integer": r"[+-]?\d+", "decimal": r"[+-]?\d+(\.\d+)?", "boolean": "true|false"}
    pattern = patterns.get(variable.data_type)
    if pattern is not None and not re.fullmatch(pattern, value, re.ASCII | re.IGNORECASE):
        return "InvalidValue"
    return "InvalidValue" if variable.data_type == "dateTime" and not _is_time(value) else None


def _is_time(value: str) -> bool:
    try:
        return isinstance(parse_datetime(value), datetime)
    except ValueError:
        return value == ""


def _out_of_range(variable: Variable, value: str) -> str | None:
    if variable.data_type in _LISTS and variable.values_list is not None:
        return _not_listed(variable, value)
    if variable.data_type not in {"integer", "decimal"}:
        return None
    number = float(value)
    low = variable.minimum is not None and number < variable.minimum
    high = variable.maximum is not None and number > variable.maximum
    return "ValueOutOfRange" if low or high else None


def _not_listed(variable: Variable, value: str) -> str | None:
    allowed = (variable.values_list or "").split(",")
    wanted = [value] if variable.data_type == "OptionList" else members(value)
    if any(each not in allowed for each in wanted) or len(set(wanted)) != len(wanted):
        return "InvalidValue"
    return None


def members(csv: str) -> tuple[str, ...]:
    """The members of a MemberList or SequenceList value."""
    return tuple(part.strip() for part in csv.split(",") if part.strip())


class DeviceModel:
    """All variables of the station.

    Args:
        pics: which options the product has.
        storage: where values that a CSMS has set survive (document "variables").
        has: whether a named defect is on.
        factory: values that the factory has set, by `Component.Variable` or
            `Component.Variable[Instance]`; those a CSMS has set come after them.
    """

    def __init__(
        self,
        pics: Pics,
        storage: Storage,
        has: Callable[[str], bool],
        factory: Mapping[str, str] | None = None,
    ) -> None:
        self._storage = storage
        self._saved: dict[str, str] = storage.get("variables") or {}
        self._watchers: list[Callable[[], None]] = []
        self.variables = tuple(_variable(row) for row in read_rows(pics, has))
        self._index = {
            _index_key(each.component, each.name, each.instance): each for each in self.variables
        }
        self._names = {each.component.folded for each in self.variables}
        for name, value in (factory or {}).items():
            self._named(name).value = value
        for variable in self.variables:
            saved = self._saved.get(variable.key)
            if saved is not None and variable.mutability != "ReadOnly":
                variable.value = saved

    def _named(self, name: str) -> Variable:
        component, _, rest = name.partition(".")
        variable, _, instance = rest.partition("[")
        return self.variable(component, variable, instance.removesuffix("]") or None)

    def __iter__(self) -> Iterator[Variable]:
        return iter(self.variables)

    def knows(self, component: Component) -> bool:
        """Whether the station has this component."""
        return component.folded in self._names

    def find(
        self, component: Component, variable: str, instance: str | None = None
    ) -> Variable | None:
        """Return a variable, or None when the station has none such."""
        return self._index.get(_index_key(component, variable, instance or None))

    def variable(
        self,
        component: str,
        variable: str,
        instance: str | None = None,
        *,
        evse: int | None = None,
        connector: int | None = None,
    ) -> Variable:
        """Return a variable that must exist.

        Raises:
            KeyError: this product has no such variable.
        """
        found = self.find(Component(component, evse, connector), variable, instance)
        if found is None:
            raise KeyError(f"{component}.{variable}[{instance or ''}]")
        return found

    def exists(self, component: str, variable: str, instance: str | None = None) -> bool:
        """Whether a station-level variable exists."""
        return self.find(Component(component), variable, instance) is not None

    def text(self, component: str, variable: str, instance: str | None = None) -> str:
        """Its value; "" when this product has no such variable."""
        found = self.find(Component(component), variable, instance)
        return "" if found is None else found.actual

    def integer(self, component: str, variable: str, instance: str | None = None) -> int:
        """Its value as a number; 0 when there is no such variable."""
        return int(self.text(component, variable, instance) or "0")

    def boolean(self, component: str, variable: str, *, default: bool = False) -> bool:
        """Its value as a truth; `default` when there is no such variable."""
        text = self.text(component, variable)
        return text.casefold() == "true" if text else default

    def members(self, component: str, variable: str) -> tuple[str, ...]:
        """Its value as a list."""
        return members(self.text(component, variable))

    def bind(self, component: str, variable: str, read: Callable[[], str], **place: int) -> None:
        """Let a module compute the value of a variable (if the product has it)."""
        found = self.find(Component(component, place.get("evse"), place.get("connector")), variable)
        if found is not None:
            found.read = read

    def guard(self, component: str, variable: str, check: Callable[[str], str | None]) -> None:
        """Let a module refuse a new value; `check` returns a reasonCode or None."""
        found = self.find(Component(component), variable)
        if found is not None:
            found.guard = check

    def on_set(self, component: str, variable: str, apply: Callable[[str], SetStatus]) -> None:
        """Let a module apply a new value in place of storing it; returns the attributeStatus."""
        found = self.find(Component(component), variable)
        if found is not None:
            found.on_set = apply

    def set(self, variable: Variable, value: str) -> SetStatus:
        """Give a variable a value that `Variable.refusal` accepts; survives reboots."""
        if variable.on_set is not None:
            return variable.on_set(value)
        variable.value = value
        self._saved[variable.key] = value
        self._storage.put("variables", self._saved)
        for watcher in self._watchers:
            watcher()
        return "Accepted"

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` after every change."""
        self._watchers.append(watcher)


def _index_key(component: Component, variable: str, instance: str | None) -> tuple[object, ...]:
    folded = None if instance is None else instance.casefold()
    return (*component.folded, variable.casefold(), folded)


def _variable(row: Row) -> Variable:
    return Variable(
        component=Component(row.component, row.evse, row.connector),
        name=row.variable,
        instance=row.instance,
        mutability=row.mutability,
        data_type=row.data_type,
        unit=row.unit,
        minimum=row.minimum,
        maximum=row.maximum,
        values_list=row.values_list,
        value=row.value,
    )
