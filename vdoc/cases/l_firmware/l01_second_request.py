"""Use case L01, a second UpdateFirmwareRequest while the first update is under way.

The bench holds the end of the first download back until the second request has been answered, so
that a fast DUT is still at it.
"""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, Message
from vdoc.cases.firmware_states import Update, image_of, request_of, requested
from vdoc.cases.firmware_ways import Steps
from vdoc.cases.registry import case


@case("TC_L_10_CS")
async def second_request_cancels(bench: Bench) -> None:
    """A DUT that can gives up its update for a new one (L01.FR.01, 10, 20, 24; C-60).

    Part 6: TC_L_10_CS. Errata: 6.2.82: DownloadFailed or InstallationFailed of the first update may
    come before or after the second answer. The second location differs from the first, so that
    the one client of each is known.
    """
    await bench.ask("hold_transfers")
    first = await requested(bench, "valid", Steps({"Downloading": 3}))  # 1, 2
    await first.reaches("downloading")  # 3, 4
    made, number = await bench.ask("firmware", which="valid"), bench.fresh_int()
    answer = await _second(bench, made, number)  # 5
    bench.require(answer["status"], "AcceptedCanceled")
    update = Update(
        bench,
        image_of(made),
        Steps.from_verified(7, out=13),
        number,
        bench.mark(),
        bench.connection.number,
        bench.collect("StatusNotification", "NotifyEvent"),
        cancelled=(first.request_id,),
        answered=answer.n,
    )
    await bench.ask("release_transfers")
    await update.installed()  # 7 to 25


@case("TC_L_11_CS")
async def second_request_rejected(bench: Bench) -> None:
    """A DUT that cannot cancel an update rejects a new one and goes on (L01.FR.01, 10, 20, 27).

    Part 6: TC_L_11_CS, whose step 5 names the signature twice where it means certificate and
    signature. Errata: none.
    """
    await bench.ask("hold_transfers")
    steps = Steps.from_verified(5, out=11, Downloading=3)
    update = await requested(bench, "valid", steps)  # 1, 2
    await update.reaches("downloading")  # 3, 4
    made = await bench.ask("firmware", which="valid")
    answer = await _second(bench, made, bench.fresh_int(), requirement="L01.FR.27")  # 5
    bench.require(answer["status"], "Rejected")
    await bench.ask("release_transfers")
    await update.installed()  # 7 to 23


async def _second(
    bench: Bench, made: dict[str, Any], number: int, requirement: str = "L01.FR.24"
) -> Message:
    bench.step(6, requirement)
    return await bench.call("UpdateFirmware", requestId=number, firmware=request_of(bench, made))
