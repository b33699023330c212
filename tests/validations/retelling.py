"""What the bench would have recorded, had the station behaved as the altered lines say.

The case is run over the altered lines of the station. Answers to the station's CALLs are given
anew; the tester's own CALLs, actions and gates must come in the recorded order, but may say
something else; when the case waits in vain for what was dropped, time passes until it gives up, and
everything recorded later comes later. What comes of it is evidence of its own, for the replay to
judge: nothing in it contradicts the case, unless the case took another way altogether.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.validations.record import frame_of, is_answer
from vdoc.bench import CaseFunction, CaseStart, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.timeline import Timeline
from vdoc.evidence import DEEDS, Kind, Line

_PATIENCE = 2000


@dataclass
class Retelling:
    """A case on its way through altered lines.

    Attributes:
        told: the evidence that comes of it.
        diverged: the first deed that is not in the recorded order; empty while there is none.
        failed_before: a check had failed before that.
    """

    script: deque[Line]
    told: list[Line] = field(default_factory=list)
    diverged: str = ""
    failed_before: bool = False
    timeline: Timeline | None = None
    _shift_ns: int = 0
    _ids: dict[str, str] = field(default_factory=dict)

    # --- Port ---

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        data = json.loads(json.dumps(data))
        if kind is Kind.SENT and is_answer(self.told[-1]._replace(kind=kind, data=data)):
            return self._tell(self.told[-1], kind, data)
        if not self.script or not _same_deed(self.script[0], kind, data):
            self._diverge(f"{kind.value} {data}"[:300])
            return self._tell(self.told[-1], kind, data)
        recorded = self.script.popleft()
        if _id_of(recorded.kind, recorded.data) is not None:
            self._ids[str(_id_of(recorded.kind, recorded.data))] = str(_id_of(kind, data))
        return self._tell(recorded, kind, data)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        pass

    # --- the walk ---

    def run(self, function: CaseFunction, context: RunContext) -> None:
        first = self.script.popleft()
        start = CaseStart.from_json(first.case, first.data)
        line = self._tell(first, first.kind, first.data)
        timeline = begin_case(line, start, self, function, context, self._adopt)
        for _ in range(_PATIENCE + 10 * len(self.script)):
            if timeline.result is not None:
                return
            self._next(timeline)
        timeline.abort("the case does not end")

    def _adopt(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def _next(self, timeline: Timeline) -> None:
        if self.script and self.script[0].kind not in DEEDS:
            line = self.script.popleft()
            timeline.feed(self._tell(line, line.kind, self._with_new_ids(line)))
        elif timeline.deadline_ns is not None:
            at_ns = timeline.deadline_ns + 1
            if self.script:
                self._shift_ns = max(self._shift_ns, at_ns - self.script[0].mono_ns)
            last = self.told[-1]._replace(mono_ns=at_ns - self._shift_ns)
            timeline.feed(self._tell(last, Kind.DEADLINE, {}))
        elif self.script:
            self._diverge(f"not done: {self.script[0].kind.value} {self.script.popleft().data}")
        else:
            self._diverge("the case waits for ever")
            timeline.abort("the case waits for ever")

    def _tell(self, like: Line, kind: Kind, data: dict[str, Any]) -> Line:
        last_ns = self.told[-1].mono_ns if self.told else 0
        shifted_ns = like.mono_ns if self.told and like is self.told[-1] else self._moved(like)
        line = like._replace(
            n=len(self.told), mono_ns=max(last_ns, shifted_ns), kind=kind, data=data
        )
        self.told.append(line)
        return line

    def _moved(self, line: Line) -> int:
        return line.mono_ns + self._shift_ns

    def _diverge(self, what: str) -> None:
        if not self.diverged:
            checks = [] if self.timeline is None else self.timeline.checks
            self.failed_before = any(not check.passed for check in checks)
            self.diverged = what

    def _with_new_ids(self, line: Line) -> dict[str, Any]:
        if line.kind in {Kind.ACTION_DONE, Kind.MADE} and "id" in line.data:
            return {**line.data, "id": self._ids.get(line.data["id"], line.data["id"])}
        if line.kind is not Kind.RECEIVED:
            return line.data
        frame = frame_of(line)
        if isinstance(frame, list) and len(frame) > 2 and frame[0] in {3, 4}:
            frame[1] = self._ids.get(frame[1], frame[1])
            return {**line.data, "frame": json.dumps(frame, separators=(",", ":"))}
        return line.data


def retell(lines: Sequence[Line], function: CaseFunction, context: RunContext) -> Retelling:
    """Run the case over altered lines."""
    kept = (line for line in lines if line.kind is not Kind.DEADLINE and not is_answer(line))
    retelling = Retelling(deque(kept))
    retelling.run(function, context)
    return retelling


def _same_deed(recorded: Line, kind: Kind, data: dict[str, Any]) -> bool:
    """Tell whether this is the recorded deed, though it may say something else."""
    if recorded.kind is not kind:
        return False
    match kind:
        case Kind.SENT:
            frame, other = json.loads(data["frame"]), frame_of(recorded)
            return bool(frame[0] == other[0] and frame[2] == other[2])
        case Kind.ACTION:
            return bool(recorded.data["action"] == data["action"])
        case Kind.ASK:
            return bool(recorded.data["what"] == data["what"])
        case _:
            return True


def _id_of(kind: Kind, data: dict[str, Any]) -> str | None:
    if kind is Kind.SENT:
        return str(json.loads(data["frame"])[1])
    return str(data["id"]) if "id" in data else None
