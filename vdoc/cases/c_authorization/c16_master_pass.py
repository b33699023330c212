"""Use case C16: the holder of a master pass stops what others have started, and starts nothing.

Errata 6.2.32: stoppedReason MasterPass is in the last event of a transaction, and its idToken is
left out or that of the master pass; the tables of TC_C_48_CS and TC_C_49_CS are read likewise. What
the driver chooses at the screen is the action `ui_select`: parameter `evse` is "all" or an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vdoc.automation.actions import Stimulate
from vdoc.bench import Bench, Fact, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, connectors, memory, states
from vdoc.cases.c_authorization.knowing import ready, tells_something
from vdoc.cases.charging import charging_at, one_of_each
from vdoc.cases.configuration import TX_START_POINT, Name
from vdoc.cases.deauthorizing import told_state
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed, Due
from vdoc.cases.tokens import reported, special_token
from vdoc.cases.transaction_rules import in_order, judge_token_if_present

MASTER_PASS_GROUP_ID = Name("AuthCtrlr", "MasterPassGroupId")

_BY_TOKEN = {"C-09.2": "Authorized", "C-09.4": "PowerPathClosed"}
_BY_EV = frozenset({"ParkingBayOccupancy", "EVConnected"})


@case("TC_C_45_CS")
async def starts_nothing(bench: Bench) -> None:
    """A master pass does not start a transaction (C16.FR.03).

    Part 6: TC_C_45_CS. Errata: none. Where TxStartPoint cannot be set as the table wants it, the EV
    may begin a transaction; that the master pass does nothing for it is judged all the same. Where
    a cable lock keeps the connector shut without authorization (AQ-2), nobody can plug in: no
    step 3.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        await _token_decides(bench)
        await _configured(bench)
        await memory.tokens_forgotten(bench)
        session = await begin(bench, mode="local")

    await _presented(session, "C01.FR.02")  # 1, 2
    presented = bench.mark()
    if not bench.pics.claims("AQ-2"):
        await ready(session)  # 3

    def starts(event: Message) -> bool:
        charges = event.get("transactionInfo.chargingState") == "Charging"
        by_token = charges or event.has("idToken") or event.get("triggerReason") == "Authorized"
        return session.owns(event) and (by_token or not session.points.start & _BY_EV)

    bench.step(4, "C16.FR.03")
    await bench.silence("TransactionEvent", where=starts, what="by the master pass")
    came = [event for event in session.events if event.n > presented and starts(event)]
    line = came[0].n if came else None
    bench.check(Fact("TransactionEvents by the master pass", len(came), line), 0)
    await session.conclude()


async def _token_decides(bench: Bench) -> None:
    """TxStartPoint: Authorized or PowerPathClosed, but nothing that the EV alone fulfils.

    It stays as it is where it cannot be set, or the station supports neither (errata 6.2.57).
    """
    found = (await configuration.need(bench, TX_START_POINT)).members
    able = [point for item, point in _BY_TOKEN.items() if bench.pics.claims(item)]
    decides = found & set(_BY_TOKEN.values()) and not found & _BY_EV
    if able and not decides and configuration.writable(bench, TX_START_POINT):
        await configuration.ensure(bench, TX_START_POINT, able[0])


@case("TC_C_47_CS")
async def stops_all_by_choice(bench: Bench) -> None:
    """At a station with a screen, the holder of the master pass stops all (C16.FR.01).

    Part 6: TC_C_47_CS. Errata: 6.2.32, in states 6.2.116, 6.2.117.
    """
    with bench.before():
        sessions = await _charging(bench, one_of_each(bench))

    await _presented(sessions[0], "C16.FR.01")  # 1, 2
    await bench.act(Stimulate("ui_select", (("evse", "all"),)))
    await _all_stopped(sessions, bench.mark(), "C16.FR.01")


