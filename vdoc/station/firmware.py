"""Firmware update (L01): from UpdateFirmwareRequest to the new version running.

Owns the states of an update and how far they survive a reboot (document "firmware"). What an
image is, `firmware_image` says; how it is fetched, `transfer`. The freedom of the specification
that the product uses: C-60 (an update can be cancelled), AQ-7 (downloads during a transaction),
C-43 (installs during one), and `Style.firmware_reboot`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509

from vdoc.ocpp.values import parse_datetime
from vdoc.station import trust
from vdoc.station.defects import declare
from vdoc.station.firmware_image import BrokenImageError, is_signed, read_image
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import files_of
from vdoc.station.transfer import TransferError, fetch

if TYPE_CHECKING:
    from vdoc.station.station import Station

DOCUMENT = "firmware"
_RETRY_S = 10
_POLL_S = 0.05

SKIPS_VERIFIED = declare(
    "skips-signature-verified",
    "installs without reporting SignatureVerified",
    "L01.FR.01",
    "TC_L_01_CS",
)
SKIPS_DOWNLOADED = declare(
    "skips-downloaded",
    "does not report that the firmware was downloaded",
    "L01.FR.01",
    "TC_L_01_CS",
    "TC_L_06_CS",
)
WRONG_REQUEST = declare(
    "firmware-wrong-request-id",
    "firmware statuses carry another requestId than the UpdateFirmwareRequest",
    "L01.FR.10",
    "TC_L_01_CS",
    "TC_L_06_CS",
)
NO_REQUEST = declare(
    "firmware-no-request-id",
    "firmware statuses carry no requestId",
    "L01.FR.20",
    "TC_L_01_CS",
    "TC_L_06_CS",
)
SKIPS_DOWNLOADING = declare(
    "skips-downloading",
    "does not report that it downloads firmware",
    "L01.FR.01",
    "TC_L_01_CS",
    "TC_L_06_CS",
    "TC_F_19_CS",
)
SKIPS_INSTALLING = declare(
    "installs-unannounced",
    "installs without reporting Installing, or InstallRebooting where it reboots first",
    "L01.FR.01",
    "TC_L_01_CS",
)
NO_UPDATED_EVENT = declare(
    "no-firmware-updated-event",
    "sends no security event FirmwareUpdated after installing",
    "L01.FR.31",
    "TC_L_01_CS",
)
NEVER_INSTALLED = declare(
    "never-reports-installed",
    "does not report Installed",
    "L01.FR.28",
    "TC_L_01_CS",
)
WRONG_BOOT_REASON = declare(
    "firmware-boot-reason-power-up",
    "the boot that activates new firmware carries reason PowerUp",
    "L01.FR.32",
    "TC_L_01_CS",
)
REJECTS_UPDATE = declare(
    "rejects-firmware-update",
    "rejects every UpdateFirmwareRequest",
    "L01.FR.21",
    "TC_L_01_CS",
    "TC_L_06_CS",
    "TC_F_19_CS",
)
IGNORES_SIGNATURE = declare(
    "installs-invalid-signature",
    "installs firmware whose signature does not fit",
    "L01.FR.04",
    "TC_L_06_CS",
)
NO_SIGNATURE_EVENT = declare(
    "no-invalid-signature-event",
    "sends no security event InvalidFirmwareSignature",
    "L01.FR.03",
    "TC_L_06_CS",
)
WRONG_SIGNATURE_STATUS = declare(
    "invalid-signature-as-failed",
    "reports InstallationFailed where the signature is invalid",
    "L01.FR.01",
    "TC_L_06_CS",
)

TRIGGERED_INSTALLED = declare(
    "firmware-idle-as-installed",
    "without an update a triggered firmware status says Installed",
    "F06.FR.16",
    "TC_F_17_CS",
    "TC_F_18_CS",
)
TRIGGERED_IDLE = declare(
    "firmware-downloading-as-idle",
    "during an update a triggered firmware status says Idle",
    "L01.FR.26",
    "TC_F_19_CS",
)


@dataclass(frozen=True, slots=True)
class _Order:
    """What an UpdateFirmwareRequest asks for."""

    request_id: int
    location: str
    retrieve_at: datetime
    install_at: datetime | None
    certificate: x509.Certificate
    signature: str
    retries: int
    retry_s: int

    @classmethod
    def of(cls, payload: Payload, certificate: x509.Certificate) -> _Order:
        firmware = payload["firmware"]
        install = firmware.get("installDateTime")
        return cls(
            payload["requestId"],
            firmware["location"],
            parse_datetime(firmware["retrieveDateTime"]),
            None if install is None else parse_datetime(install),
            certificate,
            firmware["signature"],
            payload.get("retries", 0),
            payload.get("retryInterval", _RETRY_S),
        )


class Firmware:
    """The update in progress, if any."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._task: asyncio.Task[None] | None = None
        self._state: dict[str, Any] = station.storage.get(DOCUMENT) or {}
        station.handle("UpdateFirmware", self._update)
        station.on_trigger("FirmwareStatusNotification", lambda _: self._trigger())
        station.on_busy(lambda: self._busy)
        station.on_connected(self._continue)

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _trigger(self) -> None:
        """Send the status of the last update, or Idle (L01.FR.25, 26)."""
        status = self._state.get("status", "Idle")
        if status in ("Idle", "Installed") and self._station.has(TRIGGERED_INSTALLED):
            await self._send({"status": "Installed", "requestId": 1})
        elif status in ("Idle", "Installed") or self._station.has(TRIGGERED_IDLE):
            await self._send({"status": "Idle"})
        else:
            await self._send({"status": status, "requestId": self._state["requestId"]})

    # -- the request

    async def _update(self, payload: Payload) -> Reply:
        if self._station.has(REJECTS_UPDATE):
            return Reply({"status": "Rejected"})
        firmware = payload["firmware"]
        if "signingCertificate" not in firmware or "signature" not in firmware:
            return self._invalid_certificate("signingCertificate or signature is missing")
        certificate, flaw = self._signer(firmware["signingCertificate"])
        if certificate is None:
            return self._invalid_certificate(flaw)
        busy = self._busy
        if busy and not self._station.pics.claims("C-60"):
            return Reply({"status": "Rejected"})  # L01.FR.27
        if self._task is not None and busy:
            self._task.cancel()
            self._release_evses()
        status = "AcceptedCanceled" if busy else "Accepted"  # L01.FR.24
        return Reply({"status": status}, self._run(_Order.of(payload, certificate)))

    def _invalid_certificate(self, reason: str) -> Reply:
        info = {"reasonCode": "InvalidCertificate", "additionalInfo": reason}
        answer = {"status": "InvalidCertificate", "statusInfo": info}
        return Reply(answer, self._report_certificate(reason))

    async def _report_certificate(self, reason: str) -> None:
        self._event("InvalidFirmwareSigningCertificate", reason)  # L01.FR.02, 22

    def _signer(self, pem: str) -> tuple[x509.Certificate | None, str]:
        """The signing certificate if it is valid (L01.FR.12, 21), else why it is not."""
        try:
            certificate = x509.load_pem_x509_certificate(pem.encode())
        except ValueError as error:
            return None, str(error)
        # The manufacturer uses no intermediate certificates here (L01, remarks).
        flaws = trust.path_flaws(
            (certificate,), self._roots("ManufacturerRootCertificate"), self._station.now()
        )
        return (None if flaws else certificate), "; ".join(sorted(flaws))

    def _roots(self, kind: str) -> tuple[x509.Certificate, ...]:
        installed = files_of(self._station.storage).certificates(kind)
        return tuple(entry.certificate for entry in installed)

    # -- the update

    async def _run(self, order: _Order) -> None:
        self._task = asyncio.current_task()
        self._state |= {"requestId": order.request_id, "stage": None}
        await self._wait_to_download(order)
        file = await self._download(order)
        if file is None:
            await self._enter("DownloadFailed")  # L01.FR.30
            return
        if not self._station.has(SKIPS_DOWNLOADED):
            await self._enter("Downloaded")
        if not await self._verified(file, order):
            return
        await self._wait_to_install(order)
        await self._install(file)

    async def _wait_to_download(self, order: _Order) -> None:
        while_charging = self._station.pics.claims("AQ-7") or self._station.pics.claims("C-43")
        wait_s = (order.retrieve_at - self._station.now()).total_seconds()
        waits_for_driver = self._in_use and not while_charging
        if wait_s > 0 or waits_for_driver:
            await self._enter("DownloadScheduled")  # L01.FR.13
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        if not while_charging:
            await self._wait_until_unused()

    async def _download(self, order: _Order) -> bytes | None:
        if not self._station.has(SKIPS_DOWNLOADING):
            await self._enter("Downloading")
        for attempt in range(order.retries + 1):
            if attempt:
                await asyncio.sleep(order.retry_s)
            await asyncio.sleep(self._station.timings.firmware_download_s)
            try:
                return await fetch(order.location, self._roots("CSMSRootCertificate"))
            except TransferError:
                continue
        return None

    async def _verified(self, file: bytes, order: _Order) -> bool:
        if is_signed(file, order.signature, order.certificate):
            if not self._station.has(SKIPS_VERIFIED):
                await self._enter("SignatureVerified")
            return True
        if self._station.has(IGNORES_SIGNATURE):
            await self._enter("SignatureVerified")
            return True
        wrong = self._station.has(WRONG_SIGNATURE_STATUS)
        await self._enter("InstallationFailed" if wrong else "InvalidSignature")
        if not self._station.has(NO_SIGNATURE_EVENT):
            self._event("InvalidFirmwareSignature", order.location)  # L01.FR.03
        return False

    async def _wait_to_install(self, order: _Order) -> None:
        wait_s = 0.0
        if order.install_at is not None:
            wait_s = (order.install_at - self._station.now()).total_seconds()
        waits_for_driver = self._in_use and not self._station.pics.claims("C-43")
        if wait_s > 0 or waits_for_driver:
            await self._enter("InstallScheduled")  # L01.FR.16, 34
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        if not self._station.pics.claims("C-43"):
            await self._wait_until_unused()  # L01.FR.06

    async def _install(self, file: bytes) -> None:
        try:
            version, verified = read_image(file).version, True
        except BrokenImageError:
            version, verified = None, False
        self._save(new_version=version, verified=verified)
        pattern = self._station.style.firmware_reboot
        if pattern in ("before-installation", "bootloader"):  # L01.FR.15, 23
            await self._announce("InstallRebooting")
            await self._reboot(pattern)
            return
        await self._announce("Installing")
        await asyncio.sleep(self._station.timings.firmware_install_s)
        if not verified:
            await self._failed()
        elif pattern == "before-activation":  # L01.FR.32 (a)
            await self._wait_until_unused()  # L01.FR.33
            await self._enter("InstallRebooting")
            self._save(version=version)
            await self._reboot(pattern)
        else:
            self._save(version=version, stage=pattern)
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
        if stage in ("before-installation", "bootloader"):
            await asyncio.sleep(self._station.timings.firmware_install_s)
            if not self._state["verified"]:
                await self._failed()
                return
            self._save(version=self._state["new_version"])
        await self._installed()

    async def _reboot(self, stage: str) -> None:
        self._save(stage=stage)
        wrong = self._station.has(WRONG_BOOT_REASON)
        await self._station.reboot("PowerUp" if wrong else "FirmwareUpdate")

    async def _failed(self) -> None:
        self._release_evses()
        await self._enter("InstallVerificationFailed")  # L01.FR.29; the old firmware runs on

    async def _installed(self) -> None:
        self._release_evses()
        if not self._station.has(NEVER_INSTALLED):
            await self._enter("Installed")
        if not self._station.has(NO_UPDATED_EVENT):
            self._event("FirmwareUpdated", self._state["version"])  # L01.FR.31

    # -- transactions

    @property
    def _in_use(self) -> bool:
        return any(evse.transaction is not None for evse in self._station.software.evses)

    async def _wait_until_unused(self) -> None:
        """Wait for all transactions to end; free EVSEs are unavailable meanwhile (L01.FR.07)."""
        model = self._station.software.model
        closed = not model.boolean("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate")
        availability = self._station.software.availability
        while self._in_use:
            if closed:
                free = [e.spot.id for e in self._station.software.evses if e.transaction is None]
                availability.resetting.update(free)
                availability.refresh()
            await asyncio.sleep(_POLL_S)

    def _release_evses(self) -> None:
        availability = self._station.software.availability
        if availability.resetting:
            availability.resetting.clear()
            availability.refresh()

    # -- telling

    async def _announce(self, status: str) -> None:
        if not self._station.has(SKIPS_INSTALLING):
            await self._enter(status)

    async def _enter(self, status: str) -> None:
        """Enter a state and tell the CSMS (L01.FR.01, 10, 20)."""
        self._save(status=status)
        request_id = self._state["requestId"]
        if self._station.has(WRONG_REQUEST):
            request_id += 1
        payload = {"status": status, "requestId": request_id}
        if self._station.has(NO_REQUEST):
            del payload["requestId"]
        await self._send(payload)

    async def _send(self, payload: Payload) -> None:
        try:
            await self._station.call("FirmwareStatusNotification", payload)
        except (OfflineError, CallFailedError, CallTimeoutError):
            return  # the update goes on; the CSMS can ask (L01.FR.26)

    def _event(self, kind: str, detail: str) -> None:
        self._station.software.security_events.report(kind, detail)

    def _save(self, **changes: object) -> None:
        self._state |= changes
        self._station.storage.put(DOCUMENT, self._state)
