"""The live shell: runs cases against a station, in real time, on real sockets.

Owns the order of things: an observation is stamped, written, then fed; the case runs until it
blocks; each deed is written before it is done. What comes in while no case runs waits for the next
one, unstamped. A timer feeds a `deadline` line when an operation expires; when the bench itself was
blocked across a deadline it says so with a `stall` line, because a punctual station might look
late. Between cases nothing but the evidence file and the connection numbers live on.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vdoc.automation.actions import from_json
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome
from vdoc.bench.context import CaseFunction, RunContext, begin_case
from vdoc.bench.endpoint import Connection, Endpoint
from vdoc.bench.gate import Gate, standard_gate
from vdoc.bench.outcome import CaseResult
from vdoc.bench.start import CaseStart, OpenConnection
from vdoc.bench.timeline import NS, Timeline
from vdoc.errors import BenchError
from vdoc.evidence import Clock, Kind, Line

Asked = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Makes what a case asks for; what it raises becomes a fault of the bench."""

DEFAULT_STALL_S = 0.5
DRIVER_GRACE_S = 1.0  # a driver keeps the limit of an action itself; one that does not is cut
ASK_LIMIT_S = 120.0  # no key, certificate or server takes that long to make; a run must go on


@dataclass(frozen=True, slots=True)
class CaseRun:
    """One case as it was run: its result and what its function returned."""

    result: CaseResult
    value: Any


