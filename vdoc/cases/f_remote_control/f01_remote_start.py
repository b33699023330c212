"""Use case F01: the CSMS starts a transaction, the cable being plugged in already."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration, states
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_F_01_CS")
async def remote_start_cable_first(bench: Bench) -> None:
    """A remote start after plugging in leads to charging (F01.FR.03 to F01.FR.05, F01.FR.13).

    Also F01.FR.17, F01.FR.19, F02.FR.01. Part 6: TC_F_01_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        session = await begin(bench, mode="remote")
        await states.ev_connected_pre_session(session)

    await states.authorized(session, "remote")  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()
