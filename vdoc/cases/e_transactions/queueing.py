"""What a station does with TransactionEvents while it is offline, and how it is brought there.

Owns the Configuration State of the offline cases (a known back-off), the cut, and which of the
events that come after the reconnection were queued. Queued is every event that says offline, that
precedes one which does, or that is stamped before the reconnection. What occurred before the DUT
could notice the cut, within the time deviation, need not say offline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import at_least, present
from vdoc.cases import configuration
from vdoc.cases.session import Session
from vdoc.cases.transaction_rules import in_order, seq_no

_LEEWAY_S = 60
"""How much OfflineThreshold exceeds the back-off (Configuration State of the tables)."""


async def back_off(bench: Bench, *, more_s: float = 0.0) -> None:
    """Have the DUT reconnect after the configured back-off, `more_s` seconds later if need be."""
    back_off_s = math.ceil(bench.settings.values.retry_back_off_offline_s + more_s)
    settings = (
        (configuration.OFFLINE_THRESHOLD, str(back_off_s + _LEEWAY_S)),
        (configuration.RETRY_WAIT_MINIMUM, str(back_off_s)),
        (configuration.RETRY_RANDOM_RANGE, "0"),
    )
    for name, value in settings:
        await configuration.ensure(bench, name, value)


async def sampled(bench: Bench, *, more_s: float = 0.0) -> None:
    """The same, and have the DUT measure meanwhile.

    That SampledDataCtrlr.Enabled is true where it exists only the table of TC_E_40_CS says; the
    others have nothing to queue without it.
    """
    values = bench.settings.values
    settings = (
        (configuration.TX_UPDATED_MEASURANDS, ",".join(values.transaction_update_measurands)),
        (configuration.TX_UPDATED_INTERVAL, str(values.transaction_update_interval_s)),
    )
    for name, value in settings:
        await configuration.ensure(bench, name, value)
    await configuration.ensure_if_implemented(bench, configuration.SAMPLED_ENABLED, "true")
    await back_off(bench, more_s=more_s)


def cut(bench: Bench) -> datetime:
    """Cut the connection, refuse another, and return when that was."""
    bench.connection.refuse()
    bench.connection.drop()
    return bench.now()


async def reconnected(bench: Bench) -> Event:
    """Accept connections again, and return the one that comes."""
    bench.connection.accept()
    return await bench.connection.opened(what="the DUT reconnects")


async def drained(session: Session, opened: Event) -> None:
    """Wait until the queue is empty: an event of now comes, or none for a whole time-out."""
    bench = session.bench
    quiet_s = bench.settings.values.message_timeout_s
    since = bench.mark()
    while True:
        event = await bench.receive_optional(
            "TransactionEvent", where=session.owns, since=since, within_s=quiet_s
        )
        if event is None or not _is_queued(bench, event, opened):
            break
    await session.complete()


def queued(session: Session, opened: Event) -> list[Message]:
    """Return the events since the reconnection that occurred before it, in order of seqNo."""
    events = [event for event in in_order(session.events) if event.n > opened.n]
    last = max(
        (i for i, e in enumerate(events) if _is_queued(session.bench, e, opened)), default=-1
    )
    return events[: last + 1]


def offline(bench: Bench, events: Sequence[Message], since: datetime) -> list[Message]:
    """Return the events that say offline, or whose time stamp is clearly later than the cut.

    When there is none of either kind, all of them: one of them at least has to say it.
    """
    threshold = since + _deviation(bench)
    clear = [e for e in events if e.get("offline") is True or _occurred(e) > threshold]
    return clear or list(events)


async def judge_samples(session: Session, opened: Event, since: datetime) -> None:
    """Wait for the queued events, and check that they are samples of an ongoing transaction.

    Args:
        session: a session in which energy flows.
        opened: the connection that they come on.
        since: when the last one was cut.
    """
    bench = session.bench
    await session.arrived(_any, opened.n, "the first queued event")
    await drained(session, opened)
    held = queued(session, opened)
    for event in held:
        bench.check(event["eventType"], "Updated", what=f"queued, seqNo {seq_no(event)}")
        bench.check(event["meterValue"], present(), "E11.FR.03", what=f"seqNo {seq_no(event)}")
    judge_offline(bench, held, opened, since)


def judge_offline(bench: Bench, held: Sequence[Message], opened: Event, since: datetime) -> None:
    """Check that there are queued events that occurred offline, and that each of them says so."""
    late = offline(bench, held, since)
    fact = Fact("queued TransactionEvents that occurred offline", len(late), opened.n)
    bench.check(fact, at_least(1))
    for event in late:
        bench.check(event["offline"], True, "E11.FR.02", what=f"queued, seqNo {seq_no(event)}")


def _any(_event: Message) -> bool:
    return True


def _is_queued(bench: Bench, event: Message, opened: Event) -> bool:
    """It says that it occurred offline, or its time stamp does."""
    return event.get("offline") is True or _occurred(event) < opened.at - _deviation(bench)


def _occurred(event: Message) -> datetime:
    return event.need_time("timestamp")


def _deviation(bench: Bench) -> timedelta:
    return timedelta(seconds=bench.settings.values.max_time_deviation_s)
