"""After a firmware update: which firmware runs, before the next case begins.

Owns how that is seen: by the BootNotification of a boot that came after the update, or of a Reset
where none did; no other message tells it of every DUT. An update that a case has left under way is
awaited first. An update that was refused changes nothing, and is not followed by a boot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from vdoc.bench import Bench, Message

_FINAL = frozenset(
    {
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        "Installed",
        "InvalidSignature",
    }
)


def unproven(bench: Bench) -> bool:
    """Tell whether an update has left open which firmware runs."""
    left = bench.start.extra.get("firmware")
    wanted = bench.settings.firmware.version
    return left is not None and (left["under_way"] or left["version"] != wanted)


async def version_proven(bench: Bench, boot: Callable[[Bench], Awaitable[Message]]) -> None:
    """Boot the DUT and check that it runs the firmware of the settings.

    Args:
        bench: the bench.
        boot: resets the DUT and returns its BootNotification.
    """
    bench.step("firmware", "B01.FR.01")
    if bench.start.extra["firmware"]["under_way"]:
        await bench.ask("release_transfers")  # which a case that has failed may have left held
        await bench.receive_optional(
            "FirmwareStatusNotification",
            where=lambda message: message.get("status") in _FINAL,
            within_s=bench.settings.values.long_operation_timeout_s,
        )
    notification = await boot(bench)
    bench.step("firmware", "B01.FR.01")
    wanted = bench.settings.firmware.version
    bench.check(notification["chargingStation.firmwareVersion"], wanted, what="after an update")
