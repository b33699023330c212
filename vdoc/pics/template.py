"""The commented PICS that `vdoc pics new` starts from; it loads as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from vdoc.pics.conditions import Value
from vdoc.pics.items import Item, Table, item_list
from vdoc.pics.product import CIPHER_PAIRS

_HEAD = """\
# PICS: what is claimed about one member of a product family. Check it with `vdoc pics check`.
# Items have the ids of OCPP 2.0.1 Part 5 and its errata; what is not claimed may be left out.
"""
_PRODUCT = """\
[product]
vendor = "Example Vendor"            # as in BootNotification, like model and firmware_version
family = "Example family"
model = "EX-1"
members = ["EX-1", "EX-2"]           # models of all members of the family
firmware_version = "1.0.0"
# firmware_image_sha256 = ""         # 64 lower-case hex digits

[product.representative]             # the member that a test laboratory certified
model = "EX-2"
certificate_number = "CERT-0000"
"""
_HARDWARE = """
# One table for each EVSE, numbered from 1. Connector types are ConnectorEnumType literals: s… are
# sockets (HFS-1), c… are fixed cables (HFS-2).
[[hardware.evse]]
id = 1
connectors = [{ id = 1, connectorType = "sType2" }]
max_power_w = 11000
supply_phases = 3

# What else the station declares; all of it is optional.
[limits]
file_transfer_protocols = ["HTTPS"]
# local_auth_list_entries = 100
# charging_profile_entries = 10
# hardwired_monitor = { component = "Connector", variable = "Temperature", type = "UpperThreshold" }
"""
_MEASURANDS = ("Energy.Active.Import.Register",)
_CLAIMED: Mapping[str, Value] = MappingProxyType(
    {
        "C-06.2": True,
        "C-09.2": True,
        "C-10.2": True,
        "C-12.1": True,
        "C-23": ("Heartbeat",),
        "C-30": True,
        "C-36": True,
        **{f"C-40.{number}": _MEASURANDS for number in range(1, 6)},
        "C-41": CIPHER_PAIRS["ECDSA"],
        "C-48.1": True,
        "AQ-9": True,
        "AQ-18": True,
        "HFS-1": True,
        "HFS-3": True,
        "HFS-5": True,
        "HFS-7": True,
        "HFS-8": 1,
    }
)


def template() -> str:
    """Return the text of a valid PICS that shows every item, the optional ones as comments."""
    return "\n".join(
        (_HEAD, *_profiles(), _PRODUCT, *_table("features"), *_table("questions"), *_rest())
    )


def _profiles() -> Iterator[str]:
    for table, claimed in (("profiles", ["Core"]), ("subtypes", [])):
        names = [item.id.split(".", 1)[1] for item in _of(table)]
        yield f"# Known {table}: {', '.join(names)}"
        yield f"{table} = {json.dumps(claimed)}"
    yield ""


def _rest() -> Iterator[str]:
    yield from _table("hardware")
    yield _HARDWARE


def _of(table: str) -> tuple[Item, ...]:
    return tuple(item for item in item_list().items.values() if item.table == table)


def _table(table: Table) -> Iterator[str]:
    yield f"[{table}]"
    for item in item_list().of_table(table):
        if item_list().children(item.id):
            yield f"# {item.id} {item.title}:"
            continue
        claimed = item.id in _CLAIMED
        line = f"{item.id} = {_toml(_CLAIMED.get(item.id, _example(item)))}"
        note = f" ({item.note})" if item.note else ""
        yield f"{line if claimed else f'# {line}'}  # {item.title}{note}"
    yield ""


def _example(item: Item) -> Value:
    if item.kind == "list":
        return item.values[:1]
    return True if item.kind == "bool" else item.unclaimed


def _toml(value: Value) -> str:
    """Return a value as TOML, which is JSON for texts, booleans, numbers and lists of texts."""
    return json.dumps(value)
