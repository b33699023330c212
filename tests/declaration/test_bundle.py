from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from vdoc.declaration import NotEligibleError, RunRecord, container, make_bundle
from vdoc.errors import ExitCode
from vdoc.signing import SigningKey, read_envelope


def test_a_bundle_holds_what_it_says(record: RunRecord, key: SigningKey, tmp_path: Path) -> None:
    statement = make_bundle(record, [key], tmp_path / "b.zip")
    held = container.read(tmp_path / "b.zip")
    assert held["declaration.json"] == statement.to_bytes()
    assert hashlib.sha256(held["pics.json"]).hexdigest() == record.pics.digest
    assert gzip.decompress(held["evidence.jsonl.gz"]) == record.evidence.read_bytes()
    assert json.loads(held["plan.json"])["digest"] == record.plan.digest
    for name, sha256 in statement.predicate["enclosed"].items():
        assert hashlib.sha256(held[name]).hexdigest() == sha256


def test_it_is_signed(record: RunRecord, key: SigningKey, tmp_path: Path) -> None:
    make_bundle(record, [key], tmp_path / "b.zip")
    held = container.read(tmp_path / "b.zip")
    signed = read_envelope(held["declaration.dsse.json"])
    assert signed.payload == held["declaration.json"]
    assert signed.verified_by(key.public)


def test_it_says_how_to_verify_it(record: RunRecord, key: SigningKey, tmp_path: Path) -> None:
    make_bundle(record, [key], tmp_path / "b.zip")
    readme = container.read(tmp_path / "b.zip")["README.txt"].decode()
    assert "vdoc verify" in readme
    assert key.public.key_id in readme
    assert "DEMONSTRATION" not in readme


def test_a_demonstration_says_so(record: RunRecord, key: SigningKey, tmp_path: Path) -> None:
    make_bundle(replace(record, grade_problems=("x is 1",)), [key], tmp_path / "b.zip")
    held = container.read(tmp_path / "b.zip")
    assert held["README.txt"].startswith(b"DEMONSTRATION")
    assert b"DEMONSTRATION" in held["report.html"]


def test_nothing_is_declared_of_a_run_that_failed(
    failed: RunRecord, key: SigningKey, tmp_path: Path
) -> None:
    with pytest.raises(NotEligibleError, match="TC_B_06_CS: fail") as caught:
        make_bundle(failed, [key], tmp_path / "b.zip")
    assert caught.value.exit_code is ExitCode.FAIL
    assert not (tmp_path / "b.zip").exists()


def test_nobody_declares_nothing(record: RunRecord, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        make_bundle(record, [], tmp_path / "b.zip")
