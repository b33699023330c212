"""Use case B01, cold boot of a station that is accepted."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting
from vdoc.cases.registry import case


@case("TC_B_01_CS")
async def cold_boot_accepted(bench: Bench) -> None:
    """The DUT boots, says so and why, and reports all connectors (B01.FR.01, 05, 09).

    Part 6: TC_B_01_CS. Errata: none. That a report came for every connector, the post scenario
    validation, is judged in step Booted.5. It is a Reset that makes the DUT boot, so that the
    reason it says is to be RemoteReset (BootReasonEnumType).
    """
    boot = await booting.booted(bench)  # Main 1
    bench.step("Booted.3", "B01.FR.09")
    bench.check(boot.notification["reason"], "RemoteReset")
