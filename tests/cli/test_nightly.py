"""`vdoc nightly` as a user or a program calls it."""

from __future__ import annotations

import csv
import io
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


class TestHistory:
    def test_a_run_is_added_once(self, runs: list[str], nightly: Nightly, tmp_path: Path) -> None:
        assert len(runs) == 2
        assert "was there already" in nightly("add", tmp_path / "pass", "--dut", "wall").stdout

    def test_list_is_a_table_for_people(self, runs: list[str], nightly: Nightly) -> None:
        shown = nightly("list").stdout
        assert [line.split()[0] for line in shown.splitlines()[1:]] == [r[:10] for r in runs[::-1]]

    def test_show_names_what_is_new_and_fails(self, runs: list[str], nightly: Nightly) -> None:
        assert "### Newly failing (1)" in nightly("show", runs[1][:8], code=1).stdout
        assert "1 of 1 stations passed" in nightly("show", runs[0]).stdout

    def test_compare_for_a_program(self, runs: list[str], nightly: Nightly) -> None:
        found = json.loads(nightly("compare", *runs, "--json", code=1).stdout)
        assert [each["case"] for each in found["newly_failing"]] == ["TC_B_06_CS"]
        assert found["same_firmware"] is True
        assert found["causes"][0]["requirement"] == "C01.FR.02"

    def test_export(self, runs: list[str], nightly: Nightly, tmp_path: Path) -> None:
        rows = list(csv.DictReader(io.StringIO(nightly("export", "csv").stdout)))
        assert [row["verdict"] for row in rows] == ["fail", "pass"]
        nightly("export", "json", "--out", tmp_path / "all.json")
        whole = json.loads((tmp_path / "all.json").read_text())
        assert [each["id"] for each in whole] == runs[::-1]

    def test_tidy(self, runs: list[str], nightly: Nightly) -> None:
        assert len(runs) == 2
        assert "packed 0, pruned 0, forgotten 0" in nightly("tidy").stdout


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
class TestRun:
    def test_a_station_that_cannot_be_run_says_why(self, nightly: Nightly) -> None:
        done = nightly("run", "--due", "2026-11-24T02:00:00", code=4)
        assert "**wall was not run**" in done.stdout
        assert "missing.toml" in done.stdout
        assert "no run: wall, due 2026-11-24 02:00 UTC" in nightly("list").stdout

    def test_the_same_due_time_is_never_run_twice(self, nightly: Nightly) -> None:
        for expected in ("1 not run", "nothing was due"):
            done = nightly("run", "wall", "--due", "2026-11-24T02:00:00", code=4)
            assert expected in done.stdout
