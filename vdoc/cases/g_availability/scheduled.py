"""A change to Inoperative that has to wait for a transaction (G03.FR.05, G04.FR.06).

Owns what TC_G_11, TC_G_14 and TC_G_17 have in common: the session ends state by state, and in the
state in which TxStopPoint ends its transaction the connectors are told to be Unavailable. Rules,
Part 2 before Part 6:

- A connector in use must not be told Unavailable before that. One not in use may be at any time.
- Where the EV leaves before the transaction ends, the connector becomes Unavailable with it
  (G01.FR.05), or Available until then, as the table of state EVDisconnected has it.
- What has been told to be Unavailable need not be told again, and must not be told otherwise: when
  the EV leaves such a connector, there is a message time-out to say something wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.bench.expect import one_of
from vdoc.cases import connectors, states
from vdoc.cases.connectors import Place, Report
from vdoc.cases.g_availability.change import Target
from vdoc.cases.session import Session, begin


class Scheduled:
    """A session under which something is to become inoperative.

    Args:
        session: the session; energy flows.
        target: what is to become inoperative.
    """

    def __init__(self, session: Session, target: Target) -> None:
        self._session, self._bench, self._target = session, session.bench, target
        self._messages = self._bench.collect("StatusNotification", "NotifyEvent")
        self._asked = 0
        self._freed: int | None = None

    async def request(self) -> None:
        """Steps 1 and 2, and the transaction duration after them."""
        bench = self._bench
        bench.step(2, self._target.waits)
        answer = await bench.call("ChangeAvailability", **self._target.request("Inoperative"))  # 1
        self._asked = bench.mark()
        bench.require(answer["status"], "Scheduled")

    async def others_follow(self, step: int) -> None:
        """EVSEs without a transaction do not wait (G04.FR.07, TC_G_14_CS step 3)."""
        place = self._session.place
        others = [p for p in self._target.places(self._bench) if p.evse != place.evse]
        if others:
            self._bench.step(step, "G04.FR.07")
            await connectors.all_notified(self._bench, "Unavailable", others, since=self._asked)

    async def end_session(self, first_step: int) -> None:
        """The states that end the session; after each, the report if it ended the transaction.

        Args:
            first_step: of the report after StopAuthorized; the next follow at distances of three.

        Raises:
            InconclusiveError: no stop point in force ends the transaction.
        """
        session = self._session
        await self._bench.wait(
            self._bench.settings.values.transaction_duration_s, "TransactionDuration"
        )
        reached: tuple[Callable[[Session], Awaitable[None]], ...] = (
            states.stop_authorized,
            states.ev_connected_post_session,
            partial(states.ev_disconnected, vacated=self._vacated),
            states.parking_bay_unoccupied,
        )
        for number, state in enumerate(reached):
            running = session.standing.running
            await state(session)
            if running and not session.standing.running:
                self._bench.step(first_step + 3 * number, self._target.waits)
                await self._becomes_unavailable()
        if session.standing.running:
            points = ", ".join(sorted(session.points.stop))
            raise InconclusiveError(f"nothing ends the transaction with TxStopPoint {points}")
        self._judge_last()
        await session.conclude()

    async def _vacated(self, unplugged: int) -> None:
        """EVDisconnected step 1: the connector's report, unless it was told Unavailable before."""
        bench, place = self._bench, self._session.place
        bench.step(1, "G01.FR.05")
        if self._unavailable(place, self._asked, until=unplugged) is not None:
            await connectors.notified_at_will(bench, {place: "Unavailable"}, since=unplugged)
            return
        self._freed = unplugged
        message = await bench.receive(
            "StatusNotification", "NotifyEvent",
            where=lambda m: any(report.place == place for report in connectors.reports(m)),
            what=f"the state of {place}",
            since=unplugged,
        )  # fmt: skip
        for report in connectors.reports(message):
            if report.place == place:
                fact = message[report.state_path]
                bench.check(fact, one_of("Unavailable", "Available"), what=str(place))

    async def _becomes_unavailable(self) -> None:
        """Every connector is told to be Unavailable, the one in use not before it was free."""
        bench, place = self._bench, self._session.place
        since = self._session.since if self._freed is None else self._freed
        early = [r for r in self._told(place) if self._asked < r.message.n <= since]
        early = [report for report in early if report.state == "Unavailable"]
        what = f"reports that {place} is Unavailable while its transaction runs"
        line = early[0].message.n if early else None
        bench.check(Fact(what, len(early), line), 0)
        for each in self._target.places(bench):
            after = since if each == place else self._asked
            report = self._unavailable(each, after)
            if report is not None:
                connectors.check(bench, report, "Unavailable")
            else:
                await connectors.notified(bench, "Unavailable", each, since=after)

    def _judge_last(self) -> None:
        """Post scenario validation: every connector concerned was told, and Unavailable last."""
        self._bench.step("post", self._target.reports)
        for place in self._target.places(self._bench):
            *_, last = self._told(place)
            connectors.check(self._bench, last, "Unavailable")

    def _told(self, place: Place) -> list[Report]:
        reports = [report for message in self._messages for report in _of(message, place)]
        return [report for report in reports if report.message.n > self._asked]

    def _unavailable(self, place: Place, since: int, *, until: int | None = None) -> Report | None:
        """The first report between two lines that tells this connector to be Unavailable."""
        later = (each for each in self._told(place) if each.message.n > since)
        told = (each for each in later if until is None or each.message.n <= until)
        return next((report for report in told if report.state == "Unavailable"), None)


def _of(message: Message, place: Place) -> list[Report]:
    return [report for report in connectors.reports(message) if report.place == place]


async def charging(bench: Bench, target: Target) -> Scheduled:
    """The Before block: state EnergyTransferStarted."""
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)
    return Scheduled(session, target)
