"""Use case G04, change availability, of a whole station."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting
from vdoc.cases.g_availability import change
from vdoc.cases.g_availability.change import STATION
from vdoc.cases.g_availability.scheduled import charging
from vdoc.cases.registry import case


@case("TC_G_05_CS")
async def station_becomes_inoperative(bench: Bench) -> None:
    """A station becomes Unavailable on request, with all its connectors (G04.FR.01, G04.FR.02).

    Also G04.FR.03, G04.FR.05, G04.FR.07. Part 6: TC_G_05_CS. Errata: none.
    """
    await change.made_unavailable(bench, STATION)  # 1


@case("TC_G_06_CS")
async def station_becomes_operative(bench: Bench) -> None:
    """A station becomes Available on request, with all its connectors (G04.FR.01, G04.FR.02).

    Also G04.FR.03, G04.FR.05, G04.FR.08. Part 6: TC_G_06_CS. Errata: none.
    """
    with bench.before():
        await change.made_unavailable(bench, STATION)

    await change.becomes_operative(bench, STATION)  # 1 to 4


@case("TC_G_12_CS")
async def station_stays_operative(bench: Bench) -> None:
    """An operative station accepts to be operative (G04.FR.01, G04.FR.04).

    Also G04.FR.02, G04.FR.03, G04.FR.05. Part 6: TC_G_12_CS. Errata: none. The post scenario
    validation asks for reports although nothing changes: they are optional.
    """
    asked = await change.stays(bench, STATION, "Operative")  # 1, 2
    await change.told_at_will(bench, STATION, "Operative", step="post", since=asked)


@case("TC_G_13_CS")
async def station_stays_inoperative(bench: Bench) -> None:
    """An inoperative station accepts to be inoperative (G04.FR.01, G04.FR.04).

    Also G04.FR.02, G04.FR.03, G04.FR.05. Part 6: TC_G_13_CS. Errata: none. At step 3 nothing
    changes, so that a report is optional; G04.FR.05 wants one of a changed connector only.
    """
    with bench.before():
        await change.made_unavailable(bench, STATION)

    asked = await change.stays(bench, STATION, "Inoperative")  # 1, 2
    await change.told_at_will(bench, STATION, "Inoperative", step=3, since=asked)  # 3, 4


@case("TC_G_14_CS")
async def station_waits_for_its_transaction(bench: Bench) -> None:
    """A station in use becomes Unavailable after its transaction (G04.FR.01, G04.FR.06).

    Also G04.FR.02, G04.FR.03, G04.FR.05, G04.FR.07, G01.FR.05. Part 6: TC_G_14_CS. Errata: 6.2.116
    and 6.2.117 in the states. EVSEs without a transaction do not wait. The table's validation of
    step 7 is meant for each of its reports, as in TC_G_11_CS.
    """
    scheduled = await charging(bench, STATION)

    await scheduled.request()  # 1, 2
    await scheduled.others_follow(3)  # 3, 4
    await scheduled.end_session(6)  # 5 to 16


@case("TC_G_21_CS")
async def station_stays_inoperative_after_restart(bench: Bench) -> None:
    """An inoperative station is Unavailable after a restart, with all its connectors (G04.FR.09).

    Part 6: TC_G_21_CS. Errata: none.
    """
    with bench.before():
        await change.made_unavailable(bench, STATION)

    await booting.booting(bench)  # 1
    bench.step(2, "B01.FR.01")
    opened = await bench.connection.opened(what="the DUT reconnects after its restart")
    idle = booting.Idle(STATION.inoperative(bench), STATION.persists)
    await booting.started_up(bench, opened, boot=2, status=4, event=6, idle=idle)  # 2 to 7
