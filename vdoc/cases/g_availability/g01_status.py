"""Use case G01, status notification: a connector that is taken and left."""

from __future__ import annotations

from vdoc.automation.actions import PlugOut
from vdoc.bench import Bench
from vdoc.cases import connectors, states
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_G_01_CS")
async def connector_becomes_occupied(bench: Bench) -> None:
    """Plugging in makes the connector Occupied, and the station says so (G01.FR.01, N07.FR.19).

    Part 6: TC_G_01_CS. Errata: none.
    """
    with bench.before():
        session = await begin(bench)

    await states.ev_connected_pre_session(session)  # 1
    await session.conclude()


@case("TC_G_02_CS")
async def connector_becomes_available(bench: Bench) -> None:
    """Unplugging makes the connector Available, and the station says so (G01.FR.01, N07.FR.19).

    Also G01.FR.04. Part 6: TC_G_02_CS. Errata: none. Where a cable lock keeps the connector shut
    until authorization (AQ-2), it also holds the plug afterwards: such a session is stopped first.
    """
    with bench.before():
        session = await begin(bench)
        await states.ev_connected_pre_session(session)
        if bench.pics.claims("AQ-2"):
            await states.stop_authorized(session)

    place = session.place
    await bench.act(PlugOut(evse=place.evse, connector=place.connector))
    unplugged = bench.mark()
    bench.step(3, "G01.FR.04")
    await connectors.notified(bench, "Available", place, since=unplugged)
    await session.conclude()
