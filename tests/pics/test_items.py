from __future__ import annotations

import pytest

from vdoc.pics import item_list


def test_every_rule_names_known_items() -> None:
    known = set(item_list().items)
    for rule in item_list().rules:
        assert {rule.item, *rule.when.items(), *rule.needs.items()} <= known


def test_what_a_rule_compares_is_a_number() -> None:
    for rule in item_list().rules:
        for item in rule.when.compared() | rule.needs.compared():
            assert item_list().items[item].kind == "int"


def test_every_parent_exists_and_a_choice_has_children() -> None:
    items = item_list().items
    assert all(item.parent in items for item in items.values() if item.parent)
    assert all(item_list().children(each.id) for each in items.values() if each.kind == "choice")


@pytest.mark.parametrize(
    ("item", "table"),
    [
        ("profile.Core", "profiles"),
        ("subtype.Wireless", "subtypes"),
        ("C-09.1", "features"),
        ("AS-2", "features"),
        ("AQ-10", "questions"),
        ("HFS-8", "hardware"),
    ],
)
def test_an_item_stands_in_the_table_of_its_group(item: str, table: str) -> None:
    assert item_list().items[item].table == table


def test_the_list_is_complete() -> None:
    assert len(item_list().items) == 132


@pytest.mark.parametrize(
    ("item", "value"),
    [("C-09.6", "ParkingBayOccupancy"), ("C-30", "ISO14443"), ("C-06.2", "true"), ("SC-2.2", "W")],
)
def test_a_claim_stands_for_a_literal(item: str, value: str) -> None:
    assert item_list().items[item].value == value
