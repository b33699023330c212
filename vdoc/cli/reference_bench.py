"""A bench around the reference station, in one directory: what `vdoc demo` and the tests run on.

Owns the vendor's side of a bench that the embedded station needs: a vendor root, a signed firmware
image of the declared version, and a settings file with short *configured* waits, which therefore
leads to a demonstration at most. Nothing of it is specific to a test.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tomlkit
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from vdoc.pics import Pics
from vdoc.station.firmware_image import issue_signer, make_image, sign

IDENTITY = "VDOC-DEMO-1"
_IMAGE_BODY = b"reference station firmware\n" * 4096
_LOGINS = {  # to three of the protocols, so that the others are used without one
    "FTP": {"username": "station@bench"},
    "FTPS": {"username": "station@bench"},
    "SFTP": {"username": "station"},
}
_PASSWORD = "Initial-of-the-demo-1"  # noqa: S105  # of a station that lives for one demo

SHORT_VALUES: dict[str, float | int] = {
    "message_timeout_s": 2,
    "long_operation_timeout_s": 8,
    "transaction_duration_s": 1.2,
    "ev_connection_timeout_s": 2,
    "heartbeat_interval_s": 60,
    "boot_retry_interval_s": 2,
    "offline_threshold_s": 3,
    "retry_back_off_wait_minimum_s": 1,
    "retry_back_off_offline_s": 2,
    "cert_signing_wait_minimum_s": 2,
    "message_attempt_interval_s": 2,
    "network_profile_message_timeout_s": 5,
    "download_offset_s": 3,
    "install_offset_s": 3,
    "install_wait_s": 1,
    "clock_aligned_interval_s": 3,
    "tx_ended_aligned_interval_s": 3,
    "sampled_updated_interval_s": 1,
    "tx_ended_sampled_interval_s": 3,
    "retry_interval_s": 2,
    "transaction_update_interval_s": 1,
    "max_time_deviation_s": 1,
    "settling_s": 1,
    "stall_tolerance_s": 3,
}
"""Waits that a station of software meets in seconds; outside every declaration-grade bound."""

DEMO_VALUES: dict[str, float | int] = SHORT_VALUES | {
    "message_timeout_s": 0.8,
    "long_operation_timeout_s": 4,
    "transaction_duration_s": 0.4,
    "ev_connection_timeout_s": 1,
    "boot_retry_interval_s": 1,
    "offline_threshold_s": 2,
    "retry_back_off_offline_s": 1,
    "message_attempt_interval_s": 1,
    "clock_aligned_interval_s": 2,
    "tx_ended_aligned_interval_s": 2,
    "tx_ended_sampled_interval_s": 1,
    "retry_interval_s": 1,
    "network_profile_message_timeout_s": 1,
    "download_offset_s": 2,
    "install_offset_s": 2,
    "install_wait_s": 0.5,
    "max_time_deviation_s": 0.49,
    "settling_s": 0.3,
    "stall_tolerance_s": 0.5,
}
"""Shorter still, for a demo that has a machine to itself."""

DEMO_FACTORY: dict[str, str] = {
    "OCPPCommCtrlr.MessageTimeout[Default]": "1",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "0",
}
"""How the station of the demo leaves its factory: an impatient one."""


@dataclass(frozen=True, slots=True)
class ReferenceBench:
    """The files of a bench in `directory`."""

    directory: Path
    pics: Pics
    identity: str = IDENTITY
    values: dict[str, float | int] = field(default_factory=lambda: dict(SHORT_VALUES))

    @property
    def state(self) -> Path:
        """The station's state directory."""
        return self.directory / "station"

    @property
    def vendor_root(self) -> Path:
        """The vendor's root certificate, which the station trusts firmware by."""
        return self.directory / "firmware" / "vendor-root.pem"

    def make_firmware(self) -> None:
        """Write the vendor's root, the image of the declared version, and its signature."""
        directory = self.directory / "firmware"
        directory.mkdir(parents=True, exist_ok=True)
        root, key = _vendor_root(self.pics.product.vendor)
        signer, signer_key = issue_signer(root, key, self.pics.product.vendor)
        for name, broken in (("image", False), ("broken", True)):
            version = self.pics.product.firmware_version
            image = make_image(version, _IMAGE_BODY, broken=broken)
            (directory / f"{name}.bin").write_bytes(image)
            (directory / f"{name}.sig").write_text(sign(image, signer_key), encoding="ascii")
        (directory / "signing.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        self.vendor_root.write_bytes(root.public_bytes(Encoding.PEM))

    def provision_command(self, action_api: str) -> list[str]:
        """Return the command that gives a running station its starting state."""
        python = shlex.quote(sys.executable)
        words = (
            f"exec {python} -m vdoc.station.provision --state {shlex.quote(str(self.state))}"
            ' --identity "$VDOC_IDENTITY" --csms "$VDOC_CSMS_URL"'
            ' --security-profile "$VDOC_SECURITY_PROFILE" --password-file "$VDOC_PASSWORD_FILE"'
            ' --root "CSMSRootCertificate=$VDOC_ROOT_CERTIFICATE"'
            f" --root ManufacturerRootCertificate={shlex.quote(str(self.vendor_root))}"
            ' ${VDOC_CLIENT_CHAIN:+--client-chain "$VDOC_CLIENT_CHAIN"}'
            ' ${VDOC_CLIENT_KEY:+--client-key "$VDOC_CLIENT_KEY"}'
            f" --action-api {shlex.quote(action_api)}"
        )
        return ["sh", "-c", words]

    def write_settings(self, action_api: str, ev_api: str) -> Path:
        """Write the settings for a station whose APIs are at these addresses."""
        file = self.directory / "bench.toml"
        file.write_text(tomlkit.dumps(self._settings(action_api, ev_api)), encoding="utf-8")
        return file

    def _settings(self, action_api: str, ev_api: str) -> dict[str, object]:
        evs = {f"ev{evse.id}": {"url": _ev_url(ev_api, evse.id)} for evse in self.pics.evses}
        loopback = {"bind_host": "127.0.0.1", "bind_port": 0}
        dut: dict[str, object] = {"identity": self.identity}
        if len(self.pics.evses) > 1:
            dut |= {"second_evse": self.pics.evses[1].id, "second_connector": 1}
        return {
            "dut": dut,
            "csms": {"advertised_host": "localhost", "endpoint": [loopback, loopback]},
            "file_server": [
                {"protocol": protocol, **loopback, **_LOGINS.get(protocol, {})}
                for protocol in self.pics.limits.file_transfer_protocols or ("HTTP",)
            ],
            "pki": {"directory": "pki"},
            "password": {"initial": _PASSWORD},
            "action_api": {"url": action_api, "timeout_s": 10, "outlet": self._outlets()},
            "ev_api": evs,
            "observe": {"command": _onlooker(action_api)},
            "provision": {"command": self.provision_command(action_api), "timeout_s": 60},
            "tokens": self._tokens(),
            "firmware": {
                "image": "firmware/image.bin",
                "signature": "firmware/image.sig",
                "signing_certificate": "firmware/signing.pem",
                "version": self.pics.product.firmware_version,
                "invalid_image": "firmware/broken.bin",
                "invalid_signature": "firmware/broken.sig",
            },
            "values": self.values,
            "expected": {
                "boot_s": 0.5, "firmware_s": 2, "restore_s": 0.2, "charging_start_s": 0.2,
            },
        }  # fmt: skip

    def _outlets(self) -> list[dict[str, object]]:
        return [
            {"evse": evse.id, "connector": connector.id, "ev_api": f"ev{evse.id}"}
            for evse in self.pics.evses
            for connector in evse.connectors
        ]

    def _tokens(self) -> dict[str, object]:
        kinds = list(dict.fromkeys((*self.pics.local_options, *self.pics.remote_options)))
        kinds = [kind for kind in kinds if kind not in {"NoAuthorization"}] or ["Central"]
        valid = [
            {"idToken": f"04A1B2C3D4{i:02d}{n}", "type": kind}
            for i, kind in enumerate(kinds)
            for n in (1, 2)
        ]
        other = {
            role: {"idToken": f"04A1B2C3E4{n:02d}9", "type": kinds[0]}
            for n, role in enumerate(("invalid", "blocked", "expired", "master_pass"))
        }
        contract = {"idToken": "DEVDOC00000001", "type": "eMAID"}  # of the EV, for ISO 15118
        return {"valid": valid, **other, "contract": contract}


def _onlooker(action_api: str) -> list[str]:
    """The command of a person who stands at the station."""
    return [sys.executable, "-m", "vdoc.station.onlooker", "--station", action_api]


def _ev_url(ev_api: str, evse: int) -> str:
    return ev_api if evse == 1 else f"{ev_api}/{evse}"


def _vendor_root(vendor: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, vendor),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{vendor} root"),
        ]
    )
    now = datetime.now(UTC)
    root = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return root, key
