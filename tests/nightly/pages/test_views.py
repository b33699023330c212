"""What pages say."""

from __future__ import annotations

import html
import re

from tests.nightly.made import Nights, case, failure
from vdoc.nightly.history import History
from vdoc.nightly.pages.views import Views, dut_name
from vdoc.nightly.stored import StoredRun


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class TestRun:
    def test_failures_come_first_and_by_cause(self, history: History, nights: Nights) -> None:
        good = [case(f"TC_A_0{n}_CS") for n in range(4)]
        nights(*good)
        same = failure("E02.FR.05", "a report", expected="soon", actual="none came", line=None)
        run = nights(
            case("TC_A_00_CS", "fail", same),
            case("TC_A_01_CS", "inconc", same),
            case("TC_A_02_CS", "fail"),
            good[3],
        )
        said = words(Views(history, served=True).run(run))
        assert "Newly failing: 3 cases, 2 causes" in said
        assert said.index("a report") < said.index("TC_A_01_CS") < said.index("idToken")
        assert said.index("idToken") < said.index("All cases")

    def test_the_run_before_is_linked_where_it_has_a_page(
        self, history: History, nights: Nights
    ) -> None:
        old, new = nights(case("TC_A_01_CS")), nights(case("TC_A_01_CS"))
        link = f'href="{old.id[:16]}.html"'
        assert link in Views(history, served=False).run(new)
        assert link not in Views(history, served=False, nights=1).run(new)

    def test_with_what_it_is_compared(self, history: History, nights: Nights) -> None:
        old, void, new = (nights(case("TC_A_01_CS"), void=why) for why in ("", "unplugged", ""))
        views = Views(history, served=True)
        assert "with the last result of each" in words(views.run(new))
        assert f"Compared with {old.started:%Y-%m-%d %H:%M} UTC alone" in words(views.run(new, old))
        assert "Void: unplugged" in words(views.run(void))
        assert "A void run is compared with nothing" in words(views.run(void))


class TestCase:
    def test_without_evidence_the_failures_stay(self, history: History, nights: Nights) -> None:
        nights(case("TC_C_02_CS"))
        run = nights(case("TC_C_02_CS", "fail"))
        said = words(Views(history, served=False).cases(run, [0])[0])
        assert "no longer kept" in said
        assert "expected '04A1' got 'FFFF' Line 12 of the evidence" in said
        assert "Nights before 11-02 pass" in said

    def test_the_fault_stands_beside_its_message(
        self, history: History, failed_run: StoredRun
    ) -> None:
        page = Views(history, served=False).cases(failed_run, [1])[1]
        row = page[page.index('class="row to_bench bad"') :]
        row = row[: row.index("</li>", row.index("beside"))]
        assert "<mark>" in row
        assert "expected '04A1' got" in words(row)

    def test_what_is_not_known_is_said(self, history: History, failed_run: StoredRun) -> None:
        said = words(Views(history, served=False).cases(failed_run, [1])[1])
        assert "made by another version of vdoc" in said


def test_a_name_that_is_no_file_name() -> None:
    assert dut_name("wall-1.b") == "wall-1.b"
    assert re.fullmatch(r"[0-9a-f]{16}", dut_name("../x"))
    assert re.fullmatch(r"[0-9a-f]{16}", dut_name("\ud800"))
