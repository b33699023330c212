"""One night: every station that is due is run once, remembered, compared and told.

Owns what happens around a run; the run itself is a `vdoc run` of its own process, so that nothing
that befalls it harms another. Two rules hold whatever is killed when:

- none doubled: a run is claimed in the history under station and due time before it begins, and a
  directory that holds evidence is never run into again;
- none lost: a claim without an end is settled at the next start: what was begun, by what it left;
  what was not, by making the run if it is still in time.

Each attempt has two locks in its directory: `.night` is the scheduler's that cares for it, `.lock`
goes on to the run's process. So both a dead scheduler and a dead run are noticed, and told apart.
Runs of one station, and runs that share an action API, wait for each other in the same way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vdoc.digest import sha256_hex
from vdoc.errors import BenchError, InputError, VdocError
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.compare import compare
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.fetched import fetched_sha256
from vdoc.nightly.finished import EVIDENCE, Known, read_finished
from vdoc.nightly.history import History
from vdoc.nightly.locks import locked
from vdoc.nightly.supervised import LOCK, LOG, Around, Process, StoppedError
from vdoc.nightly.telling import NotRun

_H = 3600.0
_FOREVER_S = 1e9
_NIGHT = ".night"
_WORTH_SAYING_S = 5.0
_LONGEST_H = 24.0
ABANDONED = "the scheduler ended while the run was under way, and the run did not come to its end"
NOT_BEGUN = "the scheduler ended before the run had begun"


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be made.

    Attributes:
        command: with everything but `--out DIR`.
        resources: what no two runs may use at once, such as the address of an action API.
        note: what to remember about the run; may be empty.
    """

    dut: DutTable
    command: tuple[str, ...]
    resources: tuple[str, ...]
    note: str = ""


Outcome = Comparison | NotRun
MakeJob = Callable[[DutTable, Attempt, History, Around], Job]


