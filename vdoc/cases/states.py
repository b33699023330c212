"""The reusable states of Part 6 §2.18 that a charging session goes through.

Owns the steps of each state's table: the deed, the connector report, the token, the events. Which
events are due is `transactions`' business, finding and judging them `session`'s. A state that
depends on another executes it first, as its Before block says; where the session stands tells
whether it has to. Errata 6.2.116 and 6.2.117 apply.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from vdoc.automation.actions import (
    Action,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
)
from vdoc.bench import Bench, InconclusiveError, Message
from vdoc.cases import connectors
from vdoc.cases.session import Session
from vdoc.cases.standing import Deed, Mode
from vdoc.cases.tokens import reported
from vdoc.cases.transaction_rules import judge_token, judge_token_if_present

Vacated = Callable[[int], Awaitable[None]]
"""Waits for what the connector becomes; given the evidence line of unplugging."""

# --- before energy flows ---


async def parking_bay_occupied(session: Session) -> None:
    """State ParkingBayOccupied: the EV is in the bay; nothing to do where there is no sensor.

    Part 6 Table 426; E01.FR.01.
    """
    bench = session.bench
    if session.standing.parked or not has_parking_bay(session):
        return
    with bench.within_state("ParkingBayOccupied"):
        await bench.act(ParkingBay(occupied=True, evse=session.place.evse))
        await session.happened(Deed.PARK, bench.mark())  # 1


async def ev_connected_pre_session(session: Session) -> None:
    """State EVConnectedPreSession: EV and EVSE are connected, before or after authorization.

    Part 6 Table 427; E02.FR.05, E01.FR.02, E01.FR.16. Where a cable lock keeps the connector shut
    until then (AQ-2), the driver is authorized first; the table does not know such stations.
    """
    await parking_bay_occupied(session)
    if session.bench.pics.claims("AQ-2"):
        await authorized(session)
    await connected(session)


async def connected(session: Session) -> None:
    """The steps of EVConnectedPreSession alone, whoever has been authorized before."""
    with session.bench.within_state("EVConnectedPreSession"):
        await _plug_in(session)  # 1, 3


async def _plug_in(session: Session) -> None:
    """Connect the EV; the connector report and the event come in either order."""
    bench, place = session.bench, session.place
    await bench.act(PlugIn(evse=place.evse, connector=place.connector))
    plugged = bench.mark()
    bench.step(1, "E02.FR.05")
    await connectors.notified(bench, "Occupied", place, since=plugged)
    told = _told(await session.happened(Deed.PLUG_IN, plugged))
    session.plugged_at(plugged, told)
    if session.implicit:
        session.presented_at(plugged, told)


async def authorized(
    session: Session,
    mode: Mode | None = None,
    *,
    charging_profile: dict[str, Any] | None = None,
    asked_by: str | None = None,
) -> None:
    """State Authorized: the driver may charge, by a token or by RequestStartTransaction.

    Part 6 Table 428, errata 6.2.116. `mode` forces one of the two; else the session's is used.
    `charging_profile` goes with a RequestStartTransaction; `asked_by` is the requirement that the
    AuthorizeRequest rests on where it is not that of every authorization.
    """
    if not session.standing.connected:
        await parking_bay_occupied(session)
    if session.standing.mode is not None:
        return
    with session.bench.within_state("Authorized"):
        if (mode or session.mode) == "local":
            await _authorized_locally(session, asked_by)
        else:
            await _authorized_remotely(session, asked_by, charging_profile)


async def _authorized_locally(session: Session, asked_by: str | None) -> None:
    """Main A: the driver presents the token; C01.FR.02, E01.FR.03, E02.FR.01."""
    bench = session.bench
    await bench.act(presenting(session))
    presented = bench.mark()
    request = await _authorize_request(session, "local", presented, 1, asked_by)
    told = _told(await session.happened(Deed.AUTHORIZE, presented, "local"))  # 3
    session.presented_at(presented if request is None else request.n, told)


async def _authorized_remotely(
    session: Session, asked_by: str | None, charging_profile: dict[str, Any] | None
) -> None:
    """Main B: the CSMS starts; F01.FR.01, F01.FR.13, F01.FR.19, F02.FR.01."""
    bench = session.bench
    remote_start_id = bench.fresh_int()
    with_it: dict[str, Any] = {}
    if charging_profile is not None:
        with_it["chargingProfile"] = charging_profile
    running = session.standing.running
    bench.step(2, "F01.FR.13" if running else "F02.FR.01")
    response = await bench.call(
        "RequestStartTransaction",
        idToken=session.token.as_json(),
        remoteStartId=remote_start_id,
        evseId=session.place.evse,
        **with_it,
    )  # 1
    asked = bench.mark()
    bench.require(response["status"], "Accepted")
    if running:
        bench.check(response["transactionId"], session.transaction_id, "F01.FR.13")
    await _authorize_request(session, "remote", asked, 3, asked_by)
    told = _told(await session.happened(Deed.AUTHORIZE, asked, "remote"))  # 5
    line = asked if told is not None and told.n < response.n else response.n
    session.presented_at(line, told)
    session.remotely_started_at(line, remote_start_id)


def _told(events: list[Message | None]) -> Message | None:
    return events[0] if events else None


async def _authorize_request(
    session: Session, mode: Mode, since: int, step: int, requirement: str | None
) -> Message | None:
    """The AuthorizeRequest of the token, unless nothing needs to be asked or it may be known."""
    if mode not in session.asks or session.cached:
        return None
    return await authorization_asked(session, since, step, requirement, mode=mode)


async def authorization_asked(
    session: Session,
    since: int,
    step: int | str,
    requirement: str | None = None,
    *,
    mode: Mode | None = None,
) -> Message:
    """Wait for the AuthorizeRequest of the session's token, and judge it; return it.

    Raises:
        StepFailedError: it did not come in time.
    """
    bench = session.bench
    local = (mode or session.mode) == "local"
    bench.step(step, requirement or ("C01.FR.02" if local else "F01.FR.01"))
    request = await bench.receive("Authorize", since=since)
    judge_token(bench, request, reported(bench, session.token) if local else session.token)
    return request


async def energy_transfer_started(session: Session) -> None:
    """State EnergyTransferStarted: energy flows between EVSE and EV.

    Part 6 Table 430; E01.FR.04 to E01.FR.06, E02.FR.13.
    """
    bench = session.bench
    await authorized(session)
    with bench.within_state("EnergyTransferStarted"):
        if not session.standing.connected:
            await _plug_in(session)  # part 1
        since = session.since
        dues = session.owed(Deed.CHARGE, since)
        if not dues:
            points = ", ".join(sorted(session.points.start)) or "DataSigned but unsigned readings"
            raise InconclusiveError(f"no transaction starts here with TxStartPoint {points}")
        for due in dues:  # 5, 7, 9
            await session.expect(due, since)


# --- the end of a session ---


async def stop_authorized(session: Session, mode: Mode | None = None) -> None:
    """State StopAuthorized: the session may stop, by the same token or by RequestStopTransaction.

    Part 6 Table 432, errata 6.2.117. `mode` forces one of the two; else the session's is used.
    """
    bench = session.bench
    if not session.standing.charging:
        await energy_transfer_started(session)
    with bench.within_state("StopAuthorized"):
        await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
        if (mode or session.mode) == "local":
            await _stopped_locally(session)
        else:
            await _stopped_remotely(session)


async def _stopped_locally(session: Session) -> None:
    """Main A: the same token again; E06.FR.03, E07.FR.01."""
    bench = session.bench
    await present_again(session)
    presented = bench.mark()
    told = await stop_events(session, presented, "local")
    if told is not None:
        judge_token_if_present(bench, told, reported(bench, session.token))


async def _stopped_remotely(session: Session) -> None:
    """Main B: the CSMS stops; F03.FR.02, F03.FR.03, F03.FR.07."""
    bench = session.bench
    bench.step(2, "F03.FR.07")
    response = await bench.call("RequestStopTransaction", transactionId=session.transaction_id)  # 1
    asked = bench.mark()
    bench.require(response["status"], "Accepted")
    await stop_events(session, asked, "remote")  # 3, 5


async def stop_events(
    session: Session,
    since: int,
    mode: Mode,
    *,
    step: str | None = None,
    requirement: str | None = None,
) -> Message | None:
    """The one or two events of a stop; the last of them ends what TxStopPoint ends (6.2.117).

    Args:
        session: the session.
        since: the evidence line of the deed that stopped it.
        mode: how it was stopped.
        step: the step of a case whose table has but one for both events.
        requirement: what it rests on there.

    Returns:
        The event that tells the stop.
    """
    bench = session.bench
    dues = session.owed(Deed.STOP, since, mode)
    mine = [replace(d, step=step or d.step, requirement=requirement or d.requirement) for d in dues]
    events = [await session.expect(due, since) for due in mine]
    told, last = (events[0], events[-1]) if events else (None, None)
    if last is not None and last is not told:
        bench.check(last["transactionInfo.chargingState"], "EVConnected")
    if session.standing.running:
        await session.look(Deed.HALT, since)  # the optional event; it must not end the transaction
    return told


async def ev_connected_post_session(session: Session) -> None:
    """State EVConnectedPostSession: no energy flows, and none will without a new authorization.

    Part 6 Table 433. Its step 3 asks for DataSigned as a stop point, which has no meaning as one
    (Part 2 §2.6.6.2): not executed.
    """
    if session.standing.stopped is None:
        await stop_authorized(session)
    with session.bench.within_state("EVConnectedPostSession"):
        await session.happened(Deed.HALT, session.since)  # 1


async def ev_disconnected(session: Session, *, vacated: Vacated | None = None) -> None:
    """State EVDisconnected: the cable is out, after the stop.

    Part 6 Table 434; E06.FR.02, G01.FR.01. `vacated` judges the connector's report where a case
    has made it become something else than Available.
    """
    bench, place = session.bench, session.place
    if not session.standing.refused:
        await ev_connected_post_session(session)
    with bench.within_state("EVDisconnected"):
        await bench.act(PlugOut(evse=place.evse, connector=place.connector))
        unplugged = bench.mark()
        if vacated is None:
            bench.step(1, "G01.FR.01")
            await connectors.notified(bench, "Available", place, since=unplugged)
        else:
            await vacated(unplugged)
        await session.happened(Deed.PLUG_OUT, unplugged)  # 3


async def parking_bay_unoccupied(session: Session) -> None:
    """State ParkingBayUnoccupied: the EV has left; nothing to do where there is no sensor.

    Part 6 Table 435; E06.FR.01.
    """
    bench = session.bench
    if session.standing.connected:
        await ev_disconnected(session)
    if not session.standing.parked:
        return
    with bench.within_state("ParkingBayUnoccupied"):
        await bench.act(ParkingBay(occupied=False, evse=session.place.evse))
        await session.happened(Deed.LEAVE, bench.mark())  # 1


# --- availability ---


async def unavailable(
    bench: Bench, *, evse: int | None = None, connector: int | None = None
) -> None:
    """State Unavailable: station, EVSE or connector is inoperative, and all its connectors say so.

    Part 6 Table 425; G03.FR.01, G03.FR.02, G04.FR.01.
    """
    with bench.within_state("Unavailable"):
        bench.step(2, "G03.FR.01")
        payload: dict[str, Any] = {"operationalStatus": "Inoperative"}
        if evse is not None:
            scope = {"id": evse} if connector is None else {"id": evse, "connectorId": connector}
            payload["evse"] = scope
        response = await bench.call("ChangeAvailability", **payload)  # 1
        changed = bench.mark()
        bench.require(response["status"], "Accepted")
        bench.step(3, "G03.FR.02")
        places = connectors.in_scope(bench, evse, connector)
        await connectors.all_notified(bench, "Unavailable", places, since=changed)


# --- deeds ---


def has_parking_bay(session: Session) -> bool:
    """Tell whether the station senses an EV in its bay: it has it as a start or stop point."""
    claimed = any(session.bench.pics.claims(item) for item in ("C-09.6", "C-10.5"))
    return claimed or "ParkingBayOccupancy" in session.points.start | session.points.stop


async def presented(session: Session) -> int:
    """Present the session's token, or ask for a remote start with it, whatever comes of it.

    Returns:
        The evidence line of the deed.
    """
    bench = session.bench
    if session.mode == "local":
        await bench.act(presenting(session))
        return bench.mark()
    await bench.call(
        "RequestStartTransaction",
        idToken=session.token.as_json(),
        remoteStartId=bench.fresh_int(),
        evseId=session.place.evse,
    )
    return bench.mark()


async def present_again(session: Session) -> None:
    """Present the token that started the session, to stop it.

    Raises:
        InconclusiveError: the cable alone started it, so that there is nothing to present.
    """
    if session.implicit:
        raise InconclusiveError("without token and button nothing can stop locally")
    await session.bench.act(presenting(session))


def presenting(session: Session) -> Action:
    """Return the deed of presenting the session's token, at a reader or a start button."""
    place, token = session.place, session.token
    return PresentToken(
        id_token=token.text, type=token.type, evse=place.evse, connector=place.connector
    )
