"""Use case E08: the driver stops a transaction while the DUT is offline.

Owns what the driver does meanwhile. Every event that can only tell that must say offline; so must
each whose time stamp is later than the cut, but for the time deviation (see `queueing`).
"""

from __future__ import annotations

from typing import Any

from vdoc.automation.actions import ParkingBay, PlugOut
from vdoc.bench import Bench, InconclusiveError, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.e_transactions import queueing
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed
from vdoc.cases.tokens import second_token, token_of_variant
from vdoc.cases.transaction_rules import IdToken, is_extra, seq_no


@case("TC_E_44_CS")
async def stopped_offline(bench: Bench) -> None:
    """A stop by the same token while offline is told afterwards (E08.FR.01, E08.FR.04 to FR.08).

    Part 6: TC_E_44_CS. Errata: 6.2.116 in Authorized. Where the cable is the authorization, taking
    it out is the stop.
    """
    with bench.before():
        await queueing.back_off(bench)
        session = await begin(bench, mode="local")
        await states.energy_transfer_started(session)

    await _stopped(session, session.token)


@case("TC_E_45_CS")
async def stopped_offline_by_group(bench: Bench) -> None:
    """A stop by another token of the group while offline is told, too (E08.FR.02, FR.04 to FR.08).

    Part 6: TC_E_45_CS. Errata: 6.2.116, 6.2.117, 6.2.120, 6.2.121. The other token is in the cache
    where there is one, and in the local list where there is one. That tokens which are known may be
    used offline (AuthCtrlr.LocalAuthorizeOffline) is our interpretation.
    """
    with bench.before():
        await queueing.back_off(bench)
        known_offline = configuration.LOCAL_AUTHORIZE_OFFLINE
        await configuration.ensure_if_implemented(bench, known_offline, "true")
        second = second_token(bench, token_of_variant(bench, "local"))
        session = await _with_known_group_member(bench, second)
        await states.energy_transfer_started(session)

    await _stopped(session, second)


async def _with_known_group_member(bench: Bench, member: IdToken) -> Session:
    """Begin a session of a group of which the station knows another member."""
    group: dict[str, Any] = {
        "groupIdToken": {"idToken": bench.settings.tokens.group, "type": "Central"}
    }
    for action in ("Authorize", "TransactionEvent"):
        bench.answer(action, id_token_status("Accepted", **group))
    before: list[Session] = []
    if bench.pics.claims("C-49"):
        before.append(await memory.id_token_cached(bench, mode="local", token=member))
    session = await begin(bench, mode="local")
    session.elsewhere = frozenset(e.transaction_id for e in before if e.transaction_id)
    if bench.pics.claims("profile.LocalAuthListManagement"):
        await memory.id_token_local_auth_list(bench, member, **group)
    return session


async def _stopped(session: Session, token: IdToken) -> None:
    """Steps 1 to 4: the stop while offline, and what is told of it afterwards."""
    bench = session.bench
    deeds = _deeds(session)
    bench.step(1, "E08.FR.05")
    cut = queueing.cut(bench)  # 1
    await _settle(bench, "the connection is gone")
    await _driver_leaves(session, token)
    opened = await queueing.reconnected(bench)  # 2
    bench.step(3, "E08.FR.06")
    await session.arrived(_any, opened.n, "the first queued event")
    bench.step(3, "E08.FR.04")
    ended = await session.arrived(_ends, opened.n, "the end of the transaction")
    await queueing.drained(session, opened)  # 3, 4
    bench.check(ended["eventType"], "Ended")
    held = queueing.queued(session, opened)
    late = {event.n for event in queueing.offline(bench, held, cut)}
    for event in session.events:
        if event.n in late or (event.n > opened.n and not is_extra(event)):
            bench.check(event["offline"], True, "E08.FR.07", what=f"seqNo {seq_no(event)}")
    for deed in deeds:
        session.owed(deed, opened.n, "local")
    await session.conclude()


def _deeds(session: Session) -> tuple[Deed, ...]:
    """What the driver will do.

    Raises:
        InconclusiveError: nothing of it ends a transaction here.
    """
    stop = () if session.implicit else (Deed.STOP, Deed.HALT)
    leave = (Deed.LEAVE,) if session.standing.parked else ()
    deeds = (*stop, Deed.PLUG_OUT, *leave)
    if not session.ends_by(deeds):
        points = ", ".join(sorted(session.points.stop))
        raise InconclusiveError(f"no transaction ends here with TxStopPoint {points}")
    return deeds


async def _driver_leaves(session: Session, token: IdToken) -> None:
    """The manual actions, in the order of the table."""
    bench, place = session.bench, session.place
    if not session.implicit:
        started_with, session.token = session.token, token
        await bench.act(states.presenting(session))
        session.token = started_with
        await _settle(bench, f"{Deed.STOP}, which unlocks the cable")
    await bench.act(PlugOut(evse=place.evse, connector=place.connector))
    if session.standing.parked:
        await bench.act(ParkingBay(occupied=False, evse=place.evse))
    await _settle(bench, "the EV is gone")


async def _settle(bench: Bench, what: str) -> None:
    await bench.wait(bench.settings.values.settling_s, f"nothing tells offline that {what}")


def _any(_event: Message) -> bool:
    return True


def _ends(event: Message) -> bool:
    return bool(event.get("eventType") == "Ended")
