"""Reads `model_data.tsv`: the variables that a product with a given PICS has, with first values.

Columns: tier `station`, `evse` or `connector`; condition in the grammar of the PICS (or `@name`);
mutability `RO`, `RW`, `WO`, `RW if ITEM` (else RO), or `choice TRUE-ITEM FALSE-ITEM` for a boolean
that is writable when both are claimed; limits `min:max`; `@name` in value and values_list is
computed here from the PICS.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Literal

from vdoc.pics import Pics
from vdoc.pics.conditions import parse_condition
from vdoc.station.defects import declare

MISSING_MANDATORY = declare(
    "model-lacks-mandatory",
    "the device model has no DeviceDataCtrlr.BytesPerMessage variables",
    "B07.FR.08",
    "TC_B_13_CS",
    "TC_B_53_CS",
)
MISSING_CONFIGURATION = declare(
    "model-lacks-configuration",
    "the device model has no OCPPCommCtrlr.ResetRetries",
    "B07.FR.07",
    "TC_B_12_CS",
    "TC_B_13_CS",
    "TC_B_53_CS",
)

_MutabilityName = Literal["ReadOnly", "ReadWrite", "WriteOnly"]
_MUTABILITY: dict[str, _MutabilityName] = {
    "RO": "ReadOnly",
    "RW": "ReadWrite",
    "WO": "WriteOnly",
}
_PREFERRED_POINTS = frozenset({"EVConnected", "Authorized"})


@dataclass(frozen=True, slots=True)
class Row:
    """One variable at one place of the product."""

    component: str
    variable: str
    instance: str | None
    evse: int | None
    connector: int | None
    mutability: _MutabilityName
    data_type: str
    unit: str | None
    value: str
    minimum: float | None
    maximum: float | None
    values_list: str | None


@cache
def _table() -> tuple[dict[str, str], ...]:
    file = resources.files("vdoc.station") / "model_data.tsv"
    return tuple(csv.DictReader(file.read_text(encoding="utf-8").splitlines(), delimiter="\t"))


def read_rows(pics: Pics, has: Callable[[str], bool]) -> Iterator[Row]:
    """Yield the variables of a product, once per EVSE or connector where they belong there."""
    for raw in _table():
        if has(MISSING_MANDATORY) and raw["variable"] == "BytesPerMessage":
            continue
        if has(MISSING_CONFIGURATION) and raw["variable"] == "ResetRetries":
            continue
        if _applies(pics, raw["condition"]):
            row = _row(pics, raw)
            yield from _places(pics, raw, row)


def _applies(pics: Pics, condition: str) -> bool:
    if condition == "@ntp":
        return "NTP" in pics.values_of("C-23")
    return parse_condition(condition).evaluate(pics.value)


def _row(pics: Pics, raw: dict[str, str]) -> Row:
    mutability, value = _mutability(pics, raw["mutability"], raw["value"])
    low, _, high = raw["limits"].partition(":")
    return Row(
        component=raw["component"],
        variable=raw["variable"],
        instance=raw["instance"] or None,
        evse=None,
        connector=None,
        mutability=mutability,
        data_type=raw["data_type"],
        unit=raw["unit"] or None,
        value=_value(pics, value, writable=mutability == "ReadWrite"),
        minimum=float(low) if low else None,
        maximum=float(high) if high else None,
        values_list=_values_list(pics, raw["values_list"]),
    )


def _mutability(pics: Pics, text: str, value: str) -> tuple[_MutabilityName, str]:
    if text.startswith("choice "):
        _, when_true, when_false = text.split()
        both = pics.claims(when_true) and pics.claims(when_false)
        claimed = "true" if pics.claims(when_true) else "false"
        return ("ReadWrite" if both else "ReadOnly"), claimed
    base, _, item = text.partition(" if ")
    if item and not pics.claims(item):
        return "ReadOnly", value
    return _MUTABILITY[base], value


def _value(pics: Pics, text: str, *, writable: bool) -> str:
    if not text.startswith("@"):
        return text
    name = text[1:]
    if name in {"tx_start", "tx_stop"}:
        return ",".join(_first_points(_LISTS[name](pics), writable=writable))
    if name in _TEXTS:
        return _TEXTS[name](pics)
    values = _list(pics, name)
    return values[0] if name == "C-54" and values else ",".join(values)


def _first_points(claimed: tuple[str, ...], *, writable: bool) -> tuple[str, ...]:
    """A fixed set is the whole claim; a configurable one leaves the factory in a common form."""
    preferred = tuple(point for point in claimed if point in _PREFERRED_POINTS)
    return preferred if writable and preferred else claimed


def _values_list(pics: Pics, text: str) -> str | None:
    if text.startswith("@"):
        return ",".join(_list(pics, text[1:]))
    return text or None


def _list(pics: Pics, name: str) -> tuple[str, ...]:
    return _LISTS[name](pics) if name in _LISTS else pics.values_of(name)


def _named(pics: Pics, items: dict[str, str]) -> tuple[str, ...]:
    return tuple(value for item, value in items.items() if pics.claims(item))


_LISTS: dict[str, Callable[[Pics], tuple[str, ...]]] = {
    "tx_start": lambda pics: pics.tx_start_points,
    "tx_stop": lambda pics: pics.tx_stop_points,
    "tokens": lambda pics: tuple(dict.fromkeys((*pics.local_options, *pics.remote_options))),
    "rate_units": lambda pics: pics.rate_units,
    "transfer": lambda pics: pics.limits.file_transfer_protocols or ("HTTP", "HTTPS"),
    "formats": lambda pics: _named(
        pics, {"UI-2.1": "ASCII", "UI-2.2": "HTML", "UI-2.3": "URI", "UI-2.4": "UTF8"}
    ),
    "priorities": lambda pics: _named(
        pics, {"UI-1.1": "AlwaysFront", "UI-1.2": "InFront", "UI-1.3": "NormalCycle"}
    ),
}
_TEXTS: dict[str, Callable[[Pics], str]] = {
    "phases": lambda pics: str(0 if pics.claims("HFS-4") else pics.max_phases),
    "model": lambda pics: pics.product.model,
    "vendor": lambda pics: pics.product.vendor,
    "evse_id": lambda _: "",
    "connector_type": lambda _: "",
}


def _places(pics: Pics, raw: dict[str, str], row: Row) -> Iterator[Row]:
    if raw["tier"] == "station":
        yield row
        return
    for evse in pics.evses:
        here = replace(row, evse=evse.id)
        if raw["value"] == "@evse_id":
            here = replace(here, value=f"NL*VDO*E{evse.id:04d}")
        if raw["value"] == "@phases" and evse.supply_phases is not None:
            here = replace(here, value=str(evse.supply_phases))
        if row.variable == "Power" and evse.max_power_w is not None:
            here = replace(here, maximum=float(evse.max_power_w))
        if raw["tier"] == "evse":
            yield here
            continue
        for connector in evse.connectors:
            kind = connector.connectorType if raw["value"] == "@connector_type" else here.value
            yield replace(here, connector=connector.id, value=kind)
