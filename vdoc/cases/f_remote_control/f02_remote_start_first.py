"""Use case F02: the CSMS starts a transaction, and the driver plugs in afterwards or never.

Owns what AuthCtrlr.AuthorizeRemoteStart makes of the token of a RequestStartTransactionRequest, and
what is left of a start when TxCtrlr.EVConnectionTimeOut passes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from vdoc.bench import Bench, Fact, Message, StepFailedError
from vdoc.bench.expect import at_least, one_of
from vdoc.cases import configuration, states
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.transaction_rules import is_extra
from vdoc.cases.transactions import Standing

_START_POINTS = (("Authorized", "C-09.2"), ("ParkingBayOccupancy", "C-09.6"))
"""What starts a transaction without a cable, and the item that claims it."""


@case("TC_F_02_CS")
async def remote_start_asks_first(bench: Bench) -> None:
    """A remote start is authorized like a local one, then the cable comes (F01.FR.01, F02.FR.01).

    Part 6: TC_F_02_CS. Errata: 6.2.116 in Authorized. The AuthorizeRequest is a step of Authorized.
    """
    with bench.before():
        session = await _prepared(bench, "true")

    await states.authorized(session, "remote")  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()


@case("TC_F_03_CS")
async def remote_start_asks_nobody(bench: Bench) -> None:
    """A remote start charges without any check of its token (F01.FR.02, F02.FR.01).

    Part 6: TC_F_03_CS. Errata: 6.2.116 in Authorized. That no AuthorizeRequest comes is no line of
    the table, but what F01.FR.02 demands: our interpretation.
    """
    with bench.before():
        session = await _prepared(bench, "false")

    asked = bench.collect("Authorize")
    await states.authorized(session, "remote")  # 1
    await states.energy_transfer_started(session)  # 2
    bench.step(1, "F01.FR.02")
    line = asked[0].n if asked else session.since
    bench.check(Fact("AuthorizeRequests before energy flows", len(asked), line), 0)
    await session.conclude()


async def _prepared(bench: Bench, asks: Literal["true", "false"]) -> Session:
    """Configuration and EV in its bay; a station that is fixed otherwise is not concerned."""
    await configuration.authorization_by_csms(bench)
    if asks == "true":
        await _fixed_otherwise(bench, configuration.AUTH_ENABLED, "true")
    await configuration.ensure_if_writable(bench, configuration.AUTHORIZE_REMOTE_START, asks)
    await configuration.need(bench, configuration.AUTHORIZE_REMOTE_START)
    await _fixed_otherwise(bench, configuration.AUTHORIZE_REMOTE_START, asks)
    session = await begin(bench, mode="remote")
    await states.parking_bay_occupied(session)
    return session


async def _fixed_otherwise(bench: Bench, name: Name, wanted: Literal["true", "false"]) -> None:
    """End the case when a variable cannot be set and is not what the table presupposes."""
    if not configuration.implemented(bench, name) or configuration.writable(bench, name):
        return
    found = await configuration.need(bench, name)
    if found.true is not (wanted == "true"):
        bench.not_applicable(f"{name} is ReadOnly and not {wanted}", found.answer)


# --- the cable never comes ---


@case("TC_F_04_CS")
async def cable_never_plugged_in(bench: Bench) -> None:
    """A transaction whose EV never comes is given up, and the EVSE is free (E03.FR.01, E03.FR.05).

    Also F02.FR.01. Part 6: TC_F_04_CS. Errata: 6.2.56, 6.2.57 (TxStartPoint only if supported),
    6.2.116 in Authorized. With ParkingBayOccupancy and not Authorized as a stop point the
    transaction may go on until the EV leaves (F02.FR.08), whatever the table says of eventType.
    Where no transaction starts without a cable, step 1 does not exist; step 3 shows the time-out.
    """
    limit_s = bench.settings.values.ev_connection_timeout_s
    with bench.before():
        await configuration.ensure(bench, configuration.EV_CONNECTION_TIMEOUT, f"{limit_s:g}")
        await configuration.authorization_by_csms(bench)
        await _start_without_cable(bench)
        session = await begin(bench, mode="remote")
        await states.parking_bay_occupied(session)
        asked = bench.now()
        await states.authorized(session, "remote")

    bench.step(1, "E03.FR.05")
    event = await _timed_out(session, limit_s, asked)  # 1, 2
    again = await _next_session(session, event)
    await states.authorized(again, "remote")  # 3
    await again.conclude()
    if not again.standing.running:
        await _lapse(bench)


async def _lapse(bench: Bench) -> None:
    """Let an authorization pass that no transaction tells of: nothing else can take it back."""
    values = bench.settings.values
    wait_s = values.ev_connection_timeout_s + values.max_time_deviation_s
    await bench.wait(wait_s, "EVConnectionTimeOut, without a transaction that tells it")


async def _start_without_cable(bench: Bench) -> None:
    """Have a transaction start before the cable is plugged in, if that is supported."""
    point = configuration.TX_START_POINT
    supported = [name for name, item in _START_POINTS if bench.pics.claims(item)]
    if not supported or not configuration.writable(bench, point):
        return
    if not (await configuration.need(bench, point)).members & frozenset(supported):
        await configuration.ensure(bench, point, supported[0])


async def _timed_out(session: Session, limit_s: float, asked: datetime) -> Message | None:
    """Wait for the event of EVConnectionTimeOut; None where no transaction runs that tells it."""
    bench, values = session.bench, session.bench.settings.values
    if not session.standing.running:
        await _lapse(bench)
        return None
    event = await _giving_up(session, limit_s + values.message_timeout_s)
    bench.check(event["triggerReason"], "EVConnectTimeout")
    bench.check(event["eventType"], one_of(*_event_types(session)))
    passed_s = (event.at - asked).total_seconds()
    least = at_least(limit_s - values.max_time_deviation_s)
    bench.check(Fact("seconds since the remote start", passed_s, event.n), least)
    return event


async def _giving_up(session: Session, within_s: float) -> Message:
    """The event that tells the time-out; else another one instead, which is then judged."""
    bench, since = session.bench, session.since
    for wanted, limit_s in ((_gives_up, within_s), (_tells, 0.0)):
        event = await bench.receive_optional(
            "TransactionEvent", where=wanted, within_s=limit_s, since=since
        )
        if event is not None:
            return event
    expected = f"EVConnectTimeout, Ended, within {within_s:g} s"
    raise StepFailedError("TransactionEventRequest (no EV comes)", expected, "none came")


def _tells(event: Message) -> bool:
    return not is_extra(event)


def _gives_up(event: Message) -> bool:
    told = event.get("triggerReason") == "EVConnectTimeout"
    return bool(told or event.get("eventType") == "Ended")


def _event_types(session: Session) -> tuple[str, ...]:
    stop = session.points.stop
    goes_on = "ParkingBayOccupancy" in stop and "Authorized" not in stop  # F02.FR.08
    return ("Ended", "Updated") if goes_on else ("Ended",)


async def _next_session(session: Session, event: Message | None) -> Session:
    """The session of the second remote start: a new one, or the one that still goes on."""
    bench = session.bench
    if event is not None and event.get("eventType") != "Ended":
        session.standing = replace(session.standing, mode=None, told=False)
        again = session
    else:
        await session.conclude()
        again = await begin(bench, mode="remote")
        again.standing = Standing(parked=session.standing.parked)
    again.cached = bench.pics.claims("C-49")  # the token was accepted a moment ago
    return again
