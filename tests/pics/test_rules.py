"""Each rule between answers, hardware and limits from both sides: what breaks it, what mends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from vdoc.pics import item_list

ProblemsOf = Callable[[Mapping[str, Any]], dict[str, str]]
Changes = dict[str, Any]

RSA = ["TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_256_GCM_SHA384"]
ECDSA = ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"]
MONITOR = {"component": "EVSE", "variable": "Power", "type": "Delta"}
NO_LOCAL_START = {"C-30": None}


def evse(number: int, *types: str) -> Changes:
    connectors = [{"id": n, "connectorType": each} for n, each in enumerate(types, start=1)]
    return {"id": number, "connectors": connectors}


def one(*types: str) -> Changes:
    return {"hardware.evse": [evse(1, *types)]}


def needs(item: str, mend: Changes, value: Any = True) -> tuple[str, Changes, Changes]:
    """The item alone is a problem; with `mend` beside it, it is not."""
    return item, {item: value}, {item: value, **mend}


ISO, CACHE = {"profile.ISO15118Support": True}, {"C-49": True}
LIST, RESERVATION = {"profile.LocalAuthListManagement": True}, {"profile.Reservation": True}
FIXED = {"HFS-1": None, "HFS-2": True, "AQ-18": None}
UI = {"profile.AdvancedUserInterface": True, "UI-1.1": True, "UI-2.1": True}

RULES: list[tuple[str, Changes, Changes]] = [
    ("profile.Core", {"profiles": []}, {"profiles": ["Core"]}),
    ("profile.Core", {"profiles": ["Reservation"]}, {"profiles": ["Reservation", "Core"]}),
    # C-01 and each of its four ways
    needs("C-01", LIST),
    needs("C-01", {"C-02": True}),
    needs("C-01", CACHE),
    needs("C-01", {"C-35": True}),
    ("C-01", {"C-01": True, **LIST, **NO_LOCAL_START}, {"C-01": True, **LIST, "C-34": True}),
    (
        "C-01",
        {"C-01": True, **CACHE, **NO_LOCAL_START, "C-33": True},
        {"C-01": True, "C-02": True, **NO_LOCAL_START, "C-33": True},
    ),
    # at least one
    ("C-06", {"C-06.2": None}, {"C-06.2": None, "C-06.1": True}),
    ("C-09", {"C-09.2": None}, {"C-09.2": None, "C-09.6": True}),
    ("C-10", {"C-10.2": None}, {"C-10.2": None, "C-10.5": True}),
    ("C-12", {"C-12.1": None}, {"C-12.1": None, "C-12.2": True}),
    ("C-48", {"C-48.1": None}, {"C-48.1": None, "C-48.2": True}),
    ("C-36", {"C-36": None}, {"C-36": None, "C-37": True}),
    ("C-36", {"C-36": False}, {"C-36": False, "C-38": True}),
    ("C-36", {"C-36": None}, {"C-36": None, "C-39": True}),
    # either, not both
    ("C-07", {"C-07": True, "C-08": True}, {"C-08": True}),
    # what belongs to something else
    needs("C-53", CACHE),
    needs("C-54", CACHE, ["LRU"]),
    needs("C-59", CACHE),
    needs("AS-3", {"profile.AdvancedSecurity": True}),
    needs("R-1", RESERVATION),
    needs("R-2", RESERVATION),
    needs("R-3", RESERVATION),
    needs("DM-3", {"profile.AdvancedDeviceManagement": True}),
    needs("ISO-4", {**ISO, "SC-2.1": True}),
    needs("ISO-5", {**ISO, "SC-2.2": True}),
    needs("LA-1", LIST),
    needs("LA-3", LIST),
    ("SC-2", {"SC-2.1": True}, {"SC-2.1": True, "profile.SmartCharging": True}),
    ("UI-1", {"UI-1.1": True}, UI),
    ("UI-2", {"UI-2.4": True}, {**UI, "UI-2.4": True}),
    # what a profile brings with it
    (
        "C-56",
        {"profile.AdvancedDeviceManagement": True, "C-56": False},
        {"profile.AdvancedDeviceManagement": True},
    ),
    ("SC-2", {"profile.SmartCharging": True}, {"profile.SmartCharging": True, "SC-2.2": True}),
    ("SC-2", ISO, {**ISO, "SC-2.1": True}),
    ("UI-1", {**UI, "UI-1.1": None}, {**UI, "UI-1.1": None, "UI-1.3": True}),
    ("UI-2", {**UI, "UI-2.1": None}, {**UI, "UI-2.1": None, "UI-2.2": True}),
    # hardware
    ("AQ-9", {"subtype.Mode12Only": True}, {"subtype.Mode12Only": True, "AQ-9": None}),
    (
        "HFS-4",
        {"subtype.Mode12Only": True, "AQ-9": None, "HFS-4": True},
        {"subtype.Mode12Only": True, "AQ-9": None},
    ),
    ("HFS-1", {"HFS-1": None}, {"HFS-1": True}),
    (
        "HFS-1",
        {"HFS-1": None, "AQ-18": None, **one("wInductive")},
        {"HFS-1": None, "AQ-18": None, **one("wInductive"), "subtype.Wireless": True},
    ),
    ("HFS-3", {"HFS-3": None}, {"HFS-3": True}),
    ("HFS-3", {"HFS-3": None, **FIXED, **one("cType2")}, {**FIXED, **one("cType2")}),
    ("HFS-5", {"HFS-5": None, "HFS-7": None}, {"HFS-5": None, "HFS-7": None, "HFS-6": True}),
    ("HFS-8", {"HFS-8": 0}, {"HFS-8": 1}),
    ("HFS-8", {"HFS-8": None}, {"HFS-8": 1}),
    ("HFS-8", {"HFS-8": 2}, {"HFS-8": 2, "hardware.evse": [evse(1, "sType2"), evse(2, "sType2")]}),
    ("hardware.evse", {"hardware.evse": [evse(2, "sType2")]}, one("sType2")),
    ("hardware.evse", {"hardware.evse": None}, one("sType2")),
    (
        "hardware.evse[0].connectors",
        {"hardware.evse": [{"id": 1, "connectors": [{"id": 2, "connectorType": "sType2"}]}]},
        one("sType2", "sType3"),
    ),
    ("HFS-1", {**FIXED, **one("sCEE-7-7")}, one("sCEE-7-7")),
    ("HFS-1", {"HFS-2": True, **one("cType2")}, {"HFS-2": True, **one("cType2", "sType2")}),
    ("HFS-1", {"HFS-2": True, **one("cType2")}, {"HFS-2": True, **one("cType2", "Other3Ph")}),
    ("HFS-2", one("cType2"), {**FIXED, **one("cType2")}),
    ("HFS-2", {"HFS-2": True}, {"HFS-2": True, **one("sType2", "cType2")}),
    ("HFS-4", {**FIXED, **one("cCCS2")}, {**FIXED, **one("cCCS2"), "HFS-4": True}),
    ("AQ-18", {"AQ-18": None}, {"AQ-18": None, **one("sBS1361")}),
    needs("subtype.Wireless", one("wResonant", "sType2")),
    ("subtype.Wireless", one("wResonant", "sType2"), one("sType2")),
    ("R-1", {"R-1": True, **RESERVATION, **one("xVendor")}, {"R-1": True, **RESERVATION}),
    # cipher suites
    ("C-41", {"C-41": None}, {"C-41": RSA}),
    ("C-41", {"C-41": [RSA[0], ECDSA[1]]}, {"C-41": ECDSA}),
    ("C-41", {"C-41": [*RSA, "AES128-SHA"]}, {"C-41": [*RSA, "TLS_AES_128_GCM_SHA256"]}),
    # lists
    ("C-23", {"C-23": ["NTP"]}, {"C-23": ["NTP", "Heartbeat"]}),
    ("C-23", {"C-23": None}, {"C-23": ["Heartbeat"]}),
    # monitors that are to be named
    ("AQ-5", {"AQ-5": True}, {"AQ-5": True, "limits.hardwired_monitor": MONITOR}),
    ("AQ-6", {"AQ-6": True}, {"AQ-6": True, "limits.preconfigured_monitor": MONITOR}),
    ("limits.hardwired_monitor", {"limits.hardwired_monitor": MONITOR}, {}),
    # the family
    ("product.model", {"product.model": "EX-9"}, {"product.model": "EX-2"}),
    (
        "product.representative.model",
        {"product.representative.model": "EX-9"},
        {"product.representative.model": "EX-1"},
    ),
    ("product.members", {"product.members": ["EX-1", "EX-2", "EX-1"]}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("item", "broken", "mended"), RULES)
def test_a_rule_is_reported_when_broken_and_only_then(
    item: str, broken: Changes, mended: Changes, problems_of: ProblemsOf
) -> None:
    assert item in problems_of(broken)
    assert problems_of(mended) == {}


def test_every_rule_of_the_data_file_is_tried() -> None:
    assert {rule.item for rule in item_list().rules} <= {item for item, _, _ in RULES}


def test_a_broken_rule_says_why_and_how_to_mend_it(problems_of: ProblemsOf) -> None:
    words = problems_of({"C-53": True})["C-53"]
    assert "C-53 is claimed, yet C-49 is not claimed" in words
    assert "make this hold: C-49; or withdraw C-53." in words


def test_all_contradictions_are_reported_at_once(problems_of: ProblemsOf) -> None:
    changes = {"C-53": True, "C-09.2": None, "C-41": RSA[:1], "HFS-8": 3, "C-99": True}
    assert {"C-53", "C-09", "C-41", "HFS-8", "C-99"} == set(problems_of(changes))
