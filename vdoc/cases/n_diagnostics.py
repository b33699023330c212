"""Functional block N, Diagnostics: logs that the DUT uploads."""

from __future__ import annotations

from vdoc.bench import Bench, Message
from vdoc.bench.expect import at_least, that
from vdoc.cases.registry import case


@case("TC_N_25_CS")
async def diagnostics_log(bench: Bench) -> None:
    """The DUT uploads its diagnostics log, and tells so (N01.FR.01, 02, 04, 07 to 09, 13).

    Part 6: TC_N_25_CS. Errata: none; "Updated" of step 5 is a misprint of Uploaded (N01.FR.09).
    A further attempt may be told by Uploading again (N01.FR.10). Beyond the table the bench must
    have received a file that is not empty, before Uploaded is told or with it (N01.FR.02).
    """
    request_id = bench.fresh_int()
    location = (await bench.ask("upload_location"))["location"]
    bench.step(2, "N01.FR.01")
    answer = await bench.call(
        "GetLog",
        logType="DiagnosticsLog",
        requestId=request_id,
        log={"remoteLocation": location},
    )  # 1
    bench.require(answer["status"], "Accepted")
    bench.check(answer["filename"], that("not empty", lambda name: name != ""))
    await bench.gather(_statuses(bench, request_id), _file(bench, location))  # 3 to 6


async def _statuses(bench: Bench, request_id: int) -> None:
    bench.step(3, "N01.FR.08")
    message = await _status(bench, request_id)
    bench.require(message["status"], "Uploading")
    while message.get("status") == "Uploading":
        bench.step(5, "N01.FR.09")
        message = await _status(bench, request_id)
    bench.check(message["status"], "Uploaded")


async def _status(bench: Bench, request_id: int) -> Message:
    limit_s = bench.settings.values.long_operation_timeout_s
    message = await bench.receive("LogStatusNotification", within_s=limit_s)
    bench.check(message["requestId"], request_id, "N01.FR.07, N01.FR.13")
    return message


async def _file(bench: Bench, location: str) -> None:
    bench.step("5", "N01.FR.02")
    limit_s = bench.settings.values.long_operation_timeout_s
    received = await bench.made(
        "file_received",
        where=lambda event: str(event.get("location")).startswith(location),
        within_s=limit_s,
    )
    bench.check(received["bytes"], at_least(1), what="the log as it was received")
