"""What one case hands to the next, so that no case of another run can be put in its place.

Owns the rules that hold between the cases of a run and that no single case shows: the seed, the
facts, what the runner told a case of those before it, the state of the DUT as the case before left
it, the connection at hand, outcomes that come late; and that all lines of a case are its own and
its recorded judgements are the ones that it makes. Everything is computed from the evidence and
compared with what each `case` line says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol

from vdoc.bench import CaseResult, CaseStart, DutState
from vdoc.bench.start import OpenConnection
from vdoc.cases.intake import Intake
from vdoc.evidence import Kind, Line
from vdoc.evidence.sameness import same
from vdoc.rejudge.connections import Connections
from vdoc.rejudge.contradiction import Contradiction, cut
from vdoc.rejudge.observed import Own

_PLACE = attrgetter("case", "variant")


class HandedOn(Protocol):
    """What is looked at of a judged case."""

    @property
    def result(self) -> CaseResult:
        """Its verdict, and whether it diverged."""

    @property
    def value(self) -> Intake | DutState | None:
        """What its function returned, when it is of use to the next case."""

    @property
    def gone(self) -> tuple[str, ...]:
        """Ids of calls that were given up on the connection at hand."""

    @property
    def left(self) -> Mapping[str, Any]:
        """What a restore after it has to undo."""

    @property
    def transactions(self) -> tuple[str, ...]:
        """The transactions that were told of in it."""

    @property
    def own(self) -> Own:
        """What it asked for and got."""


class Continuity:
    """Follows a whole run case by case.

    Args:
        seed: of the run, as its first line says; None when it does not.
        identity: under which the DUT connects.
    """

    def __init__(self, seed: object, identity: str = "") -> None:
        self._seed = seed
        self._state: DutState | None = None
        self._facts: str | None = None
        self._open: OpenConnection | None = None
        self._connections = Connections(identity)
        self._left: Mapping[str, Any] | None = None
        self._transactions: tuple[str, ...] = ()
        self._past: tuple[str, ...] = ()
        self._unanswered: frozenset[str] = frozenset()
        self._offered: dict[str, str | None] = {}

    def provisioned(self) -> None:
        """Forget the state: the DUT was brought to another outside of OCPP."""
        self._state = None

    def learned(self, facts: str) -> None:
        """Take the digest of the facts that are in force from now on."""
        self._facts = facts

    def begins(self, start: CaseStart, line: Line) -> list[Contradiction]:
        """Return where a `case` line differs from what follows from the lines before it."""
        self._connections.begins(start)
        connection = None if self._open is None else self._open.as_json()
        pairs: list[tuple[str, str, str, object]] = [
            ("case-seed", "seed", "seed", self._seed),
            ("case-attempt", "attempt", "attempt", 1),
            ("case-facts", "facts", "facts", self._facts),
            ("case-connection", "connection", "connection", connection),
        ]
        told = self._told(start)
        if told is not None:
            pairs.append(("case-told", "account of the cases before", "extra", told))
        if self._state is not None:
            state = self._state.model_dump(mode="json")
            pairs.append(("case-state", "state of the DUT", "state", state))
        found = [
            Contradiction(
                code,
                f"{start.case} begins with another {what} than the lines before leave: "
                f"got {cut(line.data.get(name))}, expected {cut(expected)}",
                line.n,
            )
            for code, what, name, expected in pairs
            if not same(line.data.get(name), expected)
        ]
        if line.data.keys() != start.as_json().keys():
            words = f"{start.case} begins with something that no case begins with"
            found.append(Contradiction("case-line", words, line.n))
        if self._facts is None and start.case != "intake":
            words = f"{start.case} begins, and what intake found is not recorded"
            found.append(Contradiction("facts-missing", words, line.n))
        return found

    def _told(self, start: CaseStart) -> Mapping[str, Any] | None:
        """Return what the runner tells a case of those before it; None when nobody can know."""
        match start.case:
            case "intake":
                return {"passwords": [start.state.password.name]}
            case "restore":
                return self._left
            case "closing":
                return {}
            case _:
                return {"past": list(self._past)} if self._past else {}

    def ended(
        self, start: CaseStart, lines: Sequence[Line], judged: HandedOn
    ) -> list[Contradiction]:
        """Take what a case hands on; one that diverged leaves the state unknown.

        Args:
            start: how it began.
            lines: those that bind it to the connections of the run.
            judged: what it came to.

        Returns:
            What it shows and no bench could have recorded after the cases before.
        """
        found = [wrong for line in lines for wrong in self._connections.feed(line)]
        for line in lines:
            self._connection(line)
        if self._open is not None:
            self._open = OpenConnection(self._open.number, self._open.opened, judged.gone)
        self._leave(start, judged)
        value = judged.value.state if isinstance(judged.value, Intake) else judged.value
        if judged.result.diverged:
            self._state = None
        elif isinstance(value, DutState) and start.case != "closing":
            self._state = value
        elif self._state is None:
            self._state = start.state
        return [*found, *self._outcomes(judged.own)]

    def _leave(self, start: CaseStart, judged: HandedOn) -> None:
        """Remember what the next restore has to undo, and the transactions up to a restore."""
        if start.case == "restore":
            self._past = tuple(dict.fromkeys((*self._transactions, *judged.transactions)))
            self._left, self._transactions = None, ()
        else:
            self._left, self._transactions = judged.left, judged.transactions

    def _outcomes(self, own: Own) -> list[Contradiction]:
        found: list[Contradiction] = []
        for line in own.late:  # of the case before, when it ended first
            if str(line.data.get("id")) not in self._unanswered:
                words = f"{line.kind.value} of {cut(line.data.get('id'))}, which nobody asked for"
                found.append(Contradiction("outcome-unasked", words, line.n))
        self._unanswered = own.unanswered
        self._offered |= own.offered
        for line in own.served:
            location, sha256 = str(line.data.get("location")), line.data.get("sha256")
            whole = line.data.get("complete") is True
            if location not in self._offered:
                words = f"a file is served at {cut(location)}, where none was offered"
                found.append(Contradiction("served-unoffered", words, line.n))
            elif whole and sha256 != self._offered[location]:
                words = f"the file served is {cut(sha256)}, offered was {self._offered[location]}"
                found.append(Contradiction("served-unoffered", words, line.n))
        return found

    def _connection(self, line: Line) -> None:
        if line.kind is Kind.OPENED:
            self._open = OpenConnection(line.data.get("connection", 0), line.data)
        elif line.kind in {Kind.CLOSED, Kind.DROP}:
            number = None if self._open is None else self._open.number
            if number == line.data.get("connection"):
                self._open = None


def own_lines(lines: Sequence[Line]) -> list[Contradiction]:
    """Return the first line that stands among those of a case and names another."""
    first = lines[0]
    place = (first.case, first.variant)
    if set(map(_PLACE, lines)) == {place}:
        return []
    for line in lines:
        if (line.case, line.variant) != place:
            words = f"it says that it is of {line.case} {line.variant}, and stands in {first.case}"
            return [Contradiction("case-label", words, line.n)]
    return []


def own_checks(lines: Sequence[Line], result: CaseResult) -> list[Contradiction]:
    """Return the first recorded check that is not the one that the replayed case makes."""
    if result.diverged:
        return []
    recorded = [line for line in lines if line.kind is Kind.CHECK]
    made: list[dict[str, Any]] = [check.as_json() for check in result.checks]
    for line, data in zip(recorded, made, strict=False):
        if not same(line.data, data):
            words = f"the recorded check is {cut(line.data)}, the case makes {cut(data)}"
            return [Contradiction("check", words, line.n)]
    if len(recorded) != len(made):
        words = f"{result.case} has {len(recorded)} recorded checks and makes {len(made)}"
        return [Contradiction("check", words, lines[-1].n)]
    return []


def own_words(
    lines: Sequence[Line], result: CaseResult, made: Sequence[tuple[Kind, Mapping[str, Any]]]
) -> list[Contradiction]:
    """Return the first note, or reason of a verdict, that the replayed case does not give.

    Args:
        lines: of the case.
        result: what it comes to.
        made: the judgements of the replay, in order.
    """
    if result.diverged:
        return []
    recorded = [line for line in lines if line.kind in {Kind.NOTE, Kind.VERDICT}]
    words = [data for kind, data in made if kind is not Kind.CHECK]
    for line, data in zip(recorded, words, strict=False):
        got, expected = line.data.get("text"), data.get("text")
        if line.kind is Kind.VERDICT:
            got, expected = line.data.get("because"), data.get("because")
        if got != expected:
            said = f"the recorded words are {cut(got)}, the case says {cut(expected)}"
            return [Contradiction("words", said, line.n)]
    if len(recorded) != len(words):
        said = f"{result.case} has {len(recorded)} notes and verdicts and makes {len(words)}"
        return [Contradiction("words", said, lines[-1].n)]
    return []
