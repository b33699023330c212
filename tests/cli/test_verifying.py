"""What `vdoc verify` says of a verification; what it verifies is tests/verify's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vdoc.cli import verifying
from vdoc.cli.app import app
from vdoc.declaration import DECLARATION_TYPE, DEMONSTRATION_TYPE, Statement
from vdoc.signing import new_key
from vdoc.verify import Verification
from vdoc.verify.findings import Finding

PRODUCT = {"vendor": "Acme", "model": "A [/b] :key:", "firmware_version": "1"}


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what the command says of a verification, and its exit code."""
    new_key(tmp_path / "trust", "vendor")
    (tmp_path / "bundle.zip").touch()

    def say(made: Verification, *more: str) -> tuple[str, int]:
        monkeypatch.setattr(verifying, "verify_bundle", lambda *_, **__: made)
        arguments = ["verify", str(tmp_path / "bundle.zip"), "--trust", str(tmp_path / "trust")]
        done = CliRunner().invoke(app, [*arguments, *more], catch_exceptions=False)
        return done.stdout, done.exit_code

    return say


def statement(kind: str = DECLARATION_TYPE) -> Statement:
    return Statement("image.bin", "ab" * 32, kind, {"product": PRODUCT})


def test_says_what_holds(said: Any) -> None:
    words, code = said(Verification((), statement(), cases=7))
    assert code == 0
    assert "Acme A [/b] :key:, firmware 1\n" in words
    assert "ab" * 32 in words
    assert "7 runs of cases" in words
    assert "DEMONSTRATION" not in words


def test_says_that_it_is_a_demonstration(said: Any) -> None:
    made = Verification((), statement(DEMONSTRATION_TYPE))
    assert "DEMONSTRATION" in said(made)[0]
    assert "DEMONSTRATION" in json.loads(said(made, "--json")[0])["declares"][0]


def test_says_nothing_of_what_a_refused_bundle_declares(said: Any) -> None:
    made = Verification((Finding(2, "signature", "no"),), statement())
    assert said(made)[1] == 1
    assert "Acme" not in said(made)[0]
    assert json.loads(said(made, "--json")[0])["declares"] == []


def test_no_terminal_obeys_the_words_of_a_bundle(said: Any) -> None:
    hostile = "got [/b] [bold]x :warning: \x1b[2J \u202e\nok"
    words, code = said(Verification((Finding(9, "check", hostile),), notes=(hostile,)))
    assert code == 1
    for line in ("check: ", "note: "):
        assert f"  {line}got [/b] [bold]x :warning: \\u{{1b}}[2J \\u{{202e}}\\u{{a}}ok\n" in words
