from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.values import parse_datetime, render_datetime

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 -- hypothesis adds the zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=ZONES,
)


class TestParse:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("2024-01-01T00:00:00Z", 0),
            ("2024-01-01t00:00:00z", 0),
            ("2024-01-01T00:00:01.5Z", 1.5),
            ("2024-01-01T00:00:00.123456789Z", 0.123456),
            ("2024-01-01T01:00:00+01:00", 0),
            ("2023-12-31T18:30:00-05:30", 0),
            ("2023-12-31T23:59:60Z", 0),
        ],
    )
    def test_it_names_an_instant_in_utc(self, text: str, seconds: float) -> None:
        found = parse_datetime(text)
        assert found == datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        assert found.tzinfo is UTC

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2024-01-01",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00+24:00",
            "2024-01-01T24:00:00Z",
            "2024-02-30T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+10:00",
            "9999-12-31T23:59:60Z",
            "2024-01-01T00:00:00Z\n",
            "٢٠٢٤-01-01T00:00:00Z",
        ],
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"RFC 3339|names no instant"):
            parse_datetime(text)

    @given(st.text())
    def test_any_text_is_parsed_or_a_value_error(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"RFC 3339|names no instant"):
            parse_datetime(text)


class TestRender:
    def test_it_has_milliseconds_and_z(self) -> None:
        instant = datetime(2024, 1, 1, 1, 2, 3, 4567, tzinfo=timezone(timedelta(hours=1)))
        assert render_datetime(instant) == "2024-01-01T00:02:03.004Z"

    def test_a_naive_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            render_datetime(datetime(2024, 1, 1))  # noqa: DTZ001

    @given(INSTANTS)
    def test_it_is_read_back_to_the_millisecond(self, instant: datetime) -> None:
        lost = instant - parse_datetime(render_datetime(instant))
        assert timedelta(0) <= lost < timedelta(milliseconds=1)