class LiveBench:
    """The bench that a run is made on.

    Args:
        writer: the evidence.
        clock: the clock of the evidence; its monotonic time must be the event loop's.
        endpoints: the end points; started and stopped by their owner, this is their listener.
        driver: performs physical actions.
        asked: what `bench.ask` can make, by name.
        stall_s: how late the bench may be at a deadline before the case is an error, in seconds.
    """

    def __init__(
        self,
        writer: Recorder,
        clock: Clock,
        *,
        driver: Driver,
        asked: Mapping[str, Asked],
        stall_s: float = DEFAULT_STALL_S,
    ) -> None:
        self.endpoints: dict[int, Endpoint] = {}
        self.on_line: Callable[[Line], None] = lambda _line: None
        self._writer: Recorder = writer
        self._clock = clock
        self._driver = driver
        self._asked = dict(asked)
        self._stall_ns = round(stall_s * NS)
        self._numbers = itertools.count(1)
        self._case: Timeline | None = None
        self._case_id = ""
        self._variant_id = ""
        self._ended: asyncio.Future[None] | None = None
        self._backlog: deque[tuple[Kind, dict[str, Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_ns = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._current: OpenConnection | None = None
        self._sockets: dict[int, Connection] = {}
        self._cut_s = 0.0
        self._feeding = False

    # --- running ---

    async def start(self, *endpoints: Endpoint) -> None:
        """Begin to listen.

        Raises:
            OSError: an address cannot be bound.
        """
        for endpoint in endpoints:
            await endpoint.start(lambda: next(self._numbers))
            self.endpoints[endpoint.number] = endpoint

    async def stop(self) -> None:
        """Stop listening, cut what is open, and wait for what is under way."""
        await self._cancel_tasks()
        for endpoint in self.endpoints.values():
            await endpoint.stop()

    async def run_case(
        self, start: CaseStart, function: CaseFunction, context: RunContext
    ) -> CaseRun:
        """Run one case to its verdict; its evidence is on the disk when this returns."""
        self._ended = asyncio.get_running_loop().create_future()
        start = start.with_connection(self._current)
        for endpoint in self.endpoints.values():
            endpoint.gate = standard_gate(start.state, endpoint.number)
        self._case_id, self._variant_id = start.case, start.variant_id
        line = self._write(Kind.CASE, start.as_json())
        timeline = begin_case(line, start, _LivePort(self), function, context, self._adopt)
        self._after_feed(timeline)
        self._drain()
        try:
            await self._ended
        finally:
            await self._end_case(timeline)
        if timeline.result is None:
            raise RuntimeError("a case ended without a result")
        return CaseRun(timeline.result, timeline.value)

    def forget_evidence(self) -> None:
        """Write no evidence from now on: what follows the seal is not recorded."""
        self._writer = _Unrecorded(self._clock)
        self.on_line = lambda _line: None

    def abort(self, because: str) -> None:
        """End the running case as an error, because the run is void or was interrupted."""
        if self._case is not None:
            timeline = self._case
            timeline.abort(because)
            self._after_feed(timeline)

    def _adopt(self, timeline: Timeline) -> None:
        self._case = timeline
        self._feeding = True

    async def _end_case(self, timeline: Timeline) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        with contextlib.suppress(BenchError):  # that evidence cannot be written is known already
            timeline.abort("the run was interrupted")
        if self._current is not None:
            self._current = OpenConnection(
                self._current.number, self._current.opened, timeline.peer.gone
            )
        self._case = None
        await self._cancel_tasks()
        await asyncio.to_thread(self._writer.sync)

    async def _cancel_tasks(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- observations ---

    def observe(self, kind: Kind, data: dict[str, Any]) -> None:
        """Stamp, write and feed an observation, or keep it for the next case."""
        self._backlog.append((kind, data))
        self._drain()

    def _drain(self) -> None:
        while self._backlog and self._case is not None and not self._feeding:
            self._take(self._case, *self._backlog.popleft())

    def _take(self, timeline: Timeline, kind: Kind, data: dict[str, Any]) -> None:
        try:
            self._take_now(timeline, kind, data)
        except BenchError as error:  # evidence cannot be written: nobody above a socket can tell
            self._case = None
            if self._ended is not None and not self._ended.done():
                self._ended.set_exception(error)

    def _take_now(self, timeline: Timeline, kind: Kind, data: dict[str, Any]) -> None:
        stall = self._stall(timeline)
        if stall is not None:
            self._feed(timeline, Kind.STALL, stall)  # which ends the case
            if kind is not Kind.DEADLINE:
                self._backlog.appendleft((kind, data))
            return
        if kind is not Kind.DEADLINE and self._is_due(timeline):
            self._backlog.appendleft((kind, data))  # a case that ends by it answers nothing more
            kind, data = Kind.DEADLINE, {}
        self._track(kind, data)
        self._feed(timeline, kind, data)

    def _is_due(self, timeline: Timeline) -> bool:
        deadline_ns = timeline.deadline_ns
        return deadline_ns is not None and deadline_ns < self._clock.mono_ns()

    def _feed(self, timeline: Timeline, kind: Kind, data: dict[str, Any]) -> None:
        line = self._write(kind, data)
        self._feeding = True
        timeline.feed(line)
        self._after_feed(timeline)

    def _write(self, kind: Kind, data: dict[str, Any]) -> Line:
        line = self._writer.append(kind, data, case=self._case_id, variant=self._variant_id)
        self.on_line(line)
        return line

    def _stall(self, timeline: Timeline) -> dict[str, Any] | None:
        """Return what to say when the bench was blocked across a deadline."""
        deadline_ns = timeline.deadline_ns
        if deadline_ns is None:
            return None
        late_ns = self._clock.mono_ns() - deadline_ns
        if late_ns <= self._stall_ns:
            return None
        why = f"the bench was blocked for {late_ns / NS:.3f} s past a deadline"
        return {"why": why, "late_s": late_ns / NS}

    def _after_feed(self, timeline: Timeline) -> None:
        self._feeding = False
        if timeline.result is not None:
            self._case = None
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(None)
        else:
            self._arm(timeline)

    def _track(self, kind: Kind, data: dict[str, Any]) -> None:
        if kind is Kind.OPENED:
            self._current = OpenConnection(data["connection"], data)
        elif kind is Kind.CLOSED:
            self._sockets.pop(data["connection"], None)
            if self._current is not None and self._current.number == data["connection"]:
                self._current = None

    # --- time ---

    def _arm(self, timeline: Timeline) -> None:
        """Have the timer ring at the deadline or before: one that rings too early is set again.

        So a deadline that keeps moving away, as at every message, costs no new timer.
        """
        deadline_ns = timeline.deadline_ns
        if deadline_ns is None or (self._timer is not None and self._rings_ns <= deadline_ns):
            return
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        delay_s = max(0.0, (deadline_ns + 1 - self._clock.mono_ns()) / NS)
        self._timer = loop.call_later(delay_s, self._deadline)
        self._rings_ns = deadline_ns

    def _deadline(self) -> None:
        self._timer = None
        if self._case is None:
            return
        deadline_ns = self._case.deadline_ns
        if deadline_ns is None or self._clock.mono_ns() <= deadline_ns:
            self._arm(self._case)
        else:
            self._take(self._case, Kind.DEADLINE, {})
            self._drain()

    # --- deeds ---

    def do(self, kind: Kind, data: dict[str, Any]) -> Line:
        """Write a deed, then do it."""
        line = self._write(kind, data)
        match kind:
            case Kind.SENT:
                self._send(data["connection"], data["frame"])
            case Kind.GATE:
                self.endpoints[data["endpoint"]].gate = Gate(
                    **{**data, "passwords": tuple(data["passwords"])}
                )
            case Kind.DROP:
                self._drop(data["connection"])
            case Kind.ACTION:
                self._spawn(self._perform(data))
            case Kind.ASK:
                self._spawn(self._make(data))
            case _:
                pass
        return line

    def judged(self, kind: Kind, data: dict[str, Any]) -> None:
        """Write a judgement."""
        self._write(kind, data)

    def _send(self, number: int, frame: str) -> None:
        socket = self._sockets.get(number)
        if socket is not None:  # else it has just closed, and the case is about to be told
            socket.send(frame)

    def _drop(self, number: int) -> None:
        if self._current is not None and self._current.number == number:
            self._current = None
        socket = self._sockets.get(number)
        if socket is not None:
            self._cut_s = socket.drop()

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, data: dict[str, Any]) -> None:
        limit_s = data["limit_s"]
        if (left_s := self._cut_s - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left_s)  # what comes after a drop must not come before the cut
        try:
            async with asyncio.timeout(limit_s + DRIVER_GRACE_S):
                outcome = await self._driver.perform(from_json(data["action"]), limit_s=limit_s)
        except Exception as error:  # noqa: BLE001  # a broken driver must not stop the run
            outcome = Outcome("fault", f"{type(error).__name__}: {error}", "")
        self.observe(Kind.ACTION_DONE, {"id": data["id"], "outcome": outcome.as_json()})

    async def _make(self, data: dict[str, Any]) -> None:
        made: dict[str, Any] = {"id": data["id"], "what": data["what"]}
        try:
            async with asyncio.timeout(ASK_LIMIT_S):
                made["value"] = await self._asked[data["what"]](data["arguments"])
        except TimeoutError:
            made["error"] = f"not made within {ASK_LIMIT_S:g} s"
        except Exception as error:  # noqa: BLE001  # the case ends in error and says why
            made["error"] = f"{type(error).__name__}: {error}"
        self.observe(Kind.MADE, made)

    # --- what the end points tell (Listener) ---

    def opened(self, connection: Connection, data: dict[str, Any]) -> None:
        """Take a connection that was accepted; it supersedes the one before."""
        for other in list(self._sockets.values()):
            other.abort()
        self._sockets[connection.number] = connection
        self.observe(Kind.OPENED, data)

    def received(self, connection: Connection, frame: str, *, together: bool) -> None:
        """Take a frame."""
        data: dict[str, Any] = {"connection": connection.number, "frame": frame}
        if together:
            data["together"] = True
        self.observe(Kind.RECEIVED, data)

    def closed(self, data: dict[str, Any]) -> None:
        """Take the end of a connection."""
        self.observe(Kind.CLOSED, data)

    def refused(self, data: dict[str, Any]) -> None:
        """Take a refused attempt."""
        self.observe(Kind.REFUSED, data)

    def tls(self, data: dict[str, Any]) -> None:
        """Take the facts of a handshake."""
        self.observe(Kind.TLS, data)


class _Unrecorded:
    """Stamps lines and forgets them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._n = 0

    def append(
        self, kind: Kind, data: dict[str, Any], *, case: str = "", variant: str = ""
    ) -> Line:
        self._n += 1
        wall_ns, mono_ns = self._clock.wall_ns(), self._clock.mono_ns()
        return Line(self._n, wall_ns, mono_ns, case, variant, kind, data)

    def sync(self) -> None:
        """There is nothing to bring to a disk."""


class Recorder(Protocol):
    """Where lines go: a file of evidence, or nowhere after the seal."""

    def append(
        self, kind: Kind, data: dict[str, Any], *, case: str = "", variant: str = ""
    ) -> Line:
        """Stamp and keep a line."""
        ...

    def sync(self) -> None:
        """Bring what was kept to the disk."""


@dataclass(frozen=True, slots=True)
class _LivePort:
    """Gives a Timeline's deeds to the live bench."""

    bench: LiveBench

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        """Write a deed and do it."""
        return self.bench.do(kind, data)

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        """Write a judgement."""
        self.bench.judged(kind, data)
