"""Log upload (N01): diagnostics and security log to where the CSMS wants them.

Owns the upload in progress, its retries and its statuses; `transfer` knows the protocol.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import parse_datetime, render_datetime
from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import files_of
from vdoc.station.transfer import upload

if TYPE_CHECKING:
    from vdoc.station.station import Station

_RETRY_S = 10
_TOO_SOON_S = 3

WRONG_REQUEST = declare(
    "log-wrong-request-id",
    "log statuses carry another requestId than the GetLogRequest",
    "N01.FR.07",
    "TC_N_25_CS",
    "TC_N_26_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
)
NEVER_UPLOADED = declare(
    "log-never-reports-uploaded",
    "uploads, but does not report Uploaded",
    "N01.FR.09",
    "TC_N_25_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
)
NO_UPLOADING = declare(
    "log-never-reports-uploading",
    "uploads without reporting Uploading",
    "N01.FR.08",
    "TC_N_25_CS",
    "TC_N_26_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
    "TC_F_16_CS",
)
UPLOADS_NOTHING = declare(
    "log-not-sent",
    "reports Uploaded although nothing was sent",
    "N01.FR.02",
    "TC_N_25_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
)
UPLOADED_TOO_SOON = declare(
    "log-uploaded-too-soon",
    "reports Uploaded before it begins to send",
    "N01.FR.09",
    "TC_N_25_CS",
    "TC_N_35_CS",
)
UPLOADS_EMPTY = declare(
    "log-empty",
    "uploads an empty file",
    "N01.FR.04",
    "TC_N_25_CS",
    "TC_N_35_CS",
)
NO_FILENAME = declare(
    "log-no-filename",
    "accepts without the name of the file",
    "N01.FR.01",
    "TC_N_25_CS",
    "TC_N_26_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
)
EMPTY_FILENAME = declare(
    "log-empty-filename",
    "accepts with an empty name of the file",
    "N01.FR.01",
    "TC_N_25_CS",
)
NO_REQUEST = declare(
    "log-no-request-id",
    "log statuses carry no requestId",
    "N01.FR.13",
    "TC_N_25_CS",
    "TC_N_26_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
)
REJECTS_LOG = declare(
    "rejects-log",
    "rejects GetLog although it has the log",
    "N01.FR.01",
    "TC_N_25_CS",
    "TC_N_26_CS",
    "TC_N_35_CS",
    "TC_N_36_CS",
    "TC_F_16_CS",
)
NEVER_RETRIES = declare(
    "log-never-retries",
    "tries to upload once, whatever retries says",
    "N01.FR.10",
    "TC_N_26_CS",
)
RETRIES_AT_ONCE = declare(
    "log-retries-at-once",
    "tries again at once, whatever retryInterval says",
    "N01.FR.10",
    "TC_N_26_CS",
)
RETRIES_LATE = declare(
    "log-retries-late",
    "waits twice the retryInterval before it tries again",
    "N01.FR.10",
    "TC_N_26_CS",
)
RETRIES_TOO_OFTEN = declare(
    "log-retries-once-more",
    "tries once more than retries allows",
    "N01.FR.10",
    "TC_N_26_CS",
)
FAILURE_UNTOLD = declare(
    "log-failure-untold",
    "does not tell that an upload failed",
    "N01.FR.10",
    "TC_N_26_CS",
)
FAILURE_UPLOADED = declare(
    "log-failure-as-uploaded",
    "reports Uploaded when an upload failed",
    "N01.FR.10",
    "TC_N_26_CS",
)
SECOND_REJECTED = declare(
    "log-second-request-rejected",
    "rejects a GetLog while it uploads, although it claims to cancel",
    "N01.FR.12",
    "TC_N_36_CS",
)
SECOND_ACCEPTED = declare(
    "log-second-request-accepted",
    "answers a GetLog that cancels an upload with Accepted",
    "N01.FR.12",
    "TC_N_36_CS",
)
CANCEL_UNTOLD = declare(
    "log-cancel-untold",
    "does not tell that it has cancelled an upload",
    "N01.FR.20",
    "TC_N_36_CS",
)
CANCEL_UNDER_NEW_ID = declare(
    "log-cancel-under-new-id",
    "tells the cancellation of an upload under the requestId of the next",
    "N01.FR.07",
    "TC_N_36_CS",
)

TRIGGERED_UPLOADED = declare(
    "log-idle-as-uploaded",
    "without an upload a triggered log status says Uploaded",
    "F06.FR.15",
    "TC_F_15_CS",
)
TRIGGERED_IDLE = declare(
    "log-uploading-as-idle",
    "during an upload a triggered log status says Idle",
    "F06.FR.14",
    "TC_F_16_CS",
)


@dataclass(frozen=True, slots=True)
class _Order:
    """What a GetLogRequest asks for."""

    request_id: int
    location: str
    filename: str
    content: bytes
    retries: int
    retry_s: int


class Logs:
    """The log upload in progress, if any."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._task: asyncio.Task[None] | None = None
        self._current: _Order | None = None
        self._status = "Idle"
        station.handle("GetLog", self._get_log)
        station.on_trigger("LogStatusNotification", lambda _: self._trigger())
        station.on_busy(lambda: self._busy)

    async def _trigger(self) -> None:
        """Send the status of the upload in progress, or Idle (F06; N01.FR.13)."""
        busy = self._busy and not self._station.has(TRIGGERED_IDLE)
        if busy and self._current is not None:
            await self._tell(self._current, self._status)
        elif self._station.has(TRIGGERED_UPLOADED):
            await self._send({"status": "Uploaded", "requestId": 1})
        else:
            await self._send({"status": "Idle"})

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _get_log(self, payload: Payload) -> Reply:
        has = self._station.has
        content = self._content(payload["logType"], payload["log"])
        if has(REJECTS_LOG) or not content:
            return Reply({"status": "Rejected"})  # N01.FR.05
        former = self._current if self._busy else None
        cancels = self._station.pics.claims("C-57") and not has(SECOND_REJECTED)
        if former is not None and not cancels:
            return Reply({"status": "Rejected"})
        if self._task is not None and former is not None:
            self._task.cancel()
        order = self._order(payload, content)
        cancelled = former is not None and not has(SECOND_ACCEPTED)
        answer: Payload = {"status": "AcceptedCanceled" if cancelled else "Accepted"}
        if not has(NO_FILENAME):
            answer["filename"] = "" if has(EMPTY_FILENAME) else order.filename
        return Reply(answer, self._run(order, former))

    def _order(self, payload: Payload, content: bytes) -> _Order:
        has = self._station.has
        identity, request_id = self._station.config.identity, payload["requestId"]
        retries = payload.get("retries", 0) + has(RETRIES_TOO_OFTEN)
        retry_s = payload.get("retryInterval", _RETRY_S) * (2 if has(RETRIES_LATE) else 1)
        return _Order(
            request_id,
            payload["log"]["remoteLocation"],
            f"{identity}-{payload['logType']}-{request_id}.log",
            content,
            0 if has(NEVER_RETRIES) else retries,
            0 if has(RETRIES_AT_ONCE) else retry_s,
        )

    async def _run(self, order: _Order, former: _Order | None) -> None:
        has = self._station.has
        self._task, self._current = asyncio.current_task(), order
        if former is not None and not has(CANCEL_UNTOLD):
            of = order if has(CANCEL_UNDER_NEW_ID) else former
            await self._tell(of, "AcceptedCanceled")  # N01.FR.20
        if has(UPLOADED_TOO_SOON):
            await self._upload_afterwards(order)
            return
        await self._tell_outcome(order, await self._attempts(order))

    async def _upload_afterwards(self, order: _Order) -> None:
        for status in ("Uploading", "Uploaded"):
            await self._tell(order, status)
        await asyncio.sleep(_TOO_SOON_S)
        await self._upload(order)

    async def _attempts(self, order: _Order) -> str:
        """Try until it succeeds or the retries are used up; return the status that tells it."""
        each_told = self._station.style.log_attempts_told
        left = order.retries
        while True:
            if not self._station.has(NO_UPLOADING) and (each_told or left == order.retries):
                await self._tell(order, "Uploading")
            status = await self._upload(order)
            if status == "Uploaded":
                return status
            status = "Uploaded" if self._station.has(FAILURE_UPLOADED) else status
            if not left:
                return status
            if each_told:
                await self._tell_outcome(order, status)
            await asyncio.sleep(order.retry_s)
            left -= 1

    async def _tell_outcome(self, order: _Order, status: str) -> None:
        """N01.FR.09, FR.10."""
        untold = NEVER_UPLOADED if status == "Uploaded" else FAILURE_UNTOLD
        if not self._station.has(untold):
            await self._tell(order, status)

    async def _upload(self, order: _Order) -> str:
        await asyncio.sleep(self._station.timings.log_upload_s)
        if self._station.has(UPLOADS_NOTHING):
            return "Uploaded"
        roots = files_of(self._station.storage).certificates("CSMSRootCertificate")
        return await upload(
            order.location,
            order.filename,
            b"" if self._station.has(UPLOADS_EMPTY) else order.content,
            method=self._station.style.upload_method,
            roots=[root.certificate for root in roots],
        )

    async def _tell(self, order: _Order, status: str) -> None:
        self._status = status
        request_id = order.request_id + (1 if self._station.has(WRONG_REQUEST) else 0)
        payload = {"status": status, "requestId": request_id}
        if self._station.has(NO_REQUEST):
            del payload["requestId"]
        await self._send(payload)

    async def _send(self, payload: Payload) -> None:
        try:
            await self._station.call("LogStatusNotification", payload)
        except (OfflineError, CallFailedError, CallTimeoutError):
            return  # the upload goes on; the CSMS can ask

    # -- content

    def _content(self, log_type: str, window: dict[str, Any]) -> bytes:
        security = log_type == "SecurityLog"
        lines = self._security_lines(window) if security else self._diagnostics()
        return "".join(f"{line}\n" for line in lines).encode()

    def _security_lines(self, window: dict[str, Any]) -> list[str]:
        since, until = window.get("oldestTimestamp"), window.get("latestTimestamp")
        entries = self._station.software.security_events.entries()
        chosen = [
            entry
            for entry in entries
            if (since is None or parse_datetime(entry["timestamp"]) >= parse_datetime(since))
            and (until is None or parse_datetime(entry["timestamp"]) <= parse_datetime(until))
        ]
        head = f"security log of {self._station.config.identity}: {len(chosen)} entries"
        return [head, *(json.dumps(entry, sort_keys=True) for entry in chosen)]

    def _diagnostics(self) -> list[str]:
        station = self._station
        model = station.software.model
        return [
            f"diagnostics of {station.config.identity} at {render_datetime(station.now())}",
            f"serial number {station.config.serial_number}",
            f"registration {station.registration.value}",
            *(
                f"{variable.key} = {variable.actual}"
                for variable in model
                if variable.mutability != "WriteOnly"  # A01.FR.12
            ),
        ]
