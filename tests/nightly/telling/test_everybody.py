"""All that nightly.toml asks for is done, and what fails stops nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nightly.made import Nights, case
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.config import NightlyConfig, load_config
from vdoc.nightly.history import History
from vdoc.nightly.telling import News
from vdoc.nightly.telling.everybody import tell

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
DUTS = "".join(f'[[dut]]\nname = "{n}"\npics = "p"\nbench = "b"\n' for n in ("wall", "pole"))


def configured(tmp_path: Path, text: str) -> NightlyConfig:
    (tmp_path / "nightly.toml").write_text(text + DUTS)
    return load_config(tmp_path / "nightly.toml")


class TestTell:
    def test_files_beside_the_runs(self, tmp_path: Path, history: History, bad: News) -> None:
        said: list[str] = []
        tell(configured(tmp_path, ""), history, bad, said.append)
        assert "Newly failing" in (tmp_path / "runs" / "summary.md").read_text()
        assert "newly failing" in (tmp_path / "runs" / "junit.xml").read_text()
        assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["junit.xml", "summary.md"]
        assert said == []

    def test_metrics_keep_stations_that_did_not_run(
        self, tmp_path: Path, history: History, nights: Nights, bad: News
    ) -> None:
        nights(case("TC_A"), dut="pole")
        tell(configured(tmp_path, 'metrics = "vdoc.prom"\n'), history, bad, print)
        text = (tmp_path / "vdoc.prom").read_text()
        assert 'vdoc_run_verdict{dut="pole",verdict="pass"} 1.0' in text
        assert 'vdoc_run_verdict{dut="wall",verdict="fail"} 1.0' in text

    def test_metrics_keep_a_station_that_was_not_run_the_last_time(
        self, tmp_path: Path, history: History, nights: Nights, bad: News
    ) -> None:
        nights(case("TC_A"), dut="pole")
        history.attempts.skip(Attempt("pole", bad.at, tmp_path), "the bench was off")
        tell(configured(tmp_path, 'metrics = "vdoc.prom"\n'), history, bad, print)
        text = (tmp_path / "vdoc.prom").read_text()
        assert 'vdoc_night_not_run{dut="pole"} 1.0' in text
        assert 'vdoc_run_verdict{dut="pole"' not in text

    def test_what_cannot_be_told_is_said(self, tmp_path: Path, history: History, bad: News) -> None:
        said: list[str] = []
        text = 'metrics = "nightly.toml/x.prom"\n[notify]\nurls = ["json://u:pw@127.0.0.1:9/"]\n'
        config = configured(tmp_path, text.replace('metrics = "nightly.toml/x.prom"\n', ""))
        tell(config, history, bad, said.append)
        assert len(said) == 1
        assert "could not notify number 1" in said[0]
        tell(configured(tmp_path, text), history, bad, said.append)
        assert "cannot write the metrics" in said[1]
        assert "could not notify number 1" in said[2]

    def test_a_full_disk_keeps_nobody_from_being_told(
        self, tmp_path: Path, history: History, bad: News
    ) -> None:
        config = configured(tmp_path, '[notify]\nurls = ["json://127.0.0.1:9/"]\n')
        (tmp_path / "runs").write_text("a file where the directory should be")
        said: list[str] = []
        tell(config, history, bad, said.append)
        assert said[0].startswith(f"cannot write {tmp_path / 'runs'}")
        assert "could not notify number 1" in said[1]
