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

WRONG_REQUEST = declare(
    "log-wrong-request-id",
    "log statuses carry another requestId than the GetLogRequest",
    "N01.FR.07",
    "TC_N_25_CS",
)
NEVER_UPLOADED = declare(
    "log-never-reports-uploaded",
    "uploads, but does not report Uploaded",
    "N01.FR.09",
    "TC_N_25_CS",
)
NO_UPLOADING = declare(
    "log-never-reports-uploading",
    "uploads without reporting Uploading",
    "N01.FR.08",
    "TC_N_25_CS",
    "TC_F_16_CS",
)
UPLOADS_NOTHING = declare(
    "log-not-sent",
    "reports Uploaded although nothing was sent",
    "N01.FR.02",
    "TC_N_25_CS",
)
UPLOADS_EMPTY = declare(
    "log-empty",
    "uploads an empty file",
    "N01.FR.04",
    "TC_N_25_CS",
)
NO_FILENAME = declare(
    "log-no-filename",
    "accepts without the name of the file",
    "N01.FR.01",
    "TC_N_25_CS",
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
)
REJECTS_LOG = declare(
    "rejects-log",
    "rejects GetLog although it has the log",
    "N01.FR.01",
    "TC_N_25_CS",
    "TC_F_16_CS",
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
        content = self._content(payload["logType"], payload["log"])
        if self._station.has(REJECTS_LOG) or not content:
            return Reply({"status": "Rejected"})  # N01.FR.05
        former = self._current if self._busy else None
        if former is not None and not self._station.pics.claims("C-57"):
            return Reply({"status": "Rejected"})
        if self._task is not None and former is not None:
            self._task.cancel()
        order = self._order(payload, content)
        answer: Payload = {"status": "Accepted" if former is None else "AcceptedCanceled"}
        if not self._station.has(NO_FILENAME):
            answer["filename"] = "" if self._station.has(EMPTY_FILENAME) else order.filename
        return Reply(answer, self._run(order, former))

    def _order(self, payload: Payload, content: bytes) -> _Order:
        identity, request_id = self._station.config.identity, payload["requestId"]
        return _Order(
            request_id,
            payload["log"]["remoteLocation"],
            f"{identity}-{payload['logType']}-{request_id}.log",
            content,
            payload.get("retries", 0),
            payload.get("retryInterval", _RETRY_S),
        )

    async def _run(self, order: _Order, former: _Order | None) -> None:
        self._task, self._current = asyncio.current_task(), order
        if former is not None:
            await self._tell(former, "AcceptedCanceled")  # N01.FR.20
        if not self._station.has(NO_UPLOADING):
            await self._tell(order, "Uploading")
        status = await self._upload(order)
        for _ in range(order.retries):
            if status == "Uploaded":
                break
            await asyncio.sleep(order.retry_s)
            status = await self._upload(order)
        if status != "Uploaded" or not self._station.has(NEVER_UPLOADED):
            await self._tell(order, status)  # N01.FR.09, 10

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
