"""A charging session as a case goes through it: where it stands and which events it owes.

Owns the waiting for TransactionEvents. `transactions` says which are due, this finds them among all
that have come (each by what it is, never by whether it is right) and judges their values; at the
end `conclude` judges the whole set (`transaction_rules`). One Session is one try to charge; it
knows the token that starts it, and whether the driver or the CSMS does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import absent_or, one_of, that
from vdoc.cases import configuration, connectors
from vdoc.cases.standing import Deed, Due, Mode, Standing, TxPoints
from vdoc.cases.tokens import NO_TOKEN, default_mode, reported, token_of_variant
from vdoc.cases.transaction_rules import (
    First,
    IdToken,
    first_after,
    first_authorized,
    first_plugged,
    first_unseen,
    in_order,
    is_extra,
    judge_evse,
    judge_first_token,
    judge_remote_start,
    judge_set,
    judge_token_if_present,
    missing_numbers,
    seq_no,
    transaction_id,
)
from vdoc.cases.transactions import after, asks_csms

_UNCONFIRMED = frozenset({Deed.PARK, Deed.AUTHORIZE})
"""Deeds that only an event tells: without one they are given time, lest the next overtake them."""


@dataclass(slots=True)
class Session:
    """One charging session.

    Attributes:
        bench: the bench.
        points: the start and stop points in force.
        mode: how it is authorized where the case leaves that open.
        token: the token that starts it.
        place: the connector it is at.
        asks: an AuthorizeRequest is due when the token is presented, by mode.
        cached: the station may know the token (cache, local list) and then need not ask.
        implicit: the station authorizes nothing and has no start button; plugging in is enough.
        standing: where the session stands.
        since: the evidence line of its last deed.
        unseen: the deeds of a session that went on offline, in their order.
        elsewhere: transactions of other EVSEs that go on meanwhile; their events are not its own.
    """

    bench: Bench
    points: TxPoints
    mode: Mode
    token: IdToken
    place: connectors.Place
    asks: frozenset[Mode]
    cached: bool = False
    implicit: bool = False
    standing: Standing = field(default_factory=Standing)
    since: int = 0
    unseen: tuple[Deed, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    _collected: list[Message] = field(default_factory=list)
    _ends_before: int | None = None
    _used: set[int] = field(default_factory=set)
    _plugged: First | None = None
    _presented: First | None = None
    _remote: tuple[First, int] | None = None

    # --- what has come ---

    @property
    def events(self) -> list[Message]:
        """Every TransactionEvent of this session that has come, as it came."""
        last = self._ends_before
        return [e for e in self._collected if (last is None or e.n <= last) and self.owns(e)]

    def owns(self, event: Message) -> bool:
        """Tell whether a TransactionEvent may be one of this session.

        It is not, when it is of a transaction elsewhere, or a late one of a case before; an id that
        is used again is (E01.FR.08).
        """
        identity = transaction_id(event)
        if identity in self.bench.start.extra.get("past", ()):
            return self._begun_again(identity)
        return identity not in self.elsewhere

    def _begun_again(self, identity: str) -> bool:
        begun = (e for e in self._collected if e.get("eventType") == "Started")
        return any(transaction_id(event) == identity for event in begun)

    @property
    def transaction_id(self) -> str | None:
        """The id of its transaction; None before its first event."""
        return transaction_id(self.events[0]) if self.events else None

    @property
    def told_token(self) -> IdToken:
        """The token as the station must tell it: as its reader reads it, or as the CSMS sent it."""
        return reported(self.bench, self.token) if self.standing.mode == "local" else self.token

    # --- what is due ---

    async def happened(
        self, deed: Deed, since: int, mode: Mode | None = None
    ) -> list[Message | None]:
        """Note a deed, and wait for the events that it owes, which are returned in their order.

        Args:
            deed: what happened.
            since: the evidence line of the deed.
            mode: how it was authorized or stopped.

        Raises:
            StepFailedError: an event that is due did not come in time.
        """
        dues = self.owed(deed, since, mode)
        if not dues and deed in _UNCONFIRMED:
            settle_s = self.bench.settings.values.settling_s
            await self.bench.wait(settle_s, f"no message tells that {deed}")
        return [await self.expect(due, since) for due in dues]

    def owed(self, deed: Deed, since: int, mode: Mode | None = None) -> tuple[Due, ...]:
        """Note a deed, and return the events that it owes; the caller waits for them."""
        self.standing, dues = after(deed, self.standing, self.points, mode or self.mode)
        self.since = since
        return dues

    def ends_by(self, deeds: Sequence[Deed], mode: Mode = "local") -> bool:
        """Tell whether these deeds would end its transaction, without noting them."""
        standing = self.standing
        for deed in deeds:
            standing, _ = after(deed, standing, self.points, mode)
        return standing.ended

    async def look(self, deed: Deed, since: int) -> Message | None:
        """Wait for what a deed would owe, without demanding it or noting the deed."""
        _, dues = after(deed, self.standing, self.points, self.mode)
        return await self.expect(replace(dues[0], optional=True), since) if dues else None

    async def expect(
        self, due: Due, since: int, *, within_s: float | None = None
    ) -> Message | None:
        """Wait for one event and judge its values; None only when it is optional.

        Args:
            due: the event.
            since: the evidence line of the deed that it tells.
            within_s: longest wait in seconds; a message time-out unless said otherwise.

        Raises:
            StepFailedError: it did not come in time.
        """
        self.bench.step(due.step, due.requirement)
        event = await self._find(due, since, within_s)
        if event is not None:
            self._judge(due, event, shared=event.n in self._used)
            self._used.add(event.n)
            return event
        if due.optional:
            return None
        nearest = self._nearest(since)
        if nearest is not None:
            self._judge(due, nearest, shared=False)
        limit_s = within_s or self.bench.settings.values.message_timeout_s
        came = ", ".join(_described(e) for e in self.events if e.n > since) or "no event at all"
        awaited = f"{' or '.join(due.triggers)}, {' or '.join(due.event_types)}"
        what = f"TransactionEventRequest ({due.what})"
        fact = Fact(what, came, None if nearest is None else nearest.n)
        self.bench.require(fact, that(f"{awaited}, within {limit_s:g} s", lambda _: False))
        return None

    async def _find(self, due: Due, since: int, within_s: float | None) -> Message | None:
        is_it = partial(_both, self.owns, _recognises(due, since))
        here = sorted((e for e in self.events if is_it(e)), key=seq_no)
        return here[0] if here else await self.bench.receive_optional(
            "TransactionEvent", where=is_it, since=since, within_s=within_s
        )  # fmt: skip

    def _nearest(self, since: int) -> Message | None:
        """The first event since then that told nothing else: perhaps the one, with wrong values."""
        left = (e for e in self.events if e.n > since and e.n not in self._used)
        return next((e for e in left if not is_extra(e)), None)

    def _judge(self, due: Due, event: Message, *, shared: bool) -> None:
        """Check the values of an event; `shared` when it has told another deed already."""
        check = self.bench.check
        check(event["eventType"], one_of(*due.event_types), what=due.what)
        triggers = (*due.triggers, *due.also) if shared else due.triggers
        check(event["triggerReason"], one_of(*triggers), what=due.what)
        if due.states is not None:
            states = one_of(*due.states)
            expected = absent_or(states) if due.state_optional else states
            check(event["transactionInfo.chargingState"], expected, what=due.what)
        self._judge_reason(due, event)
        if due.carries_token:
            judge_first_token(self.bench, event, self.told_token)

    def _judge_reason(self, due: Due, event: Message, requirement: str | None = None) -> None:
        """Check the stoppedReason of an event that ends the transaction."""
        if due.stopped_reasons and event.get("eventType") == "Ended":
            named = one_of(*(reason for reason in due.stopped_reasons if reason))
            expected = absent_or(named) if "" in due.stopped_reasons else named
            told = event["transactionInfo.stoppedReason"]
            self.bench.check(told, expected, requirement, what=due.what)

    # --- first events (Part 6 §2.1) ---

    def plugged_at(self, line: int, told: Message | None) -> None:
        """Note when the EV was connected, and the event that told it."""
        self._plugged = First(line, told)

    def presented_at(self, line: int, told: Message | None) -> None:
        """Note when the token was presented, and the event that told it."""
        self._presented = First(line, told)

    def remotely_started_at(self, line: int, remote_start_id: int) -> None:
        """Note when a remote start was accepted, and its remoteStartId."""
        self._remote = (First(line), remote_start_id)

    async def arrived(self, is_it: Callable[[Message], bool], since: int, what: str) -> Message:
        """Return an event that has come since a line, or comes now; by what it is.

        Raises:
            StepFailedError: it did not come in time.
        """
        wanted = partial(_both, self.owns, partial(_since, since, is_it))
        for event in in_order(self.events):
            if wanted(event):
                return event
        return await self.bench.receive("TransactionEvent", where=wanted, since=since, what=what)

    async def conclude(self) -> None:
        """Judge the events of the session as a whole; it is over for this case afterwards."""
        bench = self.bench
        await self.complete()
        bench.step("general", "Part 6 §2.1")
        judge_set(bench, self.events)
        plugged = None if self._plugged is None else first_after(self.events, self._plugged)
        presented = None if self._presented is None else first_after(self.events, self._presented)
        self._judge_first(plugged, presented)
        if self._remote is not None:
            first = first_after(self.events, self._remote[0])
            if first is not None:
                judge_remote_start(bench, first, self._remote[1])
        self._ends_before = max((e.n for e in self.events), default=0)

    async def conclude_unseen(self) -> None:
        """The same for a session that went on offline, locally authorized; see `unseen`."""
        await self.complete()
        self.bench.step("general", "Part 6 §2.1")
        judge_set(self.bench, self.events)
        self.judge_unseen(self.unseen)
        token_first = self.unseen.index(Deed.AUTHORIZE) < self.unseen.index(Deed.PLUG_IN)
        first = first_unseen(self.events)
        plugged = first_plugged(self.events) if token_first else first
        self._judge_first(plugged, first if token_first else first_authorized(self.events))

    def judge_unseen(
        self,
        deeds: Sequence[Deed],
        *,
        since: int = 0,
        mode: Mode = "local",
        requirement: str = "E12.FR.01",
    ) -> None:
        """Note deeds that went on offline, and check that each event that they owe has come.

        What tells a stop and what ends the transaction is judged by its values, too.

        Args:
            deeds: the deeds, in their order, which is that of the events.
            since: the evidence line after which the events came.
            mode: how it was authorized or stopped.
            requirement: what it rests on.
        """
        left = [event for event in in_order(self.events) if event.n > since]
        for deed in deeds:
            for due in self.owed(deed, since, mode):
                place = next((i for i, event in enumerate(left) if _fulfils(event, due)), None)
                last = left[-1].n if left else None
                found = Fact(f"queued event ({due.what})", place is not None, last)
                self.bench.check(found, True, requirement)
                if place is not None:
                    self._judge_reason(due, left[place], due.requirement)
                if place is not None and deed is Deed.STOP and mode == "local":
                    judge_token_if_present(self.bench, left[place], self.told_token)
                left = left[place or 0 :]  # one event may tell two things

    def _judge_first(self, plugged: Message | None, presented: Message | None) -> None:
        if plugged is not None:
            judge_evse(self.bench, plugged, self.place.evse, self.place.connector)
        if presented is not None:
            judge_first_token(self.bench, presented, self.told_token)

    async def complete(self) -> None:
        """Wait for events that were overtaken by later ones; the order of arrival is free."""
        while missing := missing_numbers(self.events):
            wanted = partial(_both, self.owns, partial(_numbered, missing))
            if await self.bench.receive_optional("TransactionEvent", where=wanted) is None:
                return


def _recognises(due: Due, since: int) -> Callable[[Message], bool]:
    def is_it(event: Message) -> bool:
        if event.n <= since or (is_extra(event) and event.get("eventType") == "Updated"):
            return False
        return (
            due.any_sign
            or event.get("triggerReason") in due.signs
            or event.get("transactionInfo.chargingState") in due.state_signs
            or event.get("eventType") in due.type_signs
            or (due.token_signs and event.has("idToken"))
        )

    return is_it


def _fulfils(event: Message, due: Due) -> bool:
    right = event.get("triggerReason") in (*due.triggers, *due.also)  # one event may tell two
    right = right and event.get("eventType") in due.event_types
    state = event.get("transactionInfo.chargingState")
    return right and (due.states is None or state in due.states or due.state_optional)


def _both(
    first: Callable[[Message], bool], second: Callable[[Message], bool], event: Message
) -> bool:
    return first(event) and second(event)


def _since(line: int, is_it: Callable[[Message], bool], event: Message) -> bool:
    return event.n > line and is_it(event)


def _numbered(numbers: frozenset[int], event: Message) -> bool:
    return seq_no(event) in numbers


def _described(event: Message) -> str:
    names = ("eventType", "triggerReason", "transactionInfo.chargingState")
    values = (event.get(name) for name in names)
    return f"{seq_no(event)}: {'/'.join(str(value) for value in values if value is not None)}"


async def begin(bench: Bench, *, mode: Mode | None = None) -> Session:
    """Begin a session: read the settings it depends on, and take the token of the variant.

    Args:
        bench: the bench.
        mode: how it is authorized; None: as the variant, else the settings say.

    Raises:
        InconclusiveError: the station does not tell TxStartPoint or TxStopPoint, or the settings
            have no token of the type.
    """
    with bench.within_state("Session"):
        bench.step("points in force", "Part 2 §2.6.4")
        start = (await configuration.need(bench, configuration.TX_START_POINT)).members
        stop = (await configuration.need(bench, configuration.TX_STOP_POINT)).members
        if "DataSigned" in start and not await configuration.read_true(
            bench, configuration.SIGN_READINGS, absent=False
        ):
            start -= {"DataSigned"}  # E01.FR.04: it needs signed readings
        enabled = await configuration.read_true(bench, configuration.AUTH_ENABLED, absent=True)
        chosen = mode or default_mode(bench)
        token = token_of_variant(bench, chosen)
        session = Session(
            bench=bench,
            points=TxPoints(start, stop),
            mode=chosen,
            token=token,
            place=connectors.under_test(bench),
            asks=await _who_asks(bench, token, enabled=enabled),
        )
    if chosen == "local" and token == NO_TOKEN and not enabled:
        _without_authorization(session)
    session._collected = bench.collect("TransactionEvent")
    return session


def _without_authorization(session: Session) -> None:
    """Without button and authorization, the cable is what authorizes (AuthCtrlr.Enabled false)."""
    if session.bench.settings.dut.start_button:
        return
    session.implicit = True
    session.standing = Standing(mode="local")
    if "Authorized" in session.points.start:
        start = session.points.start | {"EVConnected"}
        session.points = TxPoints(start, session.points.stop)


async def _who_asks(bench: Bench, token: IdToken, *, enabled: bool) -> frozenset[Mode]:
    remote_start_asks = await configuration.read_true(
        bench, configuration.AUTHORIZE_REMOTE_START, absent=False
    )
    disabled = await configuration.read_true(
        bench, configuration.DISABLE_REMOTE_AUTHORIZATION, absent=False
    )
    modes: tuple[Mode, ...] = ("local", "remote")
    return frozenset(
        mode
        for mode in modes
        if asks_csms(
            token.type,
            mode,
            enabled=enabled,
            remote_start_asks=remote_start_asks,
            remote_disabled=disabled,
        )
    )
