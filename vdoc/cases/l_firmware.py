"""Functional block L, Firmware Management. The order of its reports is in `firmware_states`."""

from __future__ import annotations

from vdoc.bench import Bench, DutState
from vdoc.cases import firmware_states
from vdoc.cases.firmware_states import Update
from vdoc.cases.registry import case


@case("TC_L_01_CS")
async def secure_update_installed(bench: Bench) -> DutState:
    """The DUT downloads, verifies and installs a signed image (L01.FR.01, 04, 05, 09, 10, 12, …).

    Part 6: TC_L_01_CS. Errata: none. Any pattern of reboots that L01 knows is right, Installed
    before the last boot included (L01.FR.32, option b); a reconnection there must be (step 15).
    Beyond the table, because the hash of this image is what is declared: the bench served it whole,
    and the BootNotification of the new firmware tells its version.
    """
    update = await firmware_states.requested(bench, "valid")  # 1, 2
    await bench.gather(update.reaches("installed"), update.served())  # 3 to 14, 18, 19
    await update.reconnected()  # 15
    await bench.gather(_connectors(update), _updated(update))  # 9, 16, 17, 20, 21
    bench.step("post", "B01.FR.01")
    if update.new_boot is not None:
        bench.check(update.new_boot["chargingStation.firmwareVersion"], update.image.version)
    return bench.state.model_copy(update={"firmware_version": update.image.version})


@case("TC_L_06_CS")
async def invalid_signature(bench: Bench) -> None:
    """The DUT finds that the signature does not fit, and says so twice (L01.FR.01, 03, 04, 10, 20).

    Part 6: TC_L_06_CS. Errata: 6.2.83: status and security event in either order. Beyond the table
    the bench sees that the image was served whole, so that Downloaded is true.
    """
    update = await firmware_states.requested(bench, "invalid_signature")  # 1, 2
    await bench.gather(update.reaches("downloaded"), update.served())  # 3 to 6
    await bench.gather(update.reports("InvalidSignature"), _not_verified(update))  # 7 to 10


async def _connectors(update: Update) -> None:
    update.bench.step(9, "L01.FR.07")
    update.check_connectors_taken_out()
    update.bench.step(16, "L01.FR.28")
    await update.connectors_back()


async def _updated(update: Update) -> None:
    update.bench.step(20, "L01.FR.31")
    await update.security_event("FirmwareUpdated")


async def _not_verified(update: Update) -> None:
    update.bench.step(9, "L01.FR.03")
    await update.security_event("InvalidFirmwareSignature")
