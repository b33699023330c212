"""What cases may ask the bench to make: things that are no function of evidence.

Owns the answers to `bench.ask`: passwords, URLs, certificates, signatures, firmware. Each answer is
recorded as `made`, so a replay needs none of this. Private keys never leave the PKI.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vdoc.bench.live import Asked
from vdoc.digest import sha256_of_file
from vdoc.errors import BenchError
from vdoc.pics import BenchSettings
from vdoc.run.file_server import FileServers
from vdoc.run.forged import forged_certificate, spoilt_signature
from vdoc.run.journal import Journal
from vdoc.run.passwords import PasswordBook
from vdoc.tls import authority
from vdoc.tls.csr import csr_facts
from vdoc.tls.hash_data import certificate_hash_data
from vdoc.tls.pki import BenchPki

_AUTHORITIES: Mapping[str, Any] = {
    "root1": "root1",
    "root2": "root2",
    "root3": "root3",
    "root4": "root4",
    "root5": "root5",
    "root6": "root6",
    "other": "other_root",
    "v2g": "v2g_root",
    "mo": "mo_root",
    "manufacturer": "manufacturer_root",
    "oem": "oem_root",
}
_SCHEMES = {1: "ws", 2: "wss", 3: "wss"}


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes what cases ask for.

    Args:
        settings: of the bench.
        pki: the persistent test PKI.
        passwords: of the run.
        journal: where changes are written before they are sent.
        files: the file servers.
        ports: bound port of each end point.
    """

    settings: BenchSettings
    pki: BenchPki
    passwords: PasswordBook
    journal: Journal
    files: FileServers
    ports: Mapping[int, int]

    def handlers(self) -> dict[str, Asked]:
        """Return what can be asked, by name."""
        return {
            "journal": self._journal,
            "password": self._password,
            "csms_url": self._csms_url,
            "root_certificate": self._root_certificate,
            "sign_csr": self._sign_csr,
            "csr_facts": self._csr_facts,
            "firmware": self._firmware,
            "upload_location": self._upload_location,
            "hold_transfers": self._hold_transfers,
            "release_transfers": self._release_transfers,
        }

    def csms_url(self, endpoint: int, profile: int) -> str:
        """Return the URL of an end point as the DUT is told it, without the identity."""
        table = self.settings.csms.endpoint[endpoint - 1]
        port = table.advertised_port or self.ports[endpoint]
        host = self.settings.csms.advertised_host
        return f"{_SCHEMES[profile]}://{host}:{port}{table.path.rstrip('/')}"

    async def _journal(self, arguments: Mapping[str, Any]) -> bool:
        self.journal.write(arguments)
        return True

    async def _password(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return self.passwords.new(**arguments).model_dump()

    async def _csms_url(self, arguments: Mapping[str, Any]) -> str:
        return self.csms_url(arguments["endpoint"], arguments["profile"])

    async def _root_certificate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if arguments["root"] == "expired":
            pem = authority.pem(authority.expired_root())
            return {"pem": pem, "hash_data": certificate_hash_data(pem).as_json()}
        root, form = _AUTHORITIES[arguments["root"]], arguments.get("form", "self-signed")
        by_predecessor = form == "by-predecessor"
        pem = self.pki.successor_pem(root) if by_predecessor else self.pki.certificate_pem(root)
        issuer = self.pki.issuer_pem(root) if by_predecessor else None
        return {"pem": pem, "hash_data": certificate_hash_data(pem, issuer_pem=issuer).as_json()}

    async def _sign_csr(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        issuer: Any = "v2g_sub2" if arguments.get("use") == "V2GCertificate" else "root1"
        chain = self.pki.sign_csr(arguments["csr"], issuer=arguments.get("issuer", issuer))
        return {"chain": chain, "facts": csr_facts(arguments["csr"])}

    async def _csr_facts(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return csr_facts(arguments["csr"])

    async def _firmware(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        which, firmware = arguments["which"], self.settings.firmware
        image, signature = _path(firmware.image), _text(firmware.signature)
        certificate = _text(firmware.signing_certificate)
        if which == "invalid_image":
            if firmware.invalid_image is None:
                raise BenchError("the settings name no firmware.invalid_image (TC_L_08_CS)")
            image, signature = _path(firmware.invalid_image), _text(firmware.invalid_signature)
            own = firmware.invalid_signing_certificate
            certificate = certificate if own is None else _text(own)
        elif which == "invalid_signature":
            signature = spoilt_signature(signature)
        elif which == "invalid_certificate":
            certificate = forged_certificate(certificate)
        give = self.files.offer_missing if which == "missing" else self.files.offer
        return {
            "location": await give(image),
            "signingCertificate": certificate,
            "signature": signature,
            "sha256": await asyncio.to_thread(sha256_of_file, image),
            "version": firmware.version,
        }

    async def _upload_location(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        kept_bytes = int(arguments.get("text_bytes", 0))
        return {"location": await self.files.open_folder(kept_bytes=kept_bytes)}

    async def _hold_transfers(self, arguments: Mapping[str, Any]) -> bool:  # noqa: ARG002
        self.files.shelf.hold()
        return True

    async def _release_transfers(self, arguments: Mapping[str, Any]) -> bool:  # noqa: ARG002
        self.files.shelf.release()
        return True


def _path(value: object) -> Path:
    if not isinstance(value, Path):
        raise BenchError("the settings come from a public copy: the firmware files are not known")
    return value


def _text(value: object) -> str:
    return _path(value).read_text(encoding="ascii").strip()
