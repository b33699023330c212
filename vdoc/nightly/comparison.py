"""What became of a run: the answer to "what did last night's firmware break?", as a value.

Owns the words for it (newly failing, still failing, …) and when there is nothing to tell. How it is
found is in `vdoc.nightly.compare`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from vdoc.bench import Verdict
from vdoc.nightly.causes import CauseGroup
from vdoc.nightly.conditions import Condition, same_firmware
from vdoc.nightly.device_model import VariableChange
from vdoc.nightly.drift import Drift
from vdoc.nightly.flaky import Flakiness
from vdoc.nightly.stored import Parameter, StoredCase, StoredRun
from vdoc.nightly.trend import Trend


class ChangeKind(Enum):
    """What became of a case since it was judged the last time."""

    NEWLY_FAILING = "newly failing"
    FIRST_FAILING = "failing in its first run"
    STILL_FAILING = "still failing"
    NEWLY_PASSING = "newly passing"
    NOT_JUDGED = "not judged"
    NOT_APPLICABLE = "no longer applicable"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Change:
    """How a case came out now and the last time that it was judged.

    Attributes:
        before: None when it never was.
    """

    now: StoredCase
    before: StoredCase | None

    @property
    def kind(self) -> ChangeKind:
        """What became of it."""
        now, before = self.now, self.before
        if not now.judged:
            return ChangeKind.NOT_JUDGED
        if now.verdict is Verdict.NOT_APPLICABLE:
            gone = before is not None and before.verdict is not Verdict.NOT_APPLICABLE
            return ChangeKind.NOT_APPLICABLE if gone else ChangeKind.SAME
        if now.good:
            better = before is not None and not before.good
            return ChangeKind.NEWLY_PASSING if better else ChangeKind.SAME
        if before is None:
            return ChangeKind.FIRST_FAILING
        return ChangeKind.NEWLY_FAILING if before.good else ChangeKind.STILL_FAILING


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
        differs: what was not the same in `before`; the firmware is but one of them.
        newly_failing: good the last time, not now.
        first_failing: not good, and never judged before: nothing says since when.
        newly_passing: not good the last time, passed now.
        still_failing: neither time good.
        not_judged: the bench or the action API failed; says nothing about the station.
        not_applicable: judged the last time; its prerequisite is no longer there.
        not_run: last results of the cases that earlier runs had and this one has not.
        causes: all failing cases of the run by cause, the flaky ones too.
        cases: all of the run, in order.
        times: response times of the run, in seconds.
    """

    now: StoredRun
    before: StoredRun | None
    differs: tuple[Condition, ...] = ()
    newly_failing: tuple[Change, ...] = ()
    first_failing: tuple[Change, ...] = ()
    newly_passing: tuple[Change, ...] = ()
    still_failing: tuple[Change, ...] = ()
    not_judged: tuple[Change, ...] = ()
    not_applicable: tuple[Change, ...] = ()
    not_run: tuple[StoredCase, ...] = ()
    flaky: tuple[FlakyCase, ...] = ()
    drifts: tuple[Drift, ...] = ()
    trends: tuple[Trend, ...] = ()
    device_model: tuple[VariableChange, ...] = ()
    causes: tuple[CauseGroup, ...] = ()
    cases: tuple[StoredCase, ...] = ()
    times: Mapping[Parameter, Sequence[float]] = field(default_factory=dict)

    @property
    def same_firmware(self) -> bool:
        """Whether the run before had the same firmware, so that not it explains a change."""
        return self.before is not None and same_firmware(self.before, self.now)

    @property
    def comparable(self) -> bool:
        """Whether neither run is void, so that their difference says something."""
        return self.now.comparable and (self.before is None or self.before.comparable)

    @property
    def nothing_changed(self) -> bool:
        """Whether there is nothing to tell but what was known."""
        changes = (
            self.newly_failing, self.first_failing, self.newly_passing, self.not_judged,
            self.not_applicable, self.device_model, self.now.crashes,
            [drift for drift in self.drifts if not drift.known],
            [trend for trend in self.trends if not trend.known],
        )  # fmt: skip
        return not any(changes)
