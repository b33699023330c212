"""Going through the evidence of a bundle: its chain, its course, and what it served.

Owns reading packed evidence within limits (a bundle may be hostile) and the course of a run: which
cases began, in which variant and security profile, in which order. Verdicts are `vdoc.rejudge`'s.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from vdoc.declaration import FirmwareServed
from vdoc.evidence import EvidenceReader, Kind, Line
from vdoc.plan import Plan
from vdoc.rejudge import UPKEEP
from vdoc.verify.findings import HOSTILE, Findings, shown

MAX_EVIDENCE_BYTES = 16 << 30
MAX_LINE_BYTES = 64 << 20
"""Limits on what evidence may grow to when it is unpacked."""

_SHOWN_FLAWS = 20
_OF_A_WHOLE_RUN = ("start", "facts")


@dataclass(frozen=True, slots=True)
class Began:
    """A case that began: in which variant and security profile, and on which line."""

    case: str
    variant: str
    profile: int | None
    n: int


@dataclass(slots=True)
class Course:
    """What one pass over evidence shows without judging any case."""

    began: list[Began] = field(default_factory=list)
    served: FirmwareServed = field(default_factory=FirmwareServed)
    voids: list[Line] = field(default_factory=list)
    odd: list[Line] = field(default_factory=list)
    first: Line | None = None
    last: Line | None = None
    head: str = ""
    lines: int = 0

    @property
    def planned(self) -> list[Began]:
        """The cases of the catalogue, without what the runner itself does."""
        return [each for each in self.began if each.case not in UPKEEP]

    def feed(self, line: Line) -> None:
        """Take the next line."""
        self.first = self.first or line
        self.last = line
        self.served.feed(line)
        if line.kind is Kind.CASE:
            state = line.data.get("state")
            profile = state.get("profile") if isinstance(state, dict) else None
            self.began.append(Began(line.case, line.variant, profile, line.n))
        elif _says_void(line):
            self.voids.append(line)
        elif line.kind is Kind.RUN and line.data.get("what") not in _OF_A_WHOLE_RUN:
            self.odd.append(line)


def _says_void(line: Line) -> bool:
    if line.kind is Kind.SEAL:
        return bool(line.data.get("void"))
    return line.kind is Kind.RUN and line.data.get("what") == "void"


def lines_of(packed: bytes) -> EvidenceReader:
    """Return a reader over packed evidence, with limits.

    Iterating raises ValueError at a limit; what is no gzip is a flaw.
    """
    return EvidenceReader(_raw_lines(packed))


def _raw_lines(packed: bytes) -> Iterator[bytes]:
    total = 0
    with gzip.GzipFile(fileobj=io.BytesIO(packed), mode="rb") as source:
        while raw := source.readline(MAX_LINE_BYTES):
            total += len(raw)
            if len(raw) == MAX_LINE_BYTES or total > MAX_EVIDENCE_BYTES:
                raise ValueError(
                    f"expected at most {MAX_LINE_BYTES} bytes a line and "
                    f"{MAX_EVIDENCE_BYTES} in all"
                )
            yield raw


def examine(packed: bytes, findings: Findings) -> Course:
    """Step 7: go through the chain of evidence once; says what is wrong with it."""
    course = Course()
    reader = lines_of(packed)
    try:
        for line in reader:
            course.feed(line)
    except HOSTILE as error:
        words = f"the evidence cannot be read on after line {reader.count - 1}: {error}"
        findings.add(7, "evidence-unreadable", words)
    for flaw in reader.flaws[:_SHOWN_FLAWS]:
        findings.add(7, f"evidence-{flaw.code}", f"evidence line {flaw.n}: {flaw.message}")
    left = len(reader.flaws) - _SHOWN_FLAWS
    if left > 0:
        findings.add(7, "evidence-flaws", f"{left} more lines of evidence have flaws")
    course.head, course.lines = reader.head, reader.count
    return course


def compare_with_plan(course: Course, plan: Plan, findings: Findings) -> None:
    """Step 6: every run of the plan exactly once, in order, and nothing else."""
    planned = [(entry.case, entry.variant.id, entry.stage) for entry in plan.entries]
    ran = course.planned
    for number, (case, variant, stage) in enumerate(planned[: len(ran)], start=1):
        got = ran[number - 1]
        what = f"run {number} of the plan (evidence line {got.n})"
        expected = f"{case} {variant}"
        if not findings.expect(6, "order", what, f"{got.case} {got.variant}", expected):
            return
        if got.profile != stage:
            what = f"security profile of {expected} (evidence line {got.n})"
            findings.expect(6, "stage", what, got.profile, stage)
    for case, variant, _ in planned[len(ran) :]:
        findings.add(
            6, "missing", f"{case} {variant} is planned, but the evidence does not hold it"
        )
    for extra in ran[len(planned) :]:
        words = f"{extra.case} {extra.variant} (evidence line {extra.n}) is not in the plan"
        findings.add(6, "extra", words)


def check_upkeep(course: Course, findings: Findings) -> None:
    """Step 6: intake first, a restore before every case, closing last."""
    names = [each.case for each in course.began]
    if names[:1] != ["intake"] or names.count("intake") != 1:
        findings.add(6, "intake", "expected one intake, before every other case")
    if names[-1:] != ["closing"] or names.count("closing") != 1:
        findings.add(6, "closing", "expected one closing, after every other case")
    for before, each in zip(names, course.began[1:], strict=False):
        if each.case not in UPKEEP and before != "restore":
            words = f"{each.case} (evidence line {each.n}) follows {before}, expected restore"
            findings.add(6, "restore", words)
    for line in course.odd:
        what = shown(repr(line.data.get("what")))
        words = f"a line about the run says {what} (evidence line {line.n}), as no whole run does"
        findings.add(6, "run-line", words)
