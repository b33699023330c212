"""`vdoc challenge`: made, shown, and what a run may not do against one."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from vdoc.cli import running
from vdoc.cli.app import app
from vdoc.cli.challenge import load_challenge
from vdoc.declaration.record import RunVerdict
from vdoc.errors import InputError
from vdoc.pics import Pics, load_pics
from vdoc.signing import new_key

PICS = Path(__file__).parents[2] / "pics"
WALLBOX = PICS / "ac-wallbox-detachable.toml"


@pytest.fixture
def pics() -> Pics:
    return load_pics(WALLBOX)


@pytest.fixture
def challenge(tmp_path: Path) -> Path:
    key, out = new_key(tmp_path, "laboratory").private, tmp_path / "challenge.json"
    arguments = ["--pics", str(WALLBOX), "--key", str(key), "--out", str(out)]
    assert CliRunner().invoke(app, ["challenge", "new", *arguments]).exit_code == 0
    return out


def test_a_run_against_it_has_its_seed_and_is_logged(
    challenge: Path, pics: Pics, tmp_path: Path
) -> None:
    challenged = load_challenge(challenge, pics, seed=None, partial=False)
    given = challenged.begin(tmp_path / "run-1")
    challenged.log.end("fail")
    assert given["envelope"] == json.loads(challenge.read_bytes())
    assert [start["run"] for start in given["starts"]] == ["run-1"]
    shown = CliRunner().invoke(app, ["challenge", "show", str(challenge), "--json"])
    told = json.loads(shown.output)
    assert told["seed"] == challenged.seed
    assert [start["outcome"] for start in told["starts"]] == ["fail"]
    assert "run-1: fail" in CliRunner().invoke(app, ["challenge", "show", str(challenge)]).output


def test_a_log_that_was_altered_during_a_run_does_not_cost_the_run(
    challenge: Path,
    pics: Pics,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    challenged = load_challenge(challenge, pics, seed=None, partial=False)
    log = challenged.log.path
    run: Any = SimpleNamespace(make=lambda: None)

    async def made(_run: object) -> Any:
        log.write_text("altered\n")
        return SimpleNamespace(verdict=RunVerdict.PASS)

    monkeypatch.setattr(running, "Run", lambda *_given: run)
    monkeypatch.setattr(running, "interruptible", made)
    monkeypatch.setattr(running, "replace", lambda inputs, **_changes: inputs)
    inputs: Any = None
    ended, record = running._against(challenged, inputs, tmp_path / "run-1")
    assert ended is run
    assert record.verdict is RunVerdict.PASS
    assert "is no entry of this log" in capsys.readouterr().err


def test_a_seed_or_a_choice_of_cases_is_refused(challenge: Path, pics: Pics) -> None:
    with pytest.raises(InputError) as refused:
        load_challenge(challenge, pics, seed=1, partial=True)
    assert len(refused.value.problems) == 2


def test_another_pics_is_refused(challenge: Path) -> None:
    other = load_pics(PICS / "dc-fast-charger.toml")
    with pytest.raises(InputError, match="another PICS"):
        load_challenge(challenge, other, seed=None, partial=False)


def test_it_is_never_overwritten(challenge: Path, tmp_path: Path) -> None:
    arguments = ["--pics", str(WALLBOX), "--key", str(tmp_path / "laboratory.key")]
    done = CliRunner().invoke(app, ["challenge", "new", *arguments, "--out", str(challenge)])
    assert isinstance(done.exception, InputError)


def test_what_cannot_be_read_is_refused(tmp_path: Path, pics: Pics) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_challenge(tmp_path / "none", pics, seed=None, partial=False)
