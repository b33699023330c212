"""Reusable state Deauthorized: the CSMS refuses the token of a transaction that has begun.

Owns the steps of errata 6.2.118 and what "energy stops" means: the DUT says so in the event that
tells the refusal or, as E05.FR.09 allows, in the next one; C15.FR.03 is read likewise. The answer
that refuses is the case's to set, since the transaction may begin before this state.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from vdoc.bench import Fact, InconclusiveError, Message
from vdoc.bench.expect import one_of
from vdoc.cases import states
from vdoc.cases.session import Session
from vdoc.cases.standing import Deed, Due
from vdoc.cases.transaction_rules import in_order, seq_no

_STATE = "transactionInfo.chargingState"


async def deauthorized(session: Session) -> None:
    """State Deauthorized, after Authorized; the CSMS refuses by TransactionEventResponse.

    Errata 6.2.118, for StopTxOnInvalidId true; E05.FR.09, E05.FR.10. Where the cable is not in yet,
    no energy flows and the chargingState may be Idle, which the table does not think of. Unlocking
    is for stations with a detachable cable (HFS-1), which may keep it locked (E05.FR.11).
    """
    bench = session.bench
    with bench.within_state("Deauthorized"):
        await _until_told(session)  # 1
        since = session.since
        for due in session.owed(Deed.REFUSE, since):  # 3
            event = await session.expect(_without_state(due), since)
            if event is not None:
                await energy_stopped(session, event)
        if session.standing.connected and bench.pics.claims("HFS-1"):
            bench.step(6, "F05.FR.01")
            await _unlocked(session)  # 5


async def _until_told(session: Session) -> None:
    """Go on until an event has carried the token, whatever TxStartPoint says."""
    if not session.standing.told and not session.standing.connected:
        await states.connected(session)
    if session.standing.told:
        return
    since = session.since
    dues = session.owed(Deed.CHARGE, since)
    if not dues:
        raise InconclusiveError("no transaction starts here")
    await session.expect(dues[0], since)


def _without_state(due: Due) -> Due:
    return replace(due, states=None)


async def _unlocked(session: Session) -> None:
    place = session.place
    await session.bench.call("UnlockConnector", evseId=place.evse, connectorId=place.connector)


async def energy_stopped(session: Session, event: Message) -> None:
    """Check that no energy flows any more, by this event or the next one.

    An Ended event without chargingState says so as well: no transaction, no energy.
    """
    bench = session.bench
    allowed: tuple[str | None, ...] = ("EVConnected", "SuspendedEVSE")
    if not session.standing.connected:
        allowed = (*allowed, "Idle", None)
    if event.get("eventType") == "Ended" and not event.has(_STATE):
        return
    if told_state(session, event) not in allowed and event.get("eventType") != "Ended":
        later = partial(_tells_later, session, seq_no(event))
        event = (
            await bench.receive_optional("TransactionEvent", where=later, since=event.n) or event
        )
    told = Fact(f"{_STATE} in force", told_state(session, event), event.n)
    bench.check(told, one_of(*allowed))


def judge_suspension(session: Session, event: Message) -> None:
    """Check the event that tells that a refused token gets no more energy (C15.FR.06, E05.FR.02).

    Where TxStopPoint has EnergyTransfer, which the requirement leaves out, it may end the
    transaction as well.
    """
    bench = session.bench
    may_end = "EnergyTransfer" in session.points.stop
    bench.check(event["eventType"], one_of("Updated", *(("Ended",) if may_end else ())))
    bench.check(event["triggerReason"], "ChargingStateChanged")
    if not may_end or event.get("eventType") != "Ended":
        bench.check(event[_STATE], "SuspendedEVSE")


def told_state(session: Session, event: Message) -> object:
    """The chargingState in force at an event: its own, else the one told last."""
    before = [each for each in in_order(session.events) if seq_no(each) <= seq_no(event)]
    told = [each.get(_STATE) for each in before if each.has(_STATE)]
    return told[-1] if told else None


def _tells_later(session: Session, number: int, event: Message) -> bool:
    return session.owns(event) and seq_no(event) > number and event.has(_STATE)
