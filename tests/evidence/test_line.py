"""The text form of a line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.evidence import DEEDS, FIRST_PREV, JUDGEMENTS, OBSERVATIONS, Kind, Line, render
from vdoc.evidence.line import parse_time, render_time

LAST_NS = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp()) * 1_000_000_000


def test_every_kind_has_one_place() -> None:
    about_the_run = {Kind.RUN, Kind.SEAL}
    assert set(Kind) == about_the_run | OBSERVATIONS | DEEDS | JUDGEMENTS
    assert not OBSERVATIONS & DEEDS
    assert not DEEDS & JUDGEMENTS


def test_a_line_reads_as_documented() -> None:
    line = Line(0, 1_000_000_000_123_456_789, 7, "TC_B_01_CS", "-", Kind.RECEIVED, {"frame": "ü"})
    assert render(line, FIRST_PREV).decode() == (
        '{"n":0,"at":"2001-09-09T01:46:40.123456Z","mono":7,"case":"TC_B_01_CS","variant":"-",'
        f'"kind":"received","data":{{"frame":"ü"}},"prev":"{FIRST_PREV}"}}'
    )


@given(st.integers(0, LAST_NS))
def test_times_are_kept_to_the_microsecond(at_ns: int) -> None:
    assert parse_time(render_time(at_ns)) == at_ns // 1000 * 1000


@given(st.integers(0, LAST_NS))
def test_a_line_tells_its_time_as_a_datetime(at_ns: int) -> None:
    line = Line(0, at_ns, 0, "", "", Kind.RUN, {})
    assert line.at == datetime.fromisoformat(render_time(at_ns))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-24T06:00:00Z",
        "2026-11-24T06:00:00.000Z",
        "2026-11-24T06:00:00.000000z",
        "2026-11-24T06:00:00.00000²Z",
        "2026-11-24T06:00:00.+00000Z",
        "2026-11-24 06:00:00.000000Z",
        "2026-W48-2T06:00:00.000000Z",
        "2026-11-24T24:00:00.000000Z",
        "2026-02-30T06:00:00.000000Z",
    ],
)
def test_no_other_form_of_a_time_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"at must|must be in|out of range|[Ii]nvalid"):
        parse_time(text)
