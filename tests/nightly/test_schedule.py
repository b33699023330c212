"""When a station is due: clocks that change, a bench that was off, a clock that is set."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.history import History
from vdoc.nightly.schedule import dues, lateness, next_due, too_late, watch

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


def a_dut(at: str = "02:00", name: str = "wall", **more: float) -> DutTable:
    table = {"name": name, "pics": "p.toml", "bench": "b.toml", "at": at, **more}
    return DutTable.model_validate(table)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestNextDue:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            ("2026-11-24T00:59:59", "2026-11-24T01:00:00"),
            ("2026-11-24T01:00:00", "2026-11-25T01:00:00"),
            ("2026-07-01T12:00:00", "2026-07-02T00:00:00"),  # summer
            ("2026-10-24T12:00:00", "2026-10-25T00:00:00"),  # 02:00 comes twice: the first
            ("2026-10-25T00:30:00", "2026-10-26T01:00:00"),  # and not again
            ("2026-03-28T12:00:00", "2026-03-29T01:00:00"),  # 02:00 does not come: 03:00 is due
            ("2026-03-29T12:00:00", "2026-03-30T00:00:00"),
        ],
    )
    def test_follows_the_local_clock(self, after: str, expected: str) -> None:
        assert next_due(time(2), utc(after), BERLIN) == utc(expected)

    def test_dues_since(self) -> None:
        now = utc("2026-11-24T12:00:00")
        assert dues(time(2), None, now, UTC) == (utc("2026-11-24T02:00:00"),)
        since = utc("2026-11-22T02:00:00")
        assert dues(time(2), since, now, UTC) == (since, since + DAY, since + 2 * DAY)
        assert dues(time(2), now + DAY, now, UTC) == ()


class TestTooLate:
    DUE = utc("2026-11-24T02:00:00")

    def test_within_late_h_it_is_made_up_for(self) -> None:
        assert too_late(a_dut(), self.DUE, self.DUE + timedelta(hours=4), UTC) == ""

    def test_later_it_is_skipped_and_said(self) -> None:
        because = too_late(a_dut(), self.DUE, self.DUE + timedelta(hours=9), UTC)
        assert "did not run at 2026-11-24 02:00 UTC and came 9.0 h late" in because

    def test_of_two_that_were_missed_the_earlier_is_skipped(self) -> None:
        patient = a_dut(late_h=24)
        assert "the next start was due as well" in too_late(patient, self.DUE, self.DUE + DAY, UTC)

    def test_how_late(self) -> None:
        assert lateness(self.DUE, self.DUE + timedelta(seconds=20)) == ""
        assert lateness(self.DUE, self.DUE + timedelta(minutes=90)) == "began 90 min late"


class Clock:
    """The time, which passes while a scheduler waits."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self, zone: tzinfo = UTC) -> datetime:
        """What both the scheduler and APScheduler ask."""
        return self.time.astimezone(zone)


class Until(threading.Event):
    """Ends a scheduler at a time; waiting for it takes no time but that of the clock."""

    def __init__(self, clock: Clock, end: datetime) -> None:
        super().__init__()
        self._clock, self._end = clock, end

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.time += timedelta(seconds=timeout or 0)
        return self._clock.time >= self._end


class AtOnce(Executor):
    """Does what is submitted at once, or begins it and never ends."""

    def __init__(self, *, ends: bool = True) -> None:
        self._ends = ends

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        result = fn(*args, **kwargs)
        if self._ends:
            future.set_result(result)
        return future


Started = list[tuple[str, datetime]]
Watching = Callable[..., Started]


@pytest.fixture
def watching(history: History, monkeypatch: pytest.MonkeyPatch) -> Watching:
    """Runs a scheduler from one time to another; returns what it has started."""

    def call(
        begin: str, end: str, *duts: DutTable, zone: tzinfo = UTC, ends: bool = True, jump: str = ""
    ) -> Started:
        clock, started = Clock(utc(begin)), []
        monkeypatch.setattr("apscheduler.schedulers.base.datetime", clock)
        places = {"history": history.path, "runs": Path("runs")}
        config = NightlyConfig(**places, dut=duts or (a_dut(),))

        def start(dut: DutTable, due: datetime) -> None:
            started.append((dut.name, due))
            history.attempts.claim(dut.name, due, Path("x"), next_due(dut.at, due, zone))

        stop = Until(clock, utc(end))
        if jump:
            monkeypatch.setattr(stop, "wait", jumping(stop.wait, clock, utc(jump)))
        watch(config, history.attempts, start, stop, AtOnce(ends=ends), now=clock.now, zone=zone)
        return started

    return call


