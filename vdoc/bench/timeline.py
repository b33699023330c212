"""The Timeline: steps a case through its evidence, without clock, loop or socket.

Owns the semantics of `shared/timeline.md`. Observations are fed one at a time, already written; the
case runs until every strand blocks; each deed goes through the port, which writes it and then does
it (live) or requires it to be the next recorded one (replay). Now is the stamp of the last
observation or deed. An operation begun at t with limit w is in time up to and including t + w; the
first line later than that expires it, in the order of deadline, then of start, and the strands that
wake run before the line becomes visible.
"""

from __future__ import annotations

import traceback
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any, Protocol

from vdoc.bench.answers import Policy
from vdoc.bench.message import Event, Message
from vdoc.bench.operations import (
    Act,
    Ask,
    Call,
    Group,
    Incoming,
    Operation,
    Receive,
    Silence,
    Wait,
)
from vdoc.bench.outcome import (
    BenchFaultError,
    CaseResult,
    Check,
    Phase,
    StepFailedError,
    Verdict,
    judge,
)
from vdoc.bench.peer import Peer
from vdoc.bench.start import CaseStart
from vdoc.bench.strands import Place, Strand, Strands
from vdoc.evidence import Kind, Line

NS = 1_000_000_000

_PRUNE_EVERY = 256  # unclaimed observations that no strand can claim any more are let go

_EVENTS = frozenset({Kind.OPENED, Kind.CLOSED, Kind.REFUSED, Kind.TLS})


class Port(Protocol):
    """How deeds and judgements leave a Timeline."""

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        """Write a deed and do it, or require it to be the next recorded one."""
        ...

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        """Write a check, note or verdict; a replay drops it."""
        ...


