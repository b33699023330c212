"""Use case N01: the DUT uploads a log, fails to, or begins anew.

What is told of an upload is held against what the bench's file server saw of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from vdoc.bench import Bench, Event, Fact, Message
from vdoc.bench.expect import between, one_of
from vdoc.cases.n_diagnostics.uploading import STATUS, Upload, asked, folder
from vdoc.cases.registry import case

_FAILURES = ("UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation")
_RETRIES = 3  # Part 6 TC_N_26_CS step 1
_ATTEMPTS = _RETRIES + 1
_NOWHERE = "does-not-exist/nor-does-this/"
_KEPT_BYTES = 16 * 1024  # of a log, in evidence
_EVENTS = (
    "FirmwareUpdated", "FailedToAuthenticateAtCsms", "SettingSystemTime", "StartupOfTheDevice",
    "ResetOrReboot", "SecurityLogWasCleared", "InvalidMessages", "InvalidFirmwareSignature",
    "InvalidCsmsCertificate", "InvalidTLSVersion", "ReconfigurationOfSecurityParameters",
)  # fmt: skip


@case("TC_N_25_CS")
async def diagnostics_log(bench: Bench) -> None:
    """The DUT uploads its diagnostics log, and tells so (N01.FR.01, 02, 04, 07 to 09, 13).

    Part 6: TC_N_25_CS. Errata: none; "Updated" of step 5 is a misprint of Uploaded (N01.FR.09).
    A further attempt may be told by Uploading again (N01.FR.10). Beyond the table the bench must
    have received a file that is not empty, before Uploaded is told or with it (N01.FR.02).
    """
    upload = await asked(bench, "DiagnosticsLog", await folder(bench))  # 1, 2
    await upload.served(first=3)  # 3 to 6


@case("TC_N_35_CS")
async def security_log(bench: Bench) -> None:
    """The DUT uploads its security log, and tells so (N01.FR.01 to 03, 07 to 09, 13).

    Part 6: TC_N_35_CS. Errata: none. Name and file as in TC_N_25_CS. No clause says how a log is
    written, so what stands in it is noted but not judged: our interpretation.
    """
    upload = await asked(bench, "SecurityLog", await folder(bench, text_bytes=_KEPT_BYTES))  # 1, 2
    _note_events(bench, await upload.served(first=3))  # 3 to 6


def _note_events(bench: Bench, received: Event) -> None:
    """Note which security events of Part 2 appendix 1 the beginning of a log names."""
    text = "".join(c for c in str(received.get("text", "")) if c.isalnum()).casefold()
    found = [name for name in _EVENTS if name.casefold() in text]
    bench.note(f"the log names these security events: {', '.join(found) or 'none, or not as text'}")


@case("TC_N_26_CS")
async def upload_failed(bench: Bench) -> None:
    """An upload that cannot succeed is tried four times and told to have failed (N01.FR.10).

    Also N01.FR.01, 02, 04, 07, 08, 13. Part 6: TC_N_26_CS. Errata: 6.2.93. Uploading and the
    failure are each told once or four times. How long one attempt takes no table says: the time
    from first Uploading to last failure is three intervals and what four attempts take, for each of
    which a deviation is allowed, or the first attempt as it was told. That no fifth attempt is told
    is seen for an interval more: our interpretation.
    """
    values = bench.settings.values
    told = bench.collect(STATUS)
    location = await folder(bench) + _NOWHERE
    upload = await asked(
        bench, "DiagnosticsLog", location, retries=_RETRIES, retryInterval=values.retry_interval_s
    )  # 1, 2
    bench.step(3, "N01.FR.08")
    first = await upload.status()
    bench.require(first["status"], "Uploading")
    await _until_given_up(upload, first)
    limit_s = values.retry_interval_s + values.max_time_deviation_s
    while (late := await bench.receive_optional(STATUS, within_s=limit_s)) is not None:
        upload.judge_id(late)
    _judge_attempts(bench, told)


async def _until_given_up(upload: Upload, first: Message) -> None:
    """Follow the attempts to the last failure: the fourth, or one that tells of all of them."""
    bench, values = upload.bench, upload.bench.settings.values
    all_s = _RETRIES * values.retry_interval_s - values.max_time_deviation_s
    # Intervals, and attempts that are shorter than one each: the table's premise.
    limit_s = (_RETRIES + _ATTEMPTS) * values.retry_interval_s + values.message_timeout_s
    failures = 0
    while failures < _ATTEMPTS:
        bench.step(5, "N01.FR.10")
        message = await upload.status(within_s=limit_s)
        if message.get("status") == "Uploading":
            continue
        bench.require(message["status"], one_of(*_FAILURES))
        failures += 1
        elapsed_s = (message.mono_ns - first.mono_ns) / 1e9
        if failures == 1 and elapsed_s >= all_s:
            return


def _judge_attempts(bench: Bench, told: Sequence[Message]) -> None:
    """Judge how often things were told, and the time between the first and the last of them."""
    values = bench.settings.values
    begun = [m for m in told if m.get("status") == "Uploading"]
    failed = [m for m in told if m.get("status") != "Uploading"]
    often = one_of(1, _ATTEMPTS)
    bench.step(3, "N01.FR.08")
    bench.check(Fact("times that Uploading was told", len(begun), begun[-1].n), often)
    bench.step(5, "N01.FR.10")
    bench.check(Fact("times that the failure was told", len(failed), failed[-1].n), often)
    each_s = values.max_time_deviation_s
    if len(failed) == _ATTEMPTS:
        each_s = max(each_s, (failed[0].mono_ns - begun[0].mono_ns) / 1e9)
    least_s = float(_RETRIES * values.retry_interval_s)
    whole_s = (failed[-1].mono_ns - begun[0].mono_ns) / 1e9
    expected = between(least_s - values.max_time_deviation_s, least_s + _ATTEMPTS * each_s)
    what = "seconds from the first Uploading to the last failure"
    bench.check(Fact(what, whole_s, failed[-1].n), expected)


@case("TC_N_36_CS")
async def second_request(bench: Bench) -> None:
    """A second request cancels the upload under way, and is served (N01.FR.12, N01.FR.20).

    Also N01.FR.01 to 03, 07 to 09, 13. Part 6: TC_N_36_CS. Errata: 2.58, 6.2.97: the cancellation
    may be told before the response. The bench's file server lets no transfer end until the second
    request is answered, so that a fast DUT is still at it. Beyond the table the second file must
    arrive (N01.FR.02).
    """
    log_type = bench.settings.values.log_type
    before, after = await folder(bench), await folder(bench)
    await bench.ask("hold_transfers")
    first = await asked(bench, log_type, before)  # 1, 2
    bench.step(3, "N01.FR.08")
    bench.require((await first.status())["status"], "Uploading")  # 3, 4
    asked_at = bench.mark()
    second = await asked(
        bench, log_type, after, step=6, status="AcceptedCanceled", requirement="N01.FR.12"
    )  # 5, 6
    await bench.ask("release_transfers")
    await bench.gather(
        _cancelled(first, asked_at),  # 7, 8
        second.served(first=9, where=lambda m: not _cancels(m), since=second.answer.n),  # 9 to 12
    )


async def _cancelled(first: Upload, since: int) -> None:
    first.bench.step(7, "N01.FR.20")
    await first.status(
        where=_cancels, since=since, within_s=first.bench.settings.values.message_timeout_s
    )


def _cancels(message: Message) -> bool:
    return bool(message.get("status") == "AcceptedCanceled")
