"""The commands over the history: add, list, show, compare, export, import, tidy."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from typer.testing import Result

from tests.nightly.made import Nights, case
from vdoc.nightly.history import History

Nightly = Callable[..., Result]


class TestHistory:
    def test_a_run_is_added_once(self, runs: list[str], nightly: Nightly, tmp_path: Path) -> None:
        assert len(runs) == 2
        assert "was there already" in nightly("add", tmp_path / "pass", "--dut", "wall").stdout

    def test_list_is_a_table_for_people(self, runs: list[str], nightly: Nightly) -> None:
        shown = nightly("list").stdout
        assert [line.split()[0] for line in shown.splitlines()[1:]] == [r[:10] for r in runs[::-1]]

    def test_what_is_to_know_of_a_run_is_listed_and_shown(
        self, runs: list[str], nightly: Nightly, tmp_path: Path
    ) -> None:
        with History(tmp_path / "history.sqlite") as history:
            due = history.run(runs[0]).started
            attempt = history.attempts.claim("wall", due, tmp_path / "pass")
            assert attempt is not None
            history.attempts.note(attempt, "began 90 min late")
            history.attempts.finish(attempt, run=runs[0])
        assert f"{runs[0][:10]} wall: began 90 min late" in nightly("list").stdout
        assert "began 90 min late" in nightly("show", runs[0]).stdout

    def test_what_still_runs_is_no_missing_run(self, nightly: Nightly, tmp_path: Path) -> None:
        with History(tmp_path / "history.sqlite") as history:
            history.attempts.claim("wall", datetime(2026, 11, 24, 2, tzinfo=UTC), tmp_path)
        assert "no run yet: wall, due 2026-11-24 02:00 UTC: under way" in nightly("list").stdout

    def test_when_it_is_due_next_names_the_zone(self, nightly: Nightly, tmp_path: Path) -> None:
        due = datetime(2036, 11, 24, 2, tzinfo=UTC)
        with History(tmp_path / "history.sqlite") as history:
            history.attempts.schedule("wall", due)
        here = due.astimezone()
        assert f"next: wall: {here:%Y-%m-%d %H:%M} {here.tzname()}" in nightly("list").stdout

    def test_show_and_compare_say_which_runs_and_where_the_files_are(
        self, runs: list[str], nightly: Nightly, tmp_path: Path
    ) -> None:
        shown = nightly("show", runs[1], code=1).stdout.splitlines()
        assert shown[-2].startswith(f"run {runs[1][:10]} of 20")
        assert shown[-2].endswith(f", files in {tmp_path / 'fail'}")
        assert shown[-1].startswith(f"held against {runs[0][:10]} of 20")
        assert shown[-1].endswith("UTC; each case against its own last result")
        assert nightly("compare", *runs, code=1).stdout.endswith("UTC\n")
        assert "held against" not in nightly("show", runs[0]).stdout

    def test_show_names_what_is_new_and_fails(self, runs: list[str], nightly: Nightly) -> None:
        assert "  Newly failing: TC_B_06_CS" in nightly("show", runs[1][:8], code=1).stdout
        assert "wall: passed" in nightly("show", runs[0]).stdout

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
        assert [each["id"] for each in whole["runs"]] == runs[::-1]
        times = nightly("export", "csv", "--table", "times").stdout
        assert times.startswith("run,dut,started")
        done = nightly("import", tmp_path / "all.json")
        assert "added 0 runs; 2 were there already" in done.stdout

    def test_tidy(self, runs: list[str], nightly: Nightly) -> None:
        assert len(runs) == 2
        assert "packed 0, pruned 0, forgotten 0" in nightly("tidy").stdout

    def test_retention_goes_before_the_file(self, nightly: Nightly, tmp_path: Path) -> None:
        with History(tmp_path / "history.sqlite") as history:
            nights = Nights(history)
            nights(case("TC_A")), nights(case("TC_A", "fail")), nights(case("TC_A"))
        begun = "packed 0, pruned"
        assert f"{begun} 0" in nightly("tidy", "--retention", 36500).stdout
        assert f"{begun} 1" in nightly("tidy", "--retention", 0.01).stdout

    def test_what_is_gone_is_said(self, runs: list[str], nightly: Nightly, tmp_path: Path) -> None:
        with History(tmp_path / "history.sqlite") as history:
            history.evidence_pruned(history.run(runs[0]))
        (tmp_path / "fail" / "evidence.jsonl").unlink()
        shown = nightly("list").stdout
        assert f"{runs[0][:10]} wall: its evidence was removed by retention" in shown
        assert f"{runs[1][:10]} wall: its evidence is not where it was left" in shown
        assert "its evidence was removed" in nightly("show", runs[0]).stdout
