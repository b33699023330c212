"""What a report says in which order: headline first, then what went wrong, then everything.

Owns the words of reports; knows nothing of HTML or XML.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from vdoc.bench import CaseResult, Check, Verdict
from vdoc.declaration.eligible import ALLOWED, eligible, named
from vdoc.declaration.excerpts import Excerpt, excerpts
from vdoc.declaration.record import RunRecord, RunVerdict, Window


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A validation that did not hold, with the evidence line that shows it."""

    check: Check
    excerpt: Excerpt | None


@dataclass(frozen=True, slots=True)
class FailedCase:
    """A case that stands in the way of a declaration."""

    result: CaseResult
    title: str
    checks: tuple[FailedCheck, ...]

    @property
    def name(self) -> str:
        """Its id, with the variant if there is one."""
        return named(self.result.case, self.result.variant)

    @property
    def meaning(self) -> str:
        """What its verdict means for whoever has to act on it."""
        return _MEANING[self.result.verdict]


@dataclass(frozen=True, slots=True)
class Outline:
    """A report, ready to be set.

    Attributes:
        headline: what the run came to, in one sentence.
        window: from first connection to last verdict, in words.
        failed: the cases in the way of a declaration; those that failed first.
        not_run: what was planned and did not run.
        reasons: why there is no declaration; empty when there can be one.
    """

    record: RunRecord
    headline: str
    counts: tuple[tuple[str, int], ...]
    window: str
    failed: tuple[FailedCase, ...]
    not_run: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]


_MEANING = {
    Verdict.PASS: "The replay of this case differed from its recording.",
    Verdict.FAIL: "The station broke a requirement.",
    Verdict.INCONC: "The case could not be brought to the point where it judges the station.",
    Verdict.ERROR: "The bench or the action API failed; this says nothing about the station.",
    Verdict.NOT_APPLICABLE: "The replay of this case differed from its recording.",
}
_ORDER = (Verdict.FAIL, Verdict.INCONC, Verdict.ERROR, Verdict.PASS, Verdict.NOT_APPLICABLE)


def outline(record: RunRecord) -> Outline:
    """Return the report of a run; reads the evidence for the lines that failures point at."""
    counts = Counter(result.verdict for result in record.results)
    return Outline(
        record=record,
        headline=_headline(record, counts),
        counts=tuple((verdict.value, counts[verdict]) for verdict in Verdict if counts[verdict]),
        window=_window(record.window),
        failed=_failed(record),
        not_run=not_run(record),
        reasons=eligible(record),
    )


def not_run(record: RunRecord) -> tuple[tuple[str, str], ...]:
    """Return (case, variant) of every planned run that has no result, in the plan's order."""
    done = Counter((result.case, result.variant) for result in record.results)
    missing = []
    for entry in record.plan.entries:
        key = (entry.case, entry.variant.id)
        if done[key]:
            done[key] -= 1
        else:
            missing.append(key)
    return tuple(missing)


def _headline(record: RunRecord, counts: Counter[Verdict]) -> str:
    match record.verdict:
        case RunVerdict.PASS:
            return f"Passed: all {len(record.results)} runs of cases"
        case RunVerdict.VOID:
            return f"Void: {record.void_because}"
        case RunVerdict.FAIL if record.crashes:
            return f"Failed: the station crashed ({len(record.crashes)} unasked boots)"
        case RunVerdict.FAIL:
            bad = sum(number for verdict, number in counts.items() if verdict not in ALLOWED)
            return f"Failed: {bad} of {len(record.plan.entries)} runs of cases did not pass"


def _window(window: Window | None) -> str:
    if window is None:
        return "no verdict after a connection"
    minutes, seconds = divmod(round(window.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    start, end = (f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in (window.start, window.end))
    return f"{start} to {end} ({hours} h {minutes:02} min {seconds:02} s)"


def _failed(record: RunRecord) -> tuple[FailedCase, ...]:
    bad = [r for r in record.results if r.verdict not in ALLOWED or r.diverged]
    bad.sort(key=lambda result: _ORDER.index(result.verdict))
    lines = excerpts(record.evidence, (c.n for r in bad for c in r.failures if c.n is not None))
    titles = {case.id: case.title for case in record.catalogue.cases}
    return tuple(
        FailedCase(
            result,
            titles.get(result.case, ""),
            tuple(
                FailedCheck(check, None if check.n is None else lines.get(check.n))
                for check in result.failures
            ),
        )
        for result in bad
    )
