"""The replaying shell: a case judged again from its recorded lines, without the DUT.

Owns the comparison of deeds. Recorded observations are fed; each deed of the case must equal the
next recorded deed. At the first that differs, is missing or comes extra, the replay has *diverged*:
it goes on to find the reason, but its verdict is never pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from vdoc.bench.outcome import CaseResult, Verdict
from vdoc.bench.timeline import Timeline
from vdoc.evidence import DEEDS, JUDGEMENTS, Kind, Line
from vdoc.evidence.sameness import same

_PATIENCE = 10_000  # deadlines let run out after a divergence before the case is given up


class Divergence(StrEnum):
    """How a replay leaves what is recorded; `sent` are the frames, the deeds all others."""

    SENT_EXTRA = "sent-extra"
    SENT_MISSING = "sent-missing"
    SENT_ALTERED = "sent-altered"
    DEED_EXTRA = "deed-extra"
    DEED_MISSING = "deed-missing"
    DEED_ALTERED = "deed-altered"
    AFTER_END = "after-end"
    CUT_SHORT = "cut-short"


class Begin(Protocol):
    """Makes the Timeline of a `case` line on a port, and starts it."""

    def __call__(self, line: Line, port: ReplayPort) -> Timeline:
        """Return the Timeline, begun."""
        ...


Before = Callable[[Line, Timeline], None]
"""Is shown an observation before the case is."""


@dataclass(slots=True)
class ReplayPort:
    """Gives a case its recorded deeds back, as long as they are the ones it does."""

    lines: list[Line]
    position: int = 0
    diverged: str = ""
    divergence: Divergence | None = None
    clock: Line | None = None
    judgements: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # how many lines came before each judgement

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        """Return the next recorded deed when it is this one; otherwise diverge."""
        if not self.diverged:
            line = self.lines[self.position] if self.position < len(self.lines) else None
            if line is not None and line.kind is kind and _same(kind, line.data, data):
                self.position += 1
                self.clock = line
                return line
            self._diverge(kind, data, line)
        if self.clock is None:
            raise RuntimeError("a deed before the case line")
        return self.clock._replace(kind=kind, data=data)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        """Keep what is judged now; what was judged then is never read back."""
        self.judgements.append((kind, data))
        self.places.append(self.position)

    def missing(self) -> None:
        """Diverge when a recorded deed was not done again."""
        line = self.lines[self.position] if self.position < len(self.lines) else None
        if not self.diverged and line is not None and line.kind in DEEDS:
            self.not_done(line)

    def not_done(self, line: Line) -> None:
        """Diverge because of a recorded deed that the case does not do."""
        words = f"the recorded {line.kind.value} is not done by the case: {_short(line.data)}"
        sent = line.kind is Kind.SENT
        self.leave(
            Divergence.SENT_EXTRA if sent else Divergence.DEED_EXTRA, f"line {line.n}: {words}"
        )

    def leave(self, divergence: Divergence, words: str) -> None:
        """Diverge, once."""
        if not self.diverged:
            self.divergence, self.diverged = divergence, words

    def _diverge(self, kind: Kind, data: dict[str, Any], line: Line | None) -> None:
        recorded = (
            "nothing more is recorded"
            if line is None
            else f"line {line.n} has {line.kind.value} {_short(line.data)}"
        )
        sent = kind is Kind.SENT
        if line is not None and line.kind is kind:
            divergence = Divergence.SENT_ALTERED if sent else Divergence.DEED_ALTERED
        else:
            divergence = Divergence.SENT_MISSING if sent else Divergence.DEED_MISSING
        self.leave(divergence, f"the case does {kind.value} {_short(data)}, but {recorded}")


def _same(kind: Kind, recorded: dict[str, Any], data: dict[str, Any]) -> bool:
    if kind is Kind.SENT:  # a number and a text: quick, since there are many
        return recorded == data and type(recorded["connection"]) is int
    return same(recorded, _as_read(data))


def _as_read(data: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    """Return data as evidence would give it back: tuples as lists, keys as text."""
    return json.loads(json.dumps(data))


def _short(data: dict[str, Any]) -> str:
    text = str(data)
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004


def replay(
    lines: Iterable[Line], begin: Begin, before: Before = lambda _line, _timeline: None
) -> tuple[CaseResult, Timeline]:
    """Judge one case from its lines, of which the first is its `case` line.

    Args:
        lines: of the case, in order.
        begin: makes its Timeline.
        before: is shown each observation, and the Timeline that waits for it, before it is fed.

    Returns:
        The result as it follows from the evidence, and the Timeline for what it learned.

    Raises:
        ValueError: the first line is no `case` line.
    """
    relevant = [line for line in lines if line.kind not in JUDGEMENTS]
    if not relevant or relevant[0].kind is not Kind.CASE:
        raise ValueError("the evidence of a case begins with its case line")
    port = ReplayPort(relevant, position=1, clock=relevant[0])
    timeline = begin(relevant[0], port)
    port.missing()
    _feed(relevant, port, timeline, before)
    _run_out(port, timeline)
    return _result(timeline, port), timeline


def _feed(lines: list[Line], port: ReplayPort, timeline: Timeline, before: Before) -> None:
    while port.position < len(lines):
        line = lines[port.position]
        port.position += 1
        if line.kind in DEEDS:  # after a divergence, or behind an outcome that came late
            if not port.diverged:
                port.not_done(line)
            continue
        if timeline.result is not None:
            _after_the_end(line, port)
            continue
        port.clock = line
        before(line, timeline)
        timeline.feed(line)
        port.missing()


def _after_the_end(line: Line, port: ReplayPort) -> None:
    if line.kind is not Kind.ACTION_DONE:
        words = f"line {line.n}: the case had ended before this {line.kind.value}"
        port.leave(Divergence.AFTER_END, words)


def _run_out(port: ReplayPort, timeline: Timeline) -> None:
    if timeline.result is None:
        port.leave(Divergence.CUT_SHORT, "the evidence of the case stops before the case has ended")
    for _ in range(_PATIENCE):
        deadline_ns = timeline.deadline_ns
        if timeline.result is not None or deadline_ns is None or port.clock is None:
            break
        line = port.clock._replace(kind=Kind.DEADLINE, mono_ns=deadline_ns + 1, data={})
        port.clock = line
        timeline.feed(line)
    if timeline.result is None:
        timeline.abort("the evidence of the case stops before the case has ended")


def _result(timeline: Timeline, port: ReplayPort) -> CaseResult:
    result = timeline.result
    if result is None:
        raise RuntimeError("a replayed case did not end")
    if not port.diverged:
        return result
    verdict = Verdict.ERROR if result.verdict is Verdict.PASS else result.verdict
    because = f"replay diverged: {port.diverged}"
    return replace(
        result,
        verdict=verdict,
        diverged=port.diverged,
        divergence="" if port.divergence is None else port.divergence.value,
        because=because,
    )
