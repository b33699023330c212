"""When a station is due, in a time zone whose clocks change."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.schedule import last_due, too_late, watch


def a_dut(at: str = "02:00", name: str = "wall") -> DutTable:
    table = {"name": name, "pics": "p.toml", "bench": "b.toml", "at": at}
    return DutTable.model_validate(table)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    clock.tzset()
    yield
    monkeypatch.undo()
    clock.tzset()


@pytest.mark.usefixtures("in_berlin")
class TestLastDue:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("2026-11-24T01:00:00", "2026-11-24T01:00:00"),  # to the second
            ("2026-11-24T00:59:59", "2026-11-23T01:00:00"),
            ("2026-11-24T12:00:00", "2026-11-24T01:00:00"),
            ("2026-07-01T12:00:00", "2026-07-01T00:00:00"),  # summer
            ("2026-10-25T12:00:00", "2026-10-25T00:00:00"),  # 02:00 comes twice: the first
            ("2026-03-29T12:00:00", "2026-03-29T00:00:00"),  # 02:00 does not come: still once
        ],
    )
    def test_follows_the_local_clock(self, now: str, expected: str) -> None:
        assert last_due(time(2), utc(now)) == utc(expected)


class TestTooLate:
    DUE = utc("2026-11-24T02:00:00")

    def test_within_late_h_it_is_made_up_for(self) -> None:
        assert too_late(a_dut(), self.DUE, self.DUE + timedelta(hours=4)) == ""

    def test_later_it_is_skipped_and_said(self) -> None:
        because = too_late(a_dut(), self.DUE, self.DUE + timedelta(hours=9))
        assert "did not run at 2026-11-24 02:00 UTC and came 9.0 h late" in because


class TestWatch:
    def test_starts_missed_and_due_ones_and_awaits_them(self) -> None:
        soon = datetime.now().astimezone() + timedelta(seconds=1.5)
        duts = (a_dut(f"{soon:%H:%M:%S}"), a_dut("00:00", "pole"))
        config = NightlyConfig(history=Path("h.sqlite"), runs=Path("runs"), dut=duts)
        stop, seen = threading.Event(), []

        def start(dut: DutTable, due: datetime) -> None:
            seen.append((dut.name, due))
            if len(seen) == 3:
                stop.set()

        threading.Timer(20, stop.set).start()
        watch(config, start, stop)
        names = sorted(name for name, _ in seen)
        assert names == ["pole", "wall", "wall"]
        dues = sorted(due for name, due in seen if name == "wall")
        assert dues[1] - dues[0] == timedelta(days=1)
        assert dues[1] == soon.replace(microsecond=0)
