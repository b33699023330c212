"""Single cases out of the evidence of a run."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.nightly.made import RunDirectory
from vdoc.errors import InputError
from vdoc.evidence import Kind
from vdoc.nightly.pages.evidence import read_cases


@pytest.fixture
def directory(run_directory: RunDirectory) -> Path:
    run_directory.start()
    run_directory.begin("restore")
    run_directory.verdict("pass")
    for number in range(3):
        run_directory.begin(f"TC_A_0{number}_CS")
        run_directory.received([2, "1", '"kind":"case"', {"kind": "case"}])
        run_directory.verdict("pass")
        run_directory.begin("restore")
        run_directory.check()
        run_directory.verdict("pass")
    return run_directory.end()


def test_only_the_case_that_is_asked_for(directory: Path) -> None:
    found = read_cases(directory, [1])
    assert [line.case for line in found.cases[1]] == ["TC_A_01_CS"] * 3
    assert [line.kind for line in found.cases[1]] == [Kind.CASE, Kind.RECEIVED, Kind.VERDICT]
    assert [line.data["what"] for line in found.run] == ["start"]


def test_several_at_once_and_none(directory: Path) -> None:
    assert sorted(read_cases(directory, [0, 2, 7]).cases) == [0, 2]
    assert read_cases(directory, []).cases == {}


def test_packed(directory: Path) -> None:
    plain = directory / "evidence.jsonl"
    (directory / "evidence.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert len(read_cases(directory, [2]).cases[2]) == 3


@pytest.mark.parametrize("cut", [1, 40, 400])
def test_what_is_torn_ends_the_reading(directory: Path, cut: int) -> None:
    plain = directory / "evidence.jsonl"
    packed = gzip.compress(plain.read_bytes())
    plain.write_bytes(plain.read_bytes()[:-cut])
    assert 0 in read_cases(directory, [0, 1, 2]).cases
    plain.unlink()
    (directory / "evidence.jsonl.gz").write_bytes(packed[: len(packed) - cut])
    read_cases(directory, [0, 1, 2])


def test_no_evidence_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"evidence\.jsonl"):
        read_cases(tmp_path, [0])
