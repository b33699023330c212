"""Use cases C12 and C15: a known token starts offline, and the CSMS refuses it afterwards.

The four tables differ in what StopTxOnInvalidId and MaxEnergyOnInvalidId make of the refusal.
Before the token is presented the station gets time to notice that it is offline, which the tables
leave open. Where a cable lock keeps the connector shut (AQ-2), the cable follows the token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from vdoc.automation.actions import PlugIn
from vdoc.bench import Bench, Event, Fact, InconclusiveError, Message
from vdoc.bench.answers import id_token_status
from vdoc.bench.expect import absent_or, equals
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import begin_known, cache_in_use, ready
from vdoc.cases.deauthorizing import energy_stopped, judge_suspension
from vdoc.cases.registry import case
from vdoc.cases.session import Session
from vdoc.cases.standing import Deed
from vdoc.cases.transaction_rules import judge_evse, seq_no

_STATE = "transactionInfo.chargingState"
_NO_ENERGY = frozenset({"SuspendedEVSE", "EVConnected", "Idle"})
_LEAST_WAIT_S = 5.0  # Part 6 TC_C_16_CS, TC_C_17_CS: Note before step 2


@dataclass(frozen=True, slots=True)
class _Offline:
    """A session that began to charge offline.

    Attributes:
        session: the session.
        opened: the connection on which the station tells it.
        charging: the event that told that energy flows.
    """

    session: Session
    opened: Event
    charging: Message


@case("TC_C_15_CS")
async def energy_allowed(bench: Bench) -> None:
    """A refused token goes on charging up to MaxEnergyOnInvalidId (C15.FR.07, C12.FR.02, FR.04).

    Part 6: TC_C_15_CS. Errata: 6.2.24. The 10 kWh take longer than any case: what is judged is that
    energy goes on, whichever event tells otherwise.
    """
    with bench.before():
        session = await _known_token(bench, stop=False, max_energy_wh=10_000, back_off=True)

    offline = await _charges_offline(session, bench.settings.values.transaction_duration_s)
    bench.step(3, "C15.FR.07")
    stops = partial(_stops, offline)
    came = [event for event in session.events if stops(event)]
    last = came[-1].n if came else offline.charging.n
    bench.check(Fact("events that stop the energy", len(came), last), 0)
    await bench.silence("TransactionEvent", where=stops, what="that stops the energy")
    await session.conclude()


@case("TC_C_16_CS")
async def transaction_stopped(bench: Bench) -> None:
    """A refused token ends the charging if so configured (C15.FR.03, FR.04, C12.FR.02, FR.04).

    Part 6: TC_C_16_CS. Errata: 6.2.25.
    """
    with bench.before():
        session = await _known_token(bench, stop=True, max_energy_wh=0, back_off=False)

    offline = await _charges_offline(session, _LEAST_WAIT_S)
    await _deauthorized(offline)
    await session.conclude()


@case("TC_C_17_CS")
async def energy_suspended(bench: Bench) -> None:
    """A refused token gets no more energy, but keeps its transaction (C15.FR.06, C12.FR.02, FR.04).

    Part 6: TC_C_17_CS. Errata: 6.2.26. SuspendedEVSE is a chargingState and not, as printed in
    step 5, a triggerReason.
    """
    with bench.before():
        session = await _known_token(bench, stop=False, max_energy_wh=0, back_off=False)

    offline = await _charges_offline(session, _LEAST_WAIT_S)
    bench.step(5, "C15.FR.06")
    stops = partial(_stops, offline)
    event = await session.arrived(stops, offline.opened.n, "energy is suspended")
    judge_suspension(session, event)
    await session.conclude()


@case("TC_C_18_CS")
async def transaction_stopped_at_once(bench: Bench) -> None:
    """MaxEnergyOnInvalidId does not delay a stop (C15.FR.03, C15.FR.04, C12.FR.02, C12.FR.04).

    Part 6: TC_C_18_CS. Errata: 6.2.27.
    """
    with bench.before():
        session = await _known_token(bench, stop=True, max_energy_wh=500, back_off=True)

    offline = await _charges_offline(session, bench.settings.values.transaction_duration_s)
    for event in await _deauthorized(offline):
        bench.check(event["offline"], absent_or(equals(False)), "C15.FR.02")
    await session.conclude()


async def _known_token(bench: Bench, *, stop: bool, max_energy_wh: int, back_off: bool) -> Session:
    """The Before block: settings, the token in cache and local list, the EV connected."""
    await cache_in_use(bench)
    await configuration.ensure(bench, configuration.LOCAL_AUTHORIZE_OFFLINE, "true")
    wanted = str(stop).lower()
    await configuration.ensure(bench, configuration.STOP_TX_ON_INVALID_ID, wanted)
    optional = {
        configuration.OFFLINE_TX_FOR_UNKNOWN_ID: "true",
        configuration.MAX_ENERGY_ON_INVALID_ID: str(max_energy_wh),
    }
    if stop and not back_off:  # TC_C_16_CS alone does not set it
        del optional[configuration.OFFLINE_TX_FOR_UNKNOWN_ID]
    for name, value in optional.items():
        await configuration.ensure_if_implemented(bench, name, value)
    await _back_off(bench, long=back_off)
    before = await memory.id_token_cached(bench, mode="local")
    session = await begin_known(bench, before, mode="local")
    if bench.pics.claims("profile.LocalAuthListManagement"):
        await memory.id_token_local_auth_list(bench, session.token)
    await ready(session)
    return session


async def _back_off(bench: Bench, *, long: bool) -> None:
    """The back-off of the table; the shorter one where it leaves that open: our interpretation."""
    values = bench.settings.values
    wait_s = values.retry_back_off_offline_s if long else values.retry_back_off_wait_minimum_s
    if long:
        await configuration.ensure(bench, configuration.OFFLINE_THRESHOLD, str(wait_s + 60))
    else:
        await configuration.ensure_if_writable(bench, configuration.RETRY_REPEAT_TIMES, "1")
    await configuration.ensure(bench, configuration.RETRY_WAIT_MINIMUM, str(wait_s))
    await configuration.ensure(bench, configuration.RETRY_RANDOM_RANGE, "0")


async def _charges_offline(session: Session, least_s: float) -> _Offline:
    """Steps 1 to 4: cut off, charge, reconnect; each event of the token is answered Invalid."""
    bench = session.bench
    values, started_s = bench.settings.values, bench.settings.expected.charging_start_s
    bench.answer("TransactionEvent", id_token_status("Invalid"))
    bench.step(1, "C12.FR.02")
    bench.connection.refuse()
    bench.connection.drop()
    await bench.wait(values.settling_s, "the DUT notices that it is offline")
    deeds = [Deed.AUTHORIZE, Deed.CHARGE]
    await bench.act(states.presenting(session))
    if not session.standing.connected:
        await bench.wait(values.settling_s, "nothing tells offline that the cable is unlocked")
        place = session.place
        await bench.act(PlugIn(evse=place.evse, connector=place.connector))
        deeds.insert(1, Deed.PLUG_IN)
    await bench.wait(max(least_s, started_s), "the table's, and until energy flows, as measured")
    bench.step(2, "C15.FR.02")
    bench.connection.accept()
    opened = await bench.connection.opened(what="the DUT reconnects")
    charging = await _queued(session, opened, deeds)
    return _Offline(session, opened, charging)


async def _queued(session: Session, opened: Event, deeds: list[Deed]) -> Message:
    """Step 3: the events of the deeds, each told as offline; returns that of the energy."""
    bench = session.bench
    told: Message | None = None
    for deed in deeds:
        for due in session.owed(deed, opened.n, "local"):
            event = await session.expect(replace(due, step="3"), opened.n)
            if event is not None:
                told = event
                bench.check(event["offline"], True, "E12.FR.02", what=due.what)
        if deed is Deed.AUTHORIZE:
            session.presented_at(opened.n, told)
        elif deed is Deed.PLUG_IN and told is not None:
            judge_evse(bench, told, session.place.evse, session.place.connector)
    if told is None:
        raise InconclusiveError(
            "no transaction starts here, so that nothing tells that energy flows"
        )
    return told


async def _deauthorized(offline: _Offline) -> list[Message]:
    """Step 5: the refusal is told, and no energy flows; returns the events that told it."""
    session, events = offline.session, list[Message]()
    requirement = "C15.FR.04" if session.points.ends_at_stop else "C15.FR.03"
    for due in session.owed(Deed.REFUSE, offline.opened.n):
        mine = replace(due, step="5", requirement=requirement, states=None)
        event = await session.expect(mine, offline.opened.n)
        if event is not None:
            events.append(event)
            await energy_stopped(session, event)
    return events


def _stops(offline: _Offline, event: Message) -> bool:
    """Tell whether an event after that of the energy says that no more of it flows."""
    later = offline.session.owns(event) and seq_no(event) > seq_no(offline.charging)
    told = event.get("triggerReason") == "Deauthorized" or event.get(_STATE) in _NO_ENERGY
    return later and (told or event.get("eventType") == "Ended")
