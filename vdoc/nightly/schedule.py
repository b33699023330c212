"""The scheduler: each station at its time of day, every day, for as long as it runs.

Owns when a station is due. APScheduler keeps the time; what has been done is in the history, which
outlives any scheduler, so that a start is never made twice and one that was missed is noticed: it
is made up for within `late_h`, else skipped, and said either way. Times are local and follow the
machine's time zone through the change of the clocks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from vdoc.nightly.config import DutTable, NightlyConfig

_H = 3600.0
Start = Callable[[DutTable, datetime], None]
"""Runs a station that was due then."""


def last_due(at: time, now: datetime) -> datetime:
    """Return when a station was due the last time, in UTC.

    Args:
        at: local time of day.
        now: aware.
    """
    local = now.astimezone()
    naive = datetime.combine(local.date(), at)
    if naive.astimezone() > local:
        naive -= timedelta(days=1)
    return naive.astimezone(UTC)


def too_late(dut: DutTable, due: datetime, now: datetime) -> str:
    """Return why a start that was missed is not made up for; empty when it is."""
    late_h = (now - due).total_seconds() / _H
    if late_h <= dut.late_h:
        return ""
    return (
        f"the scheduler did not run at {due:%Y-%m-%d %H:%M} UTC and came {late_h:.1f} h late, "
        f"allowed are {dut.late_h:g} h (late_h)"
    )


def watch(config: NightlyConfig, start: Start, stop: threading.Event) -> None:
    """Start stations when they are due until `stop` is set.

    Args:
        config: of the fleet.
        start: called in a thread of its own for each station that is due; first of all, at once,
            for the last time that each was due, so that a missed start is noticed.
        stop: ends it; runs that are under way are awaited.
    """
    pool = ThreadPoolExecutor(max_workers=2 * len(config.dut))
    scheduler = BackgroundScheduler(
        executors={"default": pool}, job_defaults={"coalesce": True, "misfire_grace_time": None}
    )
    for dut in config.dut:

        def due(dut: DutTable = dut) -> None:
            start(dut, last_due(dut.at, datetime.now(UTC)))

        trigger = CronTrigger(hour=dut.at.hour, minute=dut.at.minute, second=dut.at.second)
        scheduler.add_job(due, trigger, id=dut.name)
        scheduler.add_job(due, id=f"{dut.name} (missed)")
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
