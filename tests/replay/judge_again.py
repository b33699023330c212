"""Judges the evidence of random programs again, in a process of its own: `judge_again.py FILE`.

Prints one JSON object: seed to result, with every check. The wall clock is a year off here.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.replay.programs import context, program
from vdoc.bench import CaseResult, CaseStart
from vdoc.bench.context import begin_case
from vdoc.bench.replay import ReplayPort, replay
from vdoc.bench.timeline import Timeline
from vdoc.evidence import Kind, Line, open_evidence

_YEAR_S = 365 * 86400


def by_case(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines of each case, without the seal."""
    current: list[Line] = []
    for line in lines:
        if line.kind is Kind.CASE and current:
            yield current
            current = []
        if line.kind is not Kind.SEAL:
            current.append(line)
    if current:
        yield current


def judge_again(lines: list[Line]) -> CaseResult:
    """Replay one program."""

    def begin(line: Line, port: ReplayPort) -> Timeline:
        start = CaseStart.from_json(line.case, line.data)
        return begin_case(line, start, port, program, context())

    return replay(lines, begin)[0]


def comparable(result: CaseResult) -> dict[str, Any]:
    """A result with everything in it, as JSON."""
    value: dict[str, Any] = json.loads(json.dumps(asdict(result)))
    return value


def main(path: Path) -> None:
    reader = open_evidence(path)
    found = {case[0].data["seed"]: comparable(judge_again(case)) for case in by_case(reader)}
    flaws = [flaw.message for flaw in reader.flaws]
    sys.stdout.write(json.dumps({"flaws": flaws, "results": found}))


if __name__ == "__main__":
    real_time = time.time
    time.time = lambda: real_time() + _YEAR_S
    main(Path(sys.argv[1]))
