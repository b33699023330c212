"""Certificates of the station itself: signing requests and their results (A02, A03).

Owns the key pairs that wait for a certificate, the repeats of a request (A02.FR.17 to FR.20), and
what a signed certificate must be (A02.FR.06). A new client certificate is used from the next
connection on; the former one stays until the new one has proved itself (A02.FR.10, 28).
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from vdoc.station import trust
from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.network import CLIENT_CERTIFICATE_PROFILE, CLIENT_CREDENTIALS
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import FileStorage, files_of
from vdoc.station.trials import PREVIOUS_CREDENTIALS

if TYPE_CHECKING:
    from vdoc.station.station import Station

OTHER_NAME = declare(
    "certificate-request-of-another-name",
    "its signing request has the model as commonName, not its serial number",
    "A00.FR.511",
    "TC_A_07_CS",
)
KEEPS_OLD = declare(
    "keeps-its-former-certificate",
    "accepts a new certificate and goes on with the former one",
    "A02.FR.08",
    "TC_A_11_CS",
)
SHORT_KEY = declare(
    "certificate-request-of-a-short-key",
    "makes RSA keys of 1024 bits",
    "A00.FR.502",
    "TC_A_11_CS",
    "TC_A_14_CS",
    "TC_A_15_CS",
    "TC_A_23_CS",
)
ACCEPTS_ANY = declare(
    "accepts-certificate-of-unknown-authority",
    "takes a signed certificate whoever has signed it",
    "A02.FR.06",
    "TC_A_14_CS",
)
REJECTS_SILENTLY = declare(
    "rejects-certificate-silently",
    "sends no security event for a certificate that it rejects",
    "A02.FR.07",
    "TC_A_14_CS",
)
NEVER_REQUESTS = declare(
    "triggered-request-is-not-sent",
    "accepts to send a signing request and sends none",
    "F06.FR.05",
    "TC_A_11_CS",
    "TC_A_15_CS",
)
ONE_WAIT = declare(
    "signing-wait-is-not-doubled",
    "repeats a forgotten signing request after the same time",
    "A02.FR.18",
    "TC_A_23_CS",
)
NEVER_REPEATS = declare(
    "forgotten-request-is-not-repeated",
    "never repeats a signing request",
    "A02.FR.17",
    "TC_A_23_CS",
)
NEVER_STOPS = declare(
    "signing-request-once-too-often",
    "repeats a forgotten signing request once more after the last repeat that is configured",
    "A02.FR.19",
    "TC_A_23_CS",
)
ASKS_AGAIN = declare(
    "signing-request-after-a-bad-certificate",
    "asks for another certificate when it has rejected one",
    "A02.FR.20",
    "TC_A_14_CS",
)
TRIGGERS = {
    "SignChargingStationCertificate": ("ChargingStationCertificate",),
    "SignV2GCertificate": ("V2GCertificate",),
    "SignCombinedCertificate": ("ChargingStationCertificate", "V2GCertificate"),
}
V2G_CREDENTIALS = "v2g"
_V2G_CHAIN = "V2GCertificateChain"
_CHARGING_STATION, _V2G = "ChargingStationCertificate", "V2GCertificate"
_RSA_BITS = 2048
_ISO_15118 = "profile.ISO15118Support"

_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(slots=True)
class _Request:
    """A key pair that waits for its certificate."""

    kinds: tuple[str, ...]
    key: _Key
    csr: str
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def public(self) -> bytes:
        return _public(self.key.public_key())


class Signing:
    """Signing requests of one boot."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._waiting: list[_Request] = []
        station.handle("CertificateSigned", self._signed)
        for trigger, kinds in TRIGGERS.items():
            if self._supports(kinds):
                station.on_trigger(trigger, functools.partial(self._triggered, kinds))

    @property
    def _files(self) -> FileStorage:
        return files_of(self._station.storage)

    # -- asking

    def _supports(self, kinds: tuple[str, ...]) -> bool:
        pics = self._station.pics
        if _V2G in kinds and not pics.claims(_ISO_15118):
            return False
        return len(kinds) == 1 or pics.claims("AQ-11")

    def _triggered(self, kinds: tuple[str, ...], _: Payload) -> Coroutine[Any, Any, None] | None:
        if not self._station.software.model.text(*_ORGANIZATION):
            return None  # A02, prerequisite
        if self._station.has(NEVER_REQUESTS):
            return asyncio.sleep(0)
        return self.request(kinds)

    async def request(self, kinds: tuple[str, ...]) -> None:
        """Request a certificate for a new key pair (A02.FR.02, 03)."""
        key = self._new_key(kinds)
        request = _Request(kinds, key, self._csr(kinds, key))
        self._waiting = [each for each in self._waiting if each.kinds != kinds]
        self._waiting.append(request)
        await self._ask(request)

    async def _ask(self, request: _Request) -> None:
        """Send the request, and again until it is answered or the repeats are used up."""
        model = self._station.software.model
        wait_s = model.integer("SecurityCtrlr", "CertSigningWaitMinimum")
        repeats = model.integer("SecurityCtrlr", "CertSigningRepeatTimes")
        if not await self._send(request) or not self._repeats:
            return
        for doubling in range(repeats + 1):
            factor = 1 if self._station.has(ONE_WAIT) else 2**doubling
            try:
                async with asyncio.timeout(wait_s * factor):  # A02.FR.18
                    await request.answered.wait()
            except TimeoutError:
                await self._send(request)  # A02.FR.17
            else:
                return
        if self._station.has(NEVER_STOPS):
            await self._send(request)

    @property
    def _repeats(self) -> bool:
        return self._station.pics.claims("AS-3") and not self._station.has(NEVER_REPEATS)

    async def _send(self, request: _Request) -> bool:
        payload: Payload = {"csr": request.csr}
        if len(request.kinds) == 1:
            payload["certificateType"] = request.kinds[0]
        try:
            answer = await self._station.call("SignCertificate", payload)
        except (OfflineError, CallFailedError, CallTimeoutError):
            return False
        return bool(answer["status"] == "Accepted")

    def _new_key(self, kinds: tuple[str, ...]) -> _Key:
        if self._station.has(SHORT_KEY):
            return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS // 2)
        if _V2G in kinds or "ECDSA" in self._station.pics.tls_key_types:
            return ec.generate_private_key(ec.SECP256R1())
        return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)

    def _csr(self, kinds: tuple[str, ...], key: _Key) -> str:
        model = self._station.software.model
        controller = "ISO15118Ctrlr" if kinds == (_V2G,) else "SecurityCtrlr"
        organization = model.text(controller, "OrganizationName") or model.text(*_ORGANIZATION)
        common_name = self._common_name(kinds)
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        return request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode("ascii")

    def _common_name(self, kinds: tuple[str, ...]) -> str:
        secc = self._station.software.model.text("ISO15118Ctrlr", "SeccId")
        if kinds == (_V2G,) and secc:
            return secc
        if self._station.has(OTHER_NAME):
            return self._station.pics.product.model
        return self._station.config.serial_number  # A00.FR.511

    # -- the answer

    async def _signed(self, payload: Payload) -> Reply:
        chain_pem = payload["certificateChain"]
        kind = payload.get("certificateType", _CHARGING_STATION)
        limit = self._station.software.model.integer("SecurityCtrlr", "MaxCertificateChainSize")
        if limit and len(chain_pem) > limit:
            return Reply({"status": "Rejected"})  # A02.FR.16
        chain = _parse(chain_pem)
        request = next((each for each in self._waiting if chain and _fits(each, kind, chain)), None)
        reason = self._flaw(kind, chain, request)
        if request is None or reason is not None:
            return self._reject(kind, reason)
        request.answered.set()
        self._waiting.remove(request)
        uses_it = self._install(request, chain)
        return Reply({"status": "Accepted"}, self._station.link.reconnect() if uses_it else None)

    def _reject(self, kind: str, reason: str | None) -> Reply:
        for request in self._waiting:  # A02.FR.20: no repeats after a refusal
            if kind in request.kinds:
                request.answered.set()
        detail = reason or "invalid"
        info = {"reasonCode": "InvalidCertificate", "additionalInfo": detail}
        said = None if self._station.has(REJECTS_SILENTLY) else self._report(detail)
        return Reply({"status": "Rejected", "statusInfo": info}, said)  # A02.FR.07

    async def _report(self, detail: str) -> None:
        self._station.software.security_events.report("InvalidChargingStationCertificate", detail)
        if self._station.has(ASKS_AGAIN):
            await self.request((_CHARGING_STATION,))

    def _flaw(
        self, kind: str, chain: tuple[x509.Certificate, ...], request: _Request | None
    ) -> str | None:
        """Why a signed certificate is not acceptable (A02.FR.06)."""
        if not chain:
            return "no PEM certificate"
        if request is None:
            return "not for a key that waits for a certificate"
        anchors = [entry.certificate for entry in self._files.certificates(_root_kind(kind))]
        flaws = trust.path_flaws(chain, anchors, self._station.now())
        if flaws and not self._station.has(ACCEPTS_ANY):
            return "; ".join(sorted(flaws))
        named = self._common_name(request.kinds) in trust.common_names(chain[0])
        return None if named else "commonName is not that of the request"

    def _install(self, request: _Request, chain: tuple[x509.Certificate, ...]) -> bool:
        """Store key and chain; says whether the connection has to be made anew (A02.FR.08)."""
        files = self._files
        pem = b"".join(each.public_bytes(Encoding.PEM) for each in chain)
        key = request.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        if _V2G in request.kinds:
            files.put_credentials(V2G_CREDENTIALS, pem, key)
            for former in files.certificates(_V2G_CHAIN):
                files.remove_certificate(former)
            files.add_certificate(_V2G_CHAIN, chain)
        if _CHARGING_STATION not in request.kinds or self._station.has(KEEPS_OLD):
            return False
        files.move_credentials(CLIENT_CREDENTIALS, PREVIOUS_CREDENTIALS)
        files.put_credentials(CLIENT_CREDENTIALS, pem, key)
        profile = self._station.software.model.integer("SecurityCtrlr", "SecurityProfile")
        return profile == CLIENT_CERTIFICATE_PROFILE


_ORGANIZATION = ("SecurityCtrlr", "OrganizationName")


def _root_kind(kind: str) -> str:
    return "V2GRootCertificate" if kind == _V2G else "CSMSRootCertificate"


def _fits(request: _Request, kind: str, chain: tuple[x509.Certificate, ...]) -> bool:
    return kind in request.kinds and _public(chain[0].public_key()) == request.public


def _public(key: object) -> bytes:
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b""


def _parse(pem: str) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode()))
    except (ValueError, x509.InvalidVersion):
        return ()
