"""How certificates are listed and named to the CSMS: GetInstalledCertificateIds (M03).

Owns the hash data of what is installed, which needs the issuer of each certificate: who signed a
root that replaced another one is remembered, since its own entry may be gone by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from vdoc.station import trust
from vdoc.station.defects import declare
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import FileStorage, InstalledCertificate, files_of
from vdoc.tls.hash_data import CertificateHashData, HashAlgorithm, certificate_hash_data

if TYPE_CHECKING:
    from vdoc.station.station import Station

ROOT_KINDS = (
    "CSMSRootCertificate",
    "ManufacturerRootCertificate",
    "V2GRootCertificate",
    "MORootCertificate",
)
V2G_CHAIN = "V2GCertificateChain"
LISTED_KINDS = (*ROOT_KINDS, V2G_CHAIN)
_CSMS_ROOT = "CSMSRootCertificate"
_ISSUERS = "issuers"
_HASHES = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}

WRONG_HASH = declare(
    "wrong-issuer-key-hash",
    "lists installed certificates with a wrong issuerKeyHash",
    "M03.FR.04",
    "TC_M_01_CS",
    "TC_M_02_CS",
    "TC_M_12_CS",
    "TC_M_13_CS",
    "TC_M_17_CS",
    "TC_M_18_CS",
)
WRONG_NAME_HASH = declare(
    "wrong-issuer-name-hash",
    "lists installed certificates with a wrong issuerNameHash",
    "M03.FR.04",
    "TC_M_01_CS",
    "TC_M_12_CS",
)
WRONG_KIND = declare(
    "lists-root-as-manufacturer-root",
    "lists CSMS root certificates as ManufacturerRootCertificate",
    "M03.FR.04",
    "TC_M_01_CS",
    "TC_M_12_CS",
    "TC_M_18_CS",
)
DECIMAL_SERIAL = declare(
    "decimal-serial-number",
    "lists serial numbers of certificates in decimal",
    "M03.FR.04",
    "TC_M_01_CS",
    "TC_M_13_CS",
)
LISTS_NOTHING = declare(
    "lists-no-certificates",
    "answers NotFound although certificates are installed",
    "M03.FR.03",
    "TC_M_01_CS",
    "TC_M_12_CS",
    "TC_M_13_CS",
    "TC_M_17_CS",
    "TC_M_18_CS",
    "TC_M_22_CS",
)
LISTS_NEWEST = declare(
    "lists-newest-csms-root-only",
    "leaves all CSMS roots but the newest out of its list",
    "M03.FR.04",
    "TC_M_31_CS",
    "TC_B_47_CS",
)
LISTS_FIRST_TYPE = declare(
    "lists-first-type-only",
    "lists the certificates of the first type only when asked for several or all",
    "M03.FR.04",
    "TC_M_17_CS",
    "TC_M_18_CS",
)
LISTS_ALL_TYPES = declare(
    "lists-all-types",
    "lists the certificates of other types when there is none of the type asked for",
    "M03.FR.02",
    "TC_M_19_CS",
)
NOT_FOUND_YET_LISTED = declare(
    "not-found-with-entries",
    "lists certificates of other types along with the status NotFound",
    "M03.FR.02",
    "TC_M_19_CS",
)


class CertificateList:
    """What is installed, as the CSMS gets to see it."""

    def __init__(self, station: Station) -> None:
        self._station = station

    @property
    def _files(self) -> FileStorage:
        return files_of(self._station.storage)

    async def answer(self, payload: Payload) -> Reply:
        """Answer GetInstalledCertificateIds (M03.FR.01 to FR.05)."""
        has = self._station.has
        kinds = payload.get("certificateType", LISTED_KINDS)
        entries = self._files.certificates(*(kinds[:1] if has(LISTS_FIRST_TYPE) else kinds))
        if has(LISTS_NEWEST):
            hidden = self._files.certificates(_CSMS_ROOT)[:-1]
            entries = tuple(entry for entry in entries if entry not in hidden)
        answer: Payload = {"status": "Accepted"}
        if not entries:
            answer["status"] = "Accepted" if has(LISTS_ALL_TYPES) else "NotFound"  # M03.FR.02
            if has(LISTS_ALL_TYPES) or has(NOT_FOUND_YET_LISTED):
                entries = self._files.certificates(*LISTED_KINDS)
        if not entries or has(LISTS_NOTHING):
            return Reply({"status": "NotFound"})
        answer["certificateHashDataChain"] = [self._listed(entry) for entry in entries]
        return Reply(answer)

    def _listed(self, entry: InstalledCertificate) -> Payload:
        kind = entry.kind
        if kind == _CSMS_ROOT and self._station.has(WRONG_KIND):
            kind = "ManufacturerRootCertificate"
        algorithm = self._station.style.hash_algorithm
        hashes = [self._misstated(each) for each in self.hash_data(entry, algorithm)]
        listed: Payload = {"certificateType": kind, "certificateHashData": hashes[0]}
        if len(hashes) > 1:
            listed["childCertificateHashData"] = hashes[1:]  # M03.FR.05
        return listed

    def _misstated(self, data: CertificateHashData) -> dict[str, str]:
        if self._station.has(WRONG_HASH):
            data = replace(data, issuer_key_hash=data.issuer_key_hash[::-1])
        if self._station.has(WRONG_NAME_HASH):
            data = replace(data, issuer_name_hash=data.issuer_name_hash[::-1])
        if self._station.has(DECIMAL_SERIAL):
            data = replace(data, serial_number=str(int(data.serial_number, 16))[:40])
        return data.as_json()

    def hash_data(
        self, entry: InstalledCertificate, algorithm: HashAlgorithm
    ) -> list[CertificateHashData]:
        """The names of a certificate and, in a chain, of those above it."""
        issuers = self._issuers(entry)
        return [hash_data(certificate, issuers, algorithm) for certificate in entry.chain]

    def _issuers(self, entry: InstalledCertificate) -> list[x509.Certificate]:
        kept = (self._station.storage.get(_ISSUERS) or {}).get(_name(entry.certificate))
        remembered = [] if kept is None else [x509.load_pem_x509_certificate(kept.encode())]
        installed = self._files.certificates(*ROOT_KINDS)
        return [*remembered, *entry.chain, *(each.certificate for each in installed)]

    def remember_issuer(
        self, certificate: x509.Certificate, candidates: Iterable[x509.Certificate]
    ) -> None:
        """Keep who signed a root, for its hash data outlives the issuer's entry."""
        issuer = next((each for each in candidates if trust.issued_by(certificate, each)), None)
        if issuer is not None and issuer != certificate:
            known = self._station.storage.get(_ISSUERS) or {}
            known[_name(certificate)] = _pem(issuer)
            self._station.storage.put(_ISSUERS, known)


def hash_data(
    certificate: x509.Certificate,
    issuers: Sequence[x509.Certificate],
    algorithm: HashAlgorithm,
) -> CertificateHashData:
    """The hash data of a certificate, with its issuer from `issuers`.

    When the issuer is not at hand nobody can know the hash of its key; the certificate's own key
    then stands in, which is right for every self-signed one.
    """
    issuer = next((each for each in issuers if trust.issued_by(certificate, each)), None)
    if issuer is not None:
        return certificate_hash_data(
            _pem(certificate), issuer_pem=_pem(issuer), algorithm=algorithm
        )
    builder = ocsp.OCSPRequestBuilder()
    request = builder.add_certificate(certificate, certificate, _HASHES[algorithm]).build()
    return CertificateHashData(
        algorithm,
        request.issuer_name_hash.hex(),
        request.issuer_key_hash.hex(),
        f"{certificate.serial_number:x}",
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _name(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:x}"
