"""The text file, read back with the parser of the library."""

from __future__ import annotations

import math
import re
from dataclasses import replace
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
        assert found["vdoc_response_time_seconds", "wall", "boot", "median"] == pytest.approx(45.09)

    def test_a_station_not_run(self, void: News, tmp_path: Path) -> None:
        found = samples(void, tmp_path)
        assert found["vdoc_night_not_run", "pole"] == 1
        assert found["vdoc_night_not_run", "wall"] == 0
        assert found["vdoc_run_verdict", "wall", "void"] == 1

    def test_what_promtool_would_say(self, bad: News, void: News, tmp_path: Path) -> None:
        """The rules of `promtool check metrics`, as far as they touch gauges."""
        path = tmp_path / "vdoc.prom"
        write_metrics(replace(bad, not_run=void.not_run), path)
        text = path.read_text("utf-8")
        assert text.endswith("\n")
        families = list(text_string_to_metric_families(text))
        assert len({family.name for family in families}) == len(families)
        for family in families:
            assert re.fullmatch(r"vdoc_[a-z]+(_[a-z0-9]+)*", family.name)
            assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))
            assert not re.search(r"_(milliseconds|ms|minutes|hours|days)\b", family.name)
            assert (family.type, bool(family.documentation)) == ("gauge", True)
            series = [tuple(sorted(sample.labels.items())) for sample in family.samples]
            assert len(set(series)) == len(series) > 0
            for sample in family.samples:
                assert not {"quantile", "le"} & sample.labels.keys()
                assert math.isfinite(sample.value)

    def test_a_label_that_a_station_chose_stays_a_label(self, bad: News, tmp_path: Path) -> None:
        (one,) = bad.comparisons
        evil = 'v"} 1\nvdoc_up 1\\'
        named = replace(one, now=replace(one.now, firmware_version=evil))
        found = samples(replace(bad, comparisons=(named,)), tmp_path)
        assert ("vdoc_up",) not in found
        assert any(evil in key for key in found)

    def test_of_two_nights_of_a_station_the_newer_counts(
        self, bad: News, all_good: News, tmp_path: Path
    ) -> None:
        found = samples(
            replace(bad, comparisons=(*bad.comparisons, *all_good.comparisons)), tmp_path
        )
        newer = max((*bad.comparisons, *all_good.comparisons), key=lambda c: c.now.started)
        assert found["vdoc_run_planned_cases", "wall"] == newer.now.planned
        assert sum(key[0] == "vdoc_run_info" for key in found) == 1

    def test_a_place_that_cannot_be_written(self, bad: News, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(BenchError, match="cannot write the metrics"):
            write_metrics(bad, tmp_path / "file" / "vdoc.prom")
