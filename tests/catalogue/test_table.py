from __future__ import annotations

from pathlib import Path

from vdoc.catalogue import case_table, load_catalogue
from vdoc.pics import load_pics

COVERING = Path(__file__).parents[2] / "pics" / "covering"


def test_each_row_of_part_5_is_one_row() -> None:
    assert len(case_table(load_catalogue(), frozenset())) == 443


def test_a_row_says_all_that_the_command_prints() -> None:
    row = case_table(load_catalogue(), frozenset({"TC_A_01_CS"}), "Core")[0]
    assert row == {
        "id": "TC_A_01_CS",
        "profile": "Core",
        "status": "M",
        "condition": "",
        "title": "Basic Authentication - Valid username/password combination",
        "implemented": True,
        "variants": [],
    }


def test_it_can_be_narrowed_to_a_profile_and_to_missing_cases() -> None:
    catalogue = load_catalogue()
    rows = case_table(catalogue, frozenset({"TC_A_07_CS"}), "AdvancedSecurity", missing=True)
    assert len(rows) == 6
    assert {row["profile"] for row in rows} == {"AdvancedSecurity"}


def test_with_a_product_it_shows_the_runs() -> None:
    pics = load_pics(COVERING / "1-all-profiles-ac.toml")
    rows = case_table(load_catalogue(), frozenset(), "Core", pics=pics)
    found = {row["id"]: row["variants"] for row in rows}
    assert found["TC_A_04_CS"] == ["key=RSA", "key=ECDSA"]
