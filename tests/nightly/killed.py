"""`python killed.py WAY AFTER DIR`: kills a scheduler at each step, then lets another go on.

A step is whatever reaches beyond the process: a commit of the history (before and after), a file
written, replaced or removed, a process begun, the first look at a run. For the k-th step, for every
k there is, a fresh fleet is run in a forked process that kills itself (SIGKILL) at it; another one
then runs to its end. Prints as JSON what is found afterwards, one object for each k.

WAY is how the nights are run: `run`, `scheduled` or `watch`. AFTER says what becomes of a run whose
scheduler was killed: it `goes-on`, or is killed too, as when the bench is rebooted (`reboots`).
The run is a shell script that leaves what a run leaves, and refuses to run twice into a directory.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from apscheduler.schedulers import base
from sqlite_utils import Database

from tests.nightly.made import RunDirectory  # after the path is known
from vdoc.nightly import locks, supervised
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.finished import EVIDENCE
from vdoc.nightly.fleet import Fleet
from vdoc.nightly.history import History
from vdoc.nightly.night import Job
from vdoc.nightly.telling import News
from vdoc.nightly.telling.everybody import tell
from vdoc.nightly.telling.markdown import markdown

LOOKS_ON = "looks on"
DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)
NOW = DUE + timedelta(minutes=1)
NAMES = ("pole", "wall")
# Evidence comes first and is never overwritten; half of it is there for a while.
SCRIPT = """
set -C
if ! head -n 3 "$TEMPLATE/evidence.jsonl" > "$OUT/evidence.jsonl"; then
  echo "$OUT" >> "$DOUBLED"; exit 1
fi
tail -n +4 "$TEMPLATE/evidence.jsonl" >> "$OUT/evidence.jsonl"
cp "$TEMPLATE/result.json" "$OUT/result.json"
"""


@dataclass
class Steps:
    """Counts steps, and kills its process at one of them."""

    fatal: int
    reboots: Callable[[], None]
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self) -> None:
        with self.lock:
            self.count += 1
            if self.count == self.fatal:
                self.reboots()
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Make a step before and after each call of a function."""
        original = getattr(owner, name)

        def stepping(*arguments: Any, **named: Any) -> Any:
            self()
            found = original(*arguments, **named)
            self()
            return found

        setattr(owner, name, stepping)

    def instrument(self) -> None:
        """Make steps of whatever reaches beyond this process."""
        for owner, names in (
            (Path, ("write_text", "write_bytes", "replace", "unlink", "mkdir")),
            (subprocess, ("Popen",)),
            (supervised.Process, ("watch",)),
        ):
            for name in names:
                self.around(owner, name)
        writing = History.writing

        @contextmanager
        def stepping(history: History) -> Iterator[Database]:
            with writing(history) as db:
                yield db
                self()
            self()

        History.writing = stepping  # type: ignore[method-assign,assignment]


