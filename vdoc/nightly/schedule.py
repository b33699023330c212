"""The scheduler: each station at its time of day, every day, for as long as it runs.

Owns when a station is due. APScheduler keeps the time; what is due next is kept in the history, so
that a scheduler that comes back knows what it has missed: each missed start is handed on with the
time at which it was due, and whoever gets it makes up for it or says that it is skipped. Times of
day are local. A time that the change of the clocks leaves out is due an hour later, one that it
repeats is due the first time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import partial
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.base import BaseJobStore
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.base import BaseTrigger
from tzlocal import get_localzone

from vdoc.nightly.attempts import Attempts
from vdoc.nightly.config import DutTable, NightlyConfig

_H = 3600.0
_DAY = timedelta(days=1)
_LONGEST_NAP_S = 30.0  # a clock that is set, or a machine that slept, is noticed by then
_AT_ONCE = 99  # starts of one station; each waits for the one before, by a lock
_LATE_S = 60.0
Start = Callable[[DutTable, datetime], None]
"""Runs a station that was due then, or says that it is too late."""
Now = Callable[[], datetime]


def now_utc() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)


def next_due(at: time, after: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the first time after `after` at which a station is due, in UTC.

    Args:
        at: local time of day.
        after: aware.
        zone: that the time of day is meant in; the machine's unless given.
    """
    zone = zone or get_localzone()
    day = after.astimezone(zone).date() - _DAY
    while (due := datetime.combine(day, at, zone).astimezone(UTC)) <= after:
        day += _DAY
    return due


def dues(
    at: time, since: datetime | None, now: datetime, zone: tzinfo | None = None
) -> tuple[datetime, ...]:
    """Return when a station was due, up to now.

    Args:
        at: local time of day.
        since: the first of them; None for the newest alone.
        now: aware.
        zone: of the time of day.
    """
    every = tuple(_dues(at, since or next_due(at, now - 2 * _DAY, zone), now, zone))
    return every if since is not None else every[-1:]


def _dues(at: time, due: datetime, now: datetime, zone: tzinfo | None) -> Iterator[datetime]:
    while due <= now:
        yield due
        due = next_due(at, due, zone)


def too_late(dut: DutTable, due: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """Return why a start that was missed is not made up for; empty when it is."""
    late_h = (now - due).total_seconds() / _H
    missed = f"the scheduler did not run at {due:%Y-%m-%d %H:%M} UTC"
    if late_h > dut.late_h:
        return f"{missed} and came {late_h:.1f} h late, allowed are {dut.late_h:g} h (late_h)"
    if next_due(dut.at, due, zone) <= now:
        return f"{missed}, and the next start was due as well"
    return ""


def lateness(due: datetime, now: datetime) -> str:
    """Say how late a start is made up for; empty when it is in time."""
    late_s = (now - due).total_seconds()
    return f"began {late_s / 60:.0f} min late" if late_s > _LATE_S else ""


def watch(
    config: NightlyConfig,
    attempts: Attempts,
    start: Start,
    stop: threading.Event,
    pool: Executor,
    *,
    now: Now = now_utc,
    zone: tzinfo | None = None,
) -> None:
    """Start stations when they are due until `stop` is set.

    Args:
        config: of the fleet.
        attempts: of the history; keep what is due next. Used in this thread only.
        start: called in the pool for each start, also for those that were missed.
        stop: ends it.
        pool: where starts happen; whoever made it awaits them.
        now: the time.
        zone: of the times of day; the machine's unless given.
    """
    scheduler = _Scheduler(timezone=zone or get_localzone())
    scheduler.add_executor(_Starts(pool), "default")
    scheduler.add_jobstore(_Store(attempts), "default")
    for dut in config.dut:
        since, upcoming = attempts.next_due(dut.name), next_due(dut.at, now(), zone)
        first = upcoming if since is None else min(since, upcoming)
        scheduler.add_job(
            partial(_start, start, dut), _Daily(dut.at, zone), id=dut.name, next_run_time=first,
            misfire_grace_time=None, coalesce=False, max_instances=_AT_ONCE,
        )  # fmt: skip
    scheduler.start()
    nap_s = 0.0
    while not stop.wait(nap_s):
        nap_s = min(scheduler.step(), _LONGEST_NAP_S)
    scheduler.shutdown()


def _start(start: Start, dut: DutTable, *due: datetime) -> None:
    for each in due:
        start(dut, each.astimezone(UTC))


class _Daily(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Every day at a local time of day."""

    def __init__(self, at: time, zone: tzinfo | None) -> None:
        self._at, self._zone = at, zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return next_due(self._at, previous_fire_time or now, self._zone)


class _Store(BaseJobStore):  # type: ignore[misc]  # the library has no types
    """Keeps jobs as long as the scheduler lives, and when each is due first for longer."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts
        self._jobs: dict[str, Job] = {}

    def lookup_job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def get_due_jobs(self, now: datetime) -> list[Job]:
        return [job for job in self.get_all_jobs() if job.next_run_time <= now]

    def get_next_run_time(self) -> datetime | None:
        return next((job.next_run_time for job in self.get_all_jobs()), None)

    def get_all_jobs(self) -> list[Job]:
        return sorted(self._jobs.values(), key=lambda job: job.next_run_time)

    def add_job(self, job: Job) -> None:
        self.update_job(job)
        self._attempts.schedule(job.id, job.next_run_time)

    def update_job(self, job: Job) -> None:
        self._jobs[job.id] = job  # whoever claims the start that was handed on remembers the next

    def remove_job(self, job_id: str) -> None:
        del self._jobs[job_id]

    def remove_all_jobs(self) -> None:
        self._jobs.clear()


class _Starts(BaseExecutor):  # type: ignore[misc]  # the library has no types
    """Tells a start when it was due, which APScheduler's own executors do not."""

    def __init__(self, pool: Executor) -> None:
        super().__init__()
        self._pool = pool

    def _do_submit_job(self, job: Job, run_times: list[datetime]) -> None:
        future = self._pool.submit(job.func, *run_times)
        future.add_done_callback(partial(self._ended, job.id))

    def _ended(self, job_id: str, future: Future[Any]) -> None:
        error = future.exception()
        if error is None:
            self._run_job_success(job_id, [])
        else:
            self._run_job_error(job_id, error, error.__traceback__)


class _Scheduler(BaseScheduler):  # type: ignore[misc]  # the library has no types
    """APScheduler without a thread of its own: whoever steps it decides when."""

    def step(self) -> float:
        """Start what is due; return after how many seconds to look again."""
        wait_s = self._process_jobs()
        return _LONGEST_NAP_S if wait_s is None else float(wait_s)

    def wakeup(self) -> None:
        """Nothing sleeps here."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)
