"""JSON Schemas of PICS and settings files, so that editors complete and explain them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from vdoc.pics.items import Item, Table, item_list
from vdoc.pics.product import Evse, Limits, Product
from vdoc.pics.settings import BenchSettings

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[str, dict[str, Any]] = {
    "bool": {"type": "boolean"},
    "choice": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    "int": {"type": "integer", "minimum": 1},
    "text": {"type": "string"},
}


def pics_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a PICS file, with every item and what it means."""
    definitions: dict[str, Any] = {}
    hardware = _answers("hardware")
    hardware["properties"]["evse"] = {
        "type": "array",
        "minItems": 1,
        "items": _model(Evse, definitions),
    }
    return {
        "$schema": _DIALECT,
        "title": "PICS of an OCPP 2.0.1 charging station",
        "type": "object",
        "properties": {
            "format": {"const": "vdoc-pics/1"},
            "product": _model(Product, definitions),
            "profiles": _names("profiles", "Claimed certification profiles; Core is always one."),
            "subtypes": _names("subtypes", "Claimed product subtypes."),
            "features": _answers("features"),
            "questions": _answers("questions"),
            "hardware": hardware,
            "limits": _model(Limits, definitions),
        },
        "required": ["product", "profiles", "features", "hardware"],
        "additionalProperties": False,
        "$defs": definitions,
    }


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a bench settings file."""
    schema = BenchSettings.model_json_schema()
    return {"$schema": _DIALECT, **schema, "title": "Bench settings"}


def _model(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema()
    definitions.update(schema.pop("$defs", {}))
    return schema


def _names(table: Table, description: str) -> dict[str, Any]:
    names = [item.id.split(".", 1)[1] for item in item_list().of_table(table)]
    items = {"enum": names}
    return {"type": "array", "description": description, "items": items, "uniqueItems": True}


def _answers(table: Table) -> dict[str, Any]:
    """Return the schema of a table of items; children may be flat or nested, as TOML reads them."""
    properties: dict[str, Any] = {}
    for item in item_list().of_table(table):
        properties[item.id] = _answer(item)
        if children := item_list().children(item.id):
            nested = {child.id.rsplit(".", 1)[1]: _answer(child) for child in children}
            table_form = {"type": "object", "properties": nested, "additionalProperties": False}
            properties[item.id] = {
                "description": _description(item),
                "anyOf": [table_form, _TYPES[item.kind]],
            }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _answer(item: Item) -> dict[str, Any]:
    schema: dict[str, Any] = {**_TYPES[item.kind], "description": _description(item)}
    if item.values:
        schema["items"] = {"enum": list(item.values)}
    for literal in item.contains:
        schema["contains"] = {"const": literal}
    return schema


def _description(item: Item) -> str:
    parts = [f"{item.id} {item.title}", item.variable, item.note]
    return ". ".join(part for part in parts if part)
