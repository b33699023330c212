"""Values as OCPP writes them: dateTime (Part 2, data types)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)[Tt]"
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d+))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<off_hour>\d\d):(?P<off_minute>\d\d))",
    re.ASCII,
)
_LEAP_SECOND = 60


def parse_datetime(text: str) -> datetime:
    """Return the instant that `text` names, in UTC.

    Digits beyond microseconds are cut off; a leap second becomes the second after it.

    Raises:
        ValueError: `text` is not a date-time of RFC 3339, or names no instant.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date-time of RFC 3339")
    second = int(match["second"])
    leap = second == _LEAP_SECOND
    try:
        local = datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"]),
            int(match["minute"]),
            second - leap,
            int((match["fraction"] or "")[:6].ljust(6, "0")),
            tzinfo=_offset(match),
        )
        return local.astimezone(UTC) + timedelta(seconds=leap)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} names no instant: {error}") from error


def _offset(match: re.Match[str]) -> timezone:
    if match["sign"] is None:
        return UTC
    hours, minutes = int(match["off_hour"]), int(match["off_minute"])
    if hours > 23 or minutes > 59:  # noqa: PLR2004 -- RFC 3339, time-hour and time-minute
        raise ValueError("offset out of range")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if match["sign"] == "+" else -offset)


def render_datetime(instant: datetime) -> str:
    """Return `instant` in UTC with milliseconds and "Z"; OCPP allows no more decimals.

    Raises:
        ValueError: `instant` is naive.
    """
    if instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone")
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"
