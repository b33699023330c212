"""`vdoc nightly`: running, scheduled or not, and installing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Nightly = Callable[..., Result]


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
class TestRun:
    def test_a_station_that_cannot_be_run_says_why(self, nightly: Nightly) -> None:
        done = nightly("run", "--due", "2026-11-24T02:00:00", code=4)
        assert "wall NOT RUN:" in done.stdout
        assert "missing.toml" in done.stdout
        assert "no run: wall, due 2026-11-24 02:00 UTC" in nightly("list").stdout

    def test_the_same_due_time_is_never_run_twice(self, nightly: Nightly) -> None:
        for expected in ("wall: not run", "nothing was due"):
            done = nightly("run", "wall", "--due", "2026-11-24T02:00:00", code=4)
            assert expected in done.stdout


class TestScheduled:
    def test_what_is_due_is_run_once(self, nightly: Nightly) -> None:
        nightly("run", "--scheduled", code=4)
        assert "nothing is due" in nightly("run", "--scheduled").stdout
        assert "next: wall: " in nightly("list").stdout

    def test_for_a_program_too(self, nightly: Nightly) -> None:
        nightly("run", "--due", "2026-11-24T02:00:00", code=4)
        (entry,) = json.loads(nightly("list", "--json").stdout)
        assert (entry["id"], entry["dut"], entry["verdict"]) == (None, "wall", "not run")
        assert entry["due"] == "2026-11-24T02:00:00+00:00"


class TestInstall:
    def test_nothing_is_written_unless_told(self, nightly: Nightly, tmp_path: Path) -> None:
        for arguments in ((), ("--dry-run", "--out", tmp_path / "units")):
            shown = nightly("install", *arguments).stdout
            assert "ExecStart=" in shown
            assert "nothing was started" in shown
            assert "0 2 * * * " in shown
        assert not (tmp_path / "units").exists()

    def test_units_are_written_to_a_directory(self, nightly: Nightly, tmp_path: Path) -> None:
        units = tmp_path / "units"
        shown = nightly("install", "--way", "timer", "--user", "vdoc", "--out", units).stdout
        names = sorted(file.name for file in units.iterdir())
        assert names == ["vdoc-nightly-wall.timer", "vdoc-nightly@.service"]
        assert "User=vdoc\n" in (units / "vdoc-nightly@.service").read_text()
        assert "systemctl link" in shown
