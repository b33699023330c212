from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from vdoc.pics import item_list, load_pics, pics_schema, settings_schema, template

DIRECTORY = Path(__file__).parents[2] / "pics"
EXAMPLES = ["ac-wallbox-detachable", "dc-fast-charger", "ac-pole-keycode"]


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((DIRECTORY / f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_pics_schema_accepts_examples_as_toml_and_as_json(name: str) -> None:
    validator = jsonschema_rs.validator_for(pics_schema())
    validator.validate(read(name))
    validator.validate(load_pics(DIRECTORY / f"{name}.toml").to_json())


def test_the_pics_schema_accepts_the_template() -> None:
    jsonschema_rs.validator_for(pics_schema()).validate(tomllib.loads(template()))


@pytest.mark.parametrize(
    ("old", "new"),
    [("C-30 = true", "C-30 = 1"), ("C-36", "C-99"), ("Heartbeat", "Sundial"), ("EX-1", "")],
)
def test_the_pics_schema_refuses_what_loading_refuses(old: str, new: str) -> None:
    raw = tomllib.loads(template().replace(old, new))
    assert not jsonschema_rs.validator_for(pics_schema()).is_valid(raw)


def test_every_item_is_described() -> None:
    properties = pics_schema()["properties"]
    for item in item_list().items.values():
        if item.table in ("features", "questions", "hardware"):
            assert item.title in properties[item.table]["properties"][item.id]["description"]


def test_the_settings_schema_accepts_the_example() -> None:
    jsonschema_rs.validator_for(settings_schema()).validate(read("bench-example"))


def test_the_settings_schema_knows_both_ways_to_hide_a_secret() -> None:
    validator = jsonschema_rs.validator_for(settings_schema())
    raw = read("bench-example")
    for secret in ({"env": "NAME"}, {"file": "path"}):
        validator.validate({**raw, "password": {"initial": secret}})
    assert not validator.is_valid({**raw, "password": {"initial": {"url": "x"}}})
