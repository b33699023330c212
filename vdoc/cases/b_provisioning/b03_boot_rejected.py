"""Use case B03, cold boot of a station that is rejected."""

from __future__ import annotations

from vdoc.automation.actions import Reboot
from vdoc.bench import Bench, Fact, Message
from vdoc.bench.answers import InTurn, boot
from vdoc.bench.expect import at_least, one_of
from vdoc.cases import booting, connectors
from vdoc.cases.b_provisioning import registering
from vdoc.cases.registry import case


@case("TC_B_03_CS")
async def cold_boot_rejected(bench: Bench) -> None:
    """A rejected DUT is silent until it may ask again, and then does (B03.FR.02, FR.04, FR.06).

    Part 6: TC_B_03_CS. Errata: none. The interval is measured between the two requests as they
    arrive; the DUT may close the connection meanwhile (B03.FR.04).
    """
    values = bench.settings.values
    interval_s = values.boot_retry_interval_s
    accepted = boot("Accepted", values.heartbeat_interval_s)
    bench.answer("BootNotification", InTurn((boot("Rejected", interval_s),), accepted))
    others = bench.collect(*registering.OTHER_REQUESTS)
    await bench.act(Reboot())  # Manual Action
    bench.step(1, "B01.FR.01")
    opened = await bench.connection.opened(what="the DUT reconnects after its restart")
    first = await booting.boot_notification(bench)  # 1, 2

    bench.step(3, "B03.FR.06")
    second = await _asks_again(bench)  # 3, 4
    passed = Fact("seconds between the BootNotifications", _seconds(first, second), second.n)
    bench.check(passed, at_least(interval_s - values.max_time_deviation_s), "B03.FR.02")
    registering.judge_silence(bench, others, opened, second, "B03.FR.02")
    bench.step(5, "B01.FR.05")
    await connectors.all_notified(bench, "Available", connectors.all_places(bench))  # 5, 6


@case("TC_B_30_CS")
async def calls_refused_while_rejected(bench: Bench) -> None:
    """A rejected DUT answers a CALL with SecurityError (B03.FR.08).

    Part 6: TC_B_30_CS. Errata: none. The boot is brought about by a Reset. Step 3 is for a DUT that
    keeps its connection; it is left the settling time to close it. At the end the DUT is accepted,
    at its next request, which B03.FR.06 demands; until then it may send nothing (B03.FR.02).
    """
    values = bench.settings.values
    bench.answer("BootNotification", boot("Rejected", values.boot_retry_interval_s))
    others = bench.collect(*registering.OTHER_REQUESTS)
    with bench.before():
        await booting.booting(bench)
    bench.step(1, "B01.FR.01")
    first = await booting.boot_notification(bench)  # 1, 2

    bench.step(3, "B03.FR.04")
    kept = await _keeps_connection(bench, first)
    bench.answer("BootNotification", boot("Accepted", values.heartbeat_interval_s))
    if kept:
        bench.step(4, "B03.FR.08")  # 3, 4
        number = bench.fresh_int()
        answer = await bench.try_call("GetBaseReport", requestId=number, reportBase="FullInventory")
        bench.check(answer["errorCode"], "SecurityError")
    bench.step("end", "B03.FR.06")
    second = await _asks_again(bench)
    registering.judge_silence(bench, others, first, second, "B03.FR.02")


async def _asks_again(bench: Bench) -> Message:
    """Return the next BootNotification; a DUT that has closed its connection reconnects first."""
    values = bench.settings.values
    limit_s = values.boot_retry_interval_s + values.long_operation_timeout_s
    return await bench.receive("BootNotification", within_s=limit_s, what="the next one")


async def _keeps_connection(bench: Bench, first: Message) -> bool:
    """Tell whether the DUT keeps the connection after it was rejected; it may do either."""
    closed = await bench.connection.optional(
        "closed",
        within_s=bench.settings.values.settling_s,
        where=lambda event: event.get("connection") == first.connection,
    )
    told = "kept" if closed is None else "closed"
    fact = Fact("connection of the rejected DUT", told, None if closed is None else closed.n)
    bench.check(fact, one_of("kept", "closed"))
    return closed is None


def _seconds(first: Message, second: Message) -> float:
    return round(registering.after_s(first, second), 3)
