"""Use case F02: the CSMS starts a transaction, and the driver plugs in afterwards or never.

Owns what AuthCtrlr.AuthorizeRemoteStart makes of the token of a RequestStartTransactionRequest, and
what is left of a start when TxCtrlr.EVConnectionTimeOut passes.
"""

from __future__ import annotations

from typing import Literal

from vdoc.bench import Bench, Fact
from vdoc.cases import configuration, interruptions, states
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin

_START_POINTS = (("Authorized", "C-09.2"), ("ParkingBayOccupancy", "C-09.6"))
"""What starts a transaction without a cable, and the item that claims it."""


@case("TC_F_02_CS")
async def remote_start_asks_first(bench: Bench) -> None:
    """A remote start is authorized like a local one, then the cable comes (F01.FR.01, F02.FR.01).

    Part 6: TC_F_02_CS. Errata: 6.2.116 in Authorized. The AuthorizeRequest is a step of Authorized.
    """
    with bench.before():
        session = await _prepared(bench, "true")

    await states.authorized(session, "remote")  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()


@case("TC_F_03_CS")
async def remote_start_asks_nobody(bench: Bench) -> None:
    """A remote start charges without any check of its token (F01.FR.02, F02.FR.01).

    Part 6: TC_F_03_CS. Errata: 6.2.116 in Authorized. That no AuthorizeRequest comes is no line of
    the table, but what F01.FR.02 demands: our interpretation.
    """
    with bench.before():
        session = await _prepared(bench, "false")

    asked = bench.collect("Authorize")
    await states.authorized(session, "remote")  # 1
    await states.energy_transfer_started(session)  # 2
    bench.step(1, "F01.FR.02")
    line = asked[0].n if asked else session.since
    bench.check(Fact("AuthorizeRequests before energy flows", len(asked), line), 0)
    await session.conclude()


async def _prepared(bench: Bench, asks: Literal["true", "false"]) -> Session:
    """Configuration and EV in its bay; a station that is fixed otherwise is not concerned."""
    await configuration.authorization_by_csms(bench)
    if asks == "true":
        await _fixed_otherwise(bench, configuration.AUTH_ENABLED, "true")
    await configuration.ensure_if_writable(bench, configuration.AUTHORIZE_REMOTE_START, asks)
    await configuration.need(bench, configuration.AUTHORIZE_REMOTE_START)
    await _fixed_otherwise(bench, configuration.AUTHORIZE_REMOTE_START, asks)
    session = await begin(bench, mode="remote")
    await states.parking_bay_occupied(session)
    return session


async def _fixed_otherwise(bench: Bench, name: Name, wanted: Literal["true", "false"]) -> None:
    """End the case when a variable cannot be set and is not what the table presupposes."""
    if not configuration.implemented(bench, name) or configuration.writable(bench, name):
        return
    found = await configuration.need(bench, name)
    if found.true is not (wanted == "true"):
        bench.not_applicable(f"{name} is ReadOnly and not {wanted}", found.answer)


# --- the cable never comes ---


@case("TC_F_04_CS")
async def cable_never_plugged_in(bench: Bench) -> None:
    """A transaction whose EV never comes is given up, and the EVSE is free (E03.FR.01, E03.FR.05).

    Also F02.FR.01, F02.FR.07. Part 6: TC_F_04_CS. Errata: 6.2.56, 6.2.57 (TxStartPoint only if
    supported), 6.2.116 in Authorized. With ParkingBayOccupancy and not Authorized as a stop point
    the transaction may go on until the EV leaves (F02.FR.08), whatever the table says of eventType.
    Where no transaction starts without a cable, step 1 does not exist; step 3 shows the time-out.
    """
    limit_s = bench.settings.values.ev_connection_timeout_s
    with bench.before():
        await configuration.ensure(bench, configuration.EV_CONNECTION_TIMEOUT, f"{limit_s:g}")
        await configuration.authorization_by_csms(bench)
        await _start_without_cable(bench)
        session = await begin(bench, mode="remote")
        await states.parking_bay_occupied(session)
        asked = bench.now()
        await states.authorized(session, "remote")

    await interruptions.timed_out(session, limit_s, asked)  # 1, 2
    again = await interruptions.next_session(session)
    again.cached = await _need_not_ask_again(bench)
    await states.authorized(again, "remote")  # 3
    await again.conclude()
    if not again.standing.running:
        await interruptions.lapsed(bench, limit_s)  # nothing else can take it back


async def _need_not_ask_again(bench: Bench) -> bool:
    """Tell whether the cache will do for a token that was accepted a moment ago.

    It will not where AuthCtrlr.LocalPreAuthorize is false, as Part 6 §2.1 has it (TC_C_36_CS).
    """
    name = configuration.LOCAL_PRE_AUTHORIZE
    return bench.pics.claims("C-49") and await configuration.read_true(bench, name, absent=True)


async def _start_without_cable(bench: Bench) -> None:
    """Have a transaction start before the cable is plugged in, if that is supported."""
    point = configuration.TX_START_POINT
    supported = [name for name, item in _START_POINTS if bench.pics.claims(item)]
    if not supported or not configuration.writable(bench, point):
        return
    if not (await configuration.need(bench, point)).members & frozenset(supported):
        await configuration.ensure(bench, point, supported[0])
