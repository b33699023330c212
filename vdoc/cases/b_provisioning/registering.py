"""While the CSMS has not accepted a boot: what the DUT may send, and how often it may ask.

Owns the judgement of everything that came between the connection of a restarted DUT and the
BootNotification that is accepted (B02, B03). What a case asks of the DUT meanwhile is its own
business.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import equals
from vdoc.ocpp.actions import STATION_ACTIONS

OTHER_REQUESTS = tuple(sorted(STATION_ACTIONS - {"BootNotification"}))
"""Every request of a station but the one that it may send before it is accepted."""


def judge_silence(
    bench: Bench,
    requests: Sequence[Message],
    since: Event | Message,
    accepted: Message,
    requirement: str,
) -> None:
    """Check that none came between a connection, or a boot, and the boot that is accepted."""
    sent = [message for message in requests if since.n < message.n < accepted.n]
    what = "requests before the boot is accepted that nobody asked for"
    check_none(bench, what, sent, requirement)


def judge_intervals(
    bench: Bench, boots: Sequence[Message], interval_s: float, requirement: str
) -> None:
    """Check that no BootNotification followed another sooner than the interval it was given."""
    least_s = interval_s - bench.settings.values.max_time_deviation_s
    early = [later for former, later in pairwise(boots) if after_s(former, later) < least_s]
    check_none(bench, "BootNotificationRequests before the interval", early, requirement)


def after_s(former: Message, later: Message) -> float:
    """Return the seconds from one message to another, by the bench's monotonic clock."""
    return (later.mono_ns - former.mono_ns) / 1e9


def check_none(bench: Bench, what: str, messages: Sequence[Message], requirement: str) -> None:
    """Check that there are no such messages; the report names those that there are."""
    names = [f"{message.name} (line {message.n})" for message in messages]
    line = messages[0].n if messages else None
    bench.check(Fact(what, names, line), equals([]), requirement)
