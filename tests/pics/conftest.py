"""A valid PICS and valid settings, and ways to change one thing in them."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vdoc.errors import InputError, Problem
from vdoc.pics import BenchSettings, Pics, load_pics, load_settings, template

PICS_DIRECTORY = Path(__file__).parents[2] / "pics"

Raw = dict[str, Any]
Build = Callable[[Mapping[str, Any]], Pics]
ProblemsOf = Callable[[Mapping[str, Any]], dict[str, str]]


def _changed(changes: Mapping[str, Any]) -> Raw:
    """The template with answers set by item id, or other values by dotted path; None removes."""
    raw = tomllib.loads(template())
    for key, value in changes.items():
        if key.startswith("profile."):
            raw["profiles"] = [*raw["profiles"], key.removeprefix("profile.")]
        elif key.startswith("subtype."):
            raw["subtypes"] = [*raw["subtypes"], key.removeprefix("subtype.")]
        else:
            _set(raw, _path(key), copy.deepcopy(value))
    return raw


def _path(key: str) -> list[str]:
    if key.startswith("AQ-"):
        return ["questions", key]
    if key.startswith("HFS-"):
        return ["hardware", key]
    if key[0].isupper():
        return ["features", *key.split(".")]
    return key.split(".")


def _set(table: Raw, path: list[str], value: object) -> None:
    for part in path[:-1]:
        table = table.setdefault(part, {})
    if value is None:
        table.pop(path[-1], None)
    else:
        table[path[-1]] = value


@pytest.fixture
def build() -> Build:
    """Build the template's PICS with changes."""
    return lambda changes: Pics.from_json(_changed(changes))


@pytest.fixture
def problems_of() -> ProblemsOf:
    """The problems, by item, of the template's PICS with changes."""

    def problems(changes: Mapping[str, Any]) -> dict[str, str]:
        try:
            Pics.from_json(_changed(changes))
        except InputError as error:
            return {problem.item: f"{problem.message} {problem.remedy}" for problem in _all(error)}
        return {}

    return problems


def _all(error: InputError) -> tuple[Problem, ...]:
    return error.problems


@pytest.fixture(scope="session")
def wallbox() -> Pics:
    return load_pics(PICS_DIRECTORY / "ac-wallbox-detachable.toml")


@pytest.fixture(scope="session")
def bench_text() -> str:
    return (PICS_DIRECTORY / "bench-example.toml").read_text("utf-8")


@pytest.fixture(scope="session")
def bench() -> BenchSettings:
    return load_settings(PICS_DIRECTORY / "bench-example.toml")


@pytest.fixture
def bench_with(bench_text: str, tmp_path: Path) -> Callable[..., BenchSettings]:
    """Load the example settings with texts replaced and further text at the end."""

    def load(*replacements: tuple[str, str], pics: Pics | None = None, end: str = "") -> Any:
        text = bench_text
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "bench.toml"
        path.write_text(text + end, "utf-8")
        return load_settings(path, pics)

    return load
