"""Use case E14: the CSMS asks whether a transaction goes on, and whether messages are queued.

Owns the asking. A message may be on its way just when it is asked whether any is; then the answer
yes is right, and it is asked again once the message has come.
"""

from __future__ import annotations

from vdoc.automation.actions import EvEnd, ParkingBay, PlugOut
from vdoc.bench import Bench, Event, InconclusiveError, Message
from vdoc.bench.expect import absent
from vdoc.cases import configuration, interruptions, states
from vdoc.cases.e_transactions import queueing
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

_TRIES = 3
"""How often it is asked while messages keep coming."""


@case("TC_E_28_CS")
async def unknown_transaction(bench: Bench) -> None:
    """Of an unknown transaction nothing goes on and nothing is queued (E14.FR.01).

    Part 6: TC_E_28_CS. Errata: none.
    """
    bench.step(2, "E14.FR.01")
    response = await bench.call("GetTransactionStatus", transactionId=bench.fresh_id())  # 1
    bench.check(response["ongoingIndicator"], False)
    bench.check(response["messagesInQueue"], False)


@case("TC_E_29_CS")
async def ongoing_with_queue(bench: Bench) -> None:
    """An ongoing transaction has events queued after an offline period (E14.FR.02, E14.FR.04).

    Part 6: TC_E_29_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        session = await _sampling(bench)

    cut = queueing.cut(bench)  # 1
    opened = await _back_after_samples(bench)  # 2
    bench.step(4, "E14.FR.02")
    response = await _asked_about(session)  # 3
    bench.check(response["ongoingIndicator"], True)
    bench.check(response["messagesInQueue"], True, "E14.FR.04")
    bench.step(5, "E14.FR.04")
    await queueing.judge_samples(session, opened, cut)  # 5, 6
    await session.conclude()


@case("TC_E_30_CS")
async def ongoing_without_queue(bench: Bench) -> None:
    """An ongoing transaction has nothing queued while online (E14.FR.02, E14.FR.05).

    Part 6: TC_E_30_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "E14.FR.02")
    response = await _asked_when_quiet(bench, session)  # 1
    bench.check(response["ongoingIndicator"], True)
    bench.check(response["messagesInQueue"], False, "E14.FR.05")
    await session.conclude()


@case("TC_E_31_CS")
async def ended_with_queue(bench: Bench) -> None:
    """A transaction that ended offline does not go on, but has events queued (E14.FR.03, FR.04).

    Part 6: TC_E_31_CS. Errata: 6.2.53 (remote: the EV stops), 6.2.116 in Authorized. The DUT, that
    nobody can stop remotely while it is offline, ends the transaction when the EV is disconnected:
    where it does not do so with its TxStopPoint, StopTxOnEVSideDisconnect is set if it can be.
    """
    values = bench.settings.values
    with bench.before():
        await queueing.sampled(bench, more_s=values.transaction_duration_s)
        unlock = interruptions.UNLOCK_ON_EV_SIDE_DISCONNECT
        await configuration.ensure_if_writable(bench, unlock, "true")
        session = await begin(bench)
        await states.energy_transfer_started(session)
        deeds = await _ending(session)

    queueing.cut(bench)
    await _settle(bench, "the connection is gone")
    await _ended_offline(session)
    await bench.wait(values.transaction_duration_s, "TransactionDuration")
    opened = await queueing.reconnected(bench)
    bench.step(2, "E14.FR.03")
    response = await _asked_about(session)  # 1
    bench.check(response["ongoingIndicator"], False)
    bench.check(response["messagesInQueue"], True, "E14.FR.04")
    bench.step(3, "E14.FR.04")
    await queueing.drained(session, opened)  # 3, 4
    session.judge_unseen(deeds, since=opened.n, mode=session.mode, requirement="E14.FR.04")
    await session.conclude()


