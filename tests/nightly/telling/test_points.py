"""The order in which somebody wants to know it, and words that blame nobody wrongly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.nightly.made import FIRST_NIGHT, Nights, case
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.telling import News
from vdoc.nightly.telling.points import firmware, sections


def test_what_may_be_the_firmwares_doing_comes_first(bad: News) -> None:
    (one,) = bad.comparisons
    everything = replace(
        one, now=replace(one.now, crashes=("a boot",)), first_failing=one.newly_failing,
        not_judged=one.newly_failing, not_applicable=one.newly_failing, not_run=one.cases,
    )  # fmt: skip
    assert [section.title for section in sections(everything)] == [
        "Crashed", "Newly failing", "Failing in the first run", "Not judged, the bench failed",
        "Response times", "Device model", "Flaky", "Still failing", "No longer applicable",
        "Newly passing", "Not run",
    ]  # fmt: skip


def test_a_night_as_ever_has_nothing_to_say(all_good: News) -> None:
    assert sections(all_good.comparisons[0]) == ()


def test_what_several_nights_show_together_is_said(bad: News) -> None:
    (one,) = bad.comparisons
    drift = replace(one.drifts[0], over=5, nights=12)
    (section,) = [s for s in sections(replace(one, drifts=(drift,))) if s.title == "Response times"]
    assert section.points[0].text.endswith("(the last 5 nights against 12 nights before)")


def test_what_was_not_run_is_counted(history: History, nights: Nights) -> None:
    nights(case("TC_A"), case("TC_B", "fail"), case("TC_C"))
    two, one = nights(case("TC_A")), nights(case("TC_A"), case("TC_B", "fail"))
    said = [sections(compare(history, run))[-1].points[0] for run in (two, one)]
    assert [f"{each.about} {each.text}" for each in said] == [
        "2 known cases, 1 of which failed the last time",
        "1 known case, none of which failed the last time",
    ]


def test_a_void_run_before_is_said(history: History, nights: Nights) -> None:
    void, now = nights(void="unplugged"), nights(case("TC_A"))
    (section,) = sections(compare(history, now, void))
    assert (section.title, section.points[0].about) == ("Not compared", "the run before is void")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({}, "firmware 3.2.1 as before"),
        ({"firmware": "fw2"}, "firmware 3.2.1 (another image)"),
        ({"firmware": "fw2", "firmware_version": "4"}, "firmware 3.2.1 → 4"),
        ({"seed": 8}, "firmware 3.2.1 as before, but changed: seed"),
        (
            {"firmware": "fw2", "firmware_version": "4", "pics_claims": "x", "runner": "9"},
            "firmware 3.2.1 → 4; also changed: PICS, vdoc version",
        ),
        ({"dut": "pole"}, "firmware 3.2.1, the first run"),
    ],
)
def test_the_firmware_and_what_else_changed(
    history: History, nights: Nights, now: dict[str, str], expected: str
) -> None:
    nights(case("TC_A"))
    assert firmware(compare(history, nights(case("TC_A"), **now))) == expected  # type: ignore[arg-type]  # fields of a run


def test_two_stations_are_told_apart(history: History, nights: Nights) -> None:
    one, two = nights(case("TC_A")), nights(case("TC_A"), dut="pole")
    assert firmware(compare(history, two, one)) == "firmware 3.2.1, against wall 3.2.1"
    assert one.started > FIRST_NIGHT
