"""How one case came out in the nights before."""

from __future__ import annotations

from tests.nightly.made import Nights, case
from vdoc.nightly.history import History
from vdoc.nightly.pages.record import earlier_results


def test_the_newest_first_of_this_case_variant_and_station(
    history: History, nights: Nights
) -> None:
    nights(case("TC_A_01_CS", "fail"), case("TC_C_02_CS"))
    nights(case("TC_C_02_CS", "fail"), case("TC_C_02_CS", variant="x"), dut="pole")
    nights(case("TC_A_01_CS"), case("TC_C_02_CS", "error"), firmware_version="4")
    now = nights(case("TC_C_02_CS", "fail"))
    nights(case("TC_C_02_CS"))
    found = earlier_results(history, now, history.cases(now)[0])
    assert [(e.verdict.value, e.ordinal, e.firmware_version, e.good) for e in found] == [
        ("error", 1, "4", False), ("pass", 1, "3.2.1", True)
    ]  # fmt: skip
