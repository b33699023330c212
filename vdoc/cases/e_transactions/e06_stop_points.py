"""Use case E06: the fact that TxStopPoint names, ceasing, is what ends a transaction.

The events that are due follow from TxStopPoint in force (`transactions`). Where a table knows one
event, errata 6.2.117 and 6.2.49 also let an Updated event tell the stop and the Ended one follow;
E06.FR.09 lets stoppedReason Local be left out.
"""

from __future__ import annotations

from vdoc.automation.actions import ParkingBay, PlugOut
from vdoc.bench import Bench
from vdoc.cases import configuration, connectors, interruptions, states
from vdoc.cases.e_transactions.points_in_force import stops_at
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

_AUTHORIZED = frozenset({"Authorized"})
_POWER_PATH = frozenset({"PowerPathClosed"})
_ENERGY = frozenset({"EnergyTransfer"})
_CABLE = frozenset({"EVConnected"})
_SIGNED = frozenset({"DataSigned"})

# --- the driver or the CSMS stops ---


@case("TC_E_15_CS")
async def stops_when_authorization_ends(bench: Bench) -> None:
    """The same token again ends the transaction, if so configured (E06.FR.03, E06.FR.15).

    Part 6: TC_E_15_CS. Errata: none of its own.
    """
    with bench.before():
        await stops_at(bench, "Authorized", but=_POWER_PATH, unmet=_POWER_PATH)
        session = await begin(bench, mode="local")
        await states.energy_transfer_started(session)

    await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
    await states.present_again(session)
    await states.stop_events(session, bench.mark(), "local", step="1")
    await session.conclude()


@case("TC_E_21_CS")
async def stops_when_authorization_ends_remotely(bench: Bench) -> None:
    """RequestStopTransaction ends the transaction, if so configured (E06.FR.03, F03.FR.09).

    Also E06.FR.15. Part 6: TC_E_21_CS. Errata: none of its own.
    """
    with bench.before():
        await stops_at(bench, "Authorized", but=_POWER_PATH, unmet=_POWER_PATH)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await _stopped_by_csms(session)  # 1, 2, 3
    await session.conclude()


@case("TC_E_07_CS")
async def power_path_opens_locally(bench: Bench) -> None:
    """The same token again ends the transaction by PowerPathClosed (E06.FR.06, E06.FR.15).

    Part 6: TC_E_07_CS. Errata: 6.2.117 in StopAuthorized.
    """
    with bench.before():
        await stops_at(bench, "PowerPathClosed", but=_AUTHORIZED)
        session = await begin(bench, mode="local")
        await states.energy_transfer_started(session)

    await states.stop_authorized(session, "local")  # 1
    await session.conclude()


@case("TC_E_35_CS")
async def power_path_opens_remotely(bench: Bench) -> None:
    """RequestStopTransaction ends the transaction by PowerPathClosed (E06.FR.06, E06.FR.15).

    Part 6: TC_E_35_CS. Errata: 6.2.49 (one event tells the stop, the last one ends).
    """
    with bench.before():
        await stops_at(bench, "PowerPathClosed", but=_AUTHORIZED)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await _stopped_by_csms(session)  # 1, 2, 3
    await session.conclude()


async def _stopped_by_csms(session: Session) -> None:
    """Steps 1 to 3 of TC_E_21_CS and TC_E_35_CS."""
    bench = session.bench
    bench.step(2, "F03.FR.07")
    response = await bench.call("RequestStopTransaction", transactionId=session.transaction_id)
    asked = bench.mark()
    bench.require(response["status"], "Accepted")
    await states.stop_events(session, asked, "remote", step="3")


@case("TC_E_08_CS")
async def energy_transfer_stops(bench: Bench) -> None:
    """Stopping the session ends the transaction by EnergyTransfer (E06.FR.07, E06.FR.15).

    Part 6: TC_E_08_CS. Errata: 6.2.117 in StopAuthorized.
    """
    with bench.before():
        await stops_at(bench, "EnergyTransfer", but=_AUTHORIZED | _POWER_PATH)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await states.stop_authorized(session)  # 1
    await session.conclude()


# --- the EV stops, or leaves ---


