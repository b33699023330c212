"""Use case B11, reset without an ongoing transaction: the station, or one EVSE of it."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting, connectors, states
from vdoc.cases.b_provisioning import resetting
from vdoc.cases.connectors import Place, State
from vdoc.cases.registry import case


@case("TC_B_20_CS")
async def reset_on_idle(bench: Bench) -> None:
    """An idle DUT resets at once (B11.FR.01, B11.FR.03, B11.FR.04, B01.FR.03).

    Part 6: TC_B_20_CS. Errata: 6.2.13: without evseId. The reason of the boot is that of any
    restart; which one it is, TC_B_23_CS judges.
    """
    bench.step(2, "B11.FR.01")
    answer = await bench.call("Reset", type="OnIdle")  # 1
    bench.require(answer["status"], "Accepted")
    bench.step(3, "B11.FR.03")
    opened = await bench.connection.opened(what="the DUT reconnects after its restart")
    await booting.started_up(bench, opened, boot=3, status=5, event=None)  # 3 to 6


@case("TC_B_23_CS")
async def unavailable_persists_reset(bench: Bench) -> None:
    """A connector that was made Unavailable still is after a reset (B11.FR.01 to 04, B01.FR.03).

    Part 6: TC_B_23_CS. Errata: none.
    """
    place = connectors.under_test(bench)
    with bench.before():
        await states.unavailable(bench, evse=place.evse, connector=place.connector)

    bench.step(2, "B11.FR.01")
    connection = bench.connection.number
    answer = await bench.call("Reset", type="OnIdle")  # 1
    asked = bench.mark()
    bench.require(answer["status"], "Accepted")
    bench.step(3, "B11.FR.03")
    boot = await resetting.boot_after(bench, connection, asked, "RemoteReset")  # 3, 4
    bench.step(5, "B11.FR.02")
    due: dict[Place, State] = dict.fromkeys(connectors.all_places(bench), "Available")
    due[place] = "Unavailable"
    await connectors.each_notified(bench, due, since=boot.n)  # 5, 6


@case("TC_B_25_CS")
async def reset_evse_on_idle(bench: Bench) -> None:
    """An idle EVSE resets at once (B11.FR.01, B11.FR.08, B11.FR.10).

    Part 6: TC_B_25_CS. Errata: none. That the station as a whole stays up is judged over the run:
    a boot that nobody asked for fails it.
    """
    bench.step(2, "B11.FR.08")
    answer = await resetting.evse(bench, "OnIdle")  # 1
    bench.require(answer["status"], "Accepted")
    await resetting.evse_restarts(bench)


@case("TC_B_28_CS")
async def reset_evse_not_supported(bench: Bench) -> None:
    """A DUT that cannot reset an EVSE alone rejects it (B11.FR.01, B11.FR.09).

    Part 6: TC_B_28_CS. Errata: none.
    """
    bench.step(2, "B11.FR.09")
    answer = await resetting.evse(bench, "OnIdle")  # 1
    bench.check(answer["status"], "Rejected")
