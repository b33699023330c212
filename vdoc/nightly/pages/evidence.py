"""The lines of single cases out of the evidence of a run.

Owns finding them without parsing the rest: a page needs one case of hundreds. What cannot be read
any further (a torn line, a damaged archive) ends the reading; nothing is judged here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vdoc.evidence import Kind, Line, parse_line, raw_lines
from vdoc.nightly.finished import evidence_file
from vdoc.rejudge import UPKEEP

_BOUNDARIES = (b'"kind":"case"', b'"kind":"run"', b'"kind":"seal"')


@dataclass(slots=True)
class CaseLines:
    """What a run was made with, and the lines of the cases that were asked for.

    Attributes:
        run: the `run` lines that stand before the last of these cases.
        cases: their lines by the ordinal of the case, each from its `case` line on.
    """

    run: list[Line] = field(default_factory=list)
    cases: dict[int, list[Line]] = field(default_factory=dict)


def read_cases(directory: Path, ordinals: Iterable[int]) -> CaseLines:
    """Return the lines of these cases of a run.

    Args:
        directory: of the run.
        ordinals: count from 0 as the history does, without what the runner itself does.

    Raises:
        InputError: there is no evidence (any more).
    """
    wanted, found = set(ordinals), CaseLines()
    last, number, inside = max(wanted, default=-1), -1, False
    for raw in _whole(evidence_file(directory)):
        boundary = any(mark in raw for mark in _BOUNDARIES)
        line = _parsed(raw) if boundary or inside else None
        if line is None:
            continue
        if line.kind in {Kind.CASE, Kind.RUN, Kind.SEAL}:
            number += line.kind is Kind.CASE and line.case not in UPKEEP
            inside = line.kind is Kind.CASE and line.case not in UPKEEP and number in wanted
            if number > last:
                break
        if line.kind is Kind.RUN:
            found.run.append(line)
        elif inside:
            found.cases.setdefault(number, []).append(line)
    return found


def _whole(path: Path) -> Iterator[bytes]:
    try:
        for raw in raw_lines(path):
            if raw.endswith(b"\n"):
                yield raw[:-1]
    except (EOFError, OSError, zlib.error):
        return


def _parsed(raw: bytes) -> Line | None:
    try:
        return parse_line(raw)[0]
    except ValueError:
        return None
