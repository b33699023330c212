"""Use case L01, updates that are installed: at once, or at a time that the CSMS sets."""

from __future__ import annotations

from datetime import timedelta

from vdoc.bench import Bench, DutState, InconclusiveError
from vdoc.cases.firmware_states import requested
from vdoc.cases.firmware_ways import DOWNLOAD_SCHEDULED, INSTALL_SCHEDULED, Steps
from vdoc.cases.registry import case


@case("TC_L_01_CS")
async def secure_update_installed(bench: Bench) -> DutState:
    """The DUT downloads, verifies and installs a signed image (L01.FR.01, 04, 05, 09, 10, 12, …).

    Part 6: TC_L_01_CS. Errata: none. Any pattern of reboots that L01 knows is right, Installed
    before the last boot included (L01.FR.32, option b); a reconnection there must be (step 15).
    Beyond the table, because the hash of this image is what is declared: the bench served it whole,
    and the BootNotification of the new firmware tells its version. A DUT that activates without a
    boot is booted by the restore that follows.
    """
    update = await requested(bench, "valid", Steps.from_verified(3, out=9))  # 1, 2
    await update.installed(served=True)  # 3 to 21
    return bench.state.model_copy(update={"firmware_version": update.image.version})


@case("TC_L_02_CS")
async def installation_scheduled(bench: Bench) -> None:
    """The DUT verifies the image and installs it at installDateTime (L01.FR.16, and as TC_L_01).

    Part 6: TC_L_02_CS. Errata: none. Beyond the table: it does not install before that time, less
    the deviation. L01.FR.16 asks for InstallScheduled only if the image is verified by then.
    """
    offset_s = bench.settings.values.install_offset_s
    moment = bench.now() + timedelta(seconds=offset_s)
    steps = Steps.from_verified(3, out=11, InstallScheduled=9)
    update = await requested(
        bench, "valid", steps, ways=INSTALL_SCHEDULED, install_at=moment
    )  # 1, 2
    await update.reaches("verified")  # 3 to 8
    if bench.now() >= moment - timedelta(seconds=bench.settings.values.max_time_deviation_s):
        raise InconclusiveError(f"install_offset_s {offset_s:g} is too short to download in")
    await update.reaches("install scheduled")  # 9, 10
    await update.due("installDateTime", moment, "L01.FR.16")  # 13, 14
    await update.installed()  # 11 to 23


@case("TC_L_03_CS")
async def download_scheduled(bench: Bench) -> None:
    """The DUT downloads the image after retrieveDateTime only (L01.FR.13, and as TC_L_01).

    Part 6: TC_L_03_CS. Errata: none. Beyond the table: Downloading does not come before that time,
    less the deviation.
    """
    offset_s = bench.settings.values.download_offset_s
    moment = bench.now() + timedelta(seconds=offset_s)
    steps = Steps.from_verified(5, out=11, DownloadScheduled=3)
    update = await requested(
        bench, "valid", steps, ways=DOWNLOAD_SCHEDULED, retrieve_at=moment
    )  # 1, 2
    await update.reaches("download scheduled")  # 3, 4
    await update.due("retrieveDateTime", moment, "L01.FR.13")  # 5, 6
    await update.installed()  # 7 to 23
