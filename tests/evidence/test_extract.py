"""One case taken out of evidence: what is in the file, and what its proof holds against."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.evidence import EvidenceWriter, Extract, Kind, extract_case


@pytest.fixture
def raw(writer: EvidenceWriter) -> list[bytes]:
    """Raw lines of a run of three cases, one of them twice."""
    writer.append(Kind.RUN, {"what": "start", "format": 1})
    for case in ("intake", "TC_A", "TC_B", "TC_A", "TC_C"):
        writer.append(Kind.CASE, {}, case=case, variant="-")
        writer.append(Kind.RECEIVED, {"frame": "ü\ud800"}, case=case, variant="-")
        writer.append(Kind.VERDICT, {"verdict": "pass"}, case=case, variant="-")
    writer.seal({"void": False})
    return writer.path.read_bytes().splitlines(keepends=True)


@pytest.fixture
def taken(raw: list[bytes]) -> Extract:
    return extract_case(raw, "TC_A")


def test_it_holds_the_run_and_every_run_of_the_case(taken: Extract) -> None:
    lines = taken.proved()
    assert [line.n for line in lines] == [0, 4, 5, 6, 10, 11, 12, 16]
    assert {line.case for line in lines} == {"", "TC_A"}


def test_its_file_reads_as_it_was_written(taken: Extract) -> None:
    assert Extract.from_bytes(taken.to_bytes()) == taken


def test_its_head_is_that_of_the_evidence(taken: Extract, raw: list[bytes]) -> None:
    assert taken.seal + b"\n" == raw[-1]
    assert taken.head in raw[-1].decode() or len(taken.head) == 64


@pytest.mark.parametrize(
    "flaw",
    [
        lambda e: replace(e, lines=e.lines[1:]),
        lambda e: replace(e, lines=(*e.lines, e.lines[-1])),
        lambda e: replace(e, lines=e.lines[::-1]),
        lambda e: replace(e, lines=(e.lines[0].replace(b"start", b"begin"), *e.lines[1:])),
        lambda e: replace(e, lines=(*e.lines[:-1], b"{}")),
        lambda e: replace(e, proof=e.proof[1:]),
        lambda e: replace(e, proof=(*e.proof, bytes(32))),
        lambda e: replace(e, proof=(bytes(32), *e.proof[1:])),
        lambda e: replace(e, seal=e.lines[-1]),
        lambda e: replace(e, seal=e.seal.replace(b'"lines":16', b'"lines":17')),
        lambda e: replace(e, seal=e.seal.replace(b'"n":16', b'"n":99999999999999999999')),
        lambda e: replace(e, lines=()),
    ],
)
def test_its_proof_fails_for_anything_else(
    taken: Extract, flaw: Callable[[Extract], Extract]
) -> None:
    with pytest.raises(ValueError, match=r"line|seal|proof|leaves|hash"):
        flaw(taken).proved()


@pytest.mark.parametrize(
    "change",
    [
        {"extract": 2}, {"lines": "x"}, {"lines": [1]}, {"proof": ["0g"]}, {"proof": [None]},
        {"declaration": []}, {"more": 1}, {"seal": None}, {"proof": ["AA"]}, {"case": 1},
    ],
)  # fmt: skip
def test_another_form_is_refused(taken: Extract, change: dict[str, Any]) -> None:
    value = json.loads(taken.to_bytes()) | change
    with pytest.raises(InputError, match="no extract"):
        Extract.from_bytes(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"[" * 100_000, b'{"extract":1}'])
def test_junk_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no extract"):
        Extract.from_bytes(data)


def test_a_case_that_is_not_there_is_refused(raw: list[bytes]) -> None:
    with pytest.raises(InputError, match="TC_X"):
        extract_case(raw, "TC_X")


def test_evidence_with_a_flaw_is_refused(raw: list[bytes]) -> None:
    del raw[3]
    with pytest.raises(InputError, match="prev is not"):
        extract_case(raw, "TC_A")


def test_evidence_from_before_there_were_trees_is_refused(raw: list[bytes]) -> None:
    seal = json.loads(raw[-1])
    del seal["data"]["tree"]
    raw[-1] = json.dumps(seal, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(InputError, match="names no tree"):
        extract_case(raw, "TC_A")
