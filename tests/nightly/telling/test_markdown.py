"""The summary: failures first, on one screen, and a station cannot write in it."""

from __future__ import annotations

from dataclasses import replace

from tests.nightly.made import case, failure
from vdoc.nightly.comparison import Change
from vdoc.nightly.telling import News, markdown


class TestBadNight:
    def test_failures_come_first(self, bad: News) -> None:
        titles = [line for line in markdown(bad).splitlines() if line.startswith("#")]
        assert titles == [
            "# Nightly 2026-11-24 wall: 1 newly failing, 1 still failing, 1 flaky and failing, "
            "1 slower, 1 changed in the device model",
            "## wall",
            "### Newly failing (1)",
            "### Response times (1)",
            "### Device model (1)",
            "### Flaky (1)",
            "### Still failing (1)",
            "### Newly passing (1)",
        ]

    def test_it_says_what_the_station_did(self, bad: News) -> None:
        text = markdown(bad)
        assert "| wall | fail | 2 of 5 | 1 | 1 | 1 | 3.2.1 as before |" in text
        assert r"**TC\_A** step 2 \[C01.FR.02\] idToken: expected '04A1'" in text
        assert "**boot slower** 30.1 s → 45.1 s" in text
        assert r"**TC\_F** failed 2 of 4 \(50%; 95 % confidence 15% to 85%\); now fail" in text

    def test_it_fits_a_screen(self, bad: News) -> None:
        (one,) = bad.comparisons
        cases = [case(f"TC_X_{n:02}", "fail", failure(f"X{n:02}")) for n in range(60)]
        many = tuple(Change(each, None) for each in cases)
        crowded = replace(one, newly_failing=many, still_failing=many)
        text = markdown(replace(bad, comparisons=(crowded,)))
        assert "… and 52 more" in text
        assert len(text.splitlines()) < 60

    def test_what_a_station_sent_is_text(self, bad: News) -> None:
        text = markdown(bad)
        assert "<script>" not in text
        assert "\\<script\\>\\@\u200ball \\[x\\]\\(http:\u200b//e\\)\\|\\`\ufffd" in text


def test_a_good_night_is_a_line_and_a_table(all_good: News) -> None:
    assert len(markdown(all_good).splitlines()) == 5


def test_a_void_night_says_why(void: News) -> None:
    text = markdown(void)
    assert "### Void (1)\n- **the DUT did not connect**" in text
    assert "**pole was not run**: its action API was in use for 9 h" in text