@dataclass
class Scene:
    """One fleet in one directory."""

    directory: Path
    templates: Path
    way: str

    @property
    def config(self) -> NightlyConfig:
        duts = [{"name": name, "pics": "p.toml", "bench": "b.toml"} for name in NAMES]
        place = {"history": str(self.directory / "h.sqlite"), "runs": str(self.directory / "runs")}
        return NightlyConfig.model_validate({**place, "dut": duts})

    def job(self, dut: DutTable, *_: object) -> Job:
        words = (
            f"TEMPLATE={self.templates / dut.name}; DOUBLED={self.directory / 'doubled'}; OUT=$2"
        )
        return Job(dut, ("sh", "-c", f"{words}{SCRIPT}", "sh"), ("http://one",))

    def nights(self, stop: threading.Event) -> None:
        """Run both stations as the way says, until all is done and told."""

        def told(history: History, news: News) -> None:
            with (self.directory / "told.jsonl").open("a") as file:
                names = [c.now.dut for c in news.comparisons] + [n.dut for n in news.not_run]
                file.write(json.dumps({"duts": names, "text": markdown(news)}) + "\n")
            tell(self.config, history, news, lambda _: None)

        fleet = Fleet(self.config, self.job, told, lambda _: None, stop, lambda: NOW, UTC)
        match self.way:
            case "run":
                fleet.run(self.config.dut, DUE)
            case "scheduled":
                fleet.run_scheduled(self.config.dut)
            case _:
                threading.Thread(target=self._stop_when_done, args=[stop], name=LOOKS_ON).start()
                fleet.watch()

    def _stop_when_done(self, stop: threading.Event) -> None:
        """What tells a watcher to end; makes no steps."""
        done = False
        while not done:
            done = stop.wait(0.02)
            with closing(sqlite3.connect(self.config.history)) as db:
                told = db.execute("select count(*) from attempt where told and state = 'done'")
                done = done or told.fetchone()[0] == len(NAMES)
        stop.set()

    def kill_runs(self) -> None:
        """End whatever runs, as a reboot does."""
        for file in self.directory.glob("runs/*/*/run.pid"):
            with suppress(ProcessLookupError, ValueError):
                os.killpg(int(file.read_text()), signal.SIGKILL)

    def found(self) -> dict[str, Any]:
        with History(self.config.history) as history:
            attempts, runs = history.attempts.all(), history.runs()
        told = (self.directory / "told.jsonl").read_text().splitlines()
        return {
            "attempts": [[a.dut, a.due.isoformat(), a.state, a.told] for a in attempts],
            "runs": sorted([r.dut, r.verdict.value, r.void_because] for r in runs),
            "evidence": sorted(f.parent.parent.name for f in self.directory.rglob(EVIDENCE)),
            "whole": sorted(f.parent.parent.name for f in self.directory.rglob("result.json")),
            "doubled": (self.directory / "doubled").exists(),
            "told": [json.loads(line) for line in told],
            "left": sorted(f.name for f in (self.directory / "runs").glob(".*.*")
                           if f.suffix != ".telling" and not f.name.startswith(".lock")),
        }  # fmt: skip


def killed_at(k: int, scene: Scene, *, reboots: bool) -> bool:
    """Run a scheduler that is killed at its k-th step; False when it ended before."""
    pid = os.fork()
    if pid == 0:
        Steps(k, scene.kill_runs if reboots else lambda: None).instrument()
        scene.nights(threading.Event())
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def one_more(scene: Scene) -> None:
    """Run a scheduler to its end; where it does not wait for a run that goes on, twice."""
    for _ in range(1 if scene.way == "watch" else 2):
        pid = os.fork()
        if pid == 0:
            scene.nights(threading.Event())
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        for file in scene.directory.glob("runs/*/*/.lock"):
            with locks.locked(file, wait_s=20):
                pass  # nothing runs any more


def template(directory: Path, name: str, moment: datetime) -> None:
    """Leave what a run of a station leaves."""
    made = RunDirectory(directory / name)
    made.clock.wall = int(moment.timestamp()) * 10**9
    made.start()
    made.begin("TC_B_06_CS")
    made.check()
    made.verdict("pass")
    made.end()


def main(way: str, after: str, directory: Path) -> None:
    """Kill at every step there is."""
    base.datetime = SimpleNamespace(now=NOW.astimezone)
    locks._POLL_S = supervised._POLL_S = 0.01
    for number, name in enumerate(NAMES):
        template(directory, name, DUE + timedelta(seconds=number))
    found, k, killed = [], 0, True
    while killed:
        k += 1
        scene = Scene(directory / str(k), directory, way)
        scene.directory.mkdir()
        with History(scene.config.history) as history:
            for name in NAMES:
                history.attempts.schedule(name, DUE)
        killed = killed_at(k, scene, reboots=after == "reboots")
        one_more(scene)
        found.append({"k": k, "killed": killed, **scene.found()})
        shutil.rmtree(scene.directory)
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