@dataclass(frozen=True, slots=True)
class Night:
    """Runs stations and settles what earlier nights have left.

    Args:
        config: of the fleet.
        history: open.
        make_job: reads the inputs of a station and says how it is run.
        said: takes a sentence about how it goes on.
        stop: when it is set, runs are ended in order and nothing more is begun.
        resumes: whether what has not begun when `stop` is set is left for the next start.
    """

    config: NightlyConfig
    history: History
    make_job: MakeJob
    said: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    resumes: bool = False

    def run(
        self, dut: DutTable, due: datetime, following: datetime | None = None, note: str = ""
    ) -> Outcome | None:
        """Run a station and return what came of it.

        None when somebody has begun it already, or when it is left for the next start.

        Args:
            dut: which.
            due: when it was due; aware. It names the run.
            following: when it is due next, if the schedule starts this run.
            note: what to remember about it.
        """
        directory = self._place(dut, due)
        with locked(directory / _NIGHT) as mine, locked(directory / LOCK) as own:
            if mine is None or own is None:
                return None
            attempt = self._claimed(Attempt(dut.name, due, directory), following, note)
            return None if attempt is None else self._attempt(dut, attempt, own)

    def skip(
        self, dut: DutTable, due: datetime, because: str, following: datetime | None = None
    ) -> NotRun | None:
        """Remember that a station was due and is not run; None when somebody has begun it."""
        attempt = Attempt(dut.name, due, self._place(dut, due))
        skipped = self.history.attempts.skip(attempt, because, following)
        return None if skipped is None else NotRun(dut.name, because)

    def settle(self, spared: Sequence[tuple[str, datetime]] = ()) -> tuple[Outcome, ...]:
        """Settle what was begun and never ended; a run that is still under way is left alone.

        Args:
            spared: station and due time of what will be run anyway, if it has not begun.
        """
        found = (
            self.take_over(attempt, patient=False)
            for attempt in self.history.attempts.unfinished()
            if (attempt.dut, attempt.due) not in spared or has_begun(attempt)
        )
        return tuple(outcome for outcome in found if outcome is not None)

    def take_over(self, attempt: Attempt, *, patient: bool, again: bool = False) -> Outcome | None:
        """Care for what another scheduler has begun, as soon as that one is gone; then settle it.

        Args:
            attempt: that has no end.
            patient: whether to wait for the other scheduler and for the run; otherwise None is
                returned while either lives, and only a run that takes too long is ended.
            again: whether what has not begun is left as it is, because it will be run.
        """
        wait_s = _FOREVER_S if patient else 0.0
        with locked(attempt.directory / _NIGHT, wait_s=wait_s, stop=self.stop) as mine:
            now = self.history.attempts.find(attempt.dut, attempt.due)
            if mine is None or now is None or now.done:
                return None
            longest_h = next((d.longest_h for d in self.config.dut if d.name == attempt.dut),
                             _LONGEST_H)  # fmt: skip
            process = Process.left(attempt.directory)
            if not patient and process.alive() and process.age_s < longest_h * _H:
                return None
            because = process.watch(longest_h, self.stop)
            if process.alive() or (again and not has_begun(attempt)):
                return None
            return self._settled(attempt, because)

    def _place(self, dut: DutTable, due: datetime) -> Path:
        return self.config.runs / dut.name / due.strftime("%Y%m%dT%H%M%S")

    # --- a run ---

    def _claimed(self, wanted: Attempt, following: datetime | None, note: str) -> Attempt | None:
        """Claim an attempt; also one that was claimed and never begun by somebody who is gone."""
        attempts = self.history.attempts
        attempt = attempts.claim(wanted.dut, wanted.due, wanted.directory, following)
        if attempt is None:
            attempt = attempts.find(wanted.dut, wanted.due)
            if attempt is None or attempt.done or has_begun(attempt):
                return None
            note = "; ".join(filter(None, (note, f"begun anew: {NOT_BEGUN}")))
        if note:
            attempts.note(attempt, note)
        return attempt

    def _attempt(self, dut: DutTable, attempt: Attempt, own: int) -> Outcome | None:
        try:
            because = self._made(dut, attempt, own)
        except StoppedError as error:
            return None if self.resumes else self._not_run(attempt, str(error))
        except VdocError as error:
            return self._not_run(attempt, str(error))
        return self._stored(attempt, because)

    def _made(self, dut: DutTable, attempt: Attempt, own: int) -> str:
        """Make the run; return why it is void by what happened around it."""
        place = self.config.runs / dut.name
        with ExitStack() as held:
            locks = [own, held.enter_context(self._alone(attempt, dut, place / LOCK, dut.name))]
            job = self.make_job(dut, attempt, self.history, Around(own, self.stop))
            for resource in sorted(set(job.resources)):  # in one order, or two wait for each other
                path = self.config.runs / f".lock-{sha256_hex(resource.encode())[:16]}"
                locks.append(held.enter_context(self._alone(attempt, dut, path, resource)))
            if self.stop.is_set():
                raise StoppedError
            if job.note:
                self._note(attempt, job.note)
            self.said(f"{dut.name}: runs in {attempt.directory}")
            command = (*job.command, "--out", str(attempt.directory))
            process = Process.begin(command, attempt.directory, locks)
            return process.watch(dut.longest_h, self.stop)

    @contextmanager
    def _alone(self, attempt: Attempt, dut: DutTable, path: Path, what: str) -> Iterator[int]:
        """Hold the lock of something that no two runs may use at once."""
        asked = time.monotonic()
        with locked(path, wait_s=dut.wait_h * _H, stop=self.stop) as lock:
            if self.stop.is_set():
                raise StoppedError
            if lock is None:
                raise BenchError(f"another run used {what} for longer than {dut.wait_h:g} h")
            waited_s = time.monotonic() - asked
            if waited_s > _WORTH_SAYING_S:
                self._note(attempt, f"waited {waited_s / 60:.0f} min for a run that used {what}")
            yield lock

    def _note(self, attempt: Attempt, text: str) -> None:
        self.history.attempts.note(attempt, text)
        self.said(f"{attempt.dut}: {text}")

    # --- its end ---

    def _stored(self, attempt: Attempt, void: str = "") -> Outcome:
        """Put what a run left into the history; what left nothing was not run.

        Args:
            attempt: of the run.
            void: what happened around it; a run that is whole all the same had ended before.
        """
        try:
            known = Known(attempt.dut, fetched_sha256(attempt.directory))
            finished = read_finished(attempt.directory, known)
            if void and not finished.run.comparable:
                finished = read_finished(attempt.directory, replace(known, void_because=void))
        except InputError as error:
            return self._not_run(attempt, void or _last_words(attempt.directory) or str(error))
        self.history.add(finished)
        self.history.attempts.finish(
            attempt, run=finished.run.id, because=finished.run.void_because
        )
        return compare(self.history, self.history.run(finished.run.id))

    def _settled(self, attempt: Attempt, because: str) -> Outcome:
        self.said(f"{attempt.dut}: settles the run that was due {attempt.due:%Y-%m-%d %H:%M} UTC")
        if not has_begun(attempt):
            return self._not_run(attempt, _last_words(attempt.directory) or because or NOT_BEGUN)
        whole = (attempt.directory / "result.json").exists()
        return self._stored(attempt, because or ("" if whole else ABANDONED))

    def _not_run(self, attempt: Attempt, because: str) -> NotRun:
        self.history.attempts.finish(attempt, because=because)
        return NotRun(attempt.dut, because)


def has_begun(attempt: Attempt) -> bool:
    """Say whether the run of an attempt has met the station: nothing does so before evidence."""
    names = (EVIDENCE, f"{EVIDENCE}.gz")
    return any((attempt.directory / name).exists() for name in names)


def outcome_of(history: History, attempt: Attempt) -> Outcome:
    """Return what came of an attempt that has ended."""
    if attempt.run is None:
        return NotRun(attempt.dut, attempt.because)
    return compare(history, history.run(attempt.run))


def _last_words(directory: Path) -> str:
    """Return the last line that a run wrote to its log; what is indented belongs to one before."""
    try:
        lines = (directory / LOG).read_text("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line[:1].strip()), "")
