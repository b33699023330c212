"""What a search finds."""

from __future__ import annotations

import pytest

from tests.nightly.made import Nights, case, failure
from vdoc.nightly.history import History
from vdoc.nightly.pages.found import MOST_FOUND, search


@pytest.fixture
def filled(history: History, nights: Nights) -> History:
    bad = case("TC_C_02_CS", "fail", failure("C01.FR.02", "idToken 100%", message="Authorize"))
    nights(case("TC_A_01_CS"), bad, dut="wall", firmware_version="3.1.0")
    nights(case("TC_A_01_CS"), case("TC_C_02_CS"), dut="pole_2", firmware_version="3.2.0")
    nights(case("TC_A_01_CS", "error"), dut="wall", void="unplugged")
    return history


def cases(history: History, query: str) -> list[tuple[str, str, str]]:
    return [(f.run.dut, f.case.case, f.case.verdict.value) for f in search(history, query).cases]


class TestCases:
    @pytest.mark.parametrize(
        "query",
        [
            "c01.fr.02",
            "authorize",
            "idtoken 100%",
            "tc_c_02 fail",
            "FFFF",
            "wall c01.fr",
            "C_02 3.1.0",
        ],
    )
    def test_by_case_requirement_message_verdict_station_firmware(
        self, filled: History, query: str
    ) -> None:
        assert cases(filled, query) == [("wall", "TC_C_02_CS", "fail")]

    def test_the_newest_first_with_the_place_in_the_run(self, filled: History) -> None:
        found = search(filled, "TC_C_02").cases
        assert [(each.run.dut, each.ordinal) for each in found] == [("pole_2", 1), ("wall", 1)]

    def test_every_word_must_be_found(self, filled: History) -> None:
        assert cases(filled, "authorize pole") == []

    def test_signs_of_the_database_are_none(self, filled: History) -> None:
        assert cases(filled, "%") == [("wall", "TC_C_02_CS", "fail")]
        assert cases(filled, "TC-C-02") == []
        assert cases(filled, "'; drop table run; --") == []
        assert cases(filled, "\\") == []


class TestRuns:
    @pytest.mark.parametrize("query", ["pole_2", "3.2.0 PASS", "pole acme"])
    def test_by_what_is_known_of_them(self, filled: History, query: str) -> None:
        assert [run.dut for run in search(filled, query).runs] == ["pole_2"]

    def test_by_why_they_are_void(self, filled: History) -> None:
        assert [run.void_because for run in search(filled, "unplug").runs] == ["unplugged"]


def test_no_word_finds_nothing(filled: History) -> None:
    assert search(filled, "  ").runs == ()


def test_many_are_cut_and_that_is_said(history: History, nights: Nights) -> None:
    nights(*(case(f"TC_A_{n}_CS") for n in range(MOST_FOUND + 5)))
    found = search(history, "TC_A")
    assert (len(found.cases), found.more) == (MOST_FOUND, True)
