"""Use case G03, change availability, of a connector."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting
from vdoc.cases.g_availability import change
from vdoc.cases.g_availability.scheduled import charging
from vdoc.cases.registry import case


@case("TC_G_07_CS")
async def connector_becomes_inoperative(bench: Bench) -> None:
    """A connector becomes Unavailable on request (G03.FR.01, G03.FR.02).

    Also G03.FR.04, G03.FR.06. Part 6: TC_G_07_CS. Errata: none.
    """
    await change.made_unavailable(bench, change.connector(bench))  # 1


@case("TC_G_08_CS")
async def connector_becomes_operative(bench: Bench) -> None:
    """A connector becomes Available on request (G03.FR.01, G03.FR.02).

    Also G03.FR.04, G03.FR.07. Part 6: TC_G_08_CS. Errata: none.
    """
    target = change.connector(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    await change.becomes_operative(bench, target)  # 1 to 4


@case("TC_G_15_CS")
async def connector_stays_operative(bench: Bench) -> None:
    """An operative connector accepts to be operative (G03.FR.01, G03.FR.03).

    Also G03.FR.02, G03.FR.04. Part 6: TC_G_15_CS. Errata: none. The post scenario validation asks
    for reports although nothing changes: they are optional.
    """
    target = change.connector(bench)
    asked = await change.stays(bench, target, "Operative")  # 1, 2
    await change.told_at_will(bench, target, "Operative", step="post", since=asked)


@case("TC_G_16_CS")
async def connector_stays_inoperative(bench: Bench) -> None:
    """An inoperative connector accepts to be inoperative (G03.FR.01, G03.FR.03).

    Also G03.FR.02, G03.FR.04. Part 6: TC_G_16_CS. Errata: none. Before makes this connector
    Unavailable, since it is the one that must stay so. What the post scenario validation asks for
    is told there: nothing changes afterwards, so that a further report is optional.
    """
    target = change.connector(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    asked = await change.stays(bench, target, "Inoperative")  # 1, 2
    await change.told_at_will(bench, target, "Inoperative", step="post", since=asked)


@case("TC_G_17_CS")
async def connector_waits_for_its_transaction(bench: Bench) -> None:
    """A connector in use becomes Unavailable after its transaction (G03.FR.01, G03.FR.05).

    Also G03.FR.02, G03.FR.04, G01.FR.05. Part 6: TC_G_17_CS. Errata: 6.2.116 and 6.2.117 in the
    states. The table's validation of step 7 is meant for each of its reports, as in TC_G_11_CS.
    """
    scheduled = await charging(bench, change.connector(bench))

    await scheduled.request()  # 1, 2
    await scheduled.end_session(4)  # 3 to 14


@case("TC_G_19_CS")
async def connector_stays_inoperative_after_restart(bench: Bench) -> None:
    """An inoperative connector is Unavailable after a restart, the others are not (G03.FR.08).

    Part 6: TC_G_19_CS. Errata: none. Before makes this connector Unavailable and not the station,
    since step 4 has the others Available.
    """
    target = change.connector(bench)
    with bench.before():
        await change.made_unavailable(bench, target)

    await booting.booting(bench)  # 1
    bench.step(2, "B01.FR.01")
    opened = await bench.connection.opened(what="the DUT reconnects after its restart")
    idle = booting.Idle(target.inoperative(bench), target.persists)
    await booting.started_up(bench, opened, boot=2, status=4, event=6, idle=idle)  # 2 to 7
