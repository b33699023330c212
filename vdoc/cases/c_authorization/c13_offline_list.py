"""Use case C13: a token that is in the local authorization list is presented offline."""

from __future__ import annotations

from functools import partial
from typing import Literal

from vdoc.automation.actions import ParkingBay
from vdoc.bench import Bench, Event, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.begun_offline import (
    judge_offline,
    judge_whole,
    offline_start,
)
from vdoc.cases.c_authorization.knowing import after_others, ready, tells_something
from vdoc.cases.c_authorization.listing import (
    offline_by_list,
    reconnects_late,
    refused_token_listed,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed
from vdoc.cases.tokens import token_of_variant


@case("TC_C_21_CS")
async def accepted(bench: Bench) -> None:
    """A token that is listed as accepted starts and stops offline (C13.FR.02).

    Part 6: TC_C_21_CS. Errata: in states 6.2.116, 6.2.117, 6.2.121. The driver stops when the
    station is online again, since the start state ends so; the energy has flowed for the
    transaction duration. "Offline" is what occurred before the station reconnected, but for the
    last moments, within the time deviation. Steps 1 and 3 tell the same deeds: the EV leaves once.
    """
    with bench.before():
        await offline_by_list(bench, unknown_allowed=False)
        token = token_of_variant(bench, "local")
        await memory.id_token_local_auth_list(bench, token)
        session = await begin(bench, mode="local")
        opened = await offline_start(session)

    await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
    await states.present_again(session)
    presented = bench.mark()
    await states.stop_events(session, presented, "local", step="1", requirement="C13.FR.02")
    await states.parking_bay_unoccupied(session)  # 3
    await judge_offline(session, opened, "1", "C13.FR.02")
    await judge_whole(session, Deed.STOP)


@case("TC_C_22_CS")
async def invalid(bench: Bench) -> None:
    """A token that is listed as invalid starts nothing offline (C13.FR.02).

    Part 6: TC_C_22_CS. Errata: 6.2.121.
    """
    await _refused_offline(bench, "invalid")


@case("TC_C_23_CS")
async def blocked(bench: Bench) -> None:
    """A token that is listed as blocked starts nothing offline (C13.FR.02).

    Part 6: TC_C_23_CS. Errata: 6.2.121. "Restricted" is no status: Blocked.
    """
    await _refused_offline(bench, "blocked")


@case("TC_C_24_CS")
async def expired(bench: Bench) -> None:
    """A token that is listed as expired starts nothing offline (C13.FR.02).

    Part 6: TC_C_24_CS. Errata: 6.2.121.
    """
    await _refused_offline(bench, "expired")


async def _refused_offline(bench: Bench, role: Literal["invalid", "blocked", "expired"]) -> None:
    """Steps 1 to 6: what is queued tells the EV in its bay, or nothing at all.

    Samples of a transaction that the bay has begun are allowed.
    """
    with bench.before():
        await offline_by_list(bench, unknown_allowed=False)
        await reconnects_late(bench)
        token = await refused_token_listed(bench, role)
        session = await begin(bench, mode="local")

    session.token = token
    await _cut_off(bench, 1)
    if states.has_parking_bay(session):
        await bench.act(ParkingBay(occupied=True, evse=session.place.evse))  # 2
        await _settle(bench, Deed.PARK)
    await bench.act(states.presenting(session))  # 3
    await _settle(bench, Deed.AUTHORIZE)
    opened = await _online_again(bench, 4)
    bench.step(5, "C13.FR.02")
    await bench.silence(
        "TransactionEvent",
        where=partial(_tells_more, session),
        what="of more than the EV in its bay",
    )
    dues = session.owed(Deed.PARK, opened.n) if states.has_parking_bay(session) else ()
    for due in dues:
        event = await session.expect(due, opened.n)  # 5
        if event is not None:
            bench.step(5, "E12.FR.02")
            bench.check(event["offline"], True)
            bench.check(event["triggerReason"], "EVDetected")
    await session.conclude()


def _tells_more(session: Session, event: Message) -> bool:
    """Tell whether an event is neither a sample nor that of the bay that starts a transaction."""
    by_bay = "ParkingBayOccupancy" in session.points.start
    detected = by_bay and event.get("triggerReason") == "EVDetected"
    return tells_something(session, event) and not detected


@case("TC_C_25_CS")
async def list_before_cache(bench: Bench) -> None:
    """A token that is cached as accepted but listed as invalid starts nothing (C13.FR.01).

    Also C14.FR.01. Part 6: TC_C_25_CS. Errata: 6.2.33, in states 6.2.116, 6.2.117, 6.2.120,
    6.2.121. A transaction that TxStartPoint has begun before goes on; what may come of it are
    samples, not that its driver is authorized or that energy flows.
    """
    with bench.before():
        await _implemented(bench, configuration.OFFLINE_TX_FOR_UNKNOWN_ID)
        await _implemented(bench, configuration.AUTH_CACHE_ENABLED)
        await offline_by_list(bench, unknown_allowed=True)
        await configuration.ensure(bench, configuration.STOP_TX_ON_INVALID_ID, "false")
        await reconnects_late(bench)
        await memory.tokens_forgotten(bench)
        taught = await memory.id_token_cached(bench, mode="local")
        await memory.local_auth_list(bench, {taught.token: {"status": "Invalid"}})
        session = after_others(await begin(bench, mode="local"), taught)
        bench.answer("Authorize", id_token_status("Invalid"))
        await ready(session)

    await _cut_off(bench, 1)
    await bench.wait(bench.settings.values.settling_s, "the DUT notices that it is offline")
    await bench.act(states.presenting(session))
    await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
    await _online_again(bench, 2)
    bench.step(3, "C13.FR.01")
    await bench.silence(
        "TransactionEvent", where=partial(tells_something, session), what="by the listed token"
    )
    await session.conclude()


async def _implemented(bench: Bench, name: configuration.Name) -> None:
    """A prerequisite of Part 6: the station has this variable."""
    reading = await configuration.read(bench, name)
    if reading.value is None:
        bench.not_applicable(f"{name} is not implemented", reading.answer)


async def _cut_off(bench: Bench, step: int) -> None:
    bench.step(step, "C13.FR.02")
    bench.connection.refuse()
    bench.connection.drop()


async def _online_again(bench: Bench, step: int) -> Event:
    bench.step(step, "C13.FR.02")
    bench.connection.accept()
    return await bench.connection.opened(what="the DUT reconnects")


async def _settle(bench: Bench, deed: Deed) -> None:
    await bench.wait(bench.settings.values.settling_s, f"nothing tells offline that {deed}")
