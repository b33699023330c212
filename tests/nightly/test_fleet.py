"""All stations: starts that were missed, late or too many, and whatever ends a scheduler."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.nightly.killed import SCRIPT, template
from vdoc.declaration import RunVerdict
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.fleet import Fleet
from vdoc.nightly.history import History
from vdoc.nightly.night import NOT_BEGUN, Job
from vdoc.nightly.pages.site import write_site
from vdoc.nightly.supervised import STOPPED
from vdoc.nightly.telling import News
from vdoc.nightly.telling.markdown import markdown

DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HANGS = 'cp "$TEMPLATE/evidence.jsonl" "$OUT/evidence.jsonl"; exec sleep 60'
MEETS = 'touch "$OUT/../../$NAME"; until test -e "$OUT/../../$OTHER"; do sleep 0.02; done;'
_LIMIT_S = 60


@dataclass
class Stations:
    """A fleet whose runs are shell scripts, and what it has told."""

    directory: Path
    now: datetime = DUE
    script: str = SCRIPT
    resources: dict[str, str] = field(default_factory=dict)
    told: list[News] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def fleet(self, *names: str, **more: float) -> Fleet:
        duts = [{"name": name, "pics": "p", "bench": "b", **more} for name in names or ("wall",)]
        places = {"history": str(self.directory / "h.sqlite"), "runs": str(self.directory / "runs")}
        config = NightlyConfig.model_validate({**places, "dut": duts})
        return Fleet(
            config, self.job, lambda _, news: self.told.append(news), lambda _: None, self.stop,
            lambda: self.now, UTC,
        )  # fmt: skip

    def job(self, dut: DutTable, attempt: Attempt, *_: object) -> Job:
        name = f"{dut.name}-{attempt.due:%d}" + ("n" if dut.name == "pole" else "")
        if not (self.directory / name).exists():
            template(self.directory, name, attempt.due + timedelta(seconds=len(name)))
        other = "pole" if dut.name == "wall" else "wall"
        words = f'TEMPLATE="{self.directory / name}"; OUT="$2"; NAME={dut.name}; OTHER={other}; '
        command = ("sh", "-c", words + self.script, "sh")
        return Job(dut, command, (self.resources.get(dut.name, "http://one"),))

    def history(self) -> History:
        return History(self.directory / "h.sqlite")

    def attempts(self) -> tuple[Attempt, ...]:
        with self.history() as history:
            return history.attempts.all()

    @property
    def text(self) -> str:
        """Everything that people were told."""
        return "\n".join(map(markdown, self.told))

    def watch_until(self, condition: str, fleet: Fleet) -> None:
        """Watch until there is a file of this name."""
        self.stop.clear()

        def look() -> None:
            for _ in range(_LIMIT_S * 50):
                if self.stop.wait(0.02) or any(self.directory.glob(condition)):
                    break
            self.stop.set()

        looking = threading.Thread(target=look)
        looking.start()
        fleet.watch()
        looking.join()

    def clock(self, zone: tzinfo) -> datetime:
        """What APScheduler asks."""
        return self.now.astimezone(zone)


@pytest.fixture
def stations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stations:
    made = Stations(tmp_path)
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", SimpleNamespace(now=made.clock))
    return made


class TestScheduled:
    def test_runs_what_is_due_once(self, stations: Stations) -> None:
        fleet = stations.fleet("wall", "pole")
        stations.now = DUE + timedelta(seconds=10)
        assert [c.now.dut for c in fleet.run_scheduled(fleet.config.dut).comparisons] == [
            "pole", "wall",
        ]  # fmt: skip
        again = fleet.run_scheduled(fleet.config.dut)
        assert (again.comparisons, again.not_run, len(stations.told)) == ((), (), 1)

    def test_a_late_start_is_made_up_for_and_said(self, stations: Stations) -> None:
        fleet = stations.fleet()
        stations.now = DUE + 1.5 * HOUR
        fleet.run_scheduled(fleet.config.dut)
        assert [a.note for a in stations.attempts()] == ["began 90 min late"]
        assert "wall: began 90 min late" in stations.text
        with stations.history() as history:
            write_site(history, stations.directory / "site")
        (page,) = (stations.directory / "site" / "run").glob("*.html")
        assert "began 90 min late" in page.read_text("utf-8")

    def test_one_that_is_too_late_is_skipped_and_said(self, stations: Stations) -> None:
        fleet = stations.fleet()
        stations.now = DUE + 5 * HOUR
        news = fleet.run_scheduled(fleet.config.dut)
        assert "came 5.0 h late, allowed are 4 h" in news.not_run[0].because
        assert "wall was not run" in stations.text

    def test_every_night_of_a_long_absence_is_said(self, stations: Stations) -> None:
        fleet = stations.fleet()
        fleet.run_scheduled(fleet.config.dut)
        stations.now = DUE + 3 * DAY
        news = fleet.run_scheduled(fleet.config.dut)
        assert [a.state for a in stations.attempts()] == ["run", "not run", "not run", "run"]
        assert (len(news.comparisons), len(news.not_run)) == (1, 2)

    def test_what_was_claimed_and_not_begun_is_run_if_in_time(self, stations: Stations) -> None:
        fleet = stations.fleet()
        with stations.history() as history:
            history.attempts.claim("wall", DUE, stations.directory / "runs/wall/20261124T020000",
                                   DUE + DAY)  # fmt: skip
        stations.now = DUE + HOUR
        fleet.run_scheduled(fleet.config.dut)
        (attempt,) = stations.attempts()
        assert (attempt.state, attempt.because) == ("run", "")
        assert NOT_BEGUN in attempt.note

    def test_and_settled_if_not(self, stations: Stations) -> None:
        fleet = stations.fleet()
        with stations.history() as history:
            history.attempts.claim("wall", DUE, stations.directory / "x", DUE + DAY)
        stations.now = DUE + 9 * HOUR
        news = fleet.run_scheduled(fleet.config.dut)
        assert [n.because for n in news.not_run] == [NOT_BEGUN]


class TestSeveral:
    def test_on_two_action_apis_they_run_side_by_side(self, stations: Stations) -> None:
        stations.script = MEETS + SCRIPT  # each waits for the other
        stations.resources = {"wall": "http://one", "pole": "http://two"}
        fleet = stations.fleet("wall", "pole")
        news = fleet.run(fleet.config.dut, DUE)
        assert [c.now.verdict for c in news.comparisons] == [RunVerdict.PASS] * 2

    def test_how_long_one_waited_for_another_is_said(
        self, stations: Stations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("vdoc.nightly.night._WORTH_SAYING_S", -1.0)  # even no time at all
        fleet = stations.fleet("wall", "pole")
        news = fleet.run(fleet.config.dut, DUE)
        assert [c.now.verdict for c in news.comparisons] == [RunVerdict.PASS] * 2
        assert [n.partition(": ")[0] for n in news.notes] == ["pole", "wall"]
        assert news.notes[0].endswith("waited 0 min for a run that used http://one")

    def test_a_second_start_of_a_station_waits_for_the_first(self, stations: Stations) -> None:
        fleet = stations.fleet(wait_h=0)
        stations.script = HANGS
        thread = threading.Thread(target=lambda: fleet.run(fleet.config.dut, DUE))
        thread.start()
        path = stations.directory / "runs/wall/20261124T020000/evidence.jsonl"
        while not path.exists():
            thread.join(0.02)
        news = fleet.run(fleet.config.dut, DUE + DAY)
        assert [n.because for n in news.not_run] == ["another run used wall for longer than 0 h"]
        stations.stop.set()
        thread.join()


class TestTold:
    def test_what_was_finished_and_not_told_is_told_at_the_next_start(
        self, stations: Stations
    ) -> None:
        def broken(_: History, __: News) -> None:
            raise OSError("no space left on device")

        fleet = stations.fleet()
        dead = Fleet(fleet.config, stations.job, broken, lambda _: None, zone=UTC)
        with pytest.raises(OSError, match="no space"):
            dead.run(fleet.config.dut, DUE)
        assert [a.told for a in stations.attempts()] == [False]
        fleet.run(fleet.config.dut, DUE)
        assert len(stations.told[0].comparisons) == 1
        assert [a.told for a in stations.attempts()] == [True]


class TestWatcher:
    def scheduled(self, stations: Stations, *names: str) -> None:
        with stations.history() as history:
            for name in names:
                history.attempts.schedule(name, DUE)

    def test_told_to_end_in_a_run_it_is_void_and_the_next_night_goes_on(
        self, stations: Stations
    ) -> None:
        self.scheduled(stations, "wall")
        stations.script = HANGS
        stations.watch_until("runs/wall/*/evidence.jsonl", stations.fleet())
        assert [(a.state, a.because) for a in stations.attempts()] == [("run", STOPPED)]
        assert STOPPED in stations.text
        assert [c.now.verdict for c in stations.told[0].comparisons] == [RunVerdict.VOID]
        stations.script = SCRIPT
        stations.now = DUE + HOUR
        stations.watch_until("*", stations.fleet())  # comes back at once: nothing is due
        stations.now = DUE + DAY
        stations.watch_until("runs/wall/20261125T020000/result.json", stations.fleet())
        assert [a.because for a in stations.attempts()] == [STOPPED, ""]

    def test_what_had_not_begun_is_run_by_the_next_one(self, stations: Stations) -> None:
        self.scheduled(stations, "wall", "pole")
        stations.script = HANGS  # and the other waits for the action API
        stations.watch_until("runs/*/*/evidence.jsonl", stations.fleet("wall", "pole"))
        ended = {a.dut: a.state for a in stations.attempts()}
        assert sorted(ended.values()) == ["run", "under way"]
        stations.script = SCRIPT
        waited = next(name for name, state in ended.items() if state == "under way")
        fleet = stations.fleet("wall", "pole")
        stations.watch_until(f"runs/{waited}/*/result.json", fleet)
        assert {a.dut: (a.state, a.told) for a in stations.attempts()} == {
            "wall": ("run", True), "pole": ("run", True),
        }  # fmt: skip
