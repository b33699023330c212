"""Which step of a case each message met, found by judging the case again.

Evidence records what was checked on a message, not that a step waited for it and got it. The case,
replayed from its lines, says so. Where the replay leaves what is recorded (evidence of another
version) it is not known; the recorded checks stand without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from vdoc.bench import CaseStart, Facts, RunContext
from vdoc.bench.context import begin_case
from vdoc.bench.replay import ReplayPort, replay
from vdoc.bench.strands import Place
from vdoc.bench.timeline import Timeline
from vdoc.cases.registry import case_functions
from vdoc.digest import digest
from vdoc.errors import InputError
from vdoc.evidence import Line
from vdoc.pics import BenchSettings, Pics


def steps_met(run: Iterable[Line], case: Sequence[Line]) -> Mapping[int, Place] | None:
    """Return the step that waited for a message and got it, by the line of the message.

    None when this version cannot judge the case as it was judged.

    Args:
        run: the `run` lines of the evidence.
        case: the lines of the case, from its `case` line on.
    """
    first = case[0]
    function = case_functions().get(first.case)
    if function is None:
        return None
    try:
        start = CaseStart.from_json(first.case, first.data)
        context = _context(run, start.facts)
    except (InputError, KeyError, TypeError, ValueError):  # of another version
        return None

    def begin(line: Line, port: ReplayPort) -> Timeline:
        return begin_case(line, start, port, function, context)

    result, timeline = replay(case, begin)
    return None if result.diverged else timeline.claimed


def _context(run: Iterable[Line], facts_digest: str | None) -> RunContext:
    told = [line.data for line in run]
    [start] = [data for data in told if data.get("what") == "start"]
    known = {digest(data["value"]): data["value"] for data in told if data.get("what") == "facts"}
    facts = Facts() if facts_digest is None else Facts.model_validate(known[facts_digest])
    return RunContext(
        Pics.from_json(start["pics"]), BenchSettings.from_public(start["settings"]), facts
    )