def jumping(
    wait: Callable[[float | None], bool], clock: Clock, to: datetime
) -> Callable[[float | None], bool]:
    """The clock is set after the first wait, as by NTP on a machine that forgets the time."""
    waits = iter([False, True])

    def jump(timeout: float | None = None) -> bool:
        if next(waits, False):
            clock.time = to
        return wait(timeout)

    return jump


class TestWatch:
    def test_every_day_once(self, watching: Watching) -> None:
        started = watching("2026-11-24T12:00:00", "2026-11-27T12:00:00")
        assert started == [("wall", utc(f"2026-11-{day}T02:00:00")) for day in (25, 26, 27)]

    @pytest.mark.parametrize(
        ("begin", "end", "hours"),
        [
            ("2026-03-28T12:00:00", "2026-03-31T12:00:00", ["01:30", "00:30", "00:30"]),
            ("2026-10-24T12:00:00", "2026-10-27T12:00:00", ["00:30", "01:30", "01:30"]),
        ],
    )
    def test_also_when_the_clocks_change(
        self, watching: Watching, begin: str, end: str, hours: list[str]
    ) -> None:
        started = watching(begin, end, a_dut("02:30"), zone=BERLIN)
        assert [f"{due:%H:%M}" for _, due in started] == hours
        days = [due.astimezone(BERLIN).date() for _, due in started]
        assert len(set(days)) == 3

    def test_nobody_has_missed_what_was_never_watched(self, watching: Watching) -> None:
        assert watching("2026-11-24T12:00:00", "2026-11-24T13:00:00") == []

    def test_what_was_due_while_the_bench_was_off_is_handed_on(self, watching: Watching) -> None:
        watching("2026-11-24T12:00:00", "2026-11-24T13:00:00")
        started = watching("2026-11-25T03:00:00", "2026-11-25T04:00:00")
        assert started == [("wall", utc("2026-11-25T02:00:00"))]
        assert watching("2026-11-25T05:00:00", "2026-11-25T06:00:00") == []

    def test_so_is_each_of_several_nights(self, watching: Watching) -> None:
        watching("2026-11-24T12:00:00", "2026-11-24T13:00:00")
        started = watching("2026-11-27T03:00:00", "2026-11-27T04:00:00")
        assert [f"{due:%d}" for _, due in started] == ["25", "26", "27"]

    def test_another_time_of_day_holds_from_the_next_start_on(self, watching: Watching) -> None:
        watching("2026-11-24T12:00:00", "2026-11-24T13:00:00")
        started = watching("2026-11-24T14:00:00", "2026-11-25T12:00:00", a_dut("23:00"))
        assert started == [("wall", utc("2026-11-24T23:00:00"))]

    def test_a_clock_that_is_set_is_noticed(self, watching: Watching) -> None:
        started = watching("2026-01-01T00:00:00", "2026-01-03T02:05:00", jump="2026-01-03T02:00:00")
        assert started == [("wall", utc(f"2026-01-0{day}T02:00:00")) for day in (1, 2, 3)]

    def test_a_run_that_takes_longer_than_a_day_holds_nothing_up(self, watching: Watching) -> None:
        begin, end = "2026-11-24T12:00:00", "2026-11-26T12:00:00"
        started = watching(begin, end, a_dut(), a_dut("03:00", "pole"), ends=False)
        assert [name for name, _ in started] == ["wall", "pole", "wall", "pole"]

    def test_when_each_is_due_next_is_kept(self, watching: Watching, history: History) -> None:
        watching("2026-11-24T12:00:00", "2026-11-25T12:00:00")
        assert history.attempts.next_due("wall") == utc("2026-11-26T02:00:00")
        assert history.attempts.next_due("pole") is None
