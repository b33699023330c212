"""What did last night's firmware break? One run held against the ones before it.

Owns the answer. Each case is held against its own last result, so that a night with a selection of
cases compares as well as a whole one. What says nothing about the firmware is kept apart from what
it may have broken: chance (flaky), faults of the bench (not judged), cases without a result to be
held against (first runs), cases that do not apply any more, cases that did not run. A void run is
compared with nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from vdoc.bench import VariableFact
from vdoc.nightly.causes import grouped
from vdoc.nightly.comparison import Change, ChangeKind, Comparison, FlakyCase
from vdoc.nightly.conditions import Conditions, conditions, differing, same_firmware
from vdoc.nightly.device_model import VariableChange, differences
from vdoc.nightly.drift import Drift, drifts
from vdoc.nightly.flaky import Flakiness, flaky, still_flaky
from vdoc.nightly.history import History
from vdoc.nightly.stored import CaseKey, StoredCase, StoredRun, by_key
from vdoc.nightly.trend import Trend, trends

LOOK_BACK = 20
"""How many earlier runs of a station are looked at."""
_SNAPSHOTS = 5
_SAME_SHARE = 0.8
"""Of the cases that two runs have between them, which both must have for their times to compare."""


@dataclass(slots=True)
class _Earlier:
    """The runs before, newest first, with their cases."""

    runs: Sequence[StoredRun]
    cases: Mapping[str, Sequence[StoredCase]] = field(default_factory=dict)

    def last_of_each(self, runs: Iterable[StoredRun]) -> dict[CaseKey, StoredCase]:
        """How each case came out the last time that it was judged."""
        found: dict[CaseKey, StoredCase] = {}
        for run in runs:
            judged = (case for case in self.cases[run.id] if case.judged)
            for key, case in by_key(judged).items():
                found.setdefault(key, case)
        return found

    def alike(self, now: StoredRun) -> dict[Conditions, list[Sequence[StoredCase]]]:
        """The cases of the runs by conditions, both in the order of time; those of now last."""
        in_order = [*reversed(self.runs), now]
        by_run = conditions(in_order)
        found: dict[Conditions, list[Sequence[StoredCase]]] = {}
        for run in self.runs[::-1]:
            found.setdefault(by_run[run.id], []).append(self.cases[run.id])
        found[by_run[now.id]] = found.pop(by_run[now.id], [])
        return found

    def of_the_same_cases(self, cases: Sequence[StoredCase]) -> list[StoredRun]:
        """The runs of nearly the same cases: response times depend on what was asked."""
        keys = {case.key for case in cases}
        return [
            run
            for run in self.runs
            for others in ({case.key for case in self.cases[run.id]},)
            if same_cases(keys, others)
        ]


def compare(history: History, now: StoredRun, before: StoredRun | None = None) -> Comparison:
    """Return what changed.

    Args:
        history: holds both runs and those before.
        now: the run in question.
        before: hold it against this run alone; the earlier ones of the station unless given.
    """
    runs = history.runs(now.dut, before=now.started, limit=LOOK_BACK, comparable=True)
    last = before or next(iter(runs), None)
    cases = history.cases(now)
    differs = () if last is None else differing(last, now)
    if not now.comparable or (last is not None and not last.comparable):
        return Comparison(now, last, differs, cases=cases)
    known = {run.id: run for run in (*runs, *([before] if before else ()))}
    earlier = _Earlier(runs, history.verdicts(known.values()))
    chance = _chance(earlier, cases, now)
    base = earlier.last_of_each([before] if before else runs)
    changes = _changes(history, now, cases, base, look_further=before is None)
    told = {kind: [c for k, c in changes.items() if c.kind is kind and k not in chance]
            for kind in ChangeKind}  # fmt: skip
    unjudged = tuple(c for c in changes.values() if c.kind is ChangeKind.NOT_JUDGED)
    held = earlier if before is None else _Earlier([before], earlier.cases)
    slower, creeping = _responses(history, now, cases, held)
    return Comparison(
        now=now,
        before=last,
        differs=differs,
        newly_failing=tuple(told[ChangeKind.NEWLY_FAILING]),
        first_failing=tuple(told[ChangeKind.FIRST_FAILING]),
        newly_passing=tuple(told[ChangeKind.NEWLY_PASSING]),
        still_failing=tuple(told[ChangeKind.STILL_FAILING]),
        not_judged=unjudged,
        not_applicable=tuple(told[ChangeKind.NOT_APPLICABLE]),
        not_run=tuple(case for key, case in base.items() if key not in changes),
        flaky=tuple(
            FlakyCase(change.now, chance[key])
            for key, change in changes.items()
            if key in chance and change.kind is not ChangeKind.NOT_JUDGED
        ),
        drifts=slower,
        trends=creeping,
        device_model=_model(history, now, [before] if before else runs, runs),
        causes=grouped(cases),
        cases=cases,
        times=history.times(now),
    )


def same_cases(some: Set[CaseKey], others: Set[CaseKey]) -> bool:
    """Tell whether two runs had nearly the same cases, so that their response times compare."""
    return len(some & others) >= _SAME_SHARE * len(some | others)


def _chance(
    earlier: _Earlier, cases: Sequence[StoredCase], now: StoredRun
) -> Mapping[CaseKey, Flakiness]:
    """Return what is flaky now; from some conditions to the next it must be shown anew."""
    alike = earlier.alike(now)
    *_, of_now = alike.values()
    of_now.append(cases)
    found: Mapping[CaseKey, Flakiness] = {}
    for runs in alike.values():
        found = {**still_flaky(found, runs), **flaky(runs)}
    return found


def _changes(
    history: History,
    now: StoredRun,
    cases: Sequence[StoredCase],
    base: Mapping[CaseKey, StoredCase],
    *,
    look_further: bool,
) -> Mapping[CaseKey, Change]:
    """Return what became of each case of a run.

    One that fails and was not in the runs that are looked at is sought in all runs before them.
    """
    found = {key: Change(case, base.get(key)) for key, case in by_key(cases).items()}
    if look_further:
        for key in [k for k, c in found.items() if c.kind is ChangeKind.FIRST_FAILING]:
            last = history.last_judged(now.dut, key, now.started)
            found[key] = Change(found[key].now, last)
    return found


def _responses(
    history: History, now: StoredRun, cases: Sequence[StoredCase], earlier: _Earlier
) -> tuple[tuple[Drift, ...], tuple[Trend, ...]]:
    """Return how response times differ from those of nights that ran the same cases."""
    before = [history.times(run) for run in earlier.of_the_same_cases(cases)]
    of_now = history.times(now)
    slower = drifts(of_now, before)
    stepped = {drift.parameter for drift in slower}
    creeping = trends([of_now, *before])
    return slower, tuple(trend for trend in creeping if trend.parameter not in stepped)


def _model(
    history: History, now: StoredRun, against: Sequence[StoredRun], runs: Sequence[StoredRun]
) -> tuple[VariableChange, ...]:
    """Return what changed since the newest run that has a snapshot as well.

    A void run may have left values behind that it had set: after one they tell nothing.
    """
    known: dict[str, tuple[VariableFact, ...] | None] = {}  # most nights have the same

    def of(run: StoredRun) -> tuple[VariableFact, ...] | None:
        if run.device_model not in known:
            known[run.device_model] = history.device_model(run)
        return known[run.device_model]

    new, old = of(now), next((m for run in against if (m := of(run)) is not None), None)
    if new is None or old is None:
        return ()
    snapshots = map(of, runs[:_SNAPSHOTS])
    newest = history.runs(now.dut, before=now.started, limit=1)
    return differences(
        old,
        new,
        [each for each in snapshots if each is not None],
        new_firmware=not same_firmware(against[0], now) and newest == tuple(runs[:1]),
    )
