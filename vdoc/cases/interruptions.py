"""What comes between the states of a charging session: the EV stops, leaves, or never comes.

Owns the states of Part 6 §2.18 that interrupt a session (EnergyTransferSuspended,
StartOfflineTransaction), and the deeds of the EV's side of the cable and of EVConnectionTimeOut
that several cases share. Which events are due `transactions` knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vdoc.automation.actions import EvEnd, EvPlugOut, ParkingBay, PlugIn, PlugOut
from vdoc.bench import Bench, Event, Fact, InconclusiveError, Message
from vdoc.bench.expect import at_least
from vdoc.cases import configuration, connectors, states
from vdoc.cases.configuration import Name
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed, EventType, Standing

STOP_TX_ON_EV_SIDE_DISCONNECT = Name("TxCtrlr", "StopTxOnEVSideDisconnect")
UNLOCK_ON_EV_SIDE_DISCONNECT = Name("OCPPCommCtrlr", "UnlockOnEVSideDisconnect")

# --- the EV ---


async def energy_transfer_suspended(session: Session) -> None:
    """State EnergyTransferSuspended: the EV takes no more energy, and says so.

    Part 6 Table 431; E01.FR.19, E06.FR.07.
    """
    bench = session.bench
    if not session.standing.charging:
        await states.energy_transfer_started(session)
    with bench.within_state("EnergyTransferSuspended"):
        await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
        await ev_suspends(session)  # 1


async def ev_suspends(session: Session) -> None:
    """The EV stops taking energy; wait for what tells it."""
    place = session.place
    await session.bench.act(EvEnd(evse=place.evse, connector=place.connector))
    await session.happened(Deed.SUSPEND, session.bench.mark())


async def read_ev_side_rule(session: Session) -> None:
    """Learn whether an EV-side disconnect deauthorizes here; the model needs to know it."""
    deauthorizes = await configuration.read_true(
        session.bench, STOP_TX_ON_EV_SIDE_DISCONNECT, absent=False
    )
    session.points = replace(session.points, ev_side_deauthorizes=deauthorizes)


async def ev_side_unplugged(
    session: Session, *, stopped_reasons: Sequence[str] | None = None
) -> int:
    """Pull the cable out of the EV, and wait for what tells it (E06.FR.02, E09.FR.01).

    Args:
        session: the session.
        stopped_reasons: what may be the stoppedReason, should it end the transaction; None: what
            is apt (E07.FR.06).

    Returns:
        The evidence line of the deed.
    """
    bench, place = session.bench, session.place
    await bench.act(EvPlugOut(evse=place.evse, connector=place.connector))
    unplugged = bench.mark()
    for due in session.owed(Deed.EV_SIDE_OUT, unplugged):
        reasons = due.stopped_reasons if stopped_reasons is None else tuple(stopped_reasons)
        await session.expect(replace(due, stopped_reasons=reasons), unplugged)
    return unplugged


async def station_side_unplugged(session: Session) -> int:
    """Take the cable out of a socket that may still hold it, after the EV has left (E09.FR.03).

    Unless it is unlocked by then, the driver presents the token of the session. One that only the
    CSMS presents opens no lock; then the CSMS unlocks (F05): our interpretation.

    Returns:
        The evidence line of the deed.
    """
    bench, place = session.bench, session.place
    unlocks = await configuration.read_true(bench, UNLOCK_ON_EV_SIDE_DISCONNECT, absent=False)
    locked = not unlocks and not session.implicit
    if locked and session.mode == "local":
        await bench.act(states.presenting(session))
    elif locked:
        response = await bench.call(
            "UnlockConnector", evseId=place.evse, connectorId=place.connector
        )
        bench.require(response["status"], "Unlocked", "F05.FR.01")
    await bench.act(PlugOut(evse=place.evse, connector=place.connector, side="station"))
    return bench.mark()


def detachable(bench: Bench, place: connectors.Place | None = None) -> bool:
    """Tell whether a connector, the one under test, is a socket (HFS-1), no fixed cable (HFS-2)."""
    if not (bench.pics.claims("HFS-1") and bench.pics.claims("HFS-2")):
        return bench.pics.claims("HFS-1")
    here = place or connectors.under_test(bench)
    kinds = {
        connectors.Place(evse.id, each.id): each.connectorType
        for evse in bench.pics.evses
        for each in evse.connectors
    }
    return kinds.get(here, "").startswith("s")


# --- no EV comes ---


async def timed_out(
    session: Session,
    limit_s: float,
    asked: datetime,
    *,
    also: tuple[EventType, ...] = (),
    step: str | None = None,
) -> Message | None:
    """Wait for EVConnectionTimeOut to pass, and for the event that tells it (E03.FR.05).

    Args:
        session: the session; its driver is authorized, its EV is not connected.
        limit_s: EVConnectionTimeOut.
        asked: when the authorization began.
        also: eventType may be one of these, too.
        step: its number in the table of the case.

    Returns:
        The event; None where no transaction runs that could tell it.

    Raises:
        InconclusiveError: the cable is the authorization, so that there is nothing to give up.
    """
    bench, values = session.bench, session.bench.settings.values
    if session.implicit:
        raise InconclusiveError("plugging in is the authorization: none can be given up")
    since = session.since
    dues = session.owed(Deed.TIME_OUT, since)
    if not dues:
        await lapsed(bench, limit_s)
        return None
    first = dues[0]
    due = replace(first, event_types=(*first.event_types, *also), step=step or first.step)
    event = await session.expect(due, since, within_s=limit_s + values.message_timeout_s)
    if event is None:
        return None
    passed_s = (event.at - asked).total_seconds()
    least = at_least(limit_s - values.max_time_deviation_s)
    bench.check(Fact("seconds since the authorization", passed_s, event.n), least)
    goes_on = event.get("eventType") == "Updated"
    session.standing = replace(session.standing, running=goes_on, ended=not goes_on)
    return event


async def lapsed(bench: Bench, limit_s: float) -> None:
    """Let an authorization lapse of which no transaction tells (C01.FR.26)."""
    wait_s = limit_s + bench.settings.values.max_time_deviation_s
    await bench.wait(wait_s, "EVConnectionTimeOut, without a transaction that tells it")


async def next_session(session: Session) -> Session:
    """Return the session that follows a time-out: a new one, or the same if it goes on."""
    if session.standing.running:
        return session
    await session.conclude()
    again = await begin(session.bench, mode=session.mode)
    again.standing = Standing(parked=session.standing.parked)
    return again


async def enter_bay_again(session: Session) -> None:
    """Drive out of the bay and in, where the bay starts a transaction.

    Whether a bay that stays occupied starts another, E01.FR.01 leaves open: our interpretation.
    """
    bench = session.bench
    if not session.standing.parked or "ParkingBayOccupancy" not in session.points.start:
        return
    await bench.act(ParkingBay(occupied=False, evse=session.place.evse))
    session.standing = replace(session.standing, parked=False)
    await states.parking_bay_occupied(session)


# --- offline ---


async def start_offline_transaction(session: Session) -> Event:
    """State StartOfflineTransaction: a transaction begins while nobody listens.

    Part 6 Table 436. That energy flows before the DUT may reconnect is our interpretation: with
    EnergyTransfer as the start point nothing is queued before.

    Returns:
        The connection on which the queued events come.
    """
    bench, place = session.bench, session.place
    with bench.within_state("StartOfflineTransaction"):
        bench.step(1, "C15.FR.02")
        bench.connection.refuse()
        bench.connection.drop()
        session.unseen = (Deed.AUTHORIZE, Deed.PLUG_IN)
        if states.has_parking_bay(session):
            session.unseen = (Deed.PARK, *session.unseen)
            await bench.act(ParkingBay(occupied=True, evse=place.evse))
            await _settle(bench, Deed.PARK)
        await bench.act(states.presenting(session))
        await _settle(bench, Deed.AUTHORIZE)
        await bench.act(PlugIn(evse=place.evse, connector=place.connector))
        await _settle(bench, Deed.PLUG_IN)
        start_s = bench.settings.expected.charging_start_s
        await bench.wait(start_s, "until energy flows, as measured")
        bench.step(2, "C15.FR.02")
        bench.connection.accept()
        return await bench.connection.opened(what="the DUT reconnects")


async def _settle(bench: Bench, deed: Deed) -> None:
    """Leave a deed time to take effect, because offline nothing tells that it has."""
    await bench.wait(bench.settings.values.settling_s, f"nothing tells offline that {deed}")
