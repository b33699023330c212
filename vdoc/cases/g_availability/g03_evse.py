"""Use case G03, change availability, of an EVSE."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting
from vdoc.cases.g_availability import change
from vdoc.cases.g_availability.scheduled import charging
from vdoc.cases.registry import case


@case("TC_G_03_CS")
async def evse_becomes_inoperative(bench: Bench) -> None:
    """An EVSE becomes Unavailable on request, with all its connectors (G03.FR.01, G03.FR.02).

    Also G03.FR.04, G03.FR.06. Part 6: TC_G_03_CS, and its post scenario validation: the state
    waits for a report about every connector of the EVSE. Errata: none.
    """
    await change.made_unavailable(bench, change.evse(bench))  # 1


@case("TC_G_04_CS")
async def evse_becomes_operative(bench: Bench) -> None:
    """An EVSE becomes Available on request, with all its connectors (G03.FR.01, G03.FR.02).

    Also G03.FR.04, G03.FR.07. Part 6: TC_G_04_CS. Errata: none.
    """
    target = change.evse(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    await change.becomes_operative(bench, target)  # 1 to 4


@case("TC_G_09_CS")
async def evse_stays_operative(bench: Bench) -> None:
    """An operative EVSE accepts to be operative (G03.FR.01, G03.FR.03).

    Also G03.FR.02, G03.FR.04. Part 6: TC_G_09_CS. Errata: none.
    """
    await change.stays(bench, change.evse(bench), "Operative")  # 1, 2


@case("TC_G_10_CS")
async def evse_stays_inoperative(bench: Bench) -> None:
    """An inoperative EVSE accepts to be inoperative (G03.FR.01, G03.FR.03).

    Also G03.FR.02, G03.FR.04. Part 6: TC_G_10_CS. Errata: none. What the post scenario validation
    asks for is told in the Before block: nothing changes afterwards, so that a further report is
    optional.
    """
    target = change.evse(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    asked = await change.stays(bench, target, "Inoperative")  # 1, 2
    await change.told_at_will(bench, target, "Inoperative", step="post", since=asked)


@case("TC_G_11_CS")
async def evse_waits_for_its_transaction(bench: Bench) -> None:
    """An EVSE in use becomes Unavailable after its transaction (G03.FR.01, G03.FR.05).

    Also G03.FR.02, G03.FR.04, G01.FR.05. Part 6: TC_G_11_CS. Errata: 6.2.116 and 6.2.117 in the
    states. See `scheduled` for what is due when.
    """
    scheduled = await charging(bench, change.evse(bench))

    await scheduled.request()  # 1, 2
    await scheduled.end_session(4)  # 3 to 14


@case("TC_G_18_CS")
async def evse_stays_inoperative_after_restart(bench: Bench) -> None:
    """An inoperative EVSE is Unavailable after a restart, the others are not (G03.FR.08).

    Also G01.FR.01, G01.FR.02. Part 6: TC_G_18_CS. Errata: none. Before makes this EVSE Unavailable
    and not the station, since step 3 has the other EVSEs Available; at step 3 nothing changes, so
    that a report is optional. The restart is a Reset.
    """
    target = change.evse(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    asked = await change.stays(bench, target, "Inoperative")  # 1, 2
    await change.told_at_will(bench, target, "Inoperative", step=3, since=asked)  # 3, 4
    idle = booting.Idle(target.inoperative(bench), target.persists)
    await booting.booted(bench, idle=idle)  # 5
