"""Use case C15: offline, a token of which the station knows nothing may start."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from vdoc.bench import Bench, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, connectors, memory, states
from vdoc.cases.c_authorization.begun_offline import judge_offline, judge_whole, offline_start
from vdoc.cases.c_authorization.listing import offline_by_list
from vdoc.cases.deauthorizing import judge_suspension
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

_STATE = "transactionInfo.chargingState"


@case("TC_C_26_CS")
async def unknown_token_starts_offline(bench: Bench) -> None:
    """An unknown token starts offline; refused afterwards, it gets no energy (C15.FR.06, FR.08).

    Also C15.FR.02, C13.FR.04. Part 6: TC_C_26_CS. Errata: 6.2.34 (the connector is reported, as
    B04.FR.02 demands, and how the session ends), in states 6.2.116, 6.2.117. That neither cache nor
    local list holds the token is what the case is about. "All messages" that say offline are those
    that occurred before the station reconnected, but for the last moments, within the time
    deviation.
    """
    with bench.before():
        await _prerequisite(bench)
        await offline_by_list(bench, unknown_allowed=True)
        max_energy = configuration.MAX_ENERGY_ON_INVALID_ID
        await configuration.ensure_if_implemented(bench, max_energy, "0")
        await configuration.ensure(bench, configuration.STOP_TX_ON_INVALID_ID, "false")
        await memory.tokens_forgotten(bench)
        session = await begin(bench, mode="local")
        bench.answer("TransactionEvent", id_token_status("Invalid"))
        opened = await offline_start(session)

    bench.step(1, "C15.FR.08")
    told = await session.arrived(_has_token, opened.n, "the queued event with the token")  # 1, 2
    bench.step(1, "C15.FR.06")
    suspended = await session.arrived(partial(_suspends, session), told.n, "energy is suspended")
    judge_suspension(session, suspended)
    session.standing = replace(session.standing, withheld=True)
    bench.step(1, "B04.FR.02")
    await connectors.notified(bench, "Occupied", session.place, since=opened.n)
    bench.answer("TransactionEvent", id_token_status("Accepted"))
    later = await _stopped(session, suspended)  # 3
    await states.ev_disconnected(session)  # 4, 5
    await judge_offline(session, opened, "1", "C15.FR.02")
    await judge_whole(session, *later)


async def _stopped(session: Session, suspended: Message) -> tuple[Deed, ...]:
    """Step 3, unless the end of the energy has ended the transaction; returns what was done."""
    if suspended.get("eventType") != "Ended":
        await states.stop_authorized(session)
        return (Deed.STOP,)
    session.standing = replace(
        session.standing, running=False, ended=True, charging=False, stopped="local"
    )
    return ()


async def _prerequisite(bench: Bench) -> None:
    """AuthCtrlr.OfflineTxForUnknownIdEnabled is implemented."""
    name = configuration.OFFLINE_TX_FOR_UNKNOWN_ID
    reading = await configuration.read(bench, name)
    if reading.value is None:
        bench.not_applicable(f"{name} is not implemented", reading.answer)


def _has_token(event: Message) -> bool:
    return event.has("idToken")


def _suspends(session: Session, event: Message) -> bool:
    """Tell whether an event tells the suspension; ending the energy may end the transaction.

    What occurred offline is not it: the power path may close by way of SuspendedEVSE.
    """
    ends = "EnergyTransfer" in session.points.stop and event.get("eventType") == "Ended"
    suspended = event.get(_STATE) == "SuspendedEVSE"
    return event.get("offline") is not True and (ends or suspended)
