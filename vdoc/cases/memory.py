"""The memory states of Part 6 §2.19 about tokens and queued transactions.

Owns what the station has to remember before a case begins: a token in its cache, a token in its
local list, a whole transaction in its queue. Errata 6.2.120 and 6.2.121 apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vdoc.automation.actions import ParkingBay, PlugIn, PlugOut
from vdoc.bench import Bench, Event
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, states
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed, Mode
from vdoc.cases.tokens import default_mode, reported
from vdoc.cases.transaction_rules import IdToken


async def id_token_cached(
    bench: Bench, *, mode: Mode | None = None, token: IdToken | None = None
) -> Session:
    """Memory state IdTokenCached: the token of the variant has been through a whole session.

    Part 6 Table 443 in the order of errata 6.2.120. That the cache is switched on where it can be
    is our interpretation; the table does not say so. `token` stands for the one of the variant.

    Returns:
        The session, which is over.
    """
    with bench.within_state("IdTokenCached"):
        await configuration.ensure_if_writable(bench, configuration.AUTH_CACHE_ENABLED, "true")
        session = await begin(bench, mode=mode)
        session.token = token or session.token
        await states.parking_bay_occupied(session)  # 1
        await states.authorized(session)  # 2
        await states.ev_connected_pre_session(session)  # 3
        await states.energy_transfer_started(session)  # 4
        await states.stop_authorized(session)  # 5
        await states.ev_disconnected(session)  # 6
        await states.parking_bay_unoccupied(session)  # 7
        await session.conclude()
        return session


async def refused_id_token_cached(session: Session, status: str, **id_token_info: Any) -> None:  # noqa: ANN401  # any JSON value
    """Memory state IdTokenCached for a token that the CSMS refuses: it has been asked about.

    Part 6 Table 443, errata 6.2.120: steps 3 and on are for accepted tokens. The EV stays in its
    bay, so the session that follows is this one.

    Args:
        session: a session that has not begun to charge; its token is the one that is refused.
        status: what the CSMS says of it.
        id_token_info: what else the CSMS says of it.
    """
    bench = session.bench
    with bench.within_state("IdTokenCached"):
        await configuration.ensure_if_writable(bench, configuration.AUTH_CACHE_ENABLED, "true")
        await states.parking_bay_occupied(session)  # 1
        bench.answer("Authorize", id_token_status(status, **id_token_info))
        await states.authorization_asked(session, await states.presented(session), 2)  # 2
        await _settle(bench, "the answer is kept")


async def id_token_local_auth_list(bench: Bench, *tokens: IdToken, **id_token_info: Any) -> None:  # noqa: ANN401  # any JSON value
    """Memory state IdTokenLocalAuthList: these tokens are in the local list, accepted.

    `id_token_info` is what else it says of them.
    """
    info = {"status": "Accepted", **id_token_info}
    await local_auth_list(bench, dict.fromkeys(tokens, info))


async def local_auth_list(bench: Bench, entries: Mapping[IdToken, Mapping[str, Any]]) -> None:
    """Memory state IdTokenLocalAuthList: the local list holds these tokens and their idTokenInfo.

    Part 6 Table 444, errata 6.2.121; D01.FR.01. A token that a reader of this station reports in
    its own way is listed so, since it is what will be looked up.
    """
    local = default_mode(bench) == "local"
    with bench.within_state("IdTokenLocalAuthList"):
        await configuration.ensure_if_writable(bench, configuration.LOCAL_LIST_ENABLED, "true")
        bench.step(2, "D01.FR.01")
        response = await bench.call(
            "SendLocalList",
            versionNumber=bench.settings.values.local_list_version,
            updateType="Full",
            localAuthorizationList=[
                {
                    "idToken": (reported(bench, token) if local else token).as_json(),
                    "idTokenInfo": dict(info),
                }
                for token, info in entries.items()
            ],
        )  # 1
        bench.require(response["status"], "Accepted")


async def tokens_forgotten(bench: Bench) -> None:
    """Neither cache nor local list holds a token: what a case that demands a question rests on.

    Their answers are not judged: what is switched off may refuse, and is not used either.
    """
    with bench.within_state("TokensForgotten"):
        if bench.pics.claims("C-49"):
            bench.step("cache", "C11.FR.01")
            await bench.call("ClearCache")
        if bench.pics.claims("profile.LocalAuthListManagement"):
            bench.step("local list", "D01.FR.04")
            await bench.call(
                "SendLocalList",
                versionNumber=bench.settings.values.local_list_version,
                updateType="Full",
            )


async def transaction_events_in_queue_ended(bench: Bench) -> tuple[Session, Event]:
    """Memory state TransactionEventsInQueueEnded: a transaction began and ended offline.

    Part 6 Table 441; E12.FR.01. The driver charges for the transaction duration, which the table
    leaves open.

    Returns:
        The session, all of whose events are still to come, and the connection they come on.
    """
    with bench.within_state("TransactionEventsInQueueEnded"):
        await configuration.ensure_if_implemented(
            bench, configuration.OFFLINE_TX_FOR_UNKNOWN_ID, "true"
        )
        before: list[Session] = []
        if bench.pics.claims("C-49"):
            before.append(await id_token_cached(bench, mode="local"))
        session = await begin(bench, mode="local")
        session.elsewhere = frozenset(e.transaction_id for e in before if e.transaction_id)
        if bench.pics.claims("profile.LocalAuthListManagement"):
            await id_token_local_auth_list(bench, session.token)
        bench.step(1, "E12.FR.01")
        bench.connection.refuse()
        bench.connection.drop()
        await _whole_session(session)
        bench.step(2, "E12.FR.02")
        bench.connection.accept()
        return session, await bench.connection.opened(what="the DUT reconnects")


async def _whole_session(session: Session) -> None:
    """What the driver does while nobody can see it: the manual actions, in the table's order.

    Where a cable lock keeps the connector shut until then (AQ-2), the token comes first.
    """
    bench, place = session.bench, session.place
    plug_in = PlugIn(evse=place.evse, connector=place.connector)
    deeds = [(Deed.PLUG_IN, plug_in), (Deed.AUTHORIZE, states.presenting(session))]
    if bench.pics.claims("AQ-2"):
        deeds.reverse()
    if states.has_parking_bay(session):
        deeds.insert(0, (Deed.PARK, ParkingBay(occupied=True, evse=place.evse)))
    session.unseen = (*(deed for deed, _ in deeds), Deed.CHARGE, Deed.STOP)
    for deed, action in deeds:
        await bench.act(action)
        await _settle(bench, deed)
    await bench.wait(bench.settings.expected.charging_start_s, "until energy flows, as measured")
    await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
    await bench.act(states.presenting(session))
    await _settle(bench, f"{Deed.STOP}, which unlocks the cable")
    await bench.act(PlugOut(evse=place.evse, connector=place.connector))
    if states.has_parking_bay(session):
        await bench.act(ParkingBay(occupied=False, evse=place.evse))


async def _settle(bench: Bench, deed: str) -> None:
    """Leave a deed time to take effect, because offline nothing tells that it has."""
    await bench.wait(bench.settings.values.settling_s, f"nothing tells offline that {deed}")
