"""The text file, read back with the parser of the library."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from vdoc.errors import BenchError
from vdoc.nightly.telling import News, write_metrics


def samples(news: News, tmp_path: Path) -> dict[tuple[str, ...], float]:
    path = tmp_path / "node" / "vdoc.prom"
    write_metrics(news, path)
    assert [each.name for each in path.parent.iterdir()] == ["vdoc.prom"]
    families = text_string_to_metric_families(path.read_text("utf-8"))
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


class TestMetrics:
    def test_verdicts_and_changes(self, bad: News, tmp_path: Path) -> None:
        found = samples(bad, tmp_path)
        assert found["vdoc_run_verdict", "wall", "fail"] == 1
        assert found["vdoc_run_verdict", "wall", "pass"] == 0
        assert found["vdoc_run_cases", "wall", "fail"] == 3
        assert found["vdoc_run_changed_cases", "newly_failing", "wall"] == 1
        assert found["vdoc_run_duration_seconds", "wall"] == 3600

    def test_response_times(self, bad: News, tmp_path: Path) -> None:
        found = samples(bad, tmp_path)
        assert found["vdoc_response_time_seconds", "wall", "boot", "0.5"] == pytest.approx(45.09)

    def test_a_station_not_run(self, void: News, tmp_path: Path) -> None:
        found = samples(void, tmp_path)
        assert found["vdoc_night_not_run", "pole"] == 1
        assert found["vdoc_run_verdict", "wall", "void"] == 1

    def test_a_place_that_cannot_be_written(self, bad: News, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(BenchError, match="cannot write the metrics"):
            write_metrics(bad, tmp_path / "file" / "vdoc.prom")
