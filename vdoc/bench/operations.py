"""What a case can wait for, as values that a Timeline steps.

Owns the awaitables. A case awaits nothing else: any other await is a fault of the case. An
operation begun at t with limit w has the deadline t + w; the Timeline sets it and resolves it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vdoc.bench.message import Event, Message

Incoming = Message | Event
Matcher = Callable[[Incoming], bool]


class Want(NamedTuple):
    """One message of a group that a case waits for.

    Attributes:
        actions: OCPP actions, any of which will do.
        where: says what the message *is* (which connector, which kind); never whether it is right.
        optional: the group is complete without it.
        what: words for the report.
    """

    actions: tuple[str, ...]
    where: Callable[[Message], bool] | None = None
    optional: bool = False
    what: str = ""

    def matches(self, incoming: Incoming) -> bool:
        """Tell whether this is the message; reads its kind only."""
        if not isinstance(incoming, Message) or incoming.form != "Request":
            return False
        return incoming.action in self.actions and (self.where is None or self.where(incoming))

    def __str__(self) -> str:
        name = " or ".join(f"{action}Request" for action in self.actions)
        return f"{name} ({self.what})" if self.what else name


def want(
    *actions: str,
    where: Callable[[Message], bool] | None = None,
    optional: bool = False,
    what: str = "",
) -> Want:
    """Return a `Want`; reads better in a case than its constructor."""
    return Want(actions, where, optional, what)


@dataclass(slots=True)
class Operation:
    """Root of all operations; `deadline_ns` is the Timeline's."""

    limit_s: float | None
    deadline_ns: int | None = field(default=None, init=False)

    def __await__(self) -> Generator[Operation, Any, Any]:
        return (yield self)


@dataclass(slots=True)
class Receive(Operation):
    """Waits for the first unclaimed observation that matches; resolves to None when it expires."""

    matches: Matcher
    since: int | None = None


@dataclass(slots=True)
class Group(Operation):
    """Waits for several messages; resolves to what was claimed, by index of its Want.

    In order when `ordered`; then an optional member that comes after its place is `misplaced`.
    """

    wants: tuple[Want, ...]
    ordered: bool
    claimed: dict[int, Message] = field(default_factory=dict, init=False)
    misplaced: list[Message] = field(default_factory=list, init=False)

    @property
    def complete(self) -> bool:
        """Every mandatory member has come."""
        return all(i in self.claimed or w.optional for i, w in enumerate(self.wants))

    @property
    def missing(self) -> tuple[Want, ...]:
        """Mandatory members that have not come."""
        return tuple(
            w for i, w in enumerate(self.wants) if i not in self.claimed and not w.optional
        )

    def offer(self, incoming: Incoming) -> bool:
        """Claim the message when it has a place here."""
        index = next((i for i in self._open() if self.wants[i].matches(incoming)), None)
        if index is not None and isinstance(incoming, Message):
            self.claimed[index] = incoming
            return True
        if self.ordered and self._late(incoming) and isinstance(incoming, Message):
            self.misplaced.append(incoming)
        return False

    def _place(self) -> int:
        return max(self.claimed, default=-1) + 1

    def _open(self) -> list[int]:
        if not self.ordered:
            return [i for i in range(len(self.wants)) if i not in self.claimed]
        places = []
        for i in range(self._place(), len(self.wants)):
            places.append(i)
            if not self.wants[i].optional:
                break
        return places

    def _late(self, incoming: Incoming) -> bool:
        passed = range(self._place())
        return any(self.wants[i].matches(incoming) for i in passed if i not in self.claimed)


@dataclass(slots=True)
class Silence(Operation):
    """Holds when nothing that matches comes in (start, deadline]; resolves to the intruder."""

    matches: Matcher


@dataclass(slots=True)
class Call(Operation):
    """A CALL of ours; resolves to the answer, or None when none came. Counts from its `sent`."""

    action: str
    payload: dict[str, Any]
    id: str
    lost: str = field(default="", init=False)


@dataclass(slots=True)
class Act(Operation):
    """A physical action; resolves to the data of its `action_done`."""

    id: str
    action: dict[str, Any]


@dataclass(slots=True)
class Ask(Operation):
    """Something that is no function of evidence; resolves to the value that was `made`."""

    id: str
    what: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class Wait(Operation):
    """A mandated wait; resolves when its time has passed."""


@dataclass(slots=True)
class Gather(Operation):
    """Several strands at once; resolves to their results when all have ended."""

    strands: tuple[Awaitable[Any], ...]
