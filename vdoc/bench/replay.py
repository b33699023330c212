"""The replaying shell: a case judged again from its recorded lines, without the DUT.

Owns the comparison of deeds. Recorded observations are fed; each deed of the case must equal the
next recorded deed. At the first that differs, is missing or comes extra, the replay has *diverged*:
it goes on to find the reason, but its verdict is never pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from vdoc.bench.outcome import CaseResult, Verdict
from vdoc.bench.timeline import Timeline
from vdoc.evidence import DEEDS, JUDGEMENTS, Kind, Line

_PATIENCE = 10_000  # deadlines let run out after a divergence before the case is given up


class Begin(Protocol):
    """Makes the Timeline of a `case` line on a port, and starts it."""

    def __call__(self, line: Line, port: ReplayPort) -> Timeline:
        """Return the Timeline, begun."""
        ...


@dataclass(slots=True)
class ReplayPort:
    """Gives a case its recorded deeds back, as long as they are the ones it does."""

    lines: list[Line]
    position: int = 0
    diverged: str = ""
    clock: Line | None = None
    judgements: list[tuple[Kind, dict[str, Any]]] = field(default_factory=list)

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        """Return the next recorded deed when it is this one; otherwise diverge."""
        if not self.diverged:
            line = self.lines[self.position] if self.position < len(self.lines) else None
            if line is not None and line.kind is kind and _same(line.data, data):
                self.position += 1
                self.clock = line
                return line
            self._diverge(kind, data, line)
        if self.clock is None:
            raise RuntimeError("a deed before the case line")
        return replace(self.clock, kind=kind, data=data)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        """Keep what is judged now; what was judged then is never read back."""
        self.judgements.append((kind, data))

    def missing(self) -> None:
        """Diverge when a recorded deed was not done again."""
        line = self.lines[self.position] if self.position < len(self.lines) else None
        if not self.diverged and line is not None and line.kind in DEEDS:
            self.diverged = (
                f"line {line.n}: the recorded {line.kind.value} is not done by the case: "
                f"{_short(line.data)}"
            )

    def _diverge(self, kind: Kind, data: dict[str, Any], line: Line | None) -> None:
        recorded = (
            "nothing more is recorded"
            if line is None
            else f"line {line.n} has {line.kind.value} {_short(line.data)}"
        )
        self.diverged = f"the case does {kind.value} {_short(data)}, but {recorded}"


def _same(recorded: dict[str, Any], data: dict[str, Any]) -> bool:
    return recorded == data or recorded == _as_read(data)


def _as_read(data: dict[str, Any]) -> Any:  # noqa: ANN401  # JSON
    """Return data as evidence would give it back: tuples as lists, keys as text."""
    return json.loads(json.dumps(data))


def _short(data: dict[str, Any]) -> str:
    text = str(data)
    return text if len(text) <= 200 else f"{text[:200]}…"  # noqa: PLR2004


def replay(lines: Iterable[Line], begin: Begin) -> tuple[CaseResult, Timeline]:
    """Judge one case from its lines, of which the first is its `case` line.

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
    _feed(relevant, port, timeline)
    _run_out(port, timeline)
    return _result(timeline, port), timeline


def _feed(lines: list[Line], port: ReplayPort, timeline: Timeline) -> None:
    while port.position < len(lines):
        line = lines[port.position]
        port.position += 1
        if line.kind in DEEDS:  # only after a divergence
            continue
        if timeline.result is not None:
            _after_the_end(line, port)
            continue
        port.clock = line
        timeline.feed(line)
        port.missing()


def _after_the_end(line: Line, port: ReplayPort) -> None:
    if not port.diverged and line.kind is not Kind.ACTION_DONE:
        port.diverged = f"line {line.n}: the case had ended before this {line.kind.value}"


def _run_out(port: ReplayPort, timeline: Timeline) -> None:
    if timeline.result is None and not port.diverged:
        port.diverged = "the evidence of the case stops before the case has ended"
    for _ in range(_PATIENCE):
        deadline_ns = timeline.deadline_ns
        if timeline.result is not None or deadline_ns is None or port.clock is None:
            break
        line = replace(port.clock, kind=Kind.DEADLINE, mono_ns=deadline_ns + 1, data={})
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
    return replace(result, verdict=verdict, diverged=port.diverged, because=because)
