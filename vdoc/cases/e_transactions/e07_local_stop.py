"""Use case E07: the driver stops, unplugs and leaves."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration, states
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_E_06_CS")
async def local_stop(bench: Bench) -> None:
    """The same token again stops the session, and the EV leaves (E07.FR.04, E06.FR.15).

    Also C01.FR.03. Part 6: TC_E_06_CS. Errata: 6.2.117 in StopAuthorized.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        session = await begin(bench, mode="local")
        await states.energy_transfer_started(session)

    await states.stop_authorized(session, "local")  # 1
    await states.ev_connected_post_session(session)  # 2
    await states.ev_disconnected(session)  # 3
    await states.parking_bay_unoccupied(session)  # 4
    await session.conclude()