@case("TC_E_32_CS")
async def ended_without_queue(bench: Bench) -> None:
    """A transaction that has ended does not go on, nothing of it is queued (E14.FR.03, FR.05).

    Part 6: TC_E_32_CS. Errata: 6.2.116 and 6.2.117 in its states.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)
        await states.parking_bay_unoccupied(session)
        if not session.standing.ended:
            points = ", ".join(sorted(session.points.stop))
            raise InconclusiveError(f"no transaction ends here with TxStopPoint {points}")
        await session.complete()

    bench.step(2, "E14.FR.03")
    response = await _asked_when_quiet(bench, session)  # 1
    bench.check(response["ongoingIndicator"], False)
    bench.check(response["messagesInQueue"], False, "E14.FR.05")
    await session.conclude()


@case("TC_E_33_CS")
async def any_with_queue(bench: Bench) -> None:
    """Without transactionId the answer is about all queued events alone (E14.FR.06, E14.FR.07).

    Part 6: TC_E_33_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        session = await _sampling(bench)

    cut = queueing.cut(bench)  # 1
    opened = await _back_after_samples(bench)  # 2
    bench.step(4, "E14.FR.06")
    response = await bench.call("GetTransactionStatus")  # 3
    bench.check(response["ongoingIndicator"], absent())
    bench.check(response["messagesInQueue"], True, "E14.FR.07")
    bench.step(5, "E14.FR.07")
    await queueing.judge_samples(session, opened, cut)  # 5, 6
    await session.conclude()


@case("TC_E_34_CS")
async def any_without_queue(bench: Bench) -> None:
    """Without transactionId and with nothing queued the answer says just that (E14.FR.06, FR.08).

    Part 6: TC_E_34_CS. Errata: none.
    """
    bench.step(2, "E14.FR.06")
    response = await _asked_when_quiet(bench)  # 1
    bench.check(response["ongoingIndicator"], absent())
    bench.check(response["messagesInQueue"], False, "E14.FR.08")


# --- the way there ---


async def _sampling(bench: Bench) -> Session:
    """Energy flows, and is measured often enough to be queued while the DUT is offline."""
    await queueing.sampled(bench)
    session = await begin(bench)
    await states.energy_transfer_started(session)
    return session


async def _back_after_samples(bench: Bench) -> Event:
    bench.step(2, "E11.FR.01")
    back_off_s = bench.settings.values.retry_back_off_offline_s
    await bench.wait(back_off_s, "RetryBackOffWaitMinimum_duration")
    return await queueing.reconnected(bench)


async def _ending(session: Session) -> tuple[Deed, ...]:
    """What will end the transaction offline, once the DUT is configured so.

    Raises:
        InconclusiveError: nothing of it ends a transaction here.
    """
    leave = (Deed.LEAVE,) if session.standing.parked else ()
    if session.mode == "remote":
        stop = interruptions.STOP_TX_ON_EV_SIDE_DISCONNECT
        deeds = (Deed.SUSPEND, Deed.EV_SIDE_OUT, *leave)
        if not session.ends_by(deeds):
            await configuration.ensure_if_writable(session.bench, stop, "true")
        await interruptions.read_ev_side_rule(session)
    else:
        deeds = (*(() if session.implicit else (Deed.STOP, Deed.HALT)), Deed.PLUG_OUT, *leave)
    if not session.ends_by(deeds):
        points = ", ".join(sorted(session.points.stop))
        raise InconclusiveError(f"no transaction ends here with TxStopPoint {points}")
    return deeds


async def _ended_offline(session: Session) -> None:
    """The manual actions, in the order of the table; the EV is disconnected at both ends."""
    bench, place = session.bench, session.place
    if session.mode == "remote":
        await bench.act(EvEnd(evse=place.evse, connector=place.connector))
    elif not session.implicit:
        await bench.act(states.presenting(session))
    await _settle(bench, "the stop has come")
    await bench.act(PlugOut(evse=place.evse, connector=place.connector))
    if session.standing.parked:
        await bench.act(ParkingBay(occupied=False, evse=place.evse))


async def _settle(bench: Bench, what: str) -> None:
    await bench.wait(bench.settings.values.settling_s, f"nothing tells offline that {what}")


# --- asking ---


async def _asked_about(session: Session) -> Message:
    return await session.bench.call("GetTransactionStatus", transactionId=session.transaction_id)


async def _asked_when_quiet(bench: Bench, session: Session | None = None) -> Message:
    """Ask, and ask again while the answer yes is explained by a message that comes then."""
    for _ in range(_TRIES - 1):
        seen = () if session is None else session.events  # while something else was awaited
        asked = max((bench.mark(), *(event.n for event in seen)))
        response = await _ask(bench, session)
        if response.get("messagesInQueue") is not True:
            return response
        if await bench.receive_optional("TransactionEvent", since=asked) is None:
            return response
    return await _ask(bench, session)


async def _ask(bench: Bench, session: Session | None) -> Message:
    if session is None:
        return await bench.call("GetTransactionStatus")
    return await _asked_about(session)
