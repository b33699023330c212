"""`docs/evidence.md` is true: its example is sound, its program works, it names every kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from vdoc.evidence import EvidenceReader, Kind, extract_case

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
TEXT = PAGE.read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found[number]


def checker(name: str = "check", number: int = 0) -> Any:
    names: dict[str, Any] = {"__name__": "page"}
    exec(block("python", number), names)  # noqa: S102  # the page's own program
    return names[name]


def test_the_example_is_sound() -> None:
    reader = EvidenceReader(block("jsonl").encode().splitlines(keepends=True))
    assert len(list(reader)) == 5
    assert reader.flaws == []


def test_the_program_accepts_what_we_write(sound: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(b"".join(sound))
    reader = EvidenceReader(sound)
    list(reader)
    assert checker()(str(path)) == (7, reader.head)


@pytest.mark.parametrize("n", range(7))
def test_the_program_finds_a_missing_line(sound: list[bytes], tmp_path: Path, n: int) -> None:
    del sound[n]
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(b"".join(sound))
    with pytest.raises(AssertionError):
        checker()(str(path))


def test_its_second_program_checks_an_extract(sound: list[bytes], tmp_path: Path) -> None:
    made, path = extract_case(sound, "TC_X_01_CS"), tmp_path / "case.json"
    path.write_bytes(made.to_bytes())
    check = checker("check_extract", 1)
    assert check(str(path)) == made.head
    path.write_bytes(made.to_bytes().replace(b"Heartbeat", b"heartbeat", 1))
    with pytest.raises(AssertionError):
        check(str(path))


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_described(kind: Kind) -> None:
    assert f"| `{kind.value}` |" in TEXT
