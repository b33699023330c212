"""The pages: every link leads somewhere, nothing is loaded, a station cannot write in them."""

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

_LINK = re.compile(r'href="([^"#]+)')


@pytest.fixture
def site(tmp_path: Path, history: History, failed_run: StoredRun, nights: Nights) -> Path:
    assert failed_run.dut == "wall"
    nights(case("TC_A_01_CS"), dut="pole")
    nights(case("TC_A_01_CS", "fail"), dut="pole", void="unplugged")
    assert write_site(history, tmp_path / "site") == 6
    return tmp_path / "site"


def pages(site: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in site.rglob("*.html")}


class TestSite:
    def test_every_link_leads_to_a_page(self, site: Path) -> None:
        for path, text in pages(site).items():
            for link in _LINK.findall(text):
                assert (path.parent / link).is_file(), (path, link)

    def test_nothing_is_loaded_and_nothing_runs(self, site: Path) -> None:
        for text in pages(site).values():
            assert "<script" not in text
            assert not re.search(r"<link|<img|src=|url\(|@import", text)
            assert "default-src 'none'" in text

    def test_the_overview_has_a_cell_for_each_run(self, site: Path) -> None:
        text = (site / "index.html").read_text()
        assert re.findall(r'<td class="(\w+)">', text) == ["void", "pass", "fail"]

    def test_a_failed_case_shows_the_message(self, site: Path, failed_run: StoredRun) -> None:
        text = (site / "run" / failed_run.id[:16] / "1.html").read_text()
        assert "TC_C_02_CS" in text
        assert "<svg" in text
        assert "&#34;Authorize&#34;" in text

    def test_a_void_run_says_why(self, site: Path) -> None:
        assert sum("Void: unplugged" in text for text in pages(site).values()) == 1


def test_without_evidence_the_verdict_stays(
    tmp_path: Path, history: History, failed_run: StoredRun, nights: Nights
) -> None:
    later = nights(case("TC_A_01_CS"), dut="wall")
    tidy(history, Retention(evidence_days=0.1), later.started.replace(year=2030))
    write_site(history, tmp_path)
    assert "no longer kept" in (tmp_path / "run" / failed_run.id[:16] / "1.html").read_text()


def test_a_place_that_cannot_be_written(tmp_path: Path, history: History) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BenchError, match="cannot write the pages"):
        write_site(history, tmp_path / "file" / "x")
