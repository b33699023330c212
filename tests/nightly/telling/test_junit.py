"""What a CI server gets to see."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from tests.nightly.made import Nights, case
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.telling import News, junit_xml


def cases(news: News, kind: str) -> dict[str, str]:
    """Name to message of the test cases that have an element of this kind."""
    root = ET.fromstring(junit_xml(news))  # noqa: S314  # our own
    return {
        case.attrib["name"]: found.attrib["message"]
        for case in root.iter("testcase")
        if (found := case.find(kind)) is not None
    }


class TestJunit:
    def test_failures_say_whether_they_are_new(self, bad: News) -> None:
        failed = cases(bad, "failure")
        assert set(failed) == {"TC_A", "TC_B", "TC_F"}
        assert failed["TC_A"].startswith("newly failing: step 2 [C01.FR.02]")
        assert failed["TC_B"].startswith("still failing: ")
        assert failed["TC_F"].startswith("flaky, failed 2 of 4")
        assert set(cases(bad, "skipped")) == {"TC_N"}

    def test_a_case_that_fails_in_its_first_run_says_so(
        self, history: History, nights: Nights, bad: News
    ) -> None:
        run = nights(case("TC_A", "fail"), dut="new")
        news = News(bad.at, (compare(history, run),))
        assert cases(news, "failure")["TC_A"].startswith("first run: ")

    def test_a_void_run_and_a_station_not_run_are_errors(self, void: News) -> None:
        assert cases(void, "error") == {
            "run": "there was no run: its action API was in use for 9 h"
        }
        assert b"the run is void: the DUT did not connect" in junit_xml(void)

    def test_a_good_night_has_neither(self, all_good: News) -> None:
        assert cases(all_good, "failure") == cases(all_good, "error") == {}
        assert b'tests="2"' in junit_xml(all_good)

    def test_control_characters_of_a_station_do_not_break_it(self, bad: News) -> None:
        assert "\ufffd" in cases(bad, "failure")["TC_A"]
