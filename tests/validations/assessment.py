"""Each entry against the evidence of a run: is its mutation noticed?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.validations.conditions import Situation, earlier_start_point, holds
from tests.validations.entries import Validation, load_excuses
from tests.validations.mutation import mutate
from tests.validations.record import Record, cases_of
from tests.validations.retelling import retell
from vdoc.bench import CaseFunction, CaseResult, CaseStart, RunContext, Verdict
from vdoc.bench.context import begin_case
from vdoc.bench.replay import ReplayPort, replay
from vdoc.bench.start import Facts
from vdoc.bench.timeline import Timeline
from vdoc.digest import digest
from vdoc.evidence import Kind, Line
from vdoc.pics import BenchSettings, Pics


class Finding(StrEnum):
    """What came of a mutation."""

    NOTICED = "noticed"
    MISSED = "missed"
    DIVERGED = "diverged only"
    BROKE = "error"
    UNMATCHED = "no message matched"
    NOT_APPLICABLE = "not applicable"
    UNREACHABLE = "unreachable"


DEMANDED = frozenset({Finding.MISSED, Finding.DIVERGED, Finding.BROKE, Finding.UNMATCHED})
"""What must not come of an entry, unless it is advisory or excused."""


@dataclass(frozen=True)
class Assessed:
    """One entry on one recorded case."""

    entry: Validation
    variant: str
    run: str
    finding: Finding
    because: str = ""
    excuse: str = ""

    @property
    def open(self) -> bool:
        """Whether this is not to be."""
        return self.finding in DEMANDED and not self.entry.advisory and not self.excuse


@dataclass(frozen=True)
class Recorded:
    """A case of a run that passed, ready to be altered."""

    case: str
    start: CaseStart
    record: Record
    context: RunContext
    run: str

    def judged(self, lines: Sequence[Line], function: CaseFunction) -> CaseResult:
        """Replay lines of this case."""

        def begin(line: Line, port: ReplayPort) -> Timeline:
            return begin_case(line, self.start, port, function, self.context)

        return replay(lines, begin)[0]


def recorded_cases(lines: Sequence[Line], run: str) -> Iterator[Recorded]:
    """Every case of a run that passed."""
    first = next(line for line in lines if line.data.get("what") == "start")
    pics = Pics.from_json(first.data["pics"])
    settings = BenchSettings.from_public(first.data["settings"])
    known = {
        digest(line.data["value"]): Facts.model_validate(line.data["value"])
        for line in lines
        if line.kind is Kind.RUN and line.data.get("what") == "facts"
    }
    for case in cases_of(lines):
        start = CaseStart.from_json(case[0].case, case[0].data)
        passed = any(
            line.kind is Kind.VERDICT and line.data["verdict"] == Verdict.PASS for line in case
        )
        if passed and start.facts in known:
            context = RunContext(pics, settings, known[start.facts])
            yield Recorded(start.case, start, Record(case), context, run)


def assess(entry: Validation, recorded: Recorded, function: CaseFunction) -> Assessed:
    """Alter the record as the entry says, and judge it again."""

    situation = Situation(recorded.record, recorded.context, recorded.start)

    def found(finding: Finding, because: str = "") -> Assessed:
        excuse = _excuse(entry, finding, situation)
        return Assessed(entry, recorded.start.variant_id, recorded.run, finding, because, excuse)

    if entry.unreachable:
        return found(Finding.UNREACHABLE, entry.unreachable)
    phrases = entry.only_if.replace(" and no earlier start point", "")
    condition = holds(phrases, situation)
    if condition is False or earlier_start_point(entry.only_if, situation):
        return found(Finding.NOT_APPLICABLE, entry.only_if)
    lines = mutate(entry, recorded.record)
    if lines is None:
        finding = Finding.NOT_APPLICABLE if entry.only_if else Finding.UNMATCHED
        return found(finding, f"no match; only if {entry.only_if}" if entry.only_if else "")
    retelling = retell(lines, function, recorded.context)
    if retelling.diverged and not retelling.failed_before:
        return found(Finding.DIVERGED, retelling.diverged)
    return found(*_verdict(recorded.judged(retelling.told, function)))


def _excuse(entry: Validation, finding: Finding, situation: Situation) -> str:
    for excuse in load_excuses():
        if (excuse.id, excuse.finding) == (entry.id, finding) and holds(excuse.only_if, situation):
            return excuse.because
    return ""


def _verdict(result: CaseResult) -> tuple[Finding, str]:
    if result.failures:
        first = result.failures[0]
        return Finding.NOTICED, f"{first.step}: {first.what}"
    if result.diverged:
        return Finding.DIVERGED, result.diverged
    if result.verdict is Verdict.PASS:
        return Finding.MISSED, ""
    if result.verdict is Verdict.INCONC:
        return Finding.NOTICED, result.because
    return Finding.BROKE, result.because


def assess_run(
    entries: Iterable[Validation],
    lines: Sequence[Line],
    functions: Mapping[str, CaseFunction],
    run: str,
) -> list[Assessed]:
    """Every entry on every passed case of a run."""
    by_case: dict[str, list[Validation]] = {}
    for entry in entries:
        by_case.setdefault(entry.case, []).append(entry)
    return [
        assess(entry, recorded, functions[recorded.case])
        for recorded in recorded_cases(lines, run)
        for entry in by_case.get(recorded.case, ())
    ]


def summary(assessed: Iterable[Assessed]) -> Mapping[str, Counter[Finding]]:
    """Findings counted by case."""
    counts: dict[str, Counter[Finding]] = {}
    for one in assessed:
        counts.setdefault(one.entry.case, Counter())[one.finding] += 1
    return counts
