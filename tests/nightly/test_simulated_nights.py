"""A fortnight with the reference station: what was planted is named, and nothing else.

Every night is a `vdoc nightly run` against a station process: scheduler, run, provision and fetch
commands are what a user has, with short configured waits. Response times take part: those of a
machine that shares its cores must not look like the station's.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.nightly.fortnight import DUT, Bench, wait_for
from vdoc.nightly.compare import compare
from vdoc.nightly.comparison import Change
from vdoc.nightly.history import History
from vdoc.nightly.locks import is_held
from vdoc.nightly.night import ABANDONED
from vdoc.nightly.supervised import LOCK

IN_THE_MIDDLE = 150  # of some 400 lines
FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)
OLD, NEW, NEWEST = "3.2.1", "3.3.0", "3.3.1"
# Each defect breaks exactly one of the night's cases.
REMOVAL, VERSION, EMPTY, UNSTEADY = (
    "local-list-removal-fails", "local-list-old-version-accepted",
    "local-list-empty-has-no-version", "local-list-version-when-disabled",
)  # fmt: skip
D_03, D_06, D_04, D_10 = ("TC_D_03_CS",), ("TC_D_06_CS",), ("TC_D_04_CS",), ("TC_D_10_CS",)
SMALLER = ("DeviceDataCtrlr.ReportingValueSize=2000",)
SEEN_SMALLER = (("DeviceDataCtrlr.ReportingValueSize", "value", "2500", "2000"),)


@dataclass(frozen=True)
class Named:
    """What the comparison of a night names."""

    newly_failing: tuple[str, ...] = ()
    newly_passing: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()
    device_model: tuple[tuple[str, str, str, str], ...] = ()
    response_times: tuple[str, ...] = ()
    same_firmware: bool = True


@dataclass(frozen=True)
class Night:
    """What is planted in a night, and what must be named."""

    firmware: str
    defects: tuple[str, ...] = ()
    named: Named | None = Named()
    unplugged: bool = False
    reboot: bool = False
    scheduler_killed: bool = False

    @property
    def factory(self) -> tuple[str, ...]:
        """What the new firmware changes in the device model."""
        return () if self.firmware == OLD else SMALLER


NIGHTS = (
    Night(OLD, named=Named(same_firmware=False)),
    Night(OLD, (UNSTEADY,), Named(newly_failing=D_10)),  # the first time cannot be told apart
    Night(OLD, (), Named(flaky=D_10)),
    Night(OLD, (REMOVAL,), Named(newly_failing=D_03, flaky=D_10)),
    Night(OLD, (REMOVAL, UNSTEADY), Named(still_failing=D_03, flaky=D_10)),
    Night(OLD, (REMOVAL,), named=None, reboot=True),
    Night(OLD, (REMOVAL,), Named(still_failing=D_03, flaky=D_10)),
    Night(
        NEW,
        (VERSION,),
        Named(D_06, D_03, flaky=D_10, device_model=SEEN_SMALLER, same_firmware=False),
    ),
    Night(NEW, (VERSION,), named=None, unplugged=True),
    Night(NEW, (VERSION, UNSTEADY), Named(still_failing=D_06, flaky=D_10)),
    Night(NEW, (VERSION, EMPTY), Named(newly_failing=D_04, still_failing=D_06, flaky=D_10)),
    Night(
        NEW,
        (EMPTY,),
        Named(newly_passing=D_06, still_failing=D_04, flaky=D_10),
        scheduler_killed=True,
    ),
    Night(NEWEST, (), Named(newly_passing=D_04, flaky=D_10, same_firmware=False)),
    Night(NEWEST, (), Named(flaky=D_10)),
)


@pytest.mark.long
def test_the_comparison_names_what_was_planted_and_nothing_else(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    assert len(NIGHTS) == 14
    for number, night in enumerate(NIGHTS):
        due = FIRST + timedelta(days=number)
        printed = run(bench, night, due)
        assert named(bench, due) == night.named, f"night {number + 1}: {printed}"
        if night.named is None:
            assert bench.attempt(due).because in printed
    with History(tmp_path / "history.sqlite") as history:
        assert [a.due for a in history.attempts.all()] == [
            FIRST + timedelta(days=number) for number in range(14)
        ]
        assert all(a.done and a.told for a in history.attempts.all())


@pytest.mark.long
def test_killed_at_other_points_no_run_is_lost_and_none_doubled(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    points = ((1, True), (60, False), (250, True))
    for number, (line, reboot) in enumerate(points):
        due = FIRST + timedelta(days=number)
        night = Night(OLD, reboot=reboot, scheduler_killed=not reboot)
        run(bench, night, due, line)
        attempt = bench.attempt(due)
        assert (attempt.state, attempt.told) == ("run", True)
        assert attempt.because == (ABANDONED if reboot else "")
    with History(tmp_path / "history.sqlite") as history:
        assert [r.comparable for r in history.runs()] == [False, True, False]


def run(bench: Bench, night: Night, due: datetime, line: int = IN_THE_MIDDLE) -> str:
    """Make the run of a night, and return what people are told."""
    bench.firmware(night.firmware)
    station = bench.station(night.defects, night.factory)
    with nullcontext() if night.unplugged else station:
        printed = bench.run(due, disturbance(bench, night, due, line))
        if night.scheduler_killed:  # the run goes on by itself, and is settled afterwards
            wait_for(lambda: not is_held(bench.place(due) / LOCK))
    if night.reboot or night.scheduler_killed:
        printed = bench.run(due, lambda _: None)
    if night.reboot:
        assert bench.attempt(due).because == ABANDONED
    return " ".join(printed.read_text("utf-8").split())


def disturbance(
    bench: Bench, night: Night, due: datetime, line: int = IN_THE_MIDDLE
) -> Callable[[subprocess.Popen[bytes]], None]:
    """What befalls the scheduler, and its run, at a line of the evidence."""

    def kill(scheduler: subprocess.Popen[bytes]) -> None:
        bench.at_line(due, line)
        scheduler.send_signal(signal.SIGKILL)
        scheduler.wait()
        if night.reboot:
            bench.kill_run(due)

    return kill if night.reboot or night.scheduler_killed else lambda _: None


def named(bench: Bench, due: datetime) -> Named | None:
    """What the comparison says; None when there is nothing to compare."""
    attempt = bench.attempt(due)
    with History(bench.directory / "history.sqlite") as history:
        found = None if attempt.run is None else compare(history, history.run(attempt.run))
    if found is None or not found.now.comparable:
        return None
    assert found.now.dut == DUT
    return Named(
        cases(found.newly_failing),
        cases(found.newly_passing),
        cases(found.still_failing),
        tuple(each.now.case for each in found.flaky),
        tuple((c.variable, c.attribute, c.before, c.now) for c in found.device_model),
        tuple(f"{d.parameter} {d.before_s} -> {d.now_s}" for d in found.drifts),
        found.same_firmware,
    )


def cases(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(change.now.case for change in changes)
