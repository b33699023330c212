"""Going through the evidence of a bundle: its chain, its course, and what it served.

Owns reading packed evidence within limits (a bundle may be hostile) and the course of a run: which
cases began, in which variant and security profile, in which order. Verdicts are `vdoc.rejudge`'s.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from vdoc.declaration import FirmwareServed
from vdoc.evidence import EvidenceReader, Kind, Line
from vdoc.plan import Plan
from vdoc.rejudge import UPKEEP
from vdoc.verify.findings import HOSTILE, Findings, shown

MAX_EVIDENCE_BYTES = 16 << 30
MAX_LINE_BYTES = 64 << 20
"""Limits on what evidence may grow to when it is unpacked."""

_READ_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 20
_GZIP = 31  # zlib's word for a gzip header and trailer around what is packed
_SHOWN_FLAWS = 20
_OF_A_WHOLE_RUN = {
    "start": frozenset(
        {"what", "format", "runner", "pics", "pics_digest", "settings", "settings_digest",
         "catalogue", "plan", "seed", "challenge", "plan_stamp"}
    ),
    "facts": frozenset({"what", "value", "digest"}),
    "seal": frozenset({"lines", "head", "tree", "void"}),
}  # fmt: skip
"""What lines about a run say when it was a whole one."""

_FRAMES = frozenset({Kind.RECEIVED, Kind.SENT})


@dataclass(frozen=True, slots=True)
class Began:
    """A case that began: in which variant and state of the DUT, and on which line."""

    case: str
    variant: str
    n: int
    factors: Any
    state: Any

    @property
    def profile(self) -> object:
        """The security profile that it says to begin in."""
        return self.state.get("profile") if isinstance(self.state, dict) else None


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
    told_facts: bool = False

    @property
    def planned(self) -> list[Began]:
        """The cases of the catalogue, without what the runner itself does."""
        return [each for each in self.began if each.case not in UPKEEP]

    def feed(self, line: Line) -> None:
        """Take the next line."""
        self.first = self.first or line
        self.last = line
        self.served.feed(line)
        if line.kind in _FRAMES:
            return
        if line.kind is Kind.CASE:
            factors, state = line.data.get("variant"), line.data.get("state")
            self.began.append(Began(line.case, line.variant, line.n, factors, state))
        elif _says_void(line):
            self.voids.append(line)
        elif line.kind in {Kind.RUN, Kind.SEAL}:
            what = str(line.data.get("what", line.kind))
            known = _OF_A_WHOLE_RUN.get(what, frozenset())
            again = what == "facts" and self.told_facts
            if again or not line.data.keys() <= known or line.case or line.variant:
                self.odd.append(line)
            self.told_facts = self.told_facts or what == "facts"


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
    """Yield raw lines with their LF; what is left at the end comes without."""
    total, rest = 0, b""
    for block in _unpacked(packed):
        total += len(block)
        *whole, rest = (rest + block).split(b"\n")
        longest = max(map(len, (*whole, rest)))
        if longest > MAX_LINE_BYTES or total > MAX_EVIDENCE_BYTES:
            raise ValueError(
                f"expected at most {MAX_LINE_BYTES} bytes a line and {MAX_EVIDENCE_BYTES} in all"
            )
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """Unpack gzip in blocks; the check sum is compared at its end.

    Raises:
        EOFError: it ends too early.
        gzip.BadGzipFile: something follows it.
        zlib.error: it is none, or a check sum is wrong.
    """
    unpack, position, left = zlib.decompressobj(_GZIP), 0, b""
    while not unpack.eof:
        if not left:
            left = packed[position : position + _READ_BYTES]
            position += len(left)
            if not left:
                raise EOFError("it ends before its end was marked")
        yield unpack.decompress(left, _BLOCK_BYTES)
        left = unpack.unconsumed_tail
    if unpack.unused_data or position < len(packed):
        raise gzip.BadGzipFile("something follows the packed evidence")


class Examination:
    """Step 7: goes through the chain of evidence once, for whoever reads its lines meanwhile."""

    def __init__(self, packed: bytes, findings: Findings) -> None:
        self.course = Course()
        self._findings = findings
        self._reader = lines_of(packed)
        self._lines = self._read()

    def __iter__(self) -> Iterator[Line]:
        return self._lines

    def _read(self) -> Iterator[Line]:
        try:
            for line in self._reader:
                self.course.feed(line)
                yield line
        except HOSTILE as error:
            words = f"the evidence cannot be read on after line {self._reader.count - 1}: {error}"
            self._findings.add(7, "evidence-unreadable", words)

    def finish(self) -> Course:
        """Read what nobody has read, and say what is wrong with the chain."""
        for _ in self._lines:
            pass
        flaws = self._reader.flaws
        for flaw in flaws[:_SHOWN_FLAWS]:
            words = f"evidence line {flaw.n}: {flaw.message}"
            self._findings.add(7, f"evidence-{flaw.code}", words)
        left = len(flaws) - _SHOWN_FLAWS
        if left > 0:
            self._findings.add(7, "evidence-flaws", f"{left} more lines of evidence have flaws")
        self.course.head, self.course.lines = self._reader.head, self._reader.count
        return self.course


def compare_with_plan(course: Course, plan: Plan, findings: Findings) -> None:
    """Step 6: every run of the plan exactly once, in order, and nothing else."""
    planned = [(entry.case, entry.variant, entry.stage) for entry in plan.entries]
    ran = course.planned
    for number, (case, variant, stage) in enumerate(planned[: len(ran)], start=1):
        got = ran[number - 1]
        what = f"run {number} of the plan (evidence line {got.n})"
        expected = f"{case} {variant.id}"
        if not findings.expect(6, "order", what, f"{got.case} {got.variant}", expected):
            return
        if got.factors != dict(variant):
            what = f"the variant of {expected} (evidence line {got.n})"
            findings.expect(6, "variant", what, got.factors, dict(variant))
        if got.profile != stage:
            what = f"security profile of {expected} (evidence line {got.n})"
            findings.expect(6, "stage", what, got.profile, stage)
    for case, variant, _ in planned[len(ran) :]:
        words = f"{case} {variant.id} is planned, but the evidence does not hold it"
        findings.add(6, "missing", words)
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
        if each.case == before == "restore":
            words = f"restore (evidence line {each.n}) is tried again, as it is only within itself"
            findings.add(6, "restore-again", words)
    for line in course.odd:
        said = shown(repr({name: str(value)[:20] for name, value in line.data.items()}))
        words = f"a line about the run says {said} (evidence line {line.n}), as no whole run does"
        findings.add(6, "run-line", words)
