"""Judging a run again from its evidence alone.

Owns the walk over evidence: the `run` lines give PICS, settings, plan and facts; each case is
replayed by the same function that judged it live. Nothing here believes a recorded verdict.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from vdoc.bench import CaseFunction, CaseResult, CaseStart, Facts, RunContext, Verdict
from vdoc.bench.peer import PROTOCOL
from vdoc.cases.intake import Intake, closing, intake
from vdoc.cases.registry import case_functions
from vdoc.cases.restore import restore
from vdoc.digest import digest
from vdoc.errors import InputError, Problem
from vdoc.evidence import FORMAT_VERSION, Kind, Line
from vdoc.pics import BenchSettings, Pics
from vdoc.rejudge.case import Helpers, JudgedCase, judge_case
from vdoc.rejudge.continuity import Continuity
from vdoc.rejudge.contradiction import Contradiction
from vdoc.rejudge.observed import links
from vdoc.rejudge.watch import Finding, Watch

UPKEEP: Mapping[str, CaseFunction] = {"intake": intake, "restore": restore, "closing": closing}
"""What the runner itself does, judged like a case."""


_ABOUT_THE_RUN = frozenset({Kind.RUN, Kind.SEAL})
_MOST_PENDING = 8
"""Cases that may be judged ahead of the reading; bounds the memory."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """The first line of evidence: what the run was made with."""

    data: Mapping[str, Any]
    pics: Pics
    settings: BenchSettings
    n: int


@dataclass(slots=True)
class Rejudged:
    """What a run comes to by its evidence.

    Attributes:
        start: what it was made with; None when the evidence does not say.
        results: of every case, in order; the runner's own under their names.
        recorded: the verdicts as the evidence records them, in the same order; None for a case
            that has none.
        begins: the evidence line that each begins with, in the same order.
        facts: as intake found them, by the replay.
        findings: crashes, and what voids the run.
        window_ns: monotonic stamps of the first connection and the last verdict.
        flaws: contradictions between the evidence and what follows from it.
    """

    start: RunStart | None = None
    results: list[CaseResult] = field(default_factory=list)
    recorded: list[str | None] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    facts: Facts | None = None
    findings: list[Finding] = field(default_factory=list)
    window: tuple[Line, Line] | None = None
    flaws: list[Contradiction] = field(default_factory=list)

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        """The results of catalogue cases only."""
        return tuple(result for result in self.results if result.case not in UPKEEP)

    @property
    def breaches(self) -> tuple[str, ...]:
        """Breaches of the protocol outside of a case; each fails the run."""
        upkeep = (result for result in self.results if result.case in UPKEEP)
        return tuple(words for result in upkeep for words in breaches(result))


def rejudge(
    lines: Iterable[Line],
    *,
    functions: Mapping[str, CaseFunction] | None = None,
    only: str | None = None,
    helpers: Helpers | None = None,
) -> Rejudged:
    """Judge every case of a run again.

    Args:
        lines: the evidence, in order.
        functions: the case functions by id; those of this package unless said otherwise.
        only: judge this case alone (and intake, which gives the facts).
        helpers: processes that judge cases beside this one; their owner closes them.

    Raises:
        InputError: the evidence does not begin with what the run was made with, or is of a format
            that this version does not know.
    """
    known = {**UPKEEP, **(case_functions() if functions is None else functions)}
    walk = _Walk(known, only, helpers)
    for case_lines in _by_case(lines, walk.about_the_run, walk.every):
        walk.case(case_lines)
    walk.settle()
    return walk.found


def _by_case(
    lines: Iterable[Line], run_line: Callable[[Line], None], every: Callable[[Line], None]
) -> Iterator[list[Line]]:
    current: list[Line] = []
    for line in lines:
        kind = line.kind
        if current and (kind is Kind.CASE or kind in _ABOUT_THE_RUN):
            yield current
            current = []
        every(line)
        if kind in _ABOUT_THE_RUN:
            run_line(line)
        else:
            current.append(line)
    if current:
        yield current


class _Walk:
    """The state of one pass over evidence."""

    def __init__(
        self, functions: Mapping[str, CaseFunction], only: str | None, helpers: Helpers | None
    ) -> None:
        self.found = Rejudged()
        self._helpers = helpers
        self._pending: deque[_Pending] = deque()
        self._contexts: dict[str | None, RunContext] = {}
        self._functions = functions
        self._only = only
        self._watch: Watch | None = None
        self._continuity: Continuity | None = None
        self._facts: dict[str, Facts] = {}
        self._first: Line | None = None

    # --- lines about the run ---

    def about_the_run(self, line: Line) -> None:
        """Take a `run` or `seal` line."""
        self.settle()
        match line.data.get("what"):
            case "start":
                self._start(line)
            case "facts":
                self._recorded_facts(line)
            case "provision" if self._continuity is not None:
                self._continuity.provisioned()
            case "void":
                words = str(line.data.get("because", "void"))
                self.found.findings.append(Finding("void", "void", words, line.n))
            case _:
                pass

    def every(self, line: Line) -> None:
        """Watch the rules of the run, and its window."""
        kind = line.kind
        if self._watch is not None and kind is not Kind.SEAL:
            broken = self._watch.feed(line)
            if broken:
                self.found.findings += broken
        if kind is Kind.OPENED and self._first is None:
            self._first = line
        if kind is Kind.VERDICT and self._first is not None:
            self.found.window = (self._first, line)

    def _start(self, line: Line) -> None:
        if self.found.start is not None:
            self._flaw("run-twice", "the run starts a second time", line)
            return
        if line.data.get("format") != FORMAT_VERSION:
            raise InputError(
                Problem(
                    "evidence", line.n, "format",
                    f"format {line.data.get('format')!r}; this version reads {FORMAT_VERSION}.",
                    "use the version of vdoc that the line names as `runner`.",
                )
            )  # fmt: skip
        pics = Pics.from_json(line.data["pics"])
        settings = BenchSettings.from_public(line.data["settings"])
        self.found.start = RunStart(line.data, pics, settings, line.n)
        self._watch = watch_for(pics, settings)
        if self._only is None:
            self._continuity = Continuity(line.data.get("seed"), settings.dut.identity)

    def _recorded_facts(self, line: Line) -> None:
        facts = Facts.model_validate(line.data["value"])
        facts_digest = digest(line.data["value"])
        self._facts[facts_digest] = facts
        if self._continuity is not None:
            self._continuity.learned(facts_digest)
        if line.data.get("digest") != facts_digest:
            self._flaw("facts-differ", "the facts have another digest than they say", line)
        if self.found.facts is None and self._only is None:
            self._flaw("facts-early", "facts without an intake", line)
        elif self.found.facts is not None and facts != self.found.facts:
            self._flaw("facts-differ", "the facts are not what intake found", line)

    def _flaw(self, code: str, message: str, line: Line) -> None:
        self.found.flaws.append(Contradiction(code, message, line.n))

    # --- cases ---

    def case(self, lines: list[Line]) -> None:
        """Replay one case."""
        first = lines[0]
        if first.kind is not Kind.CASE:
            self._flaw("outside-case", f"{first.kind.value} outside of a case", first)
            return
        if self._only is not None and first.case not in {self._only, "intake"}:
            return
        if self.found.start is None:
            raise InputError(
                Problem(
                    "evidence", first.n, "run",
                    "a case begins before the line that says what the run was made with.",
                    "give the evidence from its first line.",
                )
            )  # fmt: skip
        self._judge(lines, self.found.start)

    def _judge(self, lines: list[Line], run: RunStart) -> None:
        first = lines[0]
        try:
            start = CaseStart.from_json(first.case, first.data)
        except (KeyError, TypeError, ValueError) as error:
            self._flaw("case-line", f"not a case line: {error}", first)
            return
        function = self._functions.get(start.case)
        if function is None or start.variant_id != first.variant:
            self._flaw("case-unknown", f"no such case or variant: {first.case}", first)
            return
        context = self._context(start, first, run)
        judged = self._by_a_helper(lines, start)
        if judged is None:
            self.settle()
            judged_here = judge_case(lines, start, function, context)
            self._pending.append(_Pending(start, links(lines), judged_here))
            self.settle()
        else:
            self._pending.append(_Pending(start, links(lines), judged))
            self.settle(_MOST_PENDING)

    def _by_a_helper(self, lines: list[Line], start: CaseStart) -> Future[JudgedCase] | None:
        if self._helpers is None or start.case == "intake":  # what it finds is needed at once
            return None
        return self._helpers.submit(lines, start, self._functions, self._contexts)

    def settle(self, left: int = 0) -> None:
        """Take what has been judged, in the order of the cases, until so many are left."""
        while len(self._pending) > left:
            pending = self._pending.popleft()
            start, judged = pending.start, pending.take()
            if self._continuity is not None:
                self.found.flaws += self._continuity.begins(start, pending.lines[0])
                self.found.flaws += self._continuity.ended(start, pending.lines, judged)
            self.found.results.append(judged.result)
            self.found.recorded.append(judged.recorded)
            self.found.begins.append(pending.lines[0].n)
            self.found.flaws += judged.flaws
            if isinstance(judged.value, Intake):
                self.found.facts = judged.value.facts

    def _context(self, start: CaseStart, first: Line, run: RunStart) -> RunContext:
        if start.facts is not None and start.facts not in self._facts:
            self._flaw("facts-missing", "the facts of this case are not recorded", first)
            return RunContext(run.pics, run.settings, Facts())
        if start.facts not in self._contexts:
            facts = Facts() if start.facts is None else self._facts[start.facts]
            self._contexts[start.facts] = RunContext(run.pics, run.settings, facts)
        return self._contexts[start.facts]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A case that is being judged; of its lines only those that link it to the others."""

    start: CaseStart
    lines: list[Line]
    judged: JudgedCase | Future[JudgedCase]

    def take(self) -> JudgedCase:
        return self.judged if isinstance(self.judged, JudgedCase) else self.judged.result()


def breaches(result: CaseResult) -> tuple[str, ...]:
    """Return the breaches of the protocol in what the runner did itself, in words."""
    return tuple(
        f"{result.case}: {check.what}: got {check.actual} (evidence line {check.n})"
        for check in result.failures
        if check.requirement in PROTOCOL
    )


def watch_for(pics: Pics, settings: BenchSettings) -> Watch:
    """Return the watch over a run with this PICS and these settings."""
    product = {
        "vendorName": pics.product.vendor,
        "model": pics.product.model,
        "firmwareVersion": pics.product.firmware_version,
    }
    return Watch(product, settings.values.long_operation_timeout_s)


def passed(result: CaseResult) -> bool:
    """Tell whether a verdict allows a declaration."""
    return result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}
