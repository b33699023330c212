"""Firmware update (L01): from UpdateFirmwareRequest to the new version running.

Owns the states of an update and how far they survive a reboot (document "firmware"). What is asked
for, `firmware_order` reads; what an image is, `firmware_image` says; how it is fetched, `transfer`;
what it waits for, `firmware_traffic`. The freedom of the specification that the product uses: C-60
(an update can be cancelled), AQ-7 (downloads during a transaction), C-43 (updates during one), and
of its style `firmware_reboot`, `installs_meanwhile`, `reboot_told_early`, `out_of_service`,
`tells_cancelled`.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vdoc.station import firmware_defects as defects
from vdoc.station.firmware_image import BrokenImageError, is_signed, read_image
from vdoc.station.firmware_order import InvalidSignerError, Order, order_of
from vdoc.station.firmware_traffic import Traffic
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import files_of
from vdoc.station.transfer import TransferError, fetch

if TYPE_CHECKING:
    from vdoc.station.station import Station

DOCUMENT = "firmware"
_IMAGE = "firmware.download"
_BEFORE_INSTALLING = ("before-installation", "bootloader")


class Firmware:
    """The update in progress, if any."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._traffic = Traffic(station)
        self._task: asyncio.Task[None] | None = None
        self._state: dict[str, Any] = station.storage.get(DOCUMENT) or {}
        station.handle("UpdateFirmware", self._update)
        station.on_trigger("FirmwareStatusNotification", lambda _: self._trigger())
        station.on_busy(lambda: self._busy)
        station.on_connected(self._continue)

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def _image(self) -> Path:
        return self._station.config.state_dir / _IMAGE

    async def _trigger(self) -> None:
        """Send the status of the last update, or Idle (L01.FR.25, 26)."""
        status = self._state.get("status", "Idle")
        if status in ("Idle", "Installed") and self._station.has(defects.TRIGGERED_INSTALLED):
            await self._send({"status": "Installed", "requestId": 1})
        elif status in ("Idle", "Installed") or self._station.has(defects.TRIGGERED_IDLE):
            await self._send({"status": "Idle"})
        else:
            await self._send({"status": status, "requestId": self._state["requestId"]})

    # -- the request

    async def _update(self, payload: Payload) -> Reply:
        if self._station.has(defects.REJECTS_UPDATE):
            return Reply({"status": "Rejected"})
        try:
            order = order_of(self._station, payload)
        except InvalidSignerError as error:
            return self._invalid_certificate(str(error), payload["requestId"])
        if self._busy:
            return self._second(order)
        return Reply({"status": "Accepted"}, self._run(order))

    def _invalid_certificate(self, reason: str, request_id: int) -> Reply:
        info = {"reasonCode": "InvalidCertificate", "additionalInfo": reason[:512]}
        wrong = self._station.has(defects.CERTIFICATE_AS_REJECTED)
        answer = {"status": "Rejected" if wrong else "InvalidCertificate", "statusInfo": info}
        return Reply(answer, self._report_certificate(reason, request_id))

    async def _report_certificate(self, reason: str, request_id: int) -> None:
        if self._station.has(defects.BEGINS_REFUSED):
            await self._send({"status": "Downloading", "requestId": request_id})
        if not self._station.has(defects.NO_CERTIFICATE_EVENT):
            self._event("InvalidFirmwareSigningCertificate", reason)  # L01.FR.02, 22

    def _second(self, order: Order) -> Reply:
        """A request while an update is under way (L01.FR.24, 27)."""
        has = self._station.has
        able = self._station.pics.claims("C-60") or has(defects.CANCELS_ANYWAY)
        if not able or has(defects.NEVER_CANCELS):
            if has(defects.STOPS_AT_SECOND):
                self._cancel()
            return Reply({"status": "Rejected"})
        if has(defects.KEEPS_FIRST):
            return Reply({"status": "AcceptedCanceled"})
        former = self._state["requestId"]
        self._cancel()
        wrong = has(defects.CANCELS_AS_ACCEPTED)
        answer = {"status": "Accepted" if wrong else "AcceptedCanceled"}
        return Reply(answer, self._run(order, in_place_of=former))

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._traffic.release()

    # -- the update

    async def _run(self, order: Order, *, in_place_of: int | None = None) -> None:
        self._task = asyncio.current_task()
        if in_place_of is not None and self._station.style.tells_cancelled:
            await self._send({"status": "DownloadFailed", "requestId": in_place_of})  # L01.FR.24
        self._state |= {"requestId": order.request_id, "stage": None}
        await self._wait_to_download(order)
        if not await self._download(order):
            await self._download_failed()
            return
        if not self._station.has(defects.SKIPS_DOWNLOADED):
            await self._enter("Downloaded")
        if not await self._verified(order):
            return
        await self._wait_to_install(order)
        await self._install()

    async def _wait_to_download(self, order: Order) -> None:
        has, pics = self._station.has, self._station.pics
        meanwhile = any(pics.claims(item) for item in ("AQ-7", "C-43"))
        meanwhile = meanwhile or has(defects.DOWNLOADS_IN_TRANSACTION)
        wait_s = self._until_s(order.retrieve_at)
        scheduled = wait_s > 0 or (self._traffic.in_use and not meanwhile)
        if scheduled and not has(defects.NO_DOWNLOAD_SCHEDULED):
            await self._enter("DownloadScheduled")  # L01.FR.13
        if wait_s > 0 and not has(defects.DOWNLOADS_EARLY):
            await asyncio.sleep(wait_s)
        if not (meanwhile or has(defects.DOWNLOADS_EARLY)):
            await self._traffic.wait_until_unused()

    async def _download(self, order: Order) -> bool:
        if not self._station.has(defects.SKIPS_DOWNLOADING):
            await self._enter("Downloading")
        for attempt in range(order.retries + 1):
            if attempt:
                await asyncio.sleep(order.retry_s)
            await asyncio.sleep(self._station.timings.firmware_download_s)
            roots = files_of(self._station.storage).certificates("CSMSRootCertificate")
            try:
                trusted = [root.certificate for root in roots]
                await fetch(order.location, self._image, trusted)
            except TransferError:
                continue
            return True
        return False

    async def _download_failed(self) -> None:
        self._traffic.release()
        if self._station.has(defects.NO_DOWNLOAD_FAILED):
            return
        wrong = self._station.has(defects.DOWNLOAD_FAILED_AS_INSTALLATION)
        await self._enter("InstallationFailed" if wrong else "DownloadFailed")  # L01.FR.30

    async def _verified(self, order: Order) -> bool:
        signed = order.certificate is None or await asyncio.to_thread(
            is_signed, self._image, order.signature, order.certificate
        )
        if signed or self._station.has(defects.IGNORES_SIGNATURE):
            if not self._station.has(defects.SKIPS_VERIFIED):
                await self._enter("SignatureVerified")
            return True
        self._traffic.release()
        wrong = self._station.has(defects.WRONG_SIGNATURE_STATUS)
        await self._enter("InstallationFailed" if wrong else "InvalidSignature")
        if not self._station.has(defects.NO_SIGNATURE_EVENT):
            self._event("InvalidFirmwareSignature", order.location)  # L01.FR.03
        return False

    # -- the installation

    @property
    def _updates_meanwhile(self) -> bool:
        """Installs and activates during a transaction."""
        has = self._station.has
        able = self._station.pics.claims("C-43") and not has(defects.WAITS_FOR_TRANSACTION)
        return able or has(defects.ACTIVATES_IN_TRANSACTION)

    @property
    def _installs_meanwhile(self) -> bool:
        in_two = self._station.style.installs_meanwhile and (
            self._station.style.firmware_reboot not in _BEFORE_INSTALLING
        )
        return in_two or self._updates_meanwhile

    async def _wait_to_install(self, order: Order) -> None:
        has = self._station.has
        wait_s = 0.0 if order.install_at is None else self._until_s(order.install_at)
        scheduled = wait_s > 0 or (self._traffic.in_use and not self._installs_meanwhile)
        if scheduled and not has(defects.NO_INSTALL_SCHEDULED):
            await self._enter("InstallScheduled")  # L01.FR.16, 34
        if wait_s > 0 and not has(defects.INSTALLS_EARLY):
            await asyncio.sleep(wait_s)
        if not (self._installs_meanwhile or has(defects.INSTALLS_EARLY)):
            await self._traffic.wait_until_unused()  # L01.FR.06

    def _pattern(self) -> str:
        """When this update reboots; a product that updates during a transaction does not then."""
        spared = self._traffic.in_use and self._station.pics.claims("C-43")
        return "none" if spared else self._station.style.firmware_reboot

    async def _install(self) -> None:
        version, verified = self._state.get("version"), self._station.has(defects.INSTALLS_BROKEN)
        with contextlib.suppress(BrokenImageError):  # what runs goes on to run
            version, verified = await asyncio.to_thread(read_image, self._image), True
        self._image.unlink()
        self._save(new_version=version, verified=verified)
        pattern = self._pattern()
        if self._station.style.out_of_service and not self._traffic.in_use:
            self._traffic.take_out()
        if pattern in _BEFORE_INSTALLING:  # L01.FR.15, 23
            await self._announce("InstallRebooting")
            await self._reboot(pattern)
            return
        await self._announce("Installing")
        await asyncio.sleep(self._station.timings.firmware_install_s)
        if verified:
            await self._activate(pattern)
        else:
            await self._failed()

    async def _activate(self, pattern: str) -> None:
        reboots = pattern == "before-activation"  # L01.FR.32 (a)
        early = reboots and self._station.style.reboot_told_early
        if early:
            await self._enter("InstallRebooting")
        if not self._updates_meanwhile:
            await self._traffic.wait_until_unused()  # L01.FR.33
        self._save(version=self._state["new_version"])
        if reboots:
            if not early:
                await self._enter("InstallRebooting")
            await self._reboot(pattern)
        elif self._station.has(defects.STAYS_CONNECTED):
            await self._installed()
        elif self._traffic.in_use and self._station.has(defects.REBOOTS_IN_TRANSACTION):
            await self._installed()
            await self._station.reboot("FirmwareUpdate")
        else:
            self._save(stage=pattern)
            await self._station.link.reconnect()  # L01, the protocol is agreed anew

    async def _continue(self) -> None:
        """Connected and accepted: go on with an update that was interrupted for that."""
        stage = self._state.get("stage")
        if stage is not None:
            self._save(stage=None)
            self._task = self._station.spawn(self._resume(stage))

    async def _resume(self, stage: str) -> None:
        if stage == "before-installation":
            await self._announce("Installing")
        if stage in _BEFORE_INSTALLING:
            await asyncio.sleep(self._station.timings.firmware_install_s)
            if not self._state["verified"]:
                await self._failed()
                return
            self._save(version=self._state["new_version"])
        if self._station.has(defects.ENDS_TRANSACTION):
            self._traffic.end_all()
        await self._installed()

    async def _reboot(self, stage: str) -> None:
        self._save(stage=stage)
        wrong = self._station.has(defects.WRONG_BOOT_REASON)
        await self._station.reboot("PowerUp" if wrong else "FirmwareUpdate")

    async def _failed(self) -> None:
        self._traffic.release()
        if not self._station.has(defects.NO_INSTALL_FAILED):
            await self._enter("InstallVerificationFailed")  # L01.FR.29; the old firmware runs on
        if self._station.has(defects.INSTALLED_AFTER_FAILURE):
            await self._enter("Installed")

    async def _installed(self) -> None:
        self._traffic.release()
        if not self._station.has(defects.NEVER_INSTALLED):
            await self._enter("Installed")
        if not self._station.has(defects.NO_UPDATED_EVENT):
            self._event("FirmwareUpdated", self._state["version"])  # L01.FR.31

    # -- telling

    def _until_s(self, moment: datetime) -> float:
        return (moment - self._station.now()).total_seconds()

    async def _announce(self, status: str) -> None:
        if not self._station.has(defects.SKIPS_INSTALLING):
            await self._enter(status)

    async def _enter(self, status: str) -> None:
        """Enter a state and tell the CSMS (L01.FR.01, 10, 20)."""
        self._save(status=status)
        request_id = self._state["requestId"]
        if self._station.has(defects.WRONG_REQUEST):
            request_id += 1
        payload = {"status": status, "requestId": request_id}
        if self._station.has(defects.NO_REQUEST):
            del payload["requestId"]
        await self._send(payload)

    async def _send(self, payload: Payload) -> None:
        try:
            await self._station.call("FirmwareStatusNotification", payload)
        except (OfflineError, CallFailedError, CallTimeoutError):
            return  # the update goes on; the CSMS can ask (L01.FR.26)

    def _event(self, kind: str, detail: str) -> None:
        self._station.software.security_events.report(kind, str(detail))

    def _save(self, **changes: object) -> None:
        self._state |= changes
        self._station.storage.put(DOCUMENT, self._state)
