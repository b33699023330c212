"""One night: every station that is due is run once, remembered, compared and told.

Owns what happens around a run; the run itself is a `vdoc run` of its own process, so that nothing
that befalls it harms another. Two rules hold whatever is killed when:

- none doubled: a run is claimed in the history under station and due time before it begins;
- none lost: a claim without an end is settled at the next start, by whatever it left.

Runs that share an action API wait for each other, by a lock on a file that the run's process holds
as well: it lasts as long as that process, even when the scheduler has died.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vdoc.digest import sha256_hex
from vdoc.errors import BenchError, InputError, VdocError
from vdoc.nightly.compare import Comparison, compare
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.fetched import fetched_sha256
from vdoc.nightly.finished import Known, read_finished
from vdoc.nightly.history import Attempt, History
from vdoc.nightly.telling import NotRun

_H = 3600.0
_POLL_S = 0.2
_END_S = 60.0
OVERLONG = "the run took longer than {hours:g} h and was ended"
STOPPED = "the scheduler was told to end"
ABANDONED = "the scheduler ended while the run was under way, and the run did not come to its end"


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be made.

    Attributes:
        command: with everything but `--out DIR`.
        resource: what no two runs may use at once: the address of the action API.
    """

    dut: DutTable
    command: tuple[str, ...]
    resource: str


Outcome = Comparison | NotRun
MakeJob = Callable[[DutTable, Attempt, History], Job]


@dataclass(frozen=True, slots=True)
class Night:
    """Runs stations and settles what earlier nights have left.

    Args:
        config: of the fleet.
        history: open.
        make_job: reads the inputs of a station and says how it is run.
        said: takes a sentence about how it goes on.
        stop: when it is set, runs are ended in order and nothing more is begun.
    """

    config: NightlyConfig
    history: History
    make_job: MakeJob
    said: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, dut: DutTable, due: datetime) -> Outcome | None:
        """Run a station and return what came of it; None when somebody has begun it already.

        Args:
            dut: which.
            due: when it was due; aware. It names the run.
        """
        stamp = due.strftime("%Y%m%dT%H%M%S")
        directory = self.config.runs / dut.name / stamp
        with _locked(directory / ".lock", wait_s=0.0) as own:
            attempt = None if own is None else self.history.claim(dut.name, due, directory)
            if attempt is None or own is None:
                return None
            try:
                return self._attempt(dut, attempt, own)
            except VdocError as error:
                because = str(error)
                self.history.finish(attempt, because=because)
                return NotRun(dut.name, because)

    def settle(self) -> tuple[Outcome, ...]:
        """Settle what was begun and never ended; a run that is still under way is left alone."""
        settled = []
        for attempt in self.history.attempts(unfinished=True):
            with _locked(attempt.directory / ".lock", wait_s=0.0) as own:
                if own is not None:
                    settled.append(self._settled(attempt))
        return tuple(settled)

    def skip(self, dut: DutTable, due: datetime, because: str) -> NotRun | None:
        """Remember that a station was due and is not run; None when somebody has begun it."""
        attempt = self.history.claim(dut.name, due, self.config.runs / dut.name)
        if attempt is None:
            return None
        self.history.finish(attempt, because=because)
        return NotRun(dut.name, because)

    # --- a run ---

    def _attempt(self, dut: DutTable, attempt: Attempt, own: int) -> Outcome:
        job = self.make_job(dut, attempt, self.history)
        shared = self.config.runs / f".lock-{sha256_hex(job.resource.encode())[:16]}"
        with _locked(shared, wait_s=dut.wait_h * _H, stop=self.stop) as lock:
            if self.stop.is_set():
                raise BenchError(STOPPED)
            if lock is None:
                raise BenchError(
                    f"another run used {job.resource} for longer than {dut.wait_h:g} h"
                )
            self.said(f"{dut.name}: runs in {attempt.directory}")
            void = _run(job, attempt.directory, (own, lock), self.stop)
        return self._stored(attempt, void)

    def _stored(self, attempt: Attempt, void: str = "") -> Outcome:
        """Put what a run left into the history; what left nothing was not run."""
        try:
            known = Known(attempt.dut, fetched_sha256(attempt.directory), void)
            finished = read_finished(attempt.directory, known)
        except InputError as error:
            because = void or _last_words(attempt.directory) or str(error)
            self.history.finish(attempt, because=because)
            return NotRun(attempt.dut, because)
        self.history.add(finished)
        self.history.finish(attempt, run=finished.run.id, because=finished.run.void_because)
        return compare(self.history, self.history.run(finished.run.id))

    def _settled(self, attempt: Attempt) -> Outcome:
        whole = (attempt.directory / "result.json").exists()
        outcome = self._stored(attempt, "" if whole else ABANDONED)
        self.said(f"{attempt.dut}: settled the run that was due {attempt.due:%Y-%m-%d %H:%M} UTC")
        return outcome


def _run(job: Job, directory: Path, locks: Sequence[int], stop: threading.Event) -> str:
    """Make a run as a process of its own; return why it is void by what happened around it."""
    command = [*job.command, "--out", str(directory)]
    with (directory / "run.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own command
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=locks,
            start_new_session=True,
        )  # fmt: skip
    limit = time.monotonic() + job.dut.longest_h * _H
    while process.poll() is None:
        if stop.wait(_POLL_S):
            _end(process)
            return STOPPED
        if time.monotonic() > limit:
            _end(process)
            return OVERLONG.format(hours=job.dut.longest_h)
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a run in order, so that it seals its evidence; after a minute by force."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(directory: Path) -> str:
    """Return the last line that a run wrote to its log."""
    try:
        lines = (directory / "run.log").read_text("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


@contextmanager
def _locked(
    path: Path, *, wait_s: float, stop: threading.Event | None = None
) -> Iterator[int | None]:
    """Hold the lock of a file; yields None when another process holds it for longer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    stop = stop or threading.Event()
    try:
        limit = time.monotonic() + wait_s
        while not (own := _try_lock(descriptor)) and time.monotonic() < limit:
            if stop.wait(_POLL_S):
                break
        yield descriptor if own else None
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
