"""The evidence lines that a report shows beside its failures, read in one pass.

Owns which text of a line a reader wants to see: the message as it was on the wire, indented when it
is JSON, or the data of the line. Evidence that is cut short or altered still gives what it has.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vdoc.evidence import Line, open_evidence

_SHOWN_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of evidence for a reader."""

    n: int
    at: datetime
    kind: str
    text: str


def excerpts(evidence: Path, wanted: Iterable[int]) -> Mapping[int, Excerpt]:
    """Return the wanted lines by their number; lines that cannot be read are left out."""
    left = set(wanted)
    found: dict[int, Excerpt] = {}
    if not left:
        return found
    try:
        for line in open_evidence(evidence, check_chain=False):
            if line.n in left:
                found[line.n] = _excerpt(line)
                left.discard(line.n)
            if not left:
                break
    except (OSError, EOFError, zlib.error):
        return found
    return found


def _excerpt(line: Line) -> Excerpt:
    frame = line.data.get("frame")
    text = _indented(frame) if isinstance(frame, str) else _json(line.data)
    if len(text) > _SHOWN_CHARACTERS:
        text = f"{text[:_SHOWN_CHARACTERS]}\n… cut here; the whole is in the evidence"
    return Excerpt(line.n, line.at, line.kind.value, text)


def _indented(frame: str) -> str:
    try:
        return _json(json.loads(frame))
    except (ValueError, RecursionError):
        return frame


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
