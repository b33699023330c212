"""One case judged again: here, or by a process beside this one.

Owns what judging a case takes and gives, so that cases can be judged apart from each other: each
begins from its `case` line alone. Helpers are forked when the facts are known and are sent raw
lines; what they return is the same as what is judged here, and is taken in the order of the cases.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field

from vdoc.bench import CaseFunction, CaseResult, CaseStart, DutState, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.replay import ReplayPort, replay
from vdoc.bench.timeline import Timeline
from vdoc.cases.intake import Intake
from vdoc.evidence import Kind, Line, parse_line
from vdoc.rejudge.continuity import Contradiction, own_checks, own_lines

MOST_HELPERS = 4


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """What a case comes to, and what it hands on.

    Attributes:
        recorded: the verdict that the evidence records; None when it does not record one.
        flaws: contradictions within the lines of the case.
        value: what its function returned, when it is of use to the next case.
        gone: ids of calls that were given up on the connection at hand.
    """

    result: CaseResult
    recorded: str | None
    flaws: tuple[Contradiction, ...]
    value: Intake | DutState | None
    gone: tuple[str, ...]


def judge_case(
    lines: Sequence[Line], start: CaseStart, function: CaseFunction, context: RunContext
) -> JudgedCase:
    """Replay one case, of which the first line is its `case` line."""

    def begin(line: Line, port: ReplayPort) -> Timeline:
        return begin_case(line, start, port, function, context)

    result, timeline = replay(lines, begin)
    value: object = timeline.value
    return JudgedCase(
        result,
        _recorded(lines),
        (*own_lines(lines), *own_checks(lines, result)),
        value if isinstance(value, Intake | DutState) else None,
        tuple(timeline.peer.gone),
    )


def _recorded(lines: Sequence[Line]) -> str | None:
    verdicts = [line.data.get("verdict") for line in lines if line.kind is Kind.VERDICT]
    return str(verdicts[0]) if len(verdicts) == 1 else None


# --- helpers ---


@dataclass(frozen=True, slots=True)
class _Shared:
    """What every helper has from its parent."""

    functions: Mapping[str, CaseFunction]
    contexts: Mapping[str | None, RunContext]


_shared: list[_Shared] = []
"""Filled before the fork; empty in a process that helps nobody."""


@dataclass(slots=True)
class Helpers:
    """Processes that judge cases.

    Args:
        text: returns the raw text of the line that was read last, without its LF.
        count: how many; as many as there are processors unless said otherwise.
    """

    text: Callable[[], bytes]
    count: int = field(default_factory=lambda: min(MOST_HELPERS, len(os.sched_getaffinity(0))))
    _pool: ProcessPoolExecutor | None = None
    _facts: frozenset[str | None] = frozenset()

    def submit(
        self,
        raw: Sequence[bytes],
        start: CaseStart,
        functions: Mapping[str, CaseFunction],
        contexts: Mapping[str | None, RunContext],
    ) -> Future[JudgedCase] | None:
        """Have a case judged; None when the helpers do not know its facts."""
        if self._pool is None:
            self._facts = frozenset(contexts)
            _shared[:] = [_Shared(functions, dict(contexts))]
            forking = multiprocessing.get_context("fork")
            self._pool = ProcessPoolExecutor(self.count, mp_context=forking)
        if start.facts not in self._facts:
            return None
        return self._pool.submit(_help, list(raw), start)

    def close(self) -> None:
        """End the processes; closing twice is harmless."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            _shared.clear()


def _help(raw: list[bytes], start: CaseStart) -> JudgedCase:
    """Judge a case in a helper.

    Raises:
        RuntimeError: it cannot be judged; says why, since not every error survives the way back.
    """
    [shared] = _shared
    try:
        lines = [parse_line(text)[0] for text in raw]
        return judge_case(lines, start, shared.functions[start.case], shared.contexts[start.facts])
    except Exception as error:  # noqa: BLE001  # the boundary of a process
        raise RuntimeError(f"{start.case}: {type(error).__name__}: {error}") from None
