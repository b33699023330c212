"""One case judged again: here, or by a process beside this one.

Owns what judging a case takes and gives, so that cases can be judged apart from each other: each
begins from its `case` line alone. Helpers are forked when the facts are known and are sent the
lines; what they return is the same as what is judged here, and is taken in the order of the cases.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from vdoc.bench import CaseFunction, CaseResult, CaseStart, DutState, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.replay import ReplayPort, replay
from vdoc.bench.timeline import Timeline
from vdoc.cases.intake import Intake
from vdoc.evidence import Kind, Line
from vdoc.rejudge.continuity import own_checks, own_lines, own_words
from vdoc.rejudge.contradiction import Contradiction
from vdoc.rejudge.leftovers import Leftovers
from vdoc.rejudge.observed import Own, Punctuality, own_course, own_outcomes, own_values

MOST_HELPERS = 4
_FRAMES = frozenset({Kind.RECEIVED, Kind.SENT})


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """What a case comes to, and what it hands on.

    Attributes:
        recorded: the verdict that the evidence records; None when it does not record one.
        flaws: contradictions within the lines of the case.
        value: what its function returned, when it is of use to the next case.
        gone: ids of calls that were given up on the connection at hand.
        left: what a restore after it has to undo.
        transactions: that were told of in it.
        own: what it asked for and got.
    """

    result: CaseResult
    recorded: str | None
    flaws: tuple[Contradiction, ...]
    value: Intake | DutState | None
    gone: tuple[str, ...]
    left: Mapping[str, Any] = field(default_factory=dict)
    transactions: tuple[str, ...] = ()
    own: Own = field(default_factory=Own)


def judge_case(
    lines: Sequence[Line], start: CaseStart, function: CaseFunction, context: RunContext
) -> JudgedCase:
    """Replay one case, of which the first line is its `case` line."""
    ports: list[ReplayPort] = []
    pace = Punctuality(context.settings.values.stall_tolerance_s, lines[0].mono_ns)

    def begin(line: Line, port: ReplayPort) -> Timeline:
        ports.append(port)
        return begin_case(line, start, port, function, context)

    result, timeline = replay(lines, begin, pace.before)
    value: object = timeline.value
    left = _left(lines)
    others = [line for line in lines if line.kind not in _FRAMES]
    flaws = [*own_lines(lines), *own_values(others)]
    if not result.diverged:
        judgements = ports[0].judgements
        flaws += [*own_checks(others, result), *own_words(others, result, judgements)]
        flaws += [*own_course(lines, ports[0].places), *pace.found]
    return JudgedCase(
        result,
        _recorded(others),
        tuple(flaws),
        value if isinstance(value, Intake | DutState) else None,
        tuple(timeline.peer.gone),
        left.extra(),
        left.transactions,
        own_outcomes(others),
    )


def _left(lines: Sequence[Line]) -> Leftovers:
    """Fold the lines; of lines that no bench writes nothing follows, and so nothing is right."""
    left = Leftovers()
    try:
        for line in lines:
            left.feed(line)
    except (LookupError, TypeError, ValueError, AttributeError):
        return Leftovers()
    return left


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
        count: how many; as many as there are processors unless said otherwise.
    """

    count: int = field(default_factory=lambda: min(MOST_HELPERS, len(os.sched_getaffinity(0))))
    _pool: ProcessPoolExecutor | None = None
    _facts: frozenset[str | None] = frozenset()
    _collecting: bool = False

    def submit(
        self,
        lines: Sequence[Line],
        start: CaseStart,
        functions: Mapping[str, CaseFunction],
        contexts: Mapping[str | None, RunContext],
    ) -> Future[JudgedCase] | None:
        """Have a case judged; None when the helpers do not know its facts."""
        if self._pool is None:
            self._facts = frozenset(contexts)
            _shared[:] = [_Shared(functions, dict(contexts))]
            forking = multiprocessing.get_context("fork")
            self._pool = ProcessPoolExecutor(self.count, forking, _keep_own_garbage)
            self._collecting = gc.isenabled()
            gc.disable()  # lines come and go by the million, none of them in a cycle
        if start.facts not in self._facts:
            return None
        told = pickle.dumps(list(zip(*lines, strict=True)))  # by column: quick, and small
        return self._pool.submit(_help, told, start)

    def close(self) -> None:
        """End the processes; closing twice is harmless."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
            _shared.clear()
            if self._collecting:
                gc.enable()


def _keep_own_garbage() -> None:
    """Begin a helper: garbage is collected between cases, and never the parent's."""
    gc.freeze()
    gc.disable()


def _help(told: bytes, start: CaseStart) -> JudgedCase:
    """Judge a case in a helper.

    Args:
        told: its lines, as the parent has pickled them, field by field.
        start: how it begins.

    Raises:
        RuntimeError: it cannot be judged; says why, since not every error survives the way back.
    """
    [shared] = _shared
    gc.collect()
    try:
        lines = list(map(Line, *pickle.loads(told)))  # noqa: S301  # from our own parent
        return judge_case(lines, start, shared.functions[start.case], shared.contexts[start.facts])
    except Exception as error:  # noqa: BLE001  # the boundary of a process
        raise RuntimeError(f"{start.case}: {type(error).__name__}: {error}") from None
