"""Use case L01, updates that begin and fail: what the DUT tells of it."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases.firmware_states import Update, requested
from vdoc.cases.firmware_ways import NOT_INSTALLABLE, NOT_THERE, Steps
from vdoc.cases.registry import case


@case("TC_L_06_CS")
async def invalid_signature(bench: Bench) -> None:
    """The DUT finds that the signature does not fit, and says so twice (L01.FR.01, 03, 04, 10, 20).

    Part 6: TC_L_06_CS. Errata: 6.2.83: status and security event in either order. Beyond the table
    the bench sees that the image was served whole, so that Downloaded is true.
    """
    steps = Steps({"Downloading": 3, "Downloaded": 5, "InvalidSignature": 7}, event=9)
    update = await requested(bench, "invalid_signature", steps)  # 1, 2
    await bench.gather(update.reaches("downloaded"), update.served())  # 3 to 6
    await bench.gather(update.reports("InvalidSignature"), _not_verified(update))  # 7 to 10


@case("TC_L_07_CS")
async def download_failed(bench: Bench) -> None:
    """The DUT cannot find the image and says so, however often it tries (L01.FR.01, 10, 20, 30).

    Part 6: TC_L_07_CS. Errata: none. Downloading is optional, and may come again at each attempt.
    """
    steps = Steps({"Downloading": 3, "DownloadFailed": 5})
    update = await requested(bench, "missing", steps, ways=NOT_THERE)  # 1, 2
    await update.reaches("failed")  # 3 to 6


@case("TC_L_08_CS")
async def installation_failed(bench: Bench) -> None:
    """The DUT finds that it cannot install an image that is rightly signed (L01.FR.12, 29, …).

    Part 6: TC_L_08_CS. Errata: none. The image is one of the vendor, as is its signature: the bench
    cannot know what a DUT fails to install. A DUT that has not rebooted says Installing before it
    says InstallVerificationFailed (step 12); a boot that falls back to the firmware of before may
    come first, for which other reasons than FirmwareUpdate may be true. Beyond the table nothing is
    told of the update after the failure, an end state (FirmwareStatusEnumType). Step 14 asks for
    Available connectors of a DUT that does not become inoperative: one that keeps them Unavailable
    cannot be told from it, and fails the restore that follows.
    """
    told = {
        "Downloading": 3, "Downloaded": 5, "SignatureVerified": 7, "InstallRebooting": 11,
        "Installing": 12, "InstallVerificationFailed": 16, "InstallationFailed": 16,
    }  # fmt: skip
    steps = Steps(told, out=9, back=14)
    update = await requested(bench, "invalid_image", steps, ways=NOT_INSTALLABLE)  # 1, 2
    await update.reaches("failed")  # 3 to 8, 11 to 13, 16, 17
    bench.step(9, "L01.FR.07")
    update.check_connectors_taken_out()
    await bench.gather(_back(update), update.told_no_more(16))


async def _back(update: Update) -> None:
    update.bench.step(14, "L01.FR.29")
    await update.connectors_back()  # 14, 15


async def _not_verified(update: Update) -> None:
    update.bench.step(9, "L01.FR.03")
    await update.security_event("InvalidFirmwareSignature")
