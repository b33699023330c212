"""Use case E06, scenario 3: a transaction ends because its authorization is taken away."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from vdoc.automation.actions import PlugIn
from vdoc.bench import Bench, Event, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, connectors, interruptions, memory, states
from vdoc.cases.configuration import Name
from vdoc.cases.e_transactions.points_in_force import stops_at
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed, EventType
from vdoc.cases.transaction_rules import in_order, seq_no
from vdoc.cases.transactions import after

_STOP_TX_ON_INVALID_ID = Name("TxCtrlr", "StopTxOnInvalidId")
_ENERGY = frozenset({"EnergyTransfer"})


@case("TC_E_16_CS")
async def csms_refuses_token(bench: Bench) -> None:
    """A token that the CSMS refuses after an offline start ends the transaction (E06.FR.04).

    Also E06.FR.15, C15.FR.04. Part 6: TC_E_16_CS. Errata: 6.2.118 of the state Deauthorized, whose
    chargingState is judged where it is told; 6.2.120 in IdTokenCached. Its steps 5 and 6 release
    the cable, which may be held for its owner (C15.FR.05). Queued is what occurred before the DUT
    reconnected, but for the last moments, within the time deviation.
    """
    with bench.before():
        await _stop_point_of_authorization(bench)
        await configuration.authorization_by_csms(bench)
        unknown = configuration.OFFLINE_TX_FOR_UNKNOWN_ID
        await configuration.ensure_if_implemented(bench, unknown, "true")
        await configuration.ensure(bench, _STOP_TX_ON_INVALID_ID, "true")
        session = await _session_with_known_token(bench)
        bench.answer("TransactionEvent", id_token_status("Invalid"))
        opened = await interruptions.start_offline_transaction(session)

    bench.step(1, "C15.FR.02")
    told = await session.arrived(_has_token, opened.n, "the queued event with the token")  # 1
    await _ended_by_csms(session, told)  # 3
    await session.complete()
    bench.step(1, "C15.FR.02")
    for event in _queued(session, opened):
        bench.check(event["offline"], True, what=f"seqNo {seq_no(event)}")
    await session.conclude_unseen()
    await _released(session)


async def _stop_point_of_authorization(bench: Bench) -> None:
    """Authorized or PowerPathClosed, without EnergyTransfer."""
    found = (await configuration.need(bench, configuration.TX_STOP_POINT)).members
    claimed = (("Authorized", "C-10.2"), ("PowerPathClosed", "C-10.3"))
    able = [member for member, item in claimed if member in found or bench.pics.claims(item)]
    member = able[0] if able else "Authorized"
    await stops_at(bench, member, but=_ENERGY, unmet=_ENERGY)


async def _session_with_known_token(bench: Bench) -> Session:
    """Memory states of TC_E_16_CS: the token is in the cache and in the local list, if any."""
    before: list[Session] = []
    if bench.pics.claims("C-49"):
        before.append(await memory.id_token_cached(bench, mode="local"))
    session = await begin(bench, mode="local")
    session.elsewhere = frozenset(e.transaction_id for e in before if e.transaction_id)
    if bench.pics.claims("profile.LocalAuthListManagement"):
        await memory.id_token_local_auth_list(bench, session.token)
    return session


async def _ended_by_csms(session: Session, told: Message) -> None:
    """Step 3: the event that tells the refusal, which ends what TxStopPoint ends."""
    standing = replace(session.standing, running=True)
    _, dues = after(Deed.REFUSE, standing, session.points)
    for due in dues:
        await session.expect(due, told.n)


def _has_token(event: Message) -> bool:
    return event.has("idToken")


def _queued(session: Session, opened: Event) -> list[Message]:
    """The events that occurred clearly before the DUT reconnected; the first in any case."""
    deviation_s = session.bench.settings.values.max_time_deviation_s
    events = in_order(session.events)
    earlier = partial(_occurred_before, opened, deviation_s)
    return [event for index, event in enumerate(events) if not index or earlier(event)]


def _occurred_before(opened: Event, deviation_s: float, event: Message) -> bool:
    early_s = (opened.at - event.need_time("timestamp")).total_seconds()
    return early_s > deviation_s


async def _released(session: Session) -> None:
    """Steps 5 and 6 of the state Deauthorized: the CSMS unlocks what may be locked."""
    bench, place = session.bench, session.place
    if interruptions.detachable(bench):
        bench.step(6, "F05.FR.01")
        await bench.call("UnlockConnector", evseId=place.evse, connectorId=place.connector)


@case("TC_E_17_CS")
async def ev_side_disconnect_deauthorizes(bench: Bench) -> None:
    """Pulling the cable out of the EV takes the authorization away (E06.FR.04, E06.FR.15).

    Part 6: TC_E_17_CS. Errata: 6.2.45, 6.2.46 (stop points). The source has lost the start state;
    its siblings TC_E_24_CS, TC_E_25_CS and TC_E_27_CS begin with EnergyTransferSuspended. A station
    that unlocks at the EV's side whatever it is told needs no token to let go of the cable.
    """
    others = frozenset({"EVConnected", "PowerPathClosed", "EnergyTransfer"})
    with bench.before():
        await stops_at(bench, "Authorized", but=others)
        await configuration.ensure(bench, interruptions.STOP_TX_ON_EV_SIDE_DISCONNECT, "true")
        unlock = interruptions.UNLOCK_ON_EV_SIDE_DISCONNECT
        await configuration.ensure_if_writable(bench, unlock, "false")
        await configuration.authorization_by_csms(bench)
        session = await begin(bench)
        await interruptions.read_ev_side_rule(session)
        await interruptions.energy_transfer_suspended(session)

    reasons = ("EVDisconnected",)
    unplugged = await interruptions.ev_side_unplugged(session, stopped_reasons=reasons)  # 1
    if interruptions.detachable(bench):
        unplugged = await interruptions.station_side_unplugged(session)
    bench.step(3, "G01.FR.01")
    await connectors.notified(bench, "Available", session.place, since=unplugged)  # 3
    await session.conclude()


@case("TC_E_39_CS")
async def cable_too_late(bench: Bench) -> None:
    """Without a cable in time the authorization is taken away, and stays so (E06.FR.04).

    Also E06.FR.15. Part 6: TC_E_39_CS. Errata: 6.2.47 (the connector's report). With
    ParkingBayOccupancy as a start point the table has an Updated event at step 1; Authorized being
    the stop point, Part 2 has an Ended one: either is right. What step 5 tells, and whether
    anything, follows from TxStartPoint: an EV that is connected may start a new transaction; but
    it is told as CablePluggedIn, as the table says (and the note to E02.FR.17). Where a lock keeps
    the connector shut without authorization (AQ-2), nobody can plug in: no steps 3, 5.
    """
    limit_s = bench.settings.values.ev_connection_timeout_s
    with bench.before():
        await _stop_point_authorized(bench)
        await configuration.ensure(bench, configuration.EV_CONNECTION_TIMEOUT, f"{limit_s:g}")
        await configuration.authorization_by_csms(bench)
        session = await begin(bench)
        await states.parking_bay_occupied(session)
        asked = bench.now()
        await states.authorized(session)

    at_bay = "ParkingBayOccupancy" in session.points.start
    also: tuple[EventType, ...] = ("Updated",) if at_bay else ()
    await interruptions.timed_out(session, limit_s, asked, also=also)  # 1
    again = await interruptions.next_session(session)
    if not bench.pics.claims("AQ-2"):
        await _plugged_too_late(again)  # 3, 5
    await again.conclude()


async def _stop_point_authorized(bench: Bench) -> None:
    """Authorized among the stop points; a list that can never hold it makes it not applicable."""
    found = await configuration.need(bench, configuration.TX_STOP_POINT)
    if "Authorized" in found.members:
        return
    if not configuration.writable(bench, configuration.TX_STOP_POINT):
        bench.not_applicable("TxStopPoint is ReadOnly without Authorized", found.answer)
    await stops_at(bench, "Authorized")


async def _plugged_too_late(session: Session) -> None:
    """Steps 3 and 5: the connector is occupied, but no energy flows."""
    bench, place = session.bench, session.place
    await bench.act(PlugIn(evse=place.evse, connector=place.connector))
    plugged = bench.mark()
    bench.step(3, "E02.FR.05")
    await connectors.notified(bench, "Occupied", place, since=plugged)
    dues = session.owed(Deed.PLUG_IN, plugged)
    dues = tuple(replace(due, step="5", triggers=("CablePluggedIn",)) for due in dues)
    told = [await session.expect(due, plugged) for due in dues]
    session.plugged_at(plugged, told[0] if told else None)
    bench.step(5, "E06.FR.04")
    already = [event for event in session.events if event.n > plugged and _charges(event)]
    if not already:
        await bench.silence("TransactionEvent", where=_charges, what="energy must not flow")
    for event in already:
        bench.check(event["transactionInfo.chargingState"], "EVConnected")


def _charges(event: Message) -> bool:
    return bool(event.get("transactionInfo.chargingState") == "Charging")
