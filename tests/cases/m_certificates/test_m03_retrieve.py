"""M03: stations that list what is installed, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.roaming import CSMS, MANUFACTURER, MO, Habits, Installed, roam

Make = Callable[..., Any]

LIST = "GetInstalledCertificateIdsResponse"
CASES = ("TC_M_12_CS", "TC_M_13_CS", "TC_M_17_CS")


@pytest.mark.parametrize("habits", [Habits(), Habits(installed=()), Habits(profile=2)])
@pytest.mark.parametrize("case", [*CASES, "TC_M_18_CS", "TC_M_19_CS"])
def test_a_sound_station(case: str, habits: Habits) -> None:
    assert roam(case, habits=habits).verdict == "pass"


@pytest.mark.parametrize("case", [*CASES, "TC_M_18_CS", "TC_M_19_CS"])
def test_a_sound_station_that_keeps_one_root(case: str) -> None:
    assert roam(case, habits=Habits(profile=2, replaces_roots=True)).verdict == "pass"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("changes", "requirement"),
    [
        ({"status": "NotFound"}, "M03.FR.03"),
        ({"certificateHashDataChain.0.certificateType": MO}, "M03.FR.04"),
        ({"certificateHashDataChain": ...}, "M03.FR.04"),
    ],
)
def test_a_listing_that_is_wrong(
    alter: Make, case: str, changes: dict[str, Any], requirement: str
) -> None:
    spoil = alter(LIST, {}, changes)
    run = roam(case, spoil=spoil, habits=Habits(installed=()))
    assert run.verdict == "fail"
    assert ("GetInstalledCertificates.2", requirement) in run.failed


def test_of_two_types_both_are_asked_for_at_once() -> None:
    run = roam("TC_M_17_CS")
    listings = run.calls("GetInstalledCertificateIds")
    assert [call["certificateType"] for call in listings] == [[CSMS, MANUFACTURER]]


class TestTcM18:
    def test_no_type_is_named(self) -> None:
        assert roam("TC_M_18_CS").calls("GetInstalledCertificateIds") == [{}]

    @pytest.mark.parametrize("index", [1, 2])
    @pytest.mark.parametrize("field", ["certificateType", "certificateHashData.serialNumber"])
    def test_either_is_missing(self, alter: Make, index: int, field: str) -> None:
        value = MO if field == "certificateType" else "00"
        spoil = alter(LIST, {}, {f"certificateHashDataChain.{index}.{field}": value})
        run = roam("TC_M_18_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "M03.FR.04")])


class TestTcM19:
    def test_what_is_there_is_deleted_first(self) -> None:
        run = roam("TC_M_19_CS", habits=Habits(installed=(Installed(MO, "other"),)))
        assert run.verdict == "pass"
        assert len(run.calls("DeleteCertificate")) == 1

    def test_what_cannot_be_deleted_is_inconclusive(self, alter: Make) -> None:
        spoil = alter("DeleteCertificateResponse", {}, {"status": "Failed"})
        habits = Habits(installed=(Installed(MO, "other"),))
        assert roam("TC_M_19_CS", spoil=spoil, habits=habits).verdict == "inconc"

    @pytest.mark.parametrize(
        "changes",
        [
            {"status": "Accepted"},
            {
                "certificateHashDataChain": [
                    {
                        "certificateType": CSMS,
                        "certificateHashData": Installed(CSMS, "root1").named(),
                    }
                ]
            },
        ],
    )
    def test_something_is_listed(self, alter: Make, changes: dict[str, Any]) -> None:
        run = roam("TC_M_19_CS", spoil=alter(LIST, {"status": "NotFound"}, changes))
        assert (run.verdict, run.failed) == ("fail", [("2", "M03.FR.02")])

    @pytest.mark.parametrize("chain", [["x"], [{"certificateType": MO}], "x"])
    def test_nonsense_is_no_error_of_the_bench(self, alter: Make, chain: Any) -> None:
        spoil = alter(LIST, {"status": "NotFound"}, {"certificateHashDataChain": chain})
        assert roam("TC_M_19_CS", spoil=spoil).verdict == "fail"