class Timeline:
    """One case, being stepped.

    Args:
        start: what the case starts from.
        port: where deeds and judgements go.
        policies: answers in force at the start.
    """

    def __init__(self, start: CaseStart, port: Port, policies: Mapping[str, Policy]) -> None:
        self.start = start
        self.checks: list[Check] = []
        self.collected: list[tuple[frozenset[str], list[Message]]] = []
        self.marks: set[int] = set()
        self.claimed: dict[int, Place] = {}  # which step each awaited message met, by its line
        self.strands = Strands(self._begin_operation, self._stop_operation)
        self.peer = Peer(
            policies,
            send=self._send,
            breach=self._breach,
            answered=self._call_answered,
            note=self.note,
        )
        self.now_ns = 0
        self.line_n = 0
        self._newest: Line | None = None
        self._port = port
        self._pending: list[tuple[Operation, Strand]] = []  # in the order of their start
        self._inbox: list[Incoming] = []
        self._stalled = False
        self._result: CaseResult | None = None

    # --- seen from a shell ---

    def begin(self, line: Line, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Start the case on its `case` line."""
        self._stamp(line)
        self.peer.begin(self.start.connection)
        self.strands.begin(coroutine, line.n, Place())
        self._conclude()

    def feed(self, line: Line) -> None:
        """Take one observation and run the case until it blocks; a finished case ignores it."""
        if self._result is not None:
            return
        self._stamp(line)
        if line.kind is Kind.STALL:  # first, since what expired by it expired by our fault
            self._stall(line)
            return
        self._expire(line.mono_ns)
        if self._result is None:
            self._dispatch(line)
            self.strands.run()
            self._conclude()

    @property
    def now(self) -> datetime | None:
        """UTC time of the last observation or deed; None before the first."""
        return None if self._newest is None else self._newest.at

    @property
    def deadline_ns(self) -> int | None:
        """When the next operation expires, by the bench's monotonic clock; None when none will."""
        deadlines = [op.deadline_ns for op, _ in self._pending if op.deadline_ns is not None]
        return min(deadlines) if deadlines else None

    @property
    def result(self) -> CaseResult | None:
        """How the case came out; None while it runs."""
        return self._result

    @property
    def value(self) -> Any:  # noqa: ANN401  # whatever the coroutine returns
        """What the coroutine returned, once it has."""
        return self.strands.root.result

    def abort(self, because: str) -> None:
        """End the case from outside as a fault of the bench (a void run, a signal)."""
        if self._result is None:
            self.strands.close()
            self._finish(BenchFaultError(because))

    # --- seen from the Bench ---

    def deed(self, kind: Kind, data: dict[str, Any], *, moves_cursor: bool = True) -> Line:
        """Do something, and move the cursor of the running strand to it."""
        line = self._port.deed(kind, data)
        self._stamp(line)
        if moves_cursor:
            strand = self.strands.current
            strand.cursor = max(strand.cursor, line.n)
        return line

    def check(self, check: Check) -> None:
        """Record one validation."""
        self.checks.append(check)
        self._port.judgement(Kind.CHECK, check.as_json())

    def note(self, text: str) -> None:
        """Record something worth knowing that decides nothing."""
        self._port.judgement(Kind.NOTE, {"text": text})

    # --- time ---

    def _stamp(self, line: Line) -> None:
        self.now_ns = max(self.now_ns, line.mono_ns)
        self._newest = line
        self.line_n = line.n

    def _expire(self, mono_ns: int) -> None:
        while self._result is None:
            first_ns = self.deadline_ns
            if first_ns is None or first_ns >= mono_ns:
                return
            operation, strand = next(
                entry for entry in self._pending if entry[0].deadline_ns == first_ns
            )
            self._expire_one(operation, strand)
            self.strands.run()
            self._conclude()

    def _expire_one(self, operation: Operation, strand: Strand) -> None:
        self._remove(operation)
        match operation:
            case Call():
                operation.lost = f"no answer within {operation.limit_s:g} s"
                self._set_deadline(self.peer.give_up(operation))
                self.strands.resume(strand, None)
            case Group():
                self.strands.resume(strand, operation)
            case _:
                self.strands.resume(strand, None)

    # --- operations ---

    def _begin_operation(self, strand: Strand, operation: Operation) -> None:
        try:
            self._begin(strand, operation)
        except BenchFaultError as fault:
            self.strands.resume(strand, error=fault)

    def _begin(self, strand: Strand, operation: Operation) -> None:
        match operation:
            case Receive():
                self._look_back(strand, operation)
            case Group():
                self._look_back_group(strand, operation)
            case Silence() | Wait():
                self._pend(strand, operation)
            case Call():
                self._begin_call(strand, operation)
            case Act():
                data = {
                    "id": operation.id,
                    "action": operation.action,
                    "limit_s": operation.limit_s,
                }
                self._pend(strand, operation, timed=False)
                self.deed(Kind.ACTION, data)
            case Ask():
                data = {
                    "id": operation.id,
                    "what": operation.what,
                    "arguments": operation.arguments,
                }
                self._pend(strand, operation, timed=False)
                self.deed(Kind.ASK, data, moves_cursor=False)
            case _:
                raise BenchFaultError(f"unknown operation {operation!r}")

    def _pend(self, strand: Strand, operation: Operation, *, timed: bool = True) -> None:
        if timed and operation.limit_s is not None:
            operation.deadline_ns = self.now_ns + round(operation.limit_s * NS)
        self._pending.append((operation, strand))

    def _set_deadline(self, operation: Call | None) -> None:
        if operation is not None and operation.limit_s is not None:
            operation.deadline_ns = self.now_ns + round(operation.limit_s * NS)
            for pending, strand in self._pending:
                if pending is operation:
                    strand.cursor = max(strand.cursor, self.line_n)

    def _begin_call(self, strand: Strand, operation: Call) -> None:
        self._pend(strand, operation, timed=False)
        try:
            line = self.peer.call(operation)
        except BenchFaultError:
            self._remove(operation)
            raise
        if line is not None:
            strand.cursor = max(strand.cursor, line.n)
            self._set_deadline(operation)
        elif operation.lost:
            self._remove(operation)
            self.strands.resume(strand, None)

    def _look_back(self, strand: Strand, operation: Receive) -> None:
        since = strand.cursor if operation.since is None else operation.since
        for incoming in self._inbox:
            if incoming.n > since and operation.matches(incoming):
                self._inbox.remove(incoming)
                self._claim(strand, incoming)
                self.strands.resume(strand, incoming)
                return
        self._pend(strand, operation)

    def _look_back_group(self, strand: Strand, operation: Group) -> None:
        since = strand.cursor
        for incoming in [i for i in self._inbox if i.n > since]:
            if operation.offer(incoming):
                self._inbox.remove(incoming)
                self._claim(strand, incoming)
        if operation.complete:
            self.strands.resume(strand, operation)
        else:
            self._pend(strand, operation)

    def _claim(self, strand: Strand, incoming: Incoming) -> None:
        self.claimed[incoming.n] = strand.place
        strand.cursor = max(strand.cursor, incoming.n)

    def _remove(self, operation: Operation) -> None:
        self._pending = [entry for entry in self._pending if entry[0] is not operation]

    def _stop_operation(self, operation: Operation) -> None:
        self._remove(operation)
        if isinstance(operation, Call):
            self._set_deadline(self.peer.give_up(operation))

    # --- what comes in ---

    def _dispatch(self, line: Line) -> None:
        if line.kind is Kind.RECEIVED:
            self._received(line)
        elif line.kind in _EVENTS:
            self._connection_event(line)
        elif line.kind is Kind.ACTION_DONE:
            self._done(Act, line.data["id"], line.data)
        elif line.kind is Kind.MADE:
            self._made(line)

    def _stall(self, line: Line) -> None:
        self._stalled = True
        self.strands.close()
        self._finish(BenchFaultError(str(line.data.get("why", "the bench was blocked"))))

    def _received(self, line: Line) -> None:
        try:
            message, next_call = self.peer.received(line, line.at)
        except BenchFaultError as fault:
            self.strands.close()
            self._finish(fault)
            return
        self._set_deadline(next_call)
        if message is not None:
            self._collect(message)
            self._offer(message)

    def _connection_event(self, line: Line) -> None:
        if line.kind is Kind.OPENED:
            self.peer.opened(line.data["connection"])
        elif line.kind is Kind.CLOSED:
            if line.data["connection"] != self.peer.connection:
                self.note(f"connection {line.data['connection']} had been given up before")
                return
            self.peer.closed(line.data["connection"])
        self._event(line)

    def _event(self, line: Line) -> None:
        event = Event(line.kind.value, line.data, line.n, line.at, line.mono_ns)
        self._offer(event)

    def _made(self, line: Line) -> None:
        if "id" in line.data:
            self._done(Ask, line.data["id"], line.data)
        else:
            self._event(line)

    def _offer(self, incoming: Incoming) -> None:
        for operation, strand in list(self._pending):
            if isinstance(operation, Silence) and operation.matches(incoming):
                self._remove(operation)
                self.strands.resume(strand, incoming)
        for operation, strand in list(self._pending):
            if isinstance(operation, Receive) and operation.matches(incoming):
                self._remove(operation)
                self._claim(strand, incoming)
                self.strands.resume(strand, incoming)
                return
            if isinstance(operation, Group) and operation.offer(incoming):
                self._claim(strand, incoming)
                if operation.complete:
                    self._remove(operation)
                    self.strands.resume(strand, operation)
                return
        self._keep(incoming)

    def _keep(self, incoming: Incoming) -> None:
        self._inbox.append(incoming)
        if len(self._inbox) % _PRUNE_EVERY == 0:
            oldest = min([*self.strands.cursors(), *self.marks])
            self._inbox = [kept for kept in self._inbox if kept.n > oldest]

    def _collect(self, message: Message) -> None:
        for actions, messages in self.collected:
            if message.action in actions:
                messages.append(message)

    def _done(self, kind: type[Act | Ask], identity: str, data: dict[str, Any]) -> None:
        for operation, strand in self._pending:
            if isinstance(operation, kind) and operation.id == identity:
                self._remove(operation)
                self.strands.resume(strand, data)
                return
        self.note(f"{identity} ended after the case had stopped waiting for it")

    def _call_answered(self, operation: Call, message: Message | None) -> None:
        for pending, strand in self._pending:
            if pending is operation:
                if message is not None:
                    self.claimed[message.n] = strand.place
                self._remove(operation)
                self.strands.resume(strand, message)
                return

    # --- out ---

    def _send(self, connection: int, frame: str) -> Line:
        line = self._port.deed(Kind.SENT, {"connection": connection, "frame": frame})
        self._stamp(line)
        return line

    def _breach(self, requirement: str, what: str, actual: str, n: int) -> None:
        place = self.strands.current.place
        self.check(
            Check(
                place.label, requirement, what, "valid", actual, n, passed=False, phase=Phase.MAIN
            )
        )

    # --- the end ---

    def _conclude(self) -> None:
        if self._result is None and self.strands.finished:
            self._finish(self.strands.root.error)

    def _finish(self, ended: Exception | None) -> None:
        self._pending = []
        if isinstance(ended, StepFailedError) and not ended.recorded:
            self._record_failure(ended)
        elif ended is not None and not isinstance(ended, StepFailedError | BenchFaultError):
            self._note_traceback(ended)
        verdict = judge(ended, self.checks, stalled=self._stalled)
        because = "" if ended is None else f"{ended}" or type(ended).__name__
        if not because and verdict is not Verdict.PASS:
            because = self._first_failure()
        self._result = CaseResult(
            self.start.case, self.start.variant_id, verdict, tuple(self.checks), because
        )
        self._port.judgement(Kind.VERDICT, {"verdict": verdict.value, "because": because})

    def _first_failure(self) -> str:
        failed = next((check for check in self.checks if not check.passed), None)
        if failed is None:
            return "the case made no check"
        return f"{failed.what}: expected {failed.expected}, got {failed.actual}"

    def _record_failure(self, failed: StepFailedError) -> None:
        place = self.strands.root.place
        self.check(
            Check(
                place.label, place.requirement, failed.what, failed.expected, failed.actual,
                failed.n, passed=False, phase=place.phase,
            )
        )  # fmt: skip

    def _note_traceback(self, ended: Exception) -> None:
        frames = traceback.extract_tb(ended.__traceback__)
        where = " < ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames)
        self.note(f"{type(ended).__name__}: {ended} ({where})")
