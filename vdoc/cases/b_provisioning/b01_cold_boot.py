"""Use case B01, cold boot of a station that is accepted."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import booting
from vdoc.cases.registry import case


@case("TC_B_01_CS")
async def cold_boot_accepted(bench: Bench) -> None:
    """The DUT boots, says so and why, and reports all connectors (B01.FR.01, 05, 09).

    Part 6: TC_B_01_CS. Errata: none. That a report came for every connector, the post scenario
    validation, is judged in step Booted.5.
    """
    await booting.booted(bench)  # Main 1
