"""The pages as files: every link leads somewhere, and a station cannot write in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.nightly.made import Nights, case
from vdoc.errors import BenchError
from vdoc.nightly.history import History
from vdoc.nightly.pages import write_site
from vdoc.nightly.retention import Retention, tidy
from vdoc.nightly.stored import StoredRun

_LINK = re.compile(r'(?:href|src)="([^"#]+)')


def pages(site: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in site.rglob("*.html")}


class TestSite:
    def test_every_link_leads_to_a_file(self, site: Path) -> None:
        for path, text in pages(site).items():
            for link in _LINK.findall(text):
                assert (path.parent / link).is_file(), (path, link)

    def test_nothing_of_a_station_becomes_markup(self, site: Path) -> None:
        for path, text in pages(site).items():
            scripts = text.count("<script")
            assert scripts == (path.name == "search.html"), path
            assert not re.search(r"<img|<style| style=|\x07|\u202e", text)

    def test_there_is_a_page_for_each_run_and_each_case_that_did_not_pass(
        self, site: Path, failed_run: StoredRun
    ) -> None:
        assert len(list((site / "run").glob("*.html"))) == 11
        failed = [path.name for path in (site / "run" / failed_run.id[:16]).iterdir()]
        assert failed == ["1.html"]

    def test_times_of_an_exchange_tell_milliseconds_apart(self, site: Path) -> None:
        times = re.findall(r'class="at">([^<]+)', "".join(pages(site).values()))
        assert times
        assert all(re.fullmatch(r"(\d+\.\d{3} s)?", time) for time in times)

    def test_fewer_nights(self, full_history: History, tmp_path: Path) -> None:
        write_site(full_history, tmp_path / "few", nights=2)
        assert len(list((tmp_path / "few" / "run").glob("*.html"))) == 3
        self.test_every_link_leads_to_a_file(tmp_path / "few")


def test_without_evidence_the_verdict_stays(
    tmp_path: Path, history: History, failed_run: StoredRun, nights: Nights
) -> None:
    later = nights(case("TC_A_01_CS"), dut=failed_run.dut)
    tidy(history, Retention(evidence_days=0.1), later.started.replace(year=2030))
    write_site(history, tmp_path)
    assert "no longer kept" in (tmp_path / "run" / failed_run.id[:16] / "1.html").read_text()


def test_a_place_that_cannot_be_written(tmp_path: Path, history: History) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="cannot write the pages"):
        write_site(history, tmp_path / "file" / "x")
