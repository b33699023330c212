"""The Bench: the whole vocabulary of a case.

Owns how a case speaks: calls, receives, silences, actions, waits, checks. Everything a case learns
passes through here and is in the evidence first, so that the same function judges a live station
and a recording. It knows nothing of sockets and clocks; live and replayed runs share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

from vdoc.automation.actions import Action
from vdoc.bench.answers import Policy
from vdoc.bench.connections import Connections
from vdoc.bench.expect import Expectation, equals, shown
from vdoc.bench.message import Event, Message
from vdoc.bench.operations import (
    Act,
    Ask,
    Call,
    Gather,
    Group,
    Receive,
    Silence,
    Wait,
    Want,
    want,
)
from vdoc.bench.outcome import (
    BenchFaultError,
    Check,
    Fact,
    InconclusiveError,
    NotApplicableError,
    Phase,
    StepFailedError,
)
from vdoc.bench.start import CaseStart, DutState, Facts, FreshIds
from vdoc.bench.timeline import Timeline
from vdoc.evidence import Kind
from vdoc.pics import BenchSettings, Pics

ACTION_LIMIT_S = 120.0


class Bench:
    """What a case may touch.

    Attributes:
        pics: what the vendor claims.
        settings: how the bench is set up; waits are in `settings.values`.
        facts: what intake learned of the DUT.
        connection: accepting, refusing, dropping; handshakes.
    """

    def __init__(
        self, timeline: Timeline, *, pics: Pics, settings: BenchSettings, facts: Facts
    ) -> None:
        self.pics = pics
        self.settings = settings
        self.facts = facts
        self._timeline = timeline
        self._ids = FreshIds(timeline.start)
        self.connection = Connections(self, timeline)

    # --- what the case is ---

    @property
    def start(self) -> CaseStart:
        """What the case starts from."""
        return self._timeline.start

    @property
    def state(self) -> DutState:
        """How the DUT was set up when the case began."""
        return self._timeline.start.state

    @property
    def variant(self) -> Mapping[str, str]:
        """Factor to value, such as `{"local": "ISO14443"}`."""
        return self._timeline.start.variant

    def now(self) -> datetime:
        """Return the UTC time of the last observation or deed."""
        now = self._timeline.now
        if now is None:
            raise BenchFaultError("the case has not begun")
        return now

    def elapsed_s(self, since: Message | Event) -> float:
        """Return the seconds from an observation to now, by the bench's monotonic clock."""
        return (self._timeline.now_ns - since.mono_ns) / 1e9

    def fresh_id(self) -> str:
        """Return a new id of 36 characters, the same in a replay."""
        return self._ids.text()

    def fresh_int(self) -> int:
        """Return a new positive integer, the same in a replay."""
        return self._ids.integer()

    # --- where the case stands ---

    def step(self, number: int | str, requirement: str = "") -> None:
        """Say which step of the table is next, and the requirement that it rests on."""
        strand = self._timeline.strands.current
        strand.place = replace(strand.place, step=str(number), requirement=requirement)

    @contextmanager
    def before(self) -> Iterator[None]:
        """Mark the Before block: what fails in it makes the case inconclusive, not failed.

        Raises:
            InconclusiveError: a check in the block did not hold, so that Main would judge a
                situation which was not reached.
        """
        failed_before = len(self._failed_before())
        with self._placed(phase=Phase.BEFORE):
            yield
        failed = self._failed_before()
        if len(failed) > failed_before:
            raise InconclusiveError(f"the Before block was not reached: {failed[-1].what}")

    def _failed_before(self) -> list[Check]:
        """Return what failed in a Before block; a breach of the protocol fails the case anyway."""
        checks = self._timeline.checks
        return [check for check in checks if not check.passed and check.phase is Phase.BEFORE]

    @contextmanager
    def within_state(self, name: str) -> Iterator[None]:
        """Mark the steps of a reusable or memory state, so that reports name it."""
        prefix = self._timeline.strands.current.place.prefix
        with self._placed(prefix=f"{prefix}.{name}" if prefix else name):
            yield

    @contextmanager
    def _placed(self, **changes: Any) -> Iterator[None]:  # noqa: ANN401
        strand = self._timeline.strands.current
        place = strand.place
        strand.place = replace(place, step="", **changes)
        yield
        # an exception leaves the place as it is, so that the failure is reported where it happened
        strand.place = place

    def mark(self) -> int:
        """Return a point in the evidence for `since=`."""
        strand = self._timeline.strands.current
        self._timeline.marks.add(strand.cursor)
        return strand.cursor

    def collect(self, *actions: str) -> list[Message]:
        """Return a list that grows by every request of these actions from now on."""
        messages: list[Message] = []
        self._timeline.collected.append((frozenset(actions), messages))
        return messages

    # --- messages ---

    async def call(
        self,
        action: str,
        /,
        *,
        within_s: float | None = None,
        **payload: Any,  # noqa: ANN401  # JSON
    ) -> Message:
        """Send a CALL and return its CALLRESULT.

        Raises:
            StepFailedError: a CALLERROR, an answer against the schema, or none in time.
        """
        answer = await self.try_call(action, within_s=within_s, **payload)
        if answer.form == "Error":
            words = f"CALLERROR {answer.get('errorCode')}: {answer.get('errorDescription')}"
            self._fail(f"{action}Response", "a CALLRESULT", words, answer.n)
        return answer

    async def try_call(
        self, action: str, /, *, within_s: float | None = None, **payload: Any  # noqa: ANN401
    ) -> Message:  # fmt: skip
        """Send a CALL and return its answer, be it a CALLRESULT or a CALLERROR.

        Raises:
            StepFailedError: no answer in time (`values.message_timeout_s` unless said otherwise).
        """
        operation = Call(self._limit(within_s), action, payload, self.fresh_id())
        answer: Message | None = await operation
        if answer is None:
            self._fail(f"{action}Response", "an answer", operation.lost)
        return answer

    async def call_optional(
        self,
        action: str,
        /,
        *,
        within_s: float | None = None,
        **payload: Any,  # noqa: ANN401  # JSON
    ) -> Message | None:
        """Send a CALL and return its answer, or None when none came; for upkeep, not for cases."""
        answer: Message | None = await Call(self._limit(within_s), action, payload, self.fresh_id())
        return answer

    async def receive(
        self,
        *actions: str,
        where: Callable[[Message], bool] | None = None,
        within_s: float | None = None,
        what: str = "",
        since: int | None = None,
    ) -> Message:
        """Return the next request of one of these actions, and claim it.

        Args:
            actions: OCPP actions, any of which will do.
            where: what the message *is*; its values are for `check`.
            within_s: longest wait in seconds; `values.message_timeout_s` unless said otherwise.
            what: words for the report.
            since: a mark; default is the strand's cursor.

        Raises:
            StepFailedError: none came in time.
        """
        message = await self.receive_optional(*actions, where=where, within_s=within_s, since=since)
        if message is None:
            wanted = str(want(*actions, what=what))
            self._fail(wanted, f"a message within {self._limit(within_s):g} s", "none")
        return message

    async def receive_optional(
        self,
        *actions: str,
        where: Callable[[Message], bool] | None = None,
        within_s: float | None = None,
        since: int | None = None,
    ) -> Message | None:
        """Return the next request of one of these actions, or None when none comes in time."""
        found: Message | None = await Receive(
            self._limit(within_s), want(*actions, where=where).matches, since
        )
        return found

    async def all_of(self, *wants: Want, within_s: float | None = None) -> list[Message | None]:
        """Return these messages, in whatever order they come; absent optional ones are None.

        Raises:
            StepFailedError: a mandatory one did not come in time.
        """
        return self._group_result(await self._group(wants, within_s, ordered=False))

    async def sequence(self, *wants: Want, within_s: float | None = None) -> list[Message | None]:
        """Return these messages, which must come in this order; absent optional ones are None.

        Raises:
            StepFailedError: a mandatory one did not come in time, or one came after its place.
        """
        group = await self._group(wants, within_s, ordered=True)
        for message in group.misplaced:
            self._fail(message.name, "in the order of the table", "after its place", message.n)
        return self._group_result(group)

    async def silence(
        self,
        *actions: str,
        where: Callable[[Message], bool] | None = None,
        within_s: float | None = None,
        what: str = "",
    ) -> None:
        """Demand that none of these comes for `within_s` seconds; a check either way.

        Raises:
            StepFailedError: one came.
        """
        limit_s = self._limit(within_s)
        wanted = want(*actions, where=where, what=what)
        intruder: Message | None = await Silence(limit_s, wanted.matches)
        expected = f"none for {limit_s:g} s"
        if intruder is not None:
            self._fail(
                str(wanted), expected, f"{intruder.name} {shown(intruder.payload)}", intruder.n
            )
        self.check(Fact(str(wanted), "none", None), equals("none"))

    async def _group(
        self, wants: tuple[Want, ...], within_s: float | None, *, ordered: bool
    ) -> Group:
        group: Group = await Group(self._limit(within_s), wants, ordered)
        if group.missing:
            missing = "; ".join(str(w) for w in group.missing)
            self._fail(missing, f"within {self._limit(within_s):g} s", "did not come")
        return group

    @staticmethod
    def _group_result(group: Group) -> list[Message | None]:
        return [group.claimed.get(index) for index in range(len(group.wants))]

    def answer(self, action: str, policy: Policy) -> None:
        """Answer requests of this action so from now on."""
        self._timeline.peer.policies[action] = policy
        data = {"action": action, "policy": policy.as_json()}
        self._timeline.deed(Kind.ANSWER, data, moves_cursor=False)

    # --- the world outside OCPP ---

    async def act(self, action: Action, *, limit_s: float = ACTION_LIMIT_S) -> None:
        """Perform a physical action; returns when the action API has answered.

        Raises:
            BenchFaultError: the action API failed, or does not support it (never the DUT's fault).
        """
        data = await Act(limit_s, self.fresh_id(), action.as_json())
        outcome = data["outcome"]
        if outcome.get("status") != "done":
            raise BenchFaultError(
                f"action {action.operation}: {outcome.get('status')}: {outcome.get('detail')}"
            )

    async def ask(self, what: str, **arguments: Any) -> Any:  # noqa: ANN401  # JSON values
        """Have the bench make something that is no function of evidence; it is recorded.

        Raises:
            BenchFaultError: it could not be made.
        """
        data = await Ask(None, self.fresh_id(), what, arguments)
        if "error" in data:
            raise BenchFaultError(f"{what}: {data['error']}")
        return data["value"]

    async def made(
        self,
        what: str,
        *,
        where: Callable[[Event], bool] | None = None,
        within_s: float | None = None,
    ) -> Event:
        """Return the next thing that the bench's own servers saw, such as an upload.

        Raises:
            StepFailedError: it did not happen in time.
        """

        def matches(incoming: Message | Event) -> bool:
            right = isinstance(incoming, Event) and incoming.kind == "made"
            return right and incoming.get("what") == what and (where is None or where(incoming))  # type: ignore[arg-type]

        event: Event | None = await Receive(self._limit(within_s), matches)
        if event is None:
            self._fail(what, f"within {self._limit(within_s):g} s", "did not happen")
        return event

    async def wait(self, seconds: float, why: str) -> None:
        """Let a mandated time pass; never a poll."""
        self.note(f"waiting {seconds:g} s: {why}")
        await Wait(seconds)

    async def gather(self, *strands: Any) -> list[Any]:  # noqa: ANN401  # coroutines
        """Run several strands at once and return their results; the first failure ends all."""
        results: list[Any] = await Gather(None, strands)
        return results

    # --- judging ---

    def check(
        self,
        actual: Fact,
        expected: Any,  # noqa: ANN401  # a value or an Expectation
        requirement: str | None = None,
        *,
        what: str = "",
    ) -> bool:
        """Record one validation, whatever its outcome, and return whether it holds.

        Args:
            actual: the value, from `message["path"]`, or a Fact of the case's own making.
            expected: a value, or an Expectation of `vdoc.bench.expect`.
            requirement: its id; the step's unless said otherwise.
            what: words for the report, after the name of the value.
        """
        expectation = expected if isinstance(expected, Expectation) else equals(expected)
        place = self._timeline.strands.current.place
        passed = expectation.holds(actual.value)
        self._timeline.check(
            Check(
                step=place.label,
                requirement=place.requirement if requirement is None else requirement,
                what=f"{actual.what} ({what})" if what else actual.what,
                expected=expectation.words,
                actual=shown(actual.value),
                n=actual.n,
                passed=passed,
                phase=place.phase,
            )
        )
        return passed

    def require(
        self,
        actual: Fact,
        expected: Any,  # noqa: ANN401  # a value or an Expectation
        requirement: str | None = None,
        *,
        what: str = "",
    ) -> None:
        """Check, and end the case when it does not hold, because what follows would be moot.

        Raises:
            StepFailedError: it does not hold.
        """
        if not self.check(actual, expected, requirement, what=what):
            failed = self._timeline.checks[-1]
            raise StepFailedError(
                failed.what, failed.expected, failed.actual, failed.n, recorded=True
            )

    def not_applicable(self, prerequisite: str, shown_by: Message | Event) -> None:
        """End the case because a Part 6 prerequisite is shown unmet by a report or GetVariables.

        Raises:
            NotApplicableError: always.
        """
        raise NotApplicableError(prerequisite, shown_by.n)

    def note(self, text: str) -> None:
        """Record something worth knowing that decides nothing."""
        self._timeline.note(text)

    def _limit(self, within_s: float | None) -> float:
        return self.settings.values.message_timeout_s if within_s is None else within_s

    def _fail(self, what: str, expected: str, actual: str, n: int | None = None) -> NoReturn:
        place = self._timeline.strands.current.place
        self._timeline.check(
            Check(
                place.label,
                place.requirement,
                what,
                expected,
                actual,
                n,
                passed=False,
                phase=place.phase,
            )
        )
        raise StepFailedError(what, expected, actual, n, recorded=True)
