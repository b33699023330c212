"""Firmware updates against a CSMS and a file server on loopback (L01)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.station import firmware_defects as firmware
from vdoc.station.firmware_image import issue_signer, make_image, sign
from vdoc.station.storage import FileStorage
from vdoc.station.styles import Style

PAST = (datetime.now(UTC) - timedelta(hours=2)).isoformat()


class Update:
    """A CSMS with an image to offer."""

    def __init__(self, csms: Any, file_server: Any, kit: Any) -> None:
        self.csms = csms
        self.files = file_server
        self.kit = kit
        root = kit.roots[0]
        self.signer, self.key = issue_signer(root.certificate, root.key, "maker")
        self.image = make_image("9.9", b"body")
        self.signature = sign(self.image, self.key)

    def prepare(self, storage: FileStorage) -> None:
        storage.add_certificate("ManufacturerRootCertificate", [self.kit.roots[0].certificate])

    async def begin(self, run: Any, *defects: str, **changes: Any) -> Any:
        await self.csms.open()
        machine = await run(self.csms.url(), *defects, prepare=self.prepare, **changes)
        await self.csms.receive("BootNotification")
        return machine

    async def order(self, request_id: int = 7, **firmware_fields: Any) -> str:
        self.files.files["/fw"] = self.image
        fields = {
            "location": f"{self.files.url}/fw",
            "retrieveDateTime": PAST,
            "installDateTime": PAST,
            "signingCertificate": self.signer.public_bytes(Encoding.PEM).decode(),
            "signature": self.signature,
        } | firmware_fields
        chosen = {key: value for key, value in fields.items() if value is not None}
        payload = {"requestId": request_id, "firmware": chosen}
        return str((await self.csms.call("UpdateFirmware", payload))["status"])

    def statuses(self) -> list[str]:
        return [
            payload["status"]
            for action, payload in self.csms.calls
            if action == "FirmwareStatusNotification"
        ]


@pytest.fixture
def update(csms: Any, file_server: Any, kit: Any) -> Update:
    return Update(csms, file_server, kit)


class TestSuccess:
    @pytest.mark.parametrize(
        ("pattern", "after_verification"),
        [
            ("before-activation", ["Installing", "InstallRebooting", "Installed"]),
            ("before-installation", ["InstallRebooting", "Installing", "Installed"]),
            ("bootloader", ["InstallRebooting", "Installed"]),
            ("none", ["Installing", "Installed"]),
        ],
    )
    async def test_tells_every_step(
        self, update: Update, run: Any, pattern: Any, after_verification: list[str]
    ) -> None:
        await update.begin(run, style=Style(firmware_reboot=pattern))
        assert await update.order() == "Accepted"
        await update.csms.receive("SecurityEventNotification", type="FirmwareUpdated")
        downloaded = ["Downloading", "Downloaded", "SignatureVerified"]
        assert update.statuses() == [*downloaded, *after_verification]
        ids = {
            payload.get("requestId")
            for action, payload in update.csms.calls
            if action == "FirmwareStatusNotification"
        }
        assert ids == {7}
        assert update.csms.opened == 2

    async def test_new_version_boots_for_the_update(self, update: Update, run: Any) -> None:
        await update.begin(run)
        await update.order()
        boot = await update.csms.receive("BootNotification", reason="FirmwareUpdate")
        assert boot["chargingStation"]["firmwareVersion"] == "9.9"

    async def test_waits_for_its_times(self, update: Update, run: Any) -> None:
        await update.begin(run)
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        await update.order(
            retrieveDateTime=soon.isoformat(),
            installDateTime=(soon + timedelta(seconds=0.5)).isoformat(),
        )
        await update.csms.receive("FirmwareStatusNotification", status="Installed")
        statuses = update.statuses()
        assert statuses[0] == "DownloadScheduled"
        assert statuses[4:6] == ["InstallScheduled", "Installing"]


class TestFailure:
    async def test_signature(self, update: Update, run: Any) -> None:
        await update.begin(run)
        assert await update.order(signature=sign(b"other", update.key)) == "Accepted"
        await update.csms.receive("SecurityEventNotification", type="InvalidFirmwareSignature")
        assert update.statuses() == ["Downloading", "Downloaded", "InvalidSignature"]

    async def test_signing_certificate(self, update: Update, run: Any) -> None:
        await update.begin(run)
        stranger = update.kit.pem(2)
        assert await update.order(signingCertificate=stranger) == "InvalidCertificate"
        await update.csms.receive(
            "SecurityEventNotification", type="InvalidFirmwareSigningCertificate"
        )
        assert update.statuses() == []

    @pytest.mark.parametrize("absent", ["signingCertificate", "signature"])
    async def test_unsigned(self, update: Update, run: Any, absent: str) -> None:
        await update.begin(run)
        assert await update.order(7, **{absent: None}) == "InvalidCertificate"

    async def test_download(self, update: Update, run: Any) -> None:
        await update.begin(run)
        await update.order(location=f"{update.files.url}/absent")
        await update.csms.receive("FirmwareStatusNotification", status="DownloadFailed")

    @pytest.mark.parametrize("pattern", ["before-activation", "bootloader"])
    async def test_installation(self, update: Update, run: Any, pattern: Any) -> None:
        await update.begin(run, style=Style(firmware_reboot=pattern))
        update.image = make_image("9.9", b"body", broken=True)
        update.signature = sign(update.image, update.key)
        await update.order()
        await update.csms.receive("FirmwareStatusNotification", status="InstallVerificationFailed")
        assert "Installed" not in update.statuses()


class TestSecondRequest:
    async def test_cancels_the_first(self, update: Update, run: Any) -> None:
        await update.begin(run)  # claims C-60
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        await update.order(installDateTime=later)
        await update.csms.receive("FirmwareStatusNotification", status="InstallScheduled")
        assert await update.order(8) == "AcceptedCanceled"
        await update.csms.receive("FirmwareStatusNotification", status="Installed", requestId=8)


class TestTrigger:
    async def test_last_status_until_installed(self, update: Update, run: Any) -> None:
        await update.begin(run)
        await update.order(location=f"{update.files.url}/absent")
        await update.csms.receive("FirmwareStatusNotification", status="DownloadFailed")
        asked = {"requestedMessage": "FirmwareStatusNotification"}
        assert await update.csms.call("TriggerMessage", asked) == {"status": "Accepted"}
        again = await update.csms.receive("FirmwareStatusNotification", status="DownloadFailed")
        assert again["requestId"] == 7

    async def test_idle_when_there_was_none(self, update: Update, run: Any) -> None:
        await update.begin(run)
        await update.csms.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
        found = await update.csms.receive("FirmwareStatusNotification")
        assert found == {"status": "Idle"}


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "missing"),
        [
            (firmware.SKIPS_VERIFIED, "SignatureVerified"),
            (firmware.SKIPS_DOWNLOADED, "Downloaded"),
            (firmware.SKIPS_DOWNLOADING, "Downloading"),
            (firmware.SKIPS_INSTALLING, "Installing"),
            (firmware.NEVER_INSTALLED, "Installed"),
        ],
    )
    async def test_leave_a_status_out(
        self, update: Update, run: Any, defect: str, missing: str
    ) -> None:
        await update.begin(run, defect)
        await update.order()
        await update.csms.receive("SecurityEventNotification", type="FirmwareUpdated")
        assert missing not in update.statuses()

    async def test_boot_reason(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.WRONG_BOOT_REASON)
        await update.order()
        await update.csms.receive("BootNotification", reason="PowerUp")

    async def test_no_event(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.NO_UPDATED_EVENT)
        await update.order()
        await update.csms.receive("FirmwareStatusNotification", status="Installed")
        kinds = [payload.get("type") for _, payload in update.csms.calls]
        assert "FirmwareUpdated" not in kinds

    async def test_request_id(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.WRONG_REQUEST)
        await update.order()
        await update.csms.receive("FirmwareStatusNotification", requestId=8)

    async def test_no_request_id(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.NO_REQUEST)
        await update.order()
        found = await update.csms.receive("FirmwareStatusNotification")
        assert "requestId" not in found

    async def test_triggered_without_an_update(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.TRIGGERED_INSTALLED)
        await update.csms.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
        await update.csms.receive("FirmwareStatusNotification", status="Installed")

    async def test_triggered_during_an_update(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.TRIGGERED_IDLE)
        await update.order(location=f"{update.files.url}/absent")
        await update.csms.receive("FirmwareStatusNotification", status="Downloading")
        await update.csms.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})
        await update.csms.receive("FirmwareStatusNotification", status="Idle")

    async def test_rejects(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.REJECTS_UPDATE)
        assert await update.order() == "Rejected"

    async def test_installs_all_the_same(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.IGNORES_SIGNATURE)
        await update.order(signature=sign(b"other", update.key))
        await update.csms.receive("FirmwareStatusNotification", status="Installed")

    async def test_calls_it_something_else(self, update: Update, run: Any) -> None:
        await update.begin(run, firmware.WRONG_SIGNATURE_STATUS, firmware.NO_SIGNATURE_EVENT)
        await update.order(signature=sign(b"other", update.key))
        await update.csms.receive("FirmwareStatusNotification", status="InstallationFailed")
