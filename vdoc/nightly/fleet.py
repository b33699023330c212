"""All stations of a nightly.toml: run now, run as scheduled, or watched over.

Owns which thread does what, and that whatever came of an attempt is told: once as a rule, and again
rather than never when the scheduler was killed while it told. What is told is read from the
history, so that also what a dead scheduler has finished is heard of.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from vdoc.errors import BenchError, InputError
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.comparison import Comparison
from vdoc.nightly.config import DutTable, NightlyConfig
from vdoc.nightly.history import History
from vdoc.nightly.locks import locked
from vdoc.nightly.night import MakeJob, Night, Outcome, has_begun, outcome_of
from vdoc.nightly.schedule import Now, dues, lateness, next_due, now_utc, too_late, watch
from vdoc.nightly.telling import News, NotRun

_TELLING = ".telling"
_TELLING_S = 600.0
_STARTS = 4  # of one station, at most, that wait for each other


@dataclass(frozen=True, slots=True)
class Fleet:
    """The stations and what runs them.

    Args:
        config: of the fleet.
        make_job: reads the inputs of a station and says how it is run.
        tell: tells people and programs.
        said: takes a sentence about how it goes on.
        stop: when it is set, runs are ended in order and nothing more is begun.
        now: the time.
        zone: of the times of day; the machine's unless given.
    """

    config: NightlyConfig
    make_job: MakeJob
    tell: Callable[[History, News], None]
    said: Callable[[str], None]
    stop: threading.Event = field(default_factory=threading.Event)
    now: Now = now_utc
    zone: tzinfo | None = None

    def run(self, duts: Sequence[DutTable], due: datetime) -> News:
        """Run stations now, settle what earlier nights have left, and tell both."""
        with self._night() as night:
            night.settle([(dut.name, due) for dut in duts])
        self._each(duts, lambda dut: self._run(dut, due))
        return self.tell_all(due)

    def run_scheduled(self, duts: Sequence[DutTable]) -> News:
        """Run the stations that are due by the schedule; say which starts were missed."""
        now = self.now()
        with self._night() as night:
            due = {dut.name: self._dues(night.history, dut, now) for dut in duts}
            again = [(d.name, each) for d in duts for each in due[d.name]
                     if not too_late(d, each, now, self.zone)]  # fmt: skip
            night.settle(again)
        self._each(duts, lambda dut: self._run_all(dut, due[dut.name]))
        return self.tell_all(now)

    def _dues(self, history: History, dut: DutTable, now: datetime) -> list[datetime]:
        """Return when a station was due and did not run, also because a scheduler was killed."""
        attempts = history.attempts
        left = {a.due for a in attempts.unfinished() if a.dut == dut.name and not has_begun(a)}
        return sorted(left | set(dues(dut.at, attempts.next_due(dut.name), now, self.zone)))

    def watch(self) -> None:
        """Run every station at its time of day until told to end; awaits what is under way."""
        with History(self.config.history) as history:
            left = history.attempts.unfinished()
            workers = _STARTS * len(self.config.dut) + len(left)
            with ThreadPoolExecutor(max_workers=workers) as pool:
                self.tell_all(self.now())
                for attempt in left:
                    pool.submit(self._adopt, attempt).add_done_callback(self._failed)
                watch(
                    self.config,
                    history.attempts,
                    self._due,
                    self.stop,
                    pool,
                    now=self.now,
                    zone=self.zone,
                )

    def tell_all(self, at: datetime) -> News:
        """Tell whatever has ended and was not told.

        Args:
            at: the night that is told.

        Raises:
            BenchError: another process does not end telling.
        """
        path = self.config.runs / _TELLING
        with locked(path, wait_s=_TELLING_S) as mine, self._night() as night:
            if mine is None:
                raise BenchError(f"another vdoc has been telling for {_TELLING_S / 60:g} minutes")
            attempts = night.history.attempts
            untold = attempts.untold()
            news = _news(at, untold, [_outcome(night.history, each) for each in untold])
            if untold:
                self.tell(night.history, news)
                attempts.mark_told(untold)
        return news

    # --- one station, in a thread of its own ---

    def _run(self, dut: DutTable, due: datetime) -> None:
        with self._night() as night:
            night.run(dut, due)

    def _run_all(self, dut: DutTable, due: Sequence[datetime]) -> None:
        with self._night(resumes=True) as night:
            for each in due:
                self._in_time(night, dut, each)

    def _due(self, dut: DutTable, due: datetime) -> None:
        """Make what the schedule starts; first settle what has failed to come to its end."""
        with self._night(resumes=True) as night:
            for attempt in night.history.attempts.unfinished():
                if attempt.dut == dut.name and attempt.due < due:
                    night.take_over(attempt, patient=False)
            self._in_time(night, dut, due)
        self.tell_all(due)

    def _adopt(self, attempt: Attempt) -> None:
        """Care for what an earlier scheduler has begun, as if it had been this one."""
        dut = next((dut for dut in self.config.dut if dut.name == attempt.dut), None)
        with self._night(resumes=True) as night:
            night.take_over(attempt, patient=True, again=dut is not None)
            now = night.history.attempts.find(attempt.dut, attempt.due)
            if now is not None and not now.done and not has_begun(now) and dut is not None:
                if too_late(dut, attempt.due, self.now(), self.zone):
                    night.take_over(attempt, patient=True)
                elif not self.stop.is_set():
                    night.run(dut, attempt.due)
        self.tell_all(attempt.due)

    def _failed(self, adopting: Future[None]) -> None:
        """Say what kept a run from being settled; the next start tries again."""
        error = adopting.exception()
        if error is not None:
            self.said(f"a run of an earlier scheduler could not be settled: {error}")

    def _in_time(self, night: Night, dut: DutTable, due: datetime) -> None:
        now = self.now()
        because = too_late(dut, due, now, self.zone)
        following = next_due(dut.at, due, self.zone)
        if because:
            night.skip(dut, due, because, following)
        else:
            night.run(dut, due, following, lateness(due, now))

    def _each(self, duts: Sequence[DutTable], do: Callable[[DutTable], None]) -> None:
        with ThreadPoolExecutor(max_workers=len(duts)) as pool:
            list(pool.map(do, duts))

    @contextmanager
    def _night(self, *, resumes: bool = False) -> Iterator[Night]:
        """Open the history for this thread."""
        with History(self.config.history) as history:
            yield Night(self.config, history, self.make_job, self.said, self.stop, resumes)


def _outcome(history: History, attempt: Attempt) -> Outcome:
    try:
        return outcome_of(history, attempt)
    except InputError:  # forgotten meanwhile
        return NotRun(attempt.dut, "its run is in the history no more")


def _news(at: datetime, attempts: Sequence[Attempt], outcomes: Sequence[Outcome]) -> News:
    return News(
        at,
        tuple(outcome for outcome in outcomes if isinstance(outcome, Comparison)),
        tuple(outcome for outcome in outcomes if isinstance(outcome, NotRun)),
        tuple(f"{attempt.dut}: {attempt.note}" for attempt in attempts if attempt.note),
    )
