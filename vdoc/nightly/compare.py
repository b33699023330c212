"""What did last night's firmware break? One run held against the ones before it.

Owns the answer. Each case is held against its own last result, so that a night with a selection of
cases compares as well as a whole one. What is flaky is listed apart and never as a change; a void
run says nothing about the station and is compared with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vdoc.nightly.causes import CauseGroup, grouped
from vdoc.nightly.device_model import VariableChange, differences
from vdoc.nightly.drift import Drift, drifts
from vdoc.nightly.flaky import Flakiness, flaky, still_flaky
from vdoc.nightly.history import History
from vdoc.nightly.stored import CaseKey, Parameter, StoredCase, StoredRun, by_key

LOOK_BACK = 20
"""How many earlier runs of a station are looked at."""
_NIGHTS_OF_NOISE = 10
_SNAPSHOTS = 5


@dataclass(frozen=True, slots=True)
class Change:
    """How a case came out now and the last time before; None when it never ran before."""

    now: StoredCase
    before: StoredCase | None


@dataclass(frozen=True, slots=True)
class FlakyCase:
    """A case whose verdict varies by chance, how often, and how it came out now."""

    now: StoredCase
    measured: Flakiness


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run against the ones before.

    Attributes:
        now: the run in question.
        before: the newest earlier run that is not void; None for the first run of a station.
        newly_failing: good the last time, not now; also what fails when it runs for the first time.
        newly_passing: the reverse.
        still_failing: neither.
        causes: all failing cases of the run by cause, the flaky ones too.
        cases: all of the run, in order.
        times: response times of the run, in seconds.
    """

    now: StoredRun
    before: StoredRun | None
    newly_failing: tuple[Change, ...] = ()
    newly_passing: tuple[Change, ...] = ()
    still_failing: tuple[Change, ...] = ()
    flaky: tuple[FlakyCase, ...] = ()
    drifts: tuple[Drift, ...] = ()
    device_model: tuple[VariableChange, ...] = ()
    causes: tuple[CauseGroup, ...] = ()
    cases: tuple[StoredCase, ...] = ()
    times: Mapping[Parameter, Sequence[float]] = field(default_factory=dict)

    @property
    def same_firmware(self) -> bool:
        """Whether the run before had the same firmware, so that not it explains a change."""
        return self.before is not None and self.before.firmware == self.now.firmware

    @property
    def nothing_changed(self) -> bool:
        """Whether there is nothing to tell but what was known."""
        changes = (self.newly_failing, self.newly_passing, self.drifts, self.device_model)
        return not any(changes)


@dataclass(slots=True)
class _Earlier:
    """The runs before, newest first, with their cases."""

    runs: Sequence[StoredRun]
    cases: Mapping[str, Sequence[StoredCase]] = field(default_factory=dict)

    def last_of_each(self, runs: Iterable[StoredRun]) -> dict[CaseKey, StoredCase]:
        found: dict[CaseKey, StoredCase] = {}
        for run in runs:
            for key, case in by_key(self.cases[run.id]).items():
                found.setdefault(key, case)
        return found

    def alike(self) -> dict[tuple[str, int], list[Sequence[StoredCase]]]:
        """The cases of the runs by firmware and seed, both in the order of time."""
        found: dict[tuple[str, int], list[Sequence[StoredCase]]] = {}
        for run in reversed(self.runs):
            found.setdefault((run.firmware, run.seed), []).append(self.cases[run.id])
        return found


def compare(history: History, now: StoredRun, before: StoredRun | None = None) -> Comparison:
    """Return what changed.

    Args:
        history: holds both runs and those before.
        now: the run in question.
        before: hold it against this run alone; the earlier ones of the station unless given.
    """
    runs = history.runs(now.dut, before=now.started, limit=LOOK_BACK, comparable=True)
    last = before or next(iter(runs), None)
    if not now.comparable:
        return Comparison(now, last, cases=history.cases(now))
    known = {run.id: run for run in (*runs, *([before] if before else ()))}
    earlier = _Earlier(runs, history.verdicts(known.values()))
    cases = history.cases(now)
    chance = _chance(earlier, cases, now)
    base = earlier.last_of_each([before] if before else runs)
    changes = [Change(c, base.get(k)) for k, c in by_key(cases).items() if k not in chance]
    return Comparison(
        now=now,
        before=last,
        newly_failing=_which(changes, good_now=False, good_before=True),
        newly_passing=_which(changes, good_now=True, good_before=False),
        still_failing=_which(changes, good_now=False, good_before=False),
        flaky=tuple(FlakyCase(c, chance[k]) for k, c in by_key(cases).items() if k in chance),
        drifts=_drifts(history, now, [before] if before else runs),
        device_model=_model(history, now, last, runs),
        causes=grouped(cases),
        cases=cases,
        times=history.times(now),
    )


def _chance(
    earlier: _Earlier, cases: Sequence[StoredCase], now: StoredRun
) -> Mapping[CaseKey, Flakiness]:
    """Return what is flaky now; from each firmware and seed to the next it must be shown anew."""
    alike = earlier.alike()
    of_now = [*alike.pop((now.firmware, now.seed), []), cases]
    found: Mapping[CaseKey, Flakiness] = {}
    for runs in (*alike.values(), of_now):
        found = {**still_flaky(found, runs), **flaky(runs)}
    return found


def _which(changes: Iterable[Change], *, good_now: bool, good_before: bool) -> tuple[Change, ...]:
    """Select changes; a case that never ran before counts as good before."""
    return tuple(
        change
        for change in changes
        if change.now.good is good_now
        and (change.before is None or change.before.good) is good_before
    )


def _drifts(history: History, now: StoredRun, runs: Sequence[StoredRun]) -> tuple[Drift, ...]:
    before = [history.times(run) for run in runs[:_NIGHTS_OF_NOISE]]
    return drifts(history.times(now), before)


def _model(
    history: History, now: StoredRun, last: StoredRun | None, runs: Sequence[StoredRun]
) -> tuple[VariableChange, ...]:
    new = history.device_model(now)
    old = None if last is None else history.device_model(last)
    if new is None or old is None:
        return ()
    snapshots = (history.device_model(run) for run in runs[:_SNAPSHOTS])
    return differences(old, new, [each for each in snapshots if each is not None])
