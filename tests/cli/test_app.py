"""The commands as a user or a program calls them: output, JSON, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.reference_runs import ReferenceRuns
from vdoc.cli.reference_bench import ReferenceBench
from vdoc.pics import load_pics

ROOT = Path(__file__).parents[2]
WALLBOX = ROOT / "pics" / "ac-wallbox-detachable.toml"


def vdoc(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vdoc.cli", *map(str, arguments)]
    env = {**os.environ, "COLUMNS": "200", **environment}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=env, check=False
    )


def parsed(*arguments: object, **environment: str) -> Any:
    done = vdoc(*arguments, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bench = ReferenceBench(tmp_path_factory.mktemp("bench"), load_pics(WALLBOX))
    bench.make_firmware()
    return bench.write_settings("http://127.0.0.1:9", "http://127.0.0.1:9/ev")


class TestCases:
    def test_it_lists_every_row(self) -> None:
        rows = parsed("cases", "--json")
        assert len({row["id"] for row in rows}) == 407
        names = {"id", "profile", "status", "condition", "title", "implemented", "variants"}
        assert names <= set(rows[0])

    def test_missing_lists_what_has_no_function(self) -> None:
        rows = parsed("cases", "--profile", "Reservation", "--missing", "--json")
        assert rows
        assert not any(row["implemented"] for row in rows)
        assert {row["profile"] for row in rows} == {"Reservation"}

    def test_no_core_case_is_missing(self) -> None:
        assert parsed("cases", "--profile", "Core", "--missing", "--json") == []

    def test_people_get_a_table(self) -> None:
        assert "TC_B_06_CS" in vdoc("cases").stdout


class TestPlan:
    def test_one_seed_gives_the_same_bytes_whatever_the_hash_seed(self, settings: Path) -> None:
        plans = [
            vdoc("plan", WALLBOX, "--bench", settings, "--seed", "7", "--json", PYTHONHASHSEED=seed)
            for seed in ("1", "2")
        ]
        assert plans[0].stdout == plans[1].stdout
        plan = json.loads(plans[0].stdout)
        names = {"digest", "seed", "entries", "not_applicable", "not_implemented"}
        assert names | {"expected_seconds"} <= set(plan)
        assert plan["entries"][0]["case"] == "TC_L_01_CS"

    def test_people_see_reasons(self, settings: Path) -> None:
        text = vdoc("plan", WALLBOX, "--bench", settings).stdout
        assert "Not applicable" in text
        assert "not implemented" in text


class TestBadInput:
    def test_a_contradictory_pics_is_named_with_its_line(self, tmp_path: Path) -> None:
        file = tmp_path / "wrong.toml"
        file.write_text(WALLBOX.read_text().replace("C-09.1 = true", "C-99 = true"))
        done = vdoc("pics", "check", file)
        assert done.returncode == 2
        assert "C-99" in done.stdout

    def test_settings_that_do_not_parse(self, tmp_path: Path) -> None:
        file = tmp_path / "bench.toml"
        file.write_text("[dut\n")
        done = vdoc("plan", WALLBOX, "--bench", file)
        assert done.returncode == 2
        assert str(file) in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_unknown_case(self, settings: Path) -> None:
        done = vdoc("plan", WALLBOX, "--bench", settings, "--only", "TC_Z_99")
        assert done.returncode == 2
        assert "TC_Z_99_CS" in done.stderr

    def test_a_directory_that_holds_a_run(self, settings: Path, tmp_path: Path) -> None:
        (tmp_path / "evidence.jsonl").write_text("")
        done = vdoc("run", "--pics", WALLBOX, "--bench", settings, "--out", tmp_path)
        assert done.returncode == 2
        assert "holds a run already" in done.stderr

    def test_an_unreachable_bench(self, settings: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        done = vdoc("run", "--pics", WALLBOX, "--bench", settings, "--out", out, "--only", "B_06")
        assert done.returncode == 4
        assert "provision" in done.stderr


class TestPics:
    def test_a_new_file_has_no_contradiction(self, tmp_path: Path) -> None:
        file = tmp_path / "mine.toml"
        assert vdoc("pics", "new", file).returncode == 0
        assert vdoc("pics", "check", file).returncode == 0

    def test_it_is_never_overwritten(self, tmp_path: Path) -> None:
        file = tmp_path / "mine.toml"
        file.write_text("mine")
        assert vdoc("pics", "new", file).returncode == 2
        assert file.read_text() == "mine"

    @pytest.mark.parametrize("group", ["pics", "bench"])
    def test_the_schema_is_json(self, group: str) -> None:
        assert parsed(group, "schema")["type"] == "object"


class TestKeys:
    def test_a_key_is_made_for_its_owner_and_shown_by_its_id(self, tmp_path: Path) -> None:
        done = vdoc("keys", "new", "acme", "--dir", tmp_path / "keys")
        assert done.returncode == 0, done.stderr
        private = (tmp_path / "keys" / "acme.key").read_text()
        assert private.splitlines()[1] not in done.stdout
        shown = vdoc("keys", "show", tmp_path / "keys" / "acme.pub.pem").stdout.split()
        assert shown[1] in done.stdout

    def test_the_pki_exports_its_roots(self, tmp_path: Path) -> None:
        done = vdoc("keys", "pki", tmp_path / "pki", "--export", tmp_path / "roots")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "roots" / "root1.pem").exists()


def test_the_station_lists_its_defects() -> None:
    defects = parsed("station", "--list-defects", "--json")
    assert {"name", "description", "requirement", "cases"} <= set(defects[0])


def test_bench_check_says_what_is_wrong(settings: Path) -> None:
    done = vdoc("bench", "check", settings, "--pics", WALLBOX, "--wait", "0", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 4
    assert found["enter"]["identity"]
    assert any(f["level"] == "error" and "action" in f["subject"] for f in found["findings"])
    assert found["not_declaration_grade"]


def test_an_empty_trust_directory_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "x.zip"
    bundle.write_bytes(b"no zip")
    (tmp_path / "trust").mkdir()
    assert vdoc("verify", bundle, "--trust", tmp_path / "trust").returncode == 2


class TestJudgingAgain:
    """`rejudge` and `report` read what `vdoc demo` or a run has left."""

    @pytest.fixture(scope="class")
    @staticmethod
    def evidence(reference_run: ReferenceRuns) -> Path:
        return reference_run("pics/ac-wallbox-detachable.toml", only=["TC_B_06_CS"]).evidence

    def test_rejudge_says_the_same(self, evidence: Path) -> None:
        found = parsed("rejudge", evidence, "--json")
        assert [(c["case"], c["verdict"]) for c in found["cases"]] == [("TC_B_06_CS", "pass")]
        assert found["flaws"] == []

    def test_rejudge_of_one_case(self, evidence: Path) -> None:
        assert vdoc("rejudge", evidence, "--case", "TC_B_06_CS").returncode == 0

    def test_altered_evidence_is_noticed(self, evidence: Path, tmp_path: Path) -> None:
        altered = tmp_path / "evidence.jsonl"
        text = evidence.read_text().replace(
            '\\"attributeValue\\":\\"300\\"', '\\"attributeValue\\":\\"301\\"'
        )
        altered.write_text(text)
        assert vdoc("rejudge", altered).returncode == 1
        found = vdoc("rejudge", altered, "--unsealed", "--json")
        assert found.returncode == 1
        assert json.loads(found.stdout)["cases"][0]["verdict"] == "fail"

    def test_report_writes_the_reports_anew(self, evidence: Path, tmp_path: Path) -> None:
        assert vdoc("report", evidence, "--out", tmp_path).returncode == 0
        result = json.loads((tmp_path / "result.json").read_text())
        assert result["verdict"] == "pass"
        assert {"verdict", "void_because", "window", "cases"} <= set(result)
