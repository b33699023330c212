"""Use cases E02 and E03: the driver starts, cable first or token first, or never plugs in."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration, interruptions, states
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case
from vdoc.cases.session import begin

_LOCAL_PRE_AUTHORIZE = Name("AuthCtrlr", "LocalPreAuthorize")


@case("TC_E_03_CS")
async def local_start_cable_first(bench: Bench) -> None:
    """Plugging in first, then a token, leads to charging (E02.FR.01, FR.05 to FR.07, FR.13).

    Also E02.FR.15 to FR.17, E01.FR.16, C01.FR.02, C02.FR.01, C06.FR.02. Part 6: TC_E_03_CS.
    Errata: none of its own.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        session = await begin(bench, mode="local")
        await states.ev_connected_pre_session(session)

    await states.authorized(session, "local")  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()


@case("TC_E_04_CS")
async def local_start_authorization_first(bench: Bench) -> None:
    """A token first, then plugging in, leads to charging (E03.FR.01, E03.FR.06, E03.FR.12).

    Also E01.FR.16, C01.FR.02, C02.FR.01, C06.FR.02. Part 6: TC_E_04_CS. Errata: none of its own.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        session = await begin(bench, mode="local")
        await states.parking_bay_occupied(session)

    await states.authorized(session, "local")  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()


@case("TC_E_05_CS")
async def cable_never_plugged_in(bench: Bench) -> None:
    """Without a cable in time the EVSE is given up, and free again (E03.FR.01, E03.FR.05).

    Also E03.FR.06, E03.FR.12, C01.FR.02, C02.FR.01, C06.FR.02. Part 6: TC_E_05_CS. Errata: none of
    its own. Where Authorized is no stop point the table has an Updated event; E03.FR.05 and
    E06.FR.06 have the transaction end as well: either is right. The new authorization of step 3
    is of a new transaction, or of the one that goes on. Where the bay starts one, the EV leaves it
    and comes back before: our interpretation.
    """
    limit_s = bench.settings.values.ev_connection_timeout_s
    with bench.before():
        await configuration.ensure(bench, configuration.EV_CONNECTION_TIMEOUT, f"{limit_s:g}")
        await configuration.authorization_by_csms(bench)
        await configuration.ensure_if_implemented(bench, configuration.AUTH_CACHE_ENABLED, "false")
        await configuration.ensure(bench, _LOCAL_PRE_AUTHORIZE, "false")
        session = await begin(bench, mode="local")
        await states.parking_bay_occupied(session)
        asked = bench.now()
        await states.authorized(session, "local")

    await interruptions.timed_out(session, limit_s, asked)  # 1
    again = await interruptions.next_session(session)
    if again is not session:
        await interruptions.enter_bay_again(again)
    await states.authorized(again, "local")  # 3
    await states.energy_transfer_started(again)  # 4
    await again.conclude()
