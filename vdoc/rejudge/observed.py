"""What no bench could have recorded: observations that contradict what they came from.

Owns what can be computed again of the observations of one case, which the replay itself takes as
they are: outcomes of what was never asked for, values that do not follow from what they were made
of, files that nobody had offered, deadlines when nothing was due, a bench that was late without
saying so. An observation that contradicts nothing may still be made up; docs/verification.md says
what binds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vdoc.bench.timeline import NS, Timeline
from vdoc.evidence import DEEDS, JUDGEMENTS, Kind, Line
from vdoc.evidence.sameness import same
from vdoc.rejudge.contradiction import Contradiction, cut
from vdoc.tls.csr import csr_facts
from vdoc.tls.hash_data import certificate_hash_data

LATE_S = 1.0
"""By how much a line may be later than the settings' stall tolerance: time to write it."""

DEED_S = 5.0
"""Seconds within which a deed or check follows its cause; usually it is microseconds."""

_DEED_NS = round(DEED_S * NS)

_LINKS = frozenset({Kind.CASE, Kind.OPENED, Kind.CLOSED, Kind.DROP, Kind.GATE, Kind.TLS})


@dataclass(frozen=True, slots=True)
class Own:
    """What a case asked for and got, as far as other cases are concerned.

    Attributes:
        unanswered: ids of what was asked for, or done, and had no outcome when the case ended.
        late: outcomes of what this case did not ask for; the case before may have.
        offered: SHA-256 of each file that was offered, None for a folder, by its location.
        served: lines that tell of a file that was served.
    """

    unanswered: frozenset[str] = frozenset()
    late: tuple[Line, ...] = ()
    offered: Mapping[str, str | None] = field(default_factory=dict)
    served: tuple[Line, ...] = ()


def own_outcomes(lines: Sequence[Line]) -> Own:
    """Return what a case asked for and got."""
    asked: set[str] = set()
    late: list[Line] = []
    served: list[Line] = []
    offered: dict[str, str | None] = {}
    for line in lines:
        if line.kind in {Kind.ACTION, Kind.ASK}:
            asked.add(str(line.data.get("id")))
        elif line.kind is Kind.ACTION_DONE or (line.kind is Kind.MADE and "id" in line.data):
            identity = str(line.data.get("id"))
            if identity in asked:
                asked.discard(identity)
            else:
                late.append(line)
            offered |= _offer(line.data)
        elif line.kind is Kind.MADE and line.data.get("what") == "file_served":
            served.append(line)
    return Own(frozenset(asked), tuple(late), offered, tuple(served))


def _offer(data: Mapping[str, Any]) -> dict[str, str | None]:
    value = data.get("value")
    if not isinstance(value, dict) or "location" not in value:
        return {}
    return {str(value["location"]): value.get("sha256")}


def own_values(lines: Sequence[Line]) -> Iterator[Contradiction]:
    """Yield the values that do not follow from what they were made of."""
    asked: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        if line.kind is Kind.ASK:
            asked[str(line.data["id"])] = line.data
        elif line.kind is Kind.MADE and str(line.data.get("id")) in asked:
            asking = asked[str(line.data["id"])]
            got, expected = _value(asking, line.data)
            if not same(got, expected):
                words = f"made of {asking['what']} is {cut(got)}, what follows is {cut(expected)}"
                yield Contradiction("made-value", words, line.n)


def _value(asking: Mapping[str, Any], made: Mapping[str, Any]) -> tuple[object, object]:
    """Return what was made, as far as it can be computed, and what it must be."""
    what, arguments, value = asking["what"], asking["arguments"], made.get("value")
    if made.get("what") != what:
        return made.get("what"), what
    if "error" in made or not isinstance(value, dict):
        return None, None
    got: object = None
    expected: object = None
    if what in {"csr_facts", "sign_csr"}:
        got = value if what == "csr_facts" else value["facts"]
        expected = csr_facts(arguments["csr"])
    elif what == "root_certificate" and arguments.get("form") != "by-predecessor":
        got = value["hash_data"]  # by a predecessor: its issuer is not in evidence
        expected = certificate_hash_data(value["pem"]).as_json()
    return got, _as_read(expected)


def _as_read(value: object) -> object:
    """Return a value as evidence would give it back: tuples as lists."""
    return json.loads(json.dumps(value))


def own_course(lines: Sequence[Line], places: Sequence[int]) -> Iterator[Contradiction]:
    """Yield the first deed or judgement that does not stand behind what caused it.

    Args:
        lines: of a case.
        places: how many lines that are no judgements stand before each judgement of the replay.
    """
    before, others, number = lines[0], 0, 0
    for line in lines:
        late_ns = line.mono_ns - before.mono_ns
        if late_ns > _DEED_NS and (line.kind in DEEDS or line.kind in JUDGEMENTS):
            words = f"this {line.kind.value} follows its cause after {late_ns / NS:.3f} s"
            yield Contradiction("deed-late", words, line.n)
            return
        if line.kind not in JUDGEMENTS:
            others += 1
        elif number < len(places) and places[number] != others:
            words = f"this {line.kind.value} stands elsewhere than the case makes it"
            yield Contradiction("judgement-order", words, line.n)
            return
        else:
            number += 1
        before = line


@dataclass(slots=True)
class Punctuality:
    """Looks at each observation before a replayed case sees it.

    Args:
        stall_s: how late the bench may be at a deadline by the settings.
        newest_ns: the stamp of the line before.
    """

    stall_s: float
    newest_ns: int
    found: list[Contradiction] = field(default_factory=list)
    _allowed_ns: int = field(init=False)

    def __post_init__(self) -> None:
        self._allowed_ns = round((self.stall_s + LATE_S) * NS)

    def before(self, line: Line, timeline: Timeline) -> None:
        """Take the next observation, and the case that waits for it."""
        since, self.newest_ns = self.newest_ns, line.mono_ns
        allowed_ns = self._allowed_ns
        if line.kind is Kind.DEADLINE:
            due_ns = timeline.deadline_ns
            if due_ns is None or due_ns >= line.mono_ns:
                self._add("deadline", "a deadline passes, and nothing was due", line)
        if line.kind is Kind.STALL or line.mono_ns - since <= allowed_ns:
            return  # not late: what is due was begun no earlier than the line before
        due_ns = timeline.deadline_ns
        if due_ns is not None and line.mono_ns - due_ns > allowed_ns:
            late_s = (line.mono_ns - due_ns) / NS
            self._add("stall", f"nothing says that the bench was {late_s:.3f} s late", line)

    def _add(self, code: str, words: str, line: Line) -> None:
        if code not in {each.code for each in self.found}:
            self.found.append(Contradiction(code, words, line.n))


def links(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a case that bind it to the connections of the run.

    Of what was received on one connection without a break the first stands for all.
    """
    found: list[Line] = []
    on: object = None
    for line in lines:
        if line.kind is Kind.RECEIVED:
            if line.data.get("connection") != on:
                on = line.data.get("connection")
                found.append(line)
        elif line.kind in _LINKS:
            on = None
            found.append(line)
    return found
