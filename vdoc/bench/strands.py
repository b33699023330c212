"""Stepping coroutines without a loop: the strands of a case.

Owns who may run, and joining: a case is one strand, `gather` makes children of it. A child inherits
the cursor and the place in the table; a join takes the greatest cursor. When a strand raises, its
siblings are closed (their `finally` blocks run) and the parent gets the exception. It knows nothing
of time or messages: `start` is told of each operation that a strand begins to wait for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from vdoc.bench.operations import Gather, Operation
from vdoc.bench.outcome import Phase


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its table a strand stands; a check takes its defaults from here."""

    step: str = ""
    requirement: str = ""
    prefix: str = ""
    phase: Phase = Phase.MAIN

    @property
    def label(self) -> str:
        """The step as a report names it: `Booted.5`, `3`, `Before.EVConnectedPreSession.1`."""
        before = "Before" if self.phase is Phase.BEFORE else ""
        return ".".join(part for part in (before, self.prefix, self.step) if part)


@dataclass(eq=False, slots=True)
class Strand:
    """One coroutine of a case."""

    coroutine: Coroutine[Any, Any, Any]
    cursor: int
    place: Place
    parent: Strand | None = None
    waiting: Operation | None = None
    children: list[Strand] = field(default_factory=list)
    ended: bool = False
    result: Any = None
    error: Exception | None = None


class Strands:
    """The scheduler of one case.

    Args:
        start: called with a strand and the operation it begins to wait for; whoever resolves the
            operation calls `resume`.
        stopped: called with an operation that nobody waits for any longer.
    """

    def __init__(
        self,
        start: Callable[[Strand, Operation], None],
        stopped: Callable[[Operation], None],
    ) -> None:
        self._start = start
        self._stopped = stopped
        self._ready: deque[tuple[Strand, Any, Exception | None]] = deque()
        self._root: Strand | None = None
        self._current: Strand | None = None

    @property
    def current(self) -> Strand:
        """The strand that is running; outside of a step, the root."""
        strand = self._current or self._root
        if strand is None:
            raise RuntimeError("no case has begun")
        return strand

    @property
    def root(self) -> Strand:
        """The case itself."""
        if self._root is None:
            raise RuntimeError("no case has begun")
        return self._root

    @property
    def finished(self) -> bool:
        """The case has ended."""
        return self._root is not None and self._root.ended

    def cursors(self) -> list[int]:
        """Return the cursors of all strands that have not ended."""
        found: list[int] = []
        todo = [] if self._root is None else [self._root]
        while todo:
            strand = todo.pop()
            found.append(strand.cursor)
            todo += [child for child in strand.children if not child.ended]
        return found

    def begin(self, coroutine: Coroutine[Any, Any, Any], cursor: int, place: Place) -> None:
        """Make `coroutine` the case and run it until every strand blocks."""
        self._root = Strand(coroutine, cursor, place)
        self._ready.append((self._root, None, None))
        self.run()

    def resume(self, strand: Strand, value: Any = None, error: Exception | None = None) -> None:  # noqa: ANN401
        """Let a strand go on with the result of what it waited for, at the next `run`."""
        strand.waiting = None
        self._ready.append((strand, value, error))

    def run(self) -> None:
        """Step every strand that is ready until all block."""
        while self._ready:
            strand, value, error = self._ready.popleft()
            if not strand.ended:
                self._step(strand, value, error)

    def close(self) -> None:
        """End the case from outside; its `finally` blocks run."""
        if self._root is not None and not self._root.ended:
            self._close(self._root)

    def _step(self, strand: Strand, value: Any, error: Exception | None) -> None:  # noqa: ANN401
        self._current = strand
        try:
            coroutine = strand.coroutine
            operation = coroutine.send(value) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            self._end(strand, stop.value, None)
        except Exception as raised:  # noqa: BLE001  # the case boundary
            self._end(strand, None, raised)
        else:
            self._wait(strand, operation)
        finally:
            self._current = None

    def _wait(self, strand: Strand, operation: object) -> None:
        strand.waiting = operation if isinstance(operation, Operation) else None
        if isinstance(operation, Gather):
            self._fork(strand, operation)
        elif isinstance(operation, Operation):
            self._start(strand, operation)
        else:
            strand.coroutine.close()
            fault = TypeError(f"a case awaits only Bench operations, not {operation!r}")
            self._end(strand, None, fault)

    def _fork(self, parent: Strand, gather: Gather) -> None:
        parent.children = [
            Strand(_as_coroutine(awaitable), parent.cursor, replace(parent.place), parent)
            for awaitable in gather.strands
        ]
        if not parent.children:
            self.resume(parent, [])
        for child in parent.children:
            self._ready.append((child, None, None))

    def _end(self, strand: Strand, result: Any, error: Exception | None) -> None:  # noqa: ANN401
        strand.ended, strand.result, strand.error = True, result, error
        parent = strand.parent
        if parent is None or parent.ended:
            return
        if error is not None:
            for sibling in parent.children:
                self._close(sibling)
            self._join(parent)
            self.resume(parent, error=error)
        elif all(child.ended for child in parent.children):
            results = [child.result for child in parent.children]
            self._join(parent)
            self.resume(parent, results)

    def _join(self, parent: Strand) -> None:
        parent.cursor = max([parent.cursor, *(child.cursor for child in parent.children)])
        parent.children = []

    def _close(self, strand: Strand) -> None:
        if strand.ended:
            return
        strand.ended = True
        if strand.waiting is not None:
            self._stopped(strand.waiting)
        for child in strand.children:
            self._close(child)
        before, self._current = self._current, strand
        try:
            strand.coroutine.close()
        except RuntimeError as error:
            strand.error = error
        finally:
            self._current = before


def _as_coroutine(awaitable: Any) -> Coroutine[Any, Any, Any]:  # noqa: ANN401
    if isinstance(awaitable, Coroutine):
        return awaitable

    async def run() -> Any:  # noqa: ANN401
        return await awaitable

    return run()
