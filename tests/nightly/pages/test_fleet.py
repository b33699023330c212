"""Stations and nights as a table."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.nightly.made import FIRST_NIGHT, Nights, case
from vdoc.nightly.history import History
from vdoc.nightly.pages.fleet import Fleet, fleet


def strengths(found: Fleet, dut: str) -> list[list[str]]:
    nights = dict(found.rows)[dut]
    return [[cell.strength for cell in night.runs] for night in nights]


class TestFleet:
    def test_a_row_for_each_station_and_a_column_for_each_night(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A_01_CS"), dut="wall")
        nights(case("TC_A_01_CS", "fail"), dut="pole")
        nights(case("TC_A_01_CS"), dut="pole", void="unplugged")
        found = fleet(history, 30)
        assert found.nights == (date(2026, 11, 4), date(2026, 11, 3), date(2026, 11, 2))
        assert strengths(found, "pole") == [["void"], ["fail4"], []]
        assert strengths(found, "wall") == [[], [], ["pass"]]

    def test_the_colour_says_how_much_failed(self, history: History, nights: Nights) -> None:
        for bad in (1, 5, 20, 50):
            nights(*(case(f"TC_A_{n}_CS", "fail" if n < bad else "pass") for n in range(100)))
        assert strengths(fleet(history, 30), "wall") == [["fail4"], ["fail3"], ["fail2"], ["fail1"]]

    def test_what_was_due_and_not_made_has_a_cell(self, history: History) -> None:
        claimed = history.attempts.claim("wall", FIRST_NIGHT, Path("/runs"))
        assert claimed is not None
        history.attempts.finish(claimed, because="unreachable")
        [(dut, [night])] = fleet(history, 30).rows
        assert (dut, night.runs, night.others[0].because) == ("wall", (), "unreachable")

    def test_new_firmware_is_known_also_at_the_edge(self, history: History, nights: Nights) -> None:
        for firmware in ("a", "b", "b", "c"):
            nights(case("TC_A_01_CS"), firmware=firmware)
        [(_, row)] = fleet(history, 3).rows
        assert [cell.new_firmware for night in row for cell in night.runs] == [True, False, True]

    def test_the_station_with_most_to_look_at_comes_first(
        self, history: History, nights: Nights
    ) -> None:
        nights(case("TC_A_01_CS"), dut="a")
        nights(case("TC_A_01_CS"), dut="b", void="unplugged")
        nights(case("TC_A_01_CS", "fail"), dut="c")
        assert [cell.run.dut for cell in fleet(history, 30).newest] == ["c", "b", "a"]

    def test_an_empty_history(self, history: History) -> None:
        assert fleet(history, 30) == Fleet((), (), ())
