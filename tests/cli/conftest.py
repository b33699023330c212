"""`vdoc nightly` as a user or a program calls it, on a history with two runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vdoc.cli.nightly import app

ROOT = Path(__file__).parents[2]
A_RUN = ROOT / "tests" / "nightly" / "a_run.py"
Nightly = Callable[..., Result]


@pytest.fixture
def nightly(tmp_path: Path) -> Nightly:
    config = tmp_path / "nightly.toml"
    pics = ROOT / "pics" / "ac-wallbox-detachable.toml"
    config.write_text(f'[[dut]]\nname = "wall"\npics = "{pics}"\nbench = "missing.toml"\n')

    def call(command: str, *arguments: object, code: int = 0) -> Result:
        words = [command, *map(str, arguments), "--config", str(config)]
        done = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
        assert done.exit_code == code, done.output
        return done

    return call


@pytest.fixture
def runs(tmp_path: Path, nightly: Nightly) -> list[str]:
    """Ids of a run that passed and one that failed, in the history."""
    for kind in ("pass", "fail"):
        directory = tmp_path / kind
        subprocess.run([sys.executable, A_RUN, kind, "--out", directory], check=True)
        nightly("add", directory, "--dut", "wall")
    return [each["id"] for each in json.loads(nightly("list", "--json").stdout)[::-1]]
