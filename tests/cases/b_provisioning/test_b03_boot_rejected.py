"""Boots of stations that are rejected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]


@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize("case", ["TC_B_03_CS", "TC_B_30_CS"])
def test_a_sound_boot(case: str, *, closes: bool) -> None:
    run = run_case(case, quirks=Quirks(closes_when_rejected=closes))
    assert run.verdict == "pass"
    asked = bool(run.calls("GetBaseReport"))
    assert asked is (case == "TC_B_30_CS" and not closes)


class TestSilence:
    def test_it_speaks(self) -> None:
        run = run_case("TC_B_03_CS", quirks=Quirks(sends_when_pending=True))
        assert (run.verdict, run.failed) == ("fail", [("3", "B03.FR.02")])

    def test_it_speaks_to_the_end(self) -> None:
        run = run_case("TC_B_30_CS", quirks=Quirks(sends_when_pending=True))
        assert (run.verdict, run.failed) == ("fail", [("end", "B03.FR.02")])

    def test_it_asks_again_before_the_interval(self) -> None:
        run = run_case("TC_B_03_CS", quirks=Quirks(boots_when_pending=True))
        assert run.verdict == "fail"
        assert run.failed[0] == ("3", "B03.FR.02")

    @pytest.mark.parametrize("case", ["TC_B_03_CS", "TC_B_30_CS"])
    def test_it_gives_up(self, case: str) -> None:
        run = run_case(case, quirks=Quirks(gives_up_when_rejected=True))
        assert run.verdict == "fail"
        assert [requirement for _, requirement in run.failed] == ["B03.FR.06"]

    def test_a_connector_is_not_available_afterwards(self, alter: Make) -> None:
        spoil = alter("StatusNotification", {}, {"connectorStatus": "Unavailable"})
        run = run_case("TC_B_03_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("5", "B01.FR.05")])


def test_it_obeys_although_rejected() -> None:
    run = run_case("TC_B_30_CS", quirks=Quirks(obeys_when_rejected=True))
    assert run.verdict == "fail"
    assert run.failed == [("4", "B03.FR.08"), ("end", "B03.FR.02")]  # it sends the report, too
