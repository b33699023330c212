"""What every case of a run shares, and how a case is begun, live or replayed.

Owns the one way in which a Timeline, a Bench and a case function are put together, so that a live
run and a replay cannot differ in it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from vdoc.bench.answers import default_policies
from vdoc.bench.bench import Bench
from vdoc.bench.start import CaseStart, Facts
from vdoc.bench.timeline import Port, Timeline
from vdoc.evidence import Line
from vdoc.pics import BenchSettings, Pics

CaseFunction = Callable[[Bench], Coroutine[Any, Any, Any]]


@dataclass(frozen=True, slots=True)
class RunContext:
    """The values that do not change from case to case."""

    pics: Pics
    settings: BenchSettings
    facts: Facts


def begin_case(
    line: Line,
    start: CaseStart,
    port: Port,
    function: CaseFunction,
    context: RunContext,
    adopt: Callable[[Timeline], None] = lambda _timeline: None,
) -> Timeline:
    """Put a case together and run it up to its first wait.

    Args:
        line: its `case` line.
        start: what the line says.
        port: where deeds and judgements go.
        function: the case.
        context: what the run shares.
        adopt: told of the Timeline before the first step.
    """
    heartbeat_interval_s = round(context.settings.values.heartbeat_interval_s)
    timeline = Timeline(start, port, default_policies(heartbeat_interval_s))
    bench = Bench(timeline, pics=context.pics, settings=context.settings, facts=context.facts)
    adopt(timeline)
    coroutine = function(bench)
    try:
        timeline.begin(line, coroutine)
    except Exception:  # only a forged `case` line; the case has not begun
        coroutine.close()
        raise
    return timeline
