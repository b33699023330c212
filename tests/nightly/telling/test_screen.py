"""The screen at three in the morning: short, the failures first, and steered by nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.nightly.made import Nights, case, failure
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase, StoredFailure
from vdoc.nightly.telling import News, NotRun, screen, whole
from vdoc.nightly.telling.screen import COLUMNS, LINES, clean

MakeNews = Callable[..., News]
ACCEPTED = failure("C10.FR.01", "idTokenInfo.status", "'Accepted'", expected="'Invalid'")
SEQ_NO = failure("E01.FR.15", "seqNo is 3", "7", expected="3", message="TransactionEvent")


def passing(count: int) -> list[StoredCase]:
    return [case(f"TC_C_{number:02}_CS") for number in range(count)]


def failing(cases: list[StoredCase], *failures: StoredFailure) -> list[StoredCase]:
    return [case(each.case, "fail", failures[n % len(failures)]) for n, each in enumerate(cases)]


@pytest.fixture
def night(history: History, nights: Nights, all_good: News) -> MakeNews:
    """The news of a night of these cases after one of `before`."""

    def make(before: list[StoredCase], now: list[StoredCase], **more: Any) -> News:
        if before:
            nights(*before, dut="pole", firmware="fw1", firmware_version="3.9.2")
        run = nights(*now, dut="pole", **{"firmware": "fw2", "firmware_version": "4.0.0", **more})
        return News(all_good.at, (compare(history, run),))

    return make


class TestWhatIsSeen:
    def test_one_failure(self, night: MakeNews) -> None:
        cases = passing(3)
        news = night(cases, [*failing(cases[:1], ACCEPTED), *cases[1:]])
        *lines, last = screen(news).splitlines()
        assert lines == [
            "vdoc nightly 2026-11-24 pole: 1 newly failing",
            "pole FAIL: 2 of 3 passed, firmware 3.9.2 → 4.0.0",
            "  Newly failing: TC_C_00_CS step 2 [C10.FR.01] idTokenInfo.status: expected",
            "      'Invalid', got 'Accepted' (Authorize, evidence line 12)",
        ]
        assert last == f"  more: vdoc nightly show {news.comparisons[0].now.id[:10]}"

    def test_sixty_failures_of_two_causes(self, night: MakeNews) -> None:
        cases = passing(60)
        lines = screen(night(cases, failing(cases, ACCEPTED, SEQ_NO))).splitlines()
        assert lines[2:9] == [
            "  Newly failing (60):",
            "    30 cases [C10.FR.01] idTokenInfo.status in Authorize: e.g. expected",
            "      'Invalid', got 'Accepted'",
            "      TC_C_00_CS, TC_C_02_CS, TC_C_04_CS, TC_C_06_CS, TC_C_08_CS and 25 more",
            "    30 cases [E01.FR.15] seqNo is # in TransactionEvent: e.g. expected 3, got 7",
            "      TC_C_01_CS, TC_C_03_CS, TC_C_05_CS, TC_C_07_CS, TC_C_09_CS and 25 more",
            lines[8],
        ]
        assert "vdoc nightly show" in lines[8]

    def test_a_void_run(self, night: MakeNews) -> None:
        news = night(passing(3), passing(1), void="the DUT did not connect", planned=3)
        last = news.comparisons[0].before
        assert last is not None
        assert screen(news).splitlines()[:5] == [
            "vdoc nightly 2026-11-24 pole: void",
            "pole VOID, firmware 3.9.2 → 4.0.0",
            "  Void: the DUT did not connect",
            "  Judged before that: 1 of 3 cases, all of which passed",
            f"  Last run that counts: {last.started:%Y-%m-%d}, pass ({last.id[:10]})",
        ]

    def test_a_station_that_is_not_reachable(self, all_good: News) -> None:
        news = News(all_good.at, (), (NotRun("pole", "http://10.0.0.7/: Connection refused"),))
        assert screen(news).splitlines() == [
            "vdoc nightly 2026-11-24 pole: not run",
            "pole NOT RUN: http://10.0.0.7/: Connection refused",
        ]

    def test_a_night_as_ever(self, all_good: News) -> None:
        assert screen(all_good).splitlines() == [
            "vdoc nightly 2026-11-24 wall: passed",
            "wall PASS: 1 of 1 passed, firmware 3.2.1 as before",
        ]

    def test_stations_that_passed_as_ever_are_one_line(self, bad: News, all_good: News) -> None:
        news = News(bad.at, (*all_good.comparisons, *bad.comparisons), notes=("late by 5 min",))
        *_, well, note = screen(news).splitlines()
        assert (well, note) == ("passed as before: wall", "note: late by 5 min")

    def test_a_first_run_is_not_as_before(self, all_good: News) -> None:
        (wall,) = all_good.comparisons
        first = replace(wall, now=replace(wall.now, dut="pole"), before=None)
        assert screen(replace(all_good, comparisons=(first, wall))).splitlines()[1:] == [
            "passed as before: wall",
            "passed in the first run: pole",
        ]

    def test_a_changed_pics_is_said_beside_the_firmware(self, night: MakeNews) -> None:
        news = night(passing(2), passing(2), pics_claims="other", firmware_version="3.9.2")
        assert "firmware 3.9.2 (another image); also changed: PICS" in screen(news)

    def test_the_same_firmware_with_other_conditions(self, night: MakeNews) -> None:
        more = {"firmware": "fw1", "firmware_version": "3.9.2", "catalogue_digest": "other"}
        assert "3.9.2 as before, but changed: catalogue" in screen(
            night(passing(1), passing(1), **more)
        )


class TestItFits:
    @pytest.mark.parametrize("stations", [1, 2, 9, 40])
    def test_whatever_happened(self, night: MakeNews, void: News, stations: int) -> None:
        cases = passing(60)
        each = [failure(f"X{n:02}", f"field {n} " * 30) for n in range(60)]
        (worst,) = night(cases, failing(cases, *each)).comparisons
        news = replace(void, comparisons=(worst, *void.comparisons) * stations)
        lines = screen(replace(news, notes=("a long note " * 20,) * 30)).splitlines()
        assert len(lines) <= LINES
        assert max(map(len, lines)) <= COLUMNS
        assert "  Newly failing (60):" in lines

    def test_the_whole_of_it_leaves_nothing_out(self, night: MakeNews) -> None:
        cases = passing(60)
        each = [failure(f"X{number:02}") for number in range(60)]
        text = whole(night(cases, failing(cases, *each)))
        assert all(one.case in text for one in cases)

    def test_nor_anything_of_the_notes(self, all_good: News) -> None:
        notes = tuple(f"note {number} " + "of many words " * 20 + "end" for number in range(9))
        text = " ".join(whole(replace(all_good, notes=notes)).split())
        assert all(" ".join(note.split()) in text for note in notes)
        assert "more" not in text

    def test_the_whole_of_it_has_the_distribution_of_response_times(self, bad: News) -> None:
        assert whole(bad).splitlines()[-2:] == [
            "  Response times      median      95 %      most   times",
            "    boot              45.1 s    45.2 s    45.2 s      20",
        ]


class TestNobodySteersIt:
    @given(text=st.text())
    def test_no_control_sign_is_left(self, text: str) -> None:
        assert clean(text).isprintable() or "\u2028" in text or "\u2029" in text

    def test_what_a_station_sent_is_text(self, night: MakeNews) -> None:
        evil = failure(what="a\x1b[2J\x07\u202e", actual="b\x9b")
        text = screen(night(passing(1), failing(passing(1), evil)))
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(text)
