"""Use cases E09 and E10: the cable is pulled out of the EV, not out of the station.

Owns the two settings that decide what follows, and the stop points that outlast the cable. A
connector with a fixed cable is free as soon as the EV is gone; one with a socket when the cable is
taken out of it. The tables say nothing of stoppedReason: EVDisconnected or StoppedByEV, as those of
TC_E_37_CS and TC_E_54_CS (E07.FR.06). On a fixed cable that nobody plugs in again the transaction
goes on where only the bay ends it (E03.FR.05, F02.FR.08).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vdoc.automation.actions import EvPlugIn
from vdoc.bench import Bench, InconclusiveError
from vdoc.cases import configuration, connectors, interruptions
from vdoc.cases.configuration import TX_STOP_POINT
from vdoc.cases.connectors import Place
from vdoc.cases.interruptions import (
    STOP_TX_ON_EV_SIDE_DISCONNECT,
    UNLOCK_ON_EV_SIDE_DISCONNECT,
    detachable,
    energy_transfer_suspended,
    ev_side_unplugged,
    station_side_unplugged,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

Truth = Literal["true", "false"]

_LASTING = (("Authorized", "C-10.2"), ("ParkingBayOccupancy", "C-10.5"))
"""Stop points that pulling out the cable does not touch, and the items that claim them."""
_TOUCHED = frozenset({"EnergyTransfer", "PowerPathClosed", "DataSigned", "EVConnected"})


@case("TC_E_24_CS")
async def deauthorized_and_unlocked(bench: Bench) -> None:
    """Without the EV the authorization ends, and the socket lets go (E09.FR.01, FR.02, FR.04).

    Part 6: TC_E_24_CS. Errata: 6.2.116 in Authorized. Where suspending the energy transfer has
    ended the transaction there is no step 1. Where the connector under test has a fixed cable, one
    with a socket is used.
    """
    with bench.before():
        place = _connector(bench, socket=True)
        session = await _suspended(bench, stop="true", unlock="true", place=place)

    await ev_side_unplugged(session)  # 1
    await _free(session)  # 3
    await session.conclude()


@case("TC_E_25_CS")
async def deauthorized_and_locked(bench: Bench) -> None:
    """Without the EV the authorization ends; the driver unlocks (E09.FR.01, E09.FR.03, E09.FR.04).

    Part 6: TC_E_25_CS. Errata: 6.2.116 in Authorized. Where suspending the energy transfer has
    ended the transaction there is no step 1. A token that only the CSMS presents opens no lock;
    then the CSMS unlocks: our interpretation.
    """
    with bench.before():
        session = await _suspended(bench, stop="true", unlock="false")

    unplugged = await ev_side_unplugged(session)  # 1
    await _free(session, unplugged)  # 3
    await session.conclude()


@case("TC_E_26_CS")
async def suspended_and_resumed(bench: Bench) -> None:
    """Without the EV the transaction waits, and goes on with it (E10.FR.01, E10.FR.03).

    Part 6: TC_E_26_CS. Errata: none of its own. The source has lost the start state; its siblings
    begin with EnergyTransferSuspended, and so does TC_E_26_CSMS.
    """
    with bench.before():
        await _wait_for_ev(bench)
        await _stop_points_that_last(bench)
        session = await _suspended(bench, stop="false", unlock="false")

    unplugged = await ev_side_unplugged(session)  # 1
    if not detachable(bench, session.place):
        bench.step(3, "G01.FR.01")
        await connectors.notified(bench, "Available", session.place, since=unplugged)  # 3
    await _resumed(session)  # 5, 7
    await session.conclude()


@case("TC_E_27_CS")
async def suspended_and_given_up(bench: Bench) -> None:
    """Without the EV a transaction on a fixed cable waits, but not for ever (E10.FR.02, E10.FR.03).

    Part 6: TC_E_27_CS. Errata: 6.2.52 (the cable stays out), 6.2.116 in Authorized. Where the
    connector under test has a socket, one with a fixed cable is used. EVConnectionTimeOut is set as
    configured, which the table leaves open. Whether the connector is reported once more at the end
    is the station's business.
    """
    with bench.before():
        place = _connector(bench, socket=False)
        await _wait_for_ev(bench)
        await _stop_points_that_last(bench)
        session = await _suspended(bench, stop="false", unlock="false", place=place)

    asked = bench.now()
    unplugged = await ev_side_unplugged(session)  # 1
    bench.step(3, "G01.FR.01")
    await connectors.notified(bench, "Available", session.place, since=unplugged)  # 3
    limit_s = bench.settings.values.ev_connection_timeout_s
    await interruptions.timed_out(session, limit_s, asked, step="5")  # 5
    await session.conclude()


# --- the way there ---


def _connector(bench: Bench, *, socket: bool) -> Place:
    """Return a connector with a socket or with a fixed cable; the one under test if it is such.

    Raises:
        InconclusiveError: the station has none, unlike its PICS.
    """
    places = (connectors.under_test(bench), *connectors.all_places(bench))
    found = next((place for place in places if detachable(bench, place) is socket), None)
    if found is None:
        raise InconclusiveError(f"no connector has a {'socket' if socket else 'fixed cable'}")
    return found


async def _suspended(
    bench: Bench, *, stop: Truth, unlock: Truth, place: Place | None = None
) -> Session:
    """Both settings as the case needs them, and state EnergyTransferSuspended."""
    await configuration.ensure(bench, STOP_TX_ON_EV_SIDE_DISCONNECT, stop)
    await configuration.ensure(bench, UNLOCK_ON_EV_SIDE_DISCONNECT, unlock)
    session = await begin(bench)
    session.place = place or session.place
    await interruptions.read_ev_side_rule(session)
    await energy_transfer_suspended(session)
    return session


async def _wait_for_ev(bench: Bench) -> None:
    limit_s = bench.settings.values.ev_connection_timeout_s
    await configuration.ensure(bench, configuration.EV_CONNECTION_TIMEOUT, f"{limit_s:g}")


async def _stop_points_that_last(bench: Bench) -> None:
    """Authorized and ParkingBayOccupancy, as far as they are supported, and nothing else."""
    supported = [point for point, item in _LASTING if bench.pics.claims(item)]
    found = await configuration.need(bench, TX_STOP_POINT)
    if not configuration.writable(bench, TX_STOP_POINT):
        if found.members & _TOUCHED or not found.members & frozenset(supported):
            told = ", ".join(sorted(found.members))
            bench.not_applicable(f"TxStopPoint is ReadOnly with {told}", found.answer)
    elif found.members & _TOUCHED or not found.members >= frozenset(supported):
        await configuration.ensure(bench, TX_STOP_POINT, ",".join(supported))


# --- the steps ---


async def _free(session: Session, unplugged: int | None = None) -> None:
    """Take the cable out of its socket if it is in one; the connector is reported free."""
    bench = session.bench
    if unplugged is None or detachable(bench, session.place):
        unplugged = await station_side_unplugged(session)
    bench.step(3, "G01.FR.01")
    await connectors.notified(bench, "Available", session.place, since=unplugged)


async def _resumed(session: Session) -> None:
    """Reconnect the EV, and wait for what tells it and for what tells that energy flows again."""
    bench, place = session.bench, session.place
    await bench.act(EvPlugIn(evse=place.evse, connector=place.connector))
    plugged = bench.mark()
    for due in session.owed(Deed.PLUG_IN, plugged):
        strict = replace(due, step="5", triggers=("CablePluggedIn",), states=("EVConnected",))
        await session.expect(strict, plugged)
    for due in session.owed(Deed.CHARGE, plugged):
        strict = replace(due, step="7", event_types=("Updated",))
        await session.expect(strict, plugged)
