from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from vdoc.declaration import (
    DECLARATION_TYPE,
    DEMONSTRATION_TYPE,
    RunRecord,
    Statement,
    statement_of,
)
from vdoc.digest import canonical
from vdoc.errors import InputError

ENCLOSED = {"pics.json": "0" * 64}


@pytest.fixture
def value(record: RunRecord) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(statement_of(record, ENCLOSED).to_bytes())
    return read


def test_the_subject_is_the_firmware_image(value: dict[str, Any]) -> None:
    assert value["_type"] == "https://in-toto.io/Statement/v1"
    assert value["subject"] == [{"name": "nl-wall-3.2.1.bin", "digest": {"sha256": "ab" * 32}}]
    assert value["predicateType"] == DECLARATION_TYPE


def test_settings_outside_the_bounds_make_a_demonstration(record: RunRecord) -> None:
    quick = replace(record, grade_problems=("values.x is 1, a declaration needs 30",))
    statement = statement_of(quick, ENCLOSED)
    assert statement.predicate_type == DEMONSTRATION_TYPE
    assert statement.predicate["settings"]["grade"] == "demonstration"


def test_it_says_what_it_is_not(value: dict[str, Any]) -> None:
    words = value["predicate"]["statement"]
    assert "vendor's own declaration" in words
    assert "not issued by the Open Charge Alliance" in words
    assert "§7.4" in words


def test_all_eight_profiles_are_listed(value: dict[str, Any]) -> None:
    profiles = {row["profile"]: row["result"] for row in value["predicate"]["profiles"]}
    assert len(profiles) == 8
    assert profiles["Core"] == "Pass"
    assert profiles["SmartCharging"] == "Not Tested"


def test_only_read_only_variables_show_their_value(value: dict[str, Any]) -> None:
    variables = {v["variable"]: v for v in value["predicate"]["device_model"]["variables"]}
    assert variables["B"]["value"] == "seen"
    assert "value" not in variables["C"]
    assert variables["B"]["optional"] is True


def test_every_result_is_declared(value: dict[str, Any]) -> None:
    assert value["predicate"]["results"][0]["case"] == "TC_L_01_CS"
    assert len(value["predicate"]["results"]) == 3


def test_our_own_interpretations_are_said(value: dict[str, Any]) -> None:
    assert any("one-factor" in words for words in value["predicate"]["interpretations"])


def test_it_is_read_back(record: RunRecord) -> None:
    statement = statement_of(record, ENCLOSED)
    read = Statement.from_json(json.loads(statement.to_bytes()))
    assert read.to_bytes() == statement.to_bytes() == canonical(json.loads(read.to_bytes()))


@pytest.mark.parametrize(
    "changes",
    [
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"subject": []},
        {"subject": [{"name": "x", "digest": {"sha256": "AB"}}]},
        {"predicateType": "urn:other"},
        {"predicate": []},
    ],
)
def test_another_shape_is_refused(value: dict[str, Any], changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="in-toto Statement v1"):
        Statement.from_json(value | changes)


def test_without_an_image_nothing_is_declared(record: RunRecord) -> None:
    with pytest.raises(ValueError, match="firmware image"):
        statement_of(replace(record, firmware_sha256=None), ENCLOSED)
