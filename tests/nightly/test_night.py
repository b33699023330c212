"""Nights with runs of every kind, and with a scheduler that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vdoc.declaration import RunVerdict
from vdoc.errors import BenchError
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.finished import CUT_OFF
from vdoc.nightly.history import History
from vdoc.nightly.locks import is_held
from vdoc.nightly.night import ABANDONED, NOT_BEGUN, Job, Night
from vdoc.nightly.supervised import LOCK, OVERLONG, PID, STOPPED, Around
from vdoc.nightly.telling import NotRun

DUE = datetime(2026, 11, 24, 2, tzinfo=UTC)
A_RUN = Path(__file__).parent / "a_run.py"
MakeNight = Callable[..., Night]


def a_dut(name: str = "wall", **more: float) -> DutTable:
    return DutTable.model_validate({"name": name, "pics": "p.toml", "bench": "b.toml", **more})


@pytest.fixture
def night(tmp_path: Path, history: History) -> MakeNight:
    def make(kind: str = "pass", resource: str = "http://api") -> Night:
        config = NightlyConfig.model_validate(
            {
                "history": str(history.path), "runs": str(tmp_path / "runs"),
                "dut": [{"name": "wall", "pics": "p.toml", "bench": "b.toml"}],
            }
        )  # fmt: skip
        command = (sys.executable, str(A_RUN), kind)
        return Night(
            config, history, lambda dut, *_: Job(dut, command, (resource,)), lambda _: None
        )

    return make


class TestOneRun:
    @pytest.mark.parametrize("kind", ["pass", "fail", "void"])
    def test_is_remembered_and_compared(
        self, night: MakeNight, history: History, kind: str
    ) -> None:
        found = night(kind).run(a_dut(), DUE)
        assert isinstance(found, Comparison)
        assert found.now == history.runs()[0]
        assert (found.now.dut, found.now.verdict) == ("wall", RunVerdict(kind))
        (attempt,) = history.attempts.all()
        assert (attempt.done, attempt.run) == (True, found.now.id)

    def test_is_never_made_twice(self, night: MakeNight, history: History) -> None:
        assert night().run(a_dut(), DUE) is not None
        assert night().run(a_dut(), DUE) is None
        assert night().run(a_dut(), DUE + timedelta(days=1)) is not None
        assert len(history.runs()) == 2

    def test_one_that_could_not_begin_says_why(self, night: MakeNight, history: History) -> None:
        found = night("nothing").run(a_dut(), DUE)
        assert found == NotRun("wall", "the station's PICS is no TOML")
        assert history.attempts.all()[0].because == "the station's PICS is no TOML"

    def test_one_that_died_is_void(self, night: MakeNight) -> None:
        found = night("killed").run(a_dut(), DUE)
        assert isinstance(found, Comparison)
        assert found.now.void_because == CUT_OFF

    def test_one_that_takes_too_long_is_ended_and_said(
        self, night: MakeNight, history: History
    ) -> None:
        night("hang").run(a_dut(longest_h=1 / 3600), DUE)
        (attempt,) = history.attempts.all()
        assert attempt.because == OVERLONG.format(hours=1 / 3600)

    def test_a_scheduler_that_is_told_to_end_ends_its_run(self, night: MakeNight) -> None:
        made = night("hang")
        mark = made.config.runs / "wall" / f"{DUE:%Y%m%dT%H%M%S}" / "hangs"

        def stop() -> None:
            wait_for(mark.exists)
            made.stop.set()

        threading.Thread(target=stop).start()
        found = made.run(a_dut(), DUE)
        assert isinstance(found, Comparison)
        assert found.now.void_because == STOPPED
        assert made.run(a_dut("pole"), DUE) == NotRun("pole", STOPPED)

    def test_inputs_that_cannot_be_used(self, history: History, night: MakeNight) -> None:
        def refuse(dut: DutTable, _: Attempt, history: History, __: Around) -> Job:
            raise BenchError(f"no route to {dut.name} {history.path.name}")

        broken = Night(night().config, history, refuse, lambda _: None)
        assert broken.run(a_dut(), DUE) == NotRun("wall", "no route to wall history.sqlite")

    def test_a_skipped_one_is_remembered(self, night: MakeNight, history: History) -> None:
        assert night().skip(a_dut(), DUE, "the bench was off") == NotRun(
            "wall", "the bench was off"
        )
        assert night().run(a_dut(), DUE) is None
        assert history.attempts.all()[0].because == "the bench was off"


class TestOneActionApi:
    def test_runs_wait_for_each_other(self, night: MakeNight, history: History) -> None:
        def second() -> None:
            with History(history.path) as own:
                other = night()
                Night(other.config, own, other.make_job, other.said).run(a_dut("pole"), DUE)

        thread = threading.Thread(target=second)
        thread.start()
        night().run(a_dut(), DUE)
        thread.join()
        (later, earlier) = history.runs()
        assert earlier.started + timedelta(seconds=earlier.seconds) <= later.started

    def test_waiting_ends(self, night: MakeNight) -> None:
        with hanging(night) as scheduler:
            found = night().run(a_dut("pole", wait_h=0), DUE)
            assert isinstance(found, NotRun)
            assert "another run used http://api" in found.because
            other = night(resource="http://other").run(a_dut("post", wait_h=0), DUE)
            assert isinstance(other, Comparison)
        assert scheduler.returncode is not None


class TestAKilledScheduler:
    def test_a_run_that_goes_on_is_left_alone_and_settled_later(
        self, night: MakeNight, history: History
    ) -> None:
        with hanging(night):
            assert night().settle() == ()
            assert night().run(a_dut(), DUE) is None
        (found,) = night().settle()
        assert isinstance(found, Comparison)
        assert (found.now.verdict, found.now.void_because) == (RunVerdict.VOID, ABANDONED)
        assert [run.id for run in history.runs()] == [found.now.id]
        assert night().settle() == ()

    def test_a_claim_that_left_nothing(self, night: MakeNight, history: History) -> None:
        history.attempts.claim("wall", DUE, night().config.runs / "wall" / "x")
        (found,) = night().settle()
        assert found == NotRun("wall", NOT_BEGUN)

    def test_a_run_that_ended_well_by_itself_counts(
        self, night: MakeNight, history: History
    ) -> None:
        made = night()
        directory = made.config.runs / "wall" / "x"
        history.attempts.claim("wall", DUE, directory)
        directory.mkdir(parents=True)
        subprocess.run([sys.executable, str(A_RUN), "pass", "--out", str(directory)], check=True)
        (found,) = made.settle()
        assert isinstance(found, Comparison)
        assert found.now.verdict is RunVerdict.PASS


class hanging:  # noqa: N801  # reads like a word
    """A scheduler that was killed with SIGKILL while its run goes on."""

    def __init__(self, night: MakeNight) -> None:
        made = night("hang")
        self.mark = made.config.runs / "wall" / f"{DUE:%Y%m%dT%H%M%S}" / "hangs"
        program = (
            "import os, sys; sys.path.insert(0, sys.argv[1])\n"
            "from tests.nightly.test_night import *\n"
            "history = History(Path(sys.argv[2]))\n"
            "config = NightlyConfig.model_validate({'history': sys.argv[2], 'runs': sys.argv[3],\n"
            "  'dut': [{'name': 'wall', 'pics': 'p', 'bench': 'b'}]})\n"
            "command = (sys.executable, str(A_RUN), 'hang')\n"
            "Night(config, history, lambda d, *_: Job(d, command, ('http://api',)), print)"
            ".run(a_dut(), DUE)\n"
        )
        arguments = (A_RUN.parents[2], made.history.path, made.config.runs)
        self.scheduler = subprocess.Popen([sys.executable, "-c", program, *map(str, arguments)])

    def __enter__(self) -> subprocess.Popen[bytes]:
        wait_for(self.mark.exists)
        self.scheduler.kill()
        self.scheduler.wait()
        return self.scheduler

    def __exit__(self, *_: object) -> None:
        """End the run as a reboot of the bench does."""
        pid = int(self.mark.with_name(PID).read_text())
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_held(self.mark.with_name(LOCK)))


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)