@case("TC_E_22_CS")
async def ev_suspends_energy_transfer(bench: Bench) -> None:
    """The EV that takes no more energy ends the transaction, if so configured (E06.FR.07).

    Also E06.FR.15. Part 6: TC_E_22_CS. Errata: 6.2.50, by which the transaction ends: the Updated
    event of the table, chargingState SuspendedEV, may precede the Ended one, not stand for it.
    """
    with bench.before():
        await stops_at(bench, "EnergyTransfer")
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await interruptions.ev_suspends(session)  # 1
    await session.conclude()


@case("TC_E_14_CS")
async def unplugged_at_station(bench: Bench) -> None:
    """Unplugging ends the transaction, if so configured (E06.FR.02, E06.FR.15).

    Part 6: TC_E_14_CS. Errata: 6.2.51 (stoppedReason).
    """
    with bench.before():
        await stops_at(bench, "EVConnected", but=_ENERGY | _POWER_PATH | _SIGNED | _AUTHORIZED)
        session = await begin(bench)
        await states.ev_connected_post_session(session)

    place = session.place
    await bench.act(PlugOut(evse=place.evse, connector=place.connector))
    unplugged = bench.mark()
    bench.step(1, "G01.FR.01")
    await connectors.notified(bench, "Available", place, since=unplugged)  # 1
    await session.happened(Deed.PLUG_OUT, unplugged)  # 3
    await session.conclude()


@case("TC_E_20_CS")
async def unplugged_from_basic_ev(bench: Bench) -> None:
    """Pulling the cable out of the EV ends the transaction, if so configured (E06.FR.02).

    Also E06.FR.15. Part 6: TC_E_20_CS, for an EV that charges by IEC 61851-1. Errata: none.
    """
    with bench.before():
        session = await _suspended(bench, "EVConnected", _ENERGY | _POWER_PATH)

    await interruptions.ev_side_unplugged(session, stopped_reasons=["EVDisconnected"])  # 1
    await session.conclude()


@case("TC_E_54_CS")
async def unplugged_from_talking_ev(bench: Bench) -> None:
    """The same for a station with high level communication, which may say more (E06.FR.02).

    Also E06.FR.15. Part 6: TC_E_54_CS. Errata: none.
    """
    with bench.before():
        session = await _suspended(bench, "EVConnected", _ENERGY | _POWER_PATH)

    reasons = ("StoppedByEV", "EVDisconnected")
    await interruptions.ev_side_unplugged(session, stopped_reasons=reasons)  # 1
    await session.conclude()


@case("TC_E_37_CS")
async def power_path_opens_at_ev(bench: Bench) -> None:
    """Pulling the cable out of the EV ends the transaction by PowerPathClosed (E06.FR.06).

    Also E06.FR.15. Part 6: TC_E_37_CS. Errata: none.
    """
    with bench.before():
        session = await _suspended(bench, "PowerPathClosed", _ENERGY | _CABLE | _SIGNED)

    reasons = ("EVDisconnected", "StoppedByEV")
    await interruptions.ev_side_unplugged(session, stopped_reasons=reasons)  # 1
    await session.conclude()


async def _suspended(bench: Bench, member: str, others: frozenset[str]) -> Session:
    """Configuration of the three cases above, and their state EnergyTransferSuspended.

    A station that always deauthorizes would end the transaction by Authorized as well: then that
    is no stop point, if it can be left out.
    """
    rule = interruptions.STOP_TX_ON_EV_SIDE_DISCONNECT
    await configuration.ensure_if_writable(bench, rule, "false")
    deauthorizes = await configuration.read_true(bench, rule, absent=False)
    if deauthorizes and configuration.writable(bench, configuration.TX_STOP_POINT):
        others |= _AUTHORIZED
    await stops_at(bench, member, but=others)
    session = await begin(bench)
    await interruptions.read_ev_side_rule(session)
    await interruptions.energy_transfer_suspended(session)
    return session


@case("TC_E_19_CS")
async def leaves_parking_bay(bench: Bench) -> None:
    """The EV that leaves its bay ends the transaction, if so configured (E06.FR.01, E06.FR.15).

    Part 6: TC_E_19_CS. Errata: none. The member is written ParkingBayOccupancy (Part 2 §2.6.4).
    """
    others = _ENERGY | _POWER_PATH | _SIGNED | _AUTHORIZED | _CABLE
    with bench.before():
        await stops_at(bench, "ParkingBayOccupancy", but=others)
        session = await begin(bench)
        await states.ev_disconnected(session)

    await bench.act(ParkingBay(occupied=False, evse=session.place.evse))
    await session.happened(Deed.LEAVE, bench.mark())  # 1
    await session.conclude()