@case("TC_C_48_CS")
async def stops_one_by_choice(bench: Bench) -> None:
    """At a station with a screen, the holder of the master pass stops one (C16.FR.01).

    Part 6: TC_C_48_CS. Errata: in states 6.2.116, 6.2.117. "EVSE 1" is the one under test.
    """
    with bench.before():
        sessions = await _charging(bench, one_of_each(bench))

    here = connectors.under_test(bench)
    chosen = next(each for each in sessions if each.place == here)
    others = [each for each in sessions if each is not chosen]
    await _presented(chosen, "C16.FR.01")  # 1, 2
    await bench.act(Stimulate("ui_select", (("evse", str(here.evse)),)))
    selected = bench.mark()
    await _all_stopped([chosen], selected, "C16.FR.01")
    bench.step("post scenario", "C16.FR.01")
    for other in others:
        _goes_on(other, selected)


@case("TC_C_49_CS")
async def stops_all_without_choice(bench: Bench) -> None:
    """At a station without a screen, a master pass stops all (C16.FR.02).

    Part 6: TC_C_49_CS. Errata: in states 6.2.116, 6.2.117.
    """
    with bench.before():
        sessions = await _charging(bench, one_of_each(bench)[:2])

    presented = bench.mark()
    await _presented(sessions[0], "C16.FR.02")  # 1, 2
    await _all_stopped(sessions, presented, "C16.FR.02")


# --- steps ---


async def _configured(bench: Bench) -> None:
    group = bench.settings.tokens.master_pass_group
    await configuration.ensure(bench, MASTER_PASS_GROUP_ID, group)


async def _charging(bench: Bench, places: Sequence[connectors.Place]) -> list[Session]:
    """The Before block: energy flows at these connectors, each by a token of its own."""
    await configuration.authorization_by_csms(bench)
    await _configured(bench)
    await memory.tokens_forgotten(bench)
    return await charging_at(bench, places)


async def _presented(session: Session, requirement: str) -> None:
    """Steps 1 and 2: the master pass is presented, and the CSMS is asked about it."""
    bench = session.bench
    group = {"idToken": bench.settings.tokens.master_pass_group, "type": "Central"}
    for action in ("Authorize", "TransactionEvent"):
        bench.answer(action, id_token_status("Accepted", groupIdToken=group))
    started, session.token = session.token, special_token(bench, "master_pass")
    await states.authorization_asked(session, await states.presented(session), 1, requirement)
    session.token = started


async def _all_stopped(sessions: Sequence[Session], since: int, requirement: str) -> None:
    """Steps 3 to 7: each session is stopped, and its EV leaves."""
    for session in sessions:
        for due in session.owed(Deed.STOP, since, "local"):  # 3
            await session.expect(_by_master_pass(due, requirement), since)
        session.standing = replace(session.standing, stop_reason="MasterPass")
    for session in sessions:
        await states.parking_bay_unoccupied(session)  # 5, 6, 7
        _judge_tokens(session, since, requirement)
        await session.conclude()


def _by_master_pass(due: Due, requirement: str) -> Due:
    return replace(
        due,
        what=due.what.replace("the driver", "the master pass"),
        step="3",
        requirement=requirement,
        stopped_reasons=("MasterPass",),
    )


def _judge_tokens(session: Session, since: int, requirement: str) -> None:
    """No event since then carries another token than the master pass."""
    bench = session.bench
    bench.step(3, requirement)
    token = reported(bench, special_token(bench, "master_pass"))
    for event in session.events:
        if event.n > since:
            judge_token_if_present(bench, event, token)


def _goes_on(session: Session, since: int) -> None:
    """Check that a session that was not chosen still transfers energy."""
    bench = session.bench
    came = [e for e in session.events if e.n > since and tells_something(session, e)]
    line = came[0].n if came else None
    where = str(session.place)
    bench.check(Fact("events that tell a change", len(came), line), 0, what=where)
    last = in_order(session.events)[-1]
    state = Fact("chargingState in force", told_state(session, last), last.n)
    bench.check(state, "Charging", what=where)
