"""A station made of chance, and a shell without sockets that drives a Timeline with it.

Time is virtual: the shell feeds what is due next, or the deadline when that is first. The station
answers, asks, breaks rules and loses its connection; a third of what it says is aimed at the
deadline that is next, one nanosecond before, on, or after it.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.replay.programs import CALLS, CASE, LIMITS_S, RIGHT, context, program, start_of
from vdoc.bench import CaseResult
from vdoc.bench.context import begin_case
from vdoc.bench.timeline import NS, Timeline
from vdoc.evidence import EvidenceWriter, Kind, Line

EPOCH_NS = 1_800_000_000_000_000_000
_LONGEST_NS = 300 * NS


@dataclass
class VirtualClock:
    """Both clocks of evidence; every look at them may take a few nanoseconds."""

    rng: random.Random
    now_ns: int = 0

    def wall_ns(self) -> int:
        return EPOCH_NS + self.now_ns

    def mono_ns(self) -> int:
        self.now_ns += self.rng.choice((0, 0, 0, 1, 250))
        return self.now_ns


@dataclass
class ScriptedRun:
    """One program against one random station, from its `case` line to its verdict."""

    seed: int
    writer: EvidenceWriter
    clock: VirtualClock
    rng: random.Random = field(init=False)
    due: list[tuple[int, int, Kind, dict[str, Any]]] = field(default_factory=list)
    connection: int = 1
    timeline: Timeline | None = None
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"station {self.seed}")

    def run(self) -> CaseResult:
        start = start_of(self.seed)
        self.connection = 1 if start.connection else 0
        line = self.writer.append(Kind.CASE, start.as_json(), case=CASE, variant="-")
        self.timeline = begin_case(line, start, self, program, context())
        if not self.connection:
            self._plan(self._soon_ns(), Kind.OPENED, self._opened())
        for _ in range(self.rng.randint(3, 20)):
            self._plan(self.rng.randint(0, 8 * NS), *self._unsolicited())
        limit_ns = self.clock.now_ns + _LONGEST_NS
        while self.timeline.result is None and self.clock.now_ns < limit_ns:
            self._next(self.timeline)
        if self.timeline.result is None:
            self.timeline.abort("the program did not end")
        assert self.timeline.result is not None
        return self.timeline.result

    # --- Port ---

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        line = self.writer.append(kind, data, case=CASE, variant="-")
        self._react(kind, data)
        return line

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self.writer.append(kind, data, case=CASE, variant="-")

    # --- time ---

    def _next(self, timeline: Timeline) -> None:
        deadline_ns = timeline.deadline_ns
        if deadline_ns is not None and self.rng.random() < 0.3:
            at_ns = deadline_ns + self.rng.choice((-1, 0, 0, 1, 1))
            self._plan(max(0, at_ns - self.clock.now_ns), *self._unsolicited())
        next_ns = self.due[0][0] if self.due else None
        expires_first = deadline_ns is not None and (next_ns is None or deadline_ns + 1 <= next_ns)
        if deadline_ns is not None and expires_first:
            self._feed(timeline, deadline_ns + 1, Kind.DEADLINE, {})
        elif self.due:
            at_ns, _, kind, data = heapq.heappop(self.due)
            self._feed(timeline, at_ns, kind, data)
        else:
            self._plan(self._soon_ns(), *self._unsolicited())

    def _feed(self, timeline: Timeline, at_ns: int, kind: Kind, data: dict[str, Any]) -> None:
        self.clock.now_ns = max(self.clock.now_ns, at_ns)
        timeline.feed(self.writer.append(kind, data, case=CASE, variant="-"))

    def _plan(self, in_ns: int, kind: Kind, data: dict[str, Any]) -> None:
        entry = (self.clock.now_ns + in_ns, next(self._count), kind, data)
        heapq.heappush(self.due, entry)

    def _soon_ns(self) -> int:
        """A delay: none, short, or aimed at a limit that the programs use."""
        aimed = round(self.rng.choice(LIMITS_S) * NS) + self.rng.choice((-250, -1, 0, 1, 250))
        return self.rng.choice((0, 1, self.rng.randint(0, NS // 2), self.rng.randint(0, NS), aimed))

    # --- what the station does of itself ---

    def _unsolicited(self) -> tuple[Kind, dict[str, Any]]:
        kinds, weights = zip(*_HABITS, strict=True)
        match self.rng.choices(kinds, weights)[0]:
            case "says":
                return Kind.RECEIVED, self._request()
            case "babbles":
                return Kind.RECEIVED, self._frame(self.rng.choice(_BROKEN))
            case "reconnects":
                return Kind.OPENED, self._opened()
            case other:
                return other, {"connection": self.connection, **_EVENTS[other]}

    def _request(self) -> dict[str, Any]:
        action = self.rng.choice(sorted(RIGHT))
        body = dict(RIGHT[action])
        if self.rng.random() < 0.04:
            body |= {"evseId": 2} if action == "StatusNotification" else {"unknown": 1}
        data = self._frame([2, f"s{self.seed}-{next(self._count)}", action, body])
        return {**data, "together": True} if self.rng.random() < 0.02 else data

    def _frame(self, frame: Any) -> dict[str, Any]:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        return {"connection": self.connection, "frame": text}

    def _opened(self) -> dict[str, Any]:
        self.connection += 1
        return {"connection": self.connection, "subprotocol": "ocpp2.0.1"}

    # --- what it does when the tester does something ---

    def _react(self, kind: Kind, data: Mapping[str, Any]) -> None:
        match kind:
            case Kind.SENT:
                self._answer(json.loads(data["frame"]))
            case Kind.DROP:
                self._plan(self._soon_ns(), Kind.CLOSED, {"connection": data["connection"]})
                self._plan(self._soon_ns(), Kind.REFUSED, {"endpoint": 1, "why": "gate"})
                self._plan(self._soon_ns(), Kind.OPENED, self._opened())
            case Kind.ACTION:
                outcome = {"status": self._usually("done", "timeout"), "detail": ""}
                self._plan(self._soon_ns(), Kind.RECEIVED, self._request())
                self._plan(
                    self._soon_ns(), Kind.ACTION_DONE, {"id": data["id"], "outcome": outcome}
                )
            case Kind.ASK:
                made = {"id": data["id"], "what": data["what"], "value": "made"}
                self._plan(self._soon_ns(), Kind.MADE, made)
            case _:
                pass

    def _answer(self, frame: list[Any]) -> None:
        if frame[0] != 2 or self.rng.random() < 0.04:
            return
        answer: list[Any] = [3, frame[1], CALLS[frame[2]][1]]
        chance = self.rng.random()
        if chance < 0.05:
            answer = [4, frame[1], "InternalError", "", {}]
        elif chance < 0.08:
            answer = [3, frame[1], {"status": "Nonsense"}]
        elif chance < 0.1:
            answer = [3, "an-unknown-id", {}]
        for _ in range(2 if self.rng.random() < 0.03 else 1):
            self._plan(self._soon_ns(), Kind.RECEIVED, self._frame(answer))

    def _usually(self, usual: str, rare: str) -> str:
        return rare if self.rng.random() < 0.03 else usual


_HABITS: tuple[tuple[Any, float], ...] = (
    ("says", 86),
    ("babbles", 3),
    ("reconnects", 3),
    (Kind.CLOSED, 2),
    (Kind.REFUSED, 2),
    (Kind.MADE, 4),
    (Kind.STALL, 0.2),
)
_EVENTS: Mapping[Kind, dict[str, Any]] = {
    Kind.CLOSED: {"endpoint": 1, "code": 1006},
    Kind.REFUSED: {"endpoint": 1, "why": "gate"},
    Kind.MADE: {"what": "file_served", "bytes": 7, "complete": True},
    Kind.STALL: {"why": "the bench was blocked"},
}
_BROKEN: tuple[Any, ...] = (
    "no JSON",
    "[]",
    [2, "x"],
    [9, "x", "Heartbeat", {}],
    [2, "x1", "NoSuchAction", {}],
    [2, "x2", "StatusNotification", {"evseId": "one"}],
)


def make_runs(path: Path, seeds: range) -> dict[int, CaseResult]:
    """Run the programs of these seeds into one file of evidence; give their results."""
    clock = VirtualClock(random.Random(seeds.start))
    writer = EvidenceWriter(path, clock)
    results = {}
    for seed in seeds:
        results[seed] = ScriptedRun(seed, writer, clock).run()
        clock.now_ns += NS
    writer.seal({"void": False})
    return results
