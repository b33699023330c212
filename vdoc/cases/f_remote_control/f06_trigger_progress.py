"""Use case F06: LogStatusNotification and FirmwareStatusNotification that the CSMS asks for.

What they say depends on whether a file is being transferred. The bench's file server holds the end
of a transfer back until it was asked about, so that a fast DUT is still at it. How a transfer ends
is no matter of these cases (errata 6.2.59).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from vdoc.bench import Bench, Message
from vdoc.cases.f_remote_control.triggering import ask_for
from vdoc.cases.registry import case
from vdoc.ocpp.values import render_datetime

_LOG, _FIRMWARE = "LogStatusNotification", "FirmwareStatusNotification"
_EARLIER = timedelta(hours=2)  # Part 6 TC_F_19_CS step 1
_UNDER_WAY = frozenset({"Downloading", "DownloadPaused", "Downloaded"})


# --- logs ---


@case("TC_F_15_CS")
async def log_status_when_idle(bench: Bench) -> None:
    """Without an upload the log status is Idle (F06.FR.04, F06.FR.05, F06.FR.10, F06.FR.15).

    Part 6: TC_F_15_CS. Errata: none.
    """
    await _asked(bench, _LOG, "Idle", "F06.FR.15")


@case("TC_F_16_CS")
async def log_status_when_uploading(bench: Bench) -> None:
    """During an upload the log status is Uploading (F06.FR.04, F06.FR.05, F06.FR.10, F06.FR.14).

    Part 6: TC_F_16_CS. Errata: none. Afterwards the upload is left to end, for the next case.
    """
    location = (await bench.ask("upload_location"))["location"]
    await bench.ask("hold_transfers")
    bench.step(2, "N01.FR.01")
    number = bench.fresh_int()
    answer = await bench.call(
        "GetLog",
        logType="DiagnosticsLog",
        requestId=number,
        log={"remoteLocation": location},
    )  # 1
    bench.require(answer["status"], "Accepted")
    told = await _told(bench, _LOG, "Uploading", answer.n, 3, "N01.FR.08")  # 3, 4
    bench.check(told["requestId"], number, "N01.FR.13")
    told = await _asked(bench, _LOG, "Uploading", "F06.FR.14", response=6)  # 5 to 8
    bench.check(told["requestId"], number, "N01.FR.13")
    await bench.ask("release_transfers")
    await bench.receive_optional(
        _LOG, where=lambda message: message.get("status") != "Uploading", within_s=_long(bench)
    )


# --- firmware ---


@case("TC_F_17_CS")
async def firmware_status_with_evse(bench: Bench) -> None:
    """An EVSE that is irrelevant to the message is ignored (F06.FR.03 to F06.FR.05, F06.FR.10).

    Part 6: TC_F_17_CS. Errata: none. Runs before every update that does not end as Installed, after
    which L01.FR.26 wants the last status where F06.FR.16 wants Idle (catalogue, precedence).
    """
    evse = {"id": bench.settings.dut.evse}
    await _asked(bench, _FIRMWARE, "Idle", "F06.FR.03", evse=evse)


@case("TC_F_18_CS")
async def firmware_status_when_idle(bench: Bench) -> None:
    """Without an update the firmware status is Idle (F06.FR.04, F06.FR.05, F06.FR.16, L01.FR.25).

    Also F06.FR.10. Part 6: TC_F_18_CS. Errata: none. As TC_F_17_CS before updates that fail.
    """
    await _asked(bench, _FIRMWARE, "Idle", "F06.FR.16")


@case("TC_F_19_CS")
async def firmware_status_when_downloading(bench: Bench) -> None:
    """During a download the firmware status is Downloading (F06.FR.04, FR.05, FR.10, L01.FR.26).

    Part 6: TC_F_19_CS. Errata: 6.2.59: the signature is invalid, so that the update ends soon;
    steps 9 to 14 are clean-up and judge nothing.
    """
    made: dict[str, Any] = await bench.ask("firmware", which="invalid_signature")
    await bench.ask("hold_transfers")
    bench.step(2, "L01.FR.21")
    number = bench.fresh_int()
    answer = await bench.call(
        "UpdateFirmware",
        requestId=number,
        firmware={
            "location": made["location"],
            "retrieveDateTime": render_datetime(bench.now() - _EARLIER),
            "signingCertificate": made["signingCertificate"],
            "signature": made["signature"],
        },
    )  # 1
    bench.require(answer["status"], "Accepted")
    told = await _told(bench, _FIRMWARE, "Downloading", answer.n, 3, "L01.FR.01")  # 3, 4
    bench.check(told["requestId"], number, "L01.FR.10, L01.FR.20")
    told = await _asked(bench, _FIRMWARE, "Downloading", "L01.FR.26", response=6)  # 5 to 8
    bench.check(told["requestId"], number, "L01.FR.10, L01.FR.20")
    await bench.ask("release_transfers")
    await _update_over(bench)  # 9 to 14


async def _update_over(bench: Bench) -> None:
    """Let the update fail by its signature; whatever comes, comes."""
    since = bench.mark()
    over = await bench.receive_optional(
        _FIRMWARE, where=lambda m: m.get("status") not in _UNDER_WAY, within_s=_long(bench)
    )
    if over is not None and over.get("status") == "InvalidSignature":
        await bench.receive_optional(
            "SecurityEventNotification",
            where=lambda m: m.get("type") == "InvalidFirmwareSignature",
            since=since,
        )


# --- both ---


async def _asked(
    bench: Bench,
    message: str,
    status: str,
    requirement: str,
    *,
    response: int = 2,
    evse: Mapping[str, int] | None = None,
) -> Message:
    """The request, its response, and the message that says how things stand."""
    wanted = "F06.FR.05" if evse is None else requirement
    asked = await ask_for(bench, message, evse=evse, step=response, requirement=wanted)
    bench.step(response + 1, requirement)
    told = await bench.receive(message, since=asked)
    bench.check(told["status"], status)
    return told


async def _told(
    bench: Bench, message: str, status: str, since: int, step: int, requirement: str
) -> Message:
    """The message by which a transfer begins."""
    bench.step(step, requirement)
    told = await bench.receive(message, since=since, within_s=_long(bench))
    bench.require(told["status"], status)
    return told


def _long(bench: Bench) -> float:
    return bench.settings.values.long_operation_timeout_s
