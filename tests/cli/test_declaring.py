"""`vdoc declare` before it comes to evidence: what is told, and what is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vdoc.cli.app import app
from vdoc.cli.declaring import declare_command
from vdoc.cli.running import rejudge_command
from vdoc.cli.signing_key import SigningAs
from vdoc.errors import InputError

NOBODY = SigningAs("no-such.key")


def test_a_directory_without_a_run_is_told_before_a_key_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no evidence.jsonl.*name the directory of a run"):
        declare_command(tmp_path, NOBODY)
    with pytest.raises(InputError, match=r"there is no evidence.jsonl"):
        rejudge_command(tmp_path, None, unsealed=False, as_json=False)


def test_so_is_a_run_that_is_declared_already(tmp_path: Path) -> None:
    for name in ("evidence.jsonl", "declaration.zip"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match="declared already"):
        declare_command(tmp_path, NOBODY)


def test_a_key_that_cannot_be_used_is_told_before_the_evidence_is_read(tmp_path: Path) -> None:
    (tmp_path / "evidence.jsonl").write_text("no evidence")
    done = CliRunner().invoke(app, ["declare", str(tmp_path), "--key", "no-such.key"])
    assert isinstance(done.exception, InputError)
    assert "no-such.key" in str(done.exception)
