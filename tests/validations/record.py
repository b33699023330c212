"""The lines of one case, as the tables speak of them: messages by name, places by deeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vdoc.evidence import JUDGEMENTS, Kind, Line

UNDER_TEST = (1, 1)
"""EVSE and connector as the tables name them."""


@dataclass(frozen=True)
class Seen:
    """A line with what it says: for a frame its payload, for anything else its data."""

    index: int
    line: Line
    name: str
    body: dict[str, Any]


class Record:
    """One case, without its judgements."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines = [line for line in lines if line.kind not in JUDGEMENTS]
        self.seen: list[Seen] = []
        self._asked: dict[str, str] = {}
        for index, line in enumerate(self.lines):
            self.seen.append(Seen(index, line, *self._read(line)))

    def _read(self, line: Line) -> tuple[str, dict[str, Any]]:
        if line.kind not in {Kind.RECEIVED, Kind.SENT}:
            return line.kind.value, line.data
        frame = frame_of(line)
        if isinstance(frame, list) and len(frame) == 4 and frame[0] == 2:
            self._asked[frame[1]] = frame[2]
            return f"{frame[2]}Request", frame[3]
        if isinstance(frame, list) and len(frame) == 3 and frame[0] == 3:
            return f"{self._asked.get(frame[1], 'Unknown')}Response", frame[2]
        return "CallError", {}

    def of_station(self, name: str) -> list[Seen]:
        """Messages of the station by name."""
        return [s for s in self.seen if s.line.kind is Kind.RECEIVED and s.name == name]

    def last_request(self, action: str) -> int | None:
        """Where the tester's last CALL of this action was sent."""
        return self._last(
            s.line.kind is Kind.SENT and s.name == f"{action}Request" for s in self.seen
        )

    def last_action(self, operation: str) -> int | None:
        """Where the last such physical action began."""
        return self._last(
            s.line.kind is Kind.ACTION and s.body["action"]["operation"] == operation
            for s in self.seen
        )

    @property
    def place(self) -> tuple[int, int]:
        """EVSE and connector that the case used: those under test, unless it used only others."""
        actions = [s.body["action"] for s in self.seen if s.line.kind is Kind.ACTION]
        used = [(a["evse"], a["connector"]) for a in actions if a["operation"] == "plugin"]
        return used[0] if used and UNDER_TEST not in used else UNDER_TEST

    @staticmethod
    def _last(hits: Iterable[bool]) -> int | None:
        return max((index for index, hit in enumerate(hits) if hit), default=None)


def frame_of(line: Line) -> Any:
    """The frame of a line; None when it is no JSON."""
    try:
        return json.loads(line.data["frame"])
    except ValueError:
        return None


def with_body(line: Line, body: dict[str, Any]) -> Line:
    """The line, saying this instead."""
    if line.kind not in {Kind.RECEIVED, Kind.SENT}:
        return line._replace(data=body)
    frame = [*frame_of(line)[:-1], body]
    return line._replace(data={**line.data, "frame": json.dumps(frame, separators=(",", ":"))})


def is_answer(line: Line) -> bool:
    """Tell whether the tester answers a CALL of the station here."""
    if line.kind is not Kind.SENT:
        return False
    frame = frame_of(line)
    return isinstance(frame, list) and frame[0] in {3, 4}


def cases_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each case, in order, without those about the run."""
    found: list[list[Line]] = []
    for line in lines:
        if line.kind is Kind.CASE:
            found.append([])
        if found and line.kind not in {Kind.RUN, Kind.SEAL}:
            found[-1].append(line)
    return found
