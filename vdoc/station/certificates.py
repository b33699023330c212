"""Trust anchors of the station: installing and deleting them (M04, M05).

Owns what may be installed; how it is listed and named to the CSMS, `certificate_list` knows. What
is used when connecting, `trials` decides; certificates of the station itself are `signing`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography import x509

from vdoc.station import trust
from vdoc.station.certificate_list import LISTED_KINDS, ROOT_KINDS, CertificateList, hash_data
from vdoc.station.defects import declare
from vdoc.station.seams import Payload, Reply
from vdoc.station.storage import FileStorage, InstalledCertificate, files_of
from vdoc.tls.hash_data import HashAlgorithm

if TYPE_CHECKING:
    from vdoc.station.station import Station

_CSMS_ROOT = "CSMSRootCertificate"

NOT_STORED = declare(
    "accepts-root-without-storing",
    "accepts a root certificate and does not store it",
    "M05.FR.02",
    "TC_M_01_CS",
    "TC_M_02_CS",
    "TC_M_12_CS",
    "TC_M_13_CS",
    "TC_M_17_CS",
    "TC_M_18_CS",
    "TC_M_20_CS",
)
REJECTS_ROOT = declare(
    "rejects-root-certificate",
    "rejects every root certificate",
    "M05.FR.01",
    "TC_M_01_CS",
    "TC_M_02_CS",
)
INSTALLS_EXPIRED = declare(
    "installs-expired-root",
    "installs a root certificate that has expired",
    "M05.FR.07",
    "TC_M_07_CS",
)
INSTALLS_UNSIGNED = declare(
    "installs-unsigned-root",
    "replaces its CSMS root by one that it has not signed",
    "M05.FR.11",
    "TC_M_09_CS",
)
STORES_REJECTED = declare(
    "stores-rejected-root",
    "stores a root certificate although it rejects it",
    "M05.FR.07",
    "TC_M_07_CS",
    "TC_M_09_CS",
)
NOT_DELETED = declare(
    "accepts-deletion-without-deleting",
    "accepts that a root certificate be deleted and keeps it",
    "M04.FR.02",
    "TC_M_20_CS",
)
DELETES_NOTHING = declare(
    "fails-to-delete-roots",
    "fails to delete any root certificate",
    "M04.FR.02",
    "TC_M_20_CS",
)
DELETES_ALL = declare(
    "deletes-every-root-of-a-type",
    "deletes all root certificates of a type when it is to delete one",
    "M04.FR.02",
    "TC_M_20_CS",
)
DELETES_UNKNOWN = declare(
    "accepts-deletion-of-unknown-certificate",
    "accepts that a certificate be deleted which it does not have",
    "M04.FR.04",
    "TC_M_22_CS",
)
DELETES_OWN = declare(
    "accepts-deletion-of-its-own-certificate",
    "accepts that the charging station certificate be deleted",
    "M04.FR.06",
    "TC_M_23_CS",
)


class Certificates:
    """What the station trusts."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._list = CertificateList(station)
        station.handle("InstallCertificate", self._install)
        station.handle("GetInstalledCertificateIds", self._list.answer)
        station.handle("DeleteCertificate", self._delete)
        station.software.model.bind(
            "SecurityCtrlr",
            "CertificateEntries",
            lambda: str(len(self._files.certificates(*LISTED_KINDS))),
        )

    @property
    def _files(self) -> FileStorage:
        return files_of(self._station.storage)

    # -- InstallCertificate

    async def _install(self, payload: Payload) -> Reply:
        kind = payload["certificateType"]
        certificate = _parse(payload["certificate"])
        reason = "InvalidCertificate" if certificate is None else self._refusal(kind, certificate)
        if certificate is None or reason is not None or self._station.has(REJECTS_ROOT):
            if certificate is not None and self._station.has(STORES_REJECTED):
                self._files.add_certificate(kind, [certificate])
            info = {"reasonCode": reason or "Unspecified"}
            return Reply({"status": "Rejected", "statusInfo": info})
        if not self._station.has(NOT_STORED):
            self._store(kind, certificate)
        return Reply({"status": "Accepted"})  # M05.FR.02

    def _refusal(self, kind: str, certificate: x509.Certificate) -> str | None:
        flaw = trust.period_flaw(certificate, self._station.now())
        if (flaw and not self._station.has(INSTALLS_EXPIRED)) or not trust.is_ca(certificate):
            return "InvalidCertificate"  # M05.FR.07
        installed = self._files.certificates(kind)
        if any(entry.certificate == certificate for entry in installed):
            return None  # M05.FR.17
        if kind == _CSMS_ROOT and self._replaces_root and installed:
            signed = trust.issued_by(certificate, installed[-1].certificate)
            unsigned = not signed and not self._station.has(INSTALLS_UNSIGNED)
            return "InvalidCertificate" if unsigned else None  # M05.FR.10, 11
        limit = self._limit
        if limit is not None and len(self._files.certificates(*LISTED_KINDS)) >= limit:
            return "OutOfStorage"  # M05.FR.06
        return None

    @property
    def _replaces_root(self) -> bool:
        return self._station.pics.claims("AS-2")  # AdditionalRootCertificateCheck

    @property
    def _limit(self) -> float | None:
        return self._station.software.model.variable("SecurityCtrlr", "CertificateEntries").maximum

    def _store(self, kind: str, certificate: x509.Certificate) -> None:
        installed = self._files.certificates(kind)
        others = [entry for entry in installed if entry.certificate != certificate]
        superfluous = [entry for entry in installed if entry not in others]
        if kind == _CSMS_ROOT and self._replaces_root:
            superfluous += others[:-1]  # one fallback at most (M05.FR.09)
        for entry in superfluous:
            self._files.remove_certificate(entry)
        self._list.remember_issuer(certificate, [entry.certificate for entry in installed])
        self._files.add_certificate(kind, [certificate])

    # -- DeleteCertificate

    async def _delete(self, payload: Payload) -> Reply:
        wanted = payload["certificateHashData"]
        algorithm: HashAlgorithm = wanted["hashAlgorithm"]
        if self._is_own(wanted, algorithm):
            deleted = self._station.has(DELETES_OWN)
            return Reply({"status": "Accepted" if deleted else "Failed"})  # M04.FR.06
        if self._station.style.hash_algorithm not in {"SHA256", algorithm}:
            return Reply({"status": "Failed"})  # it cannot tell (M04.FR.07)
        for entry in self._files.certificates(*LISTED_KINDS):
            if self._list.hash_data(entry, algorithm)[0].matches(wanted):
                return Reply({"status": self._deleted(entry)})
        found = self._station.has(DELETES_UNKNOWN)
        return Reply({"status": "Accepted" if found else "NotFound"})  # M04.FR.04

    def _deleted(self, entry: InstalledCertificate) -> str:
        if self._station.has(NOT_DELETED):
            return "Accepted"
        last = len(self._files.certificates(entry.kind)) == 1
        if self._station.has(DELETES_NOTHING):
            return "Failed"
        if entry.kind == _CSMS_ROOT and last and not self._station.pics.claims("AQ-1"):
            return "Failed"  # M04.FR.03
        all_of_them = self._files.certificates(entry.kind)
        for each in all_of_them if self._station.has(DELETES_ALL) else (entry,):
            self._files.remove_certificate(each)
        return "Accepted"

    def _is_own(self, wanted: dict[str, Any], algorithm: HashAlgorithm) -> bool:
        own = self._files.credentials("charging-station")
        if own is None:
            return False
        chain = own.certificates
        roots = [entry.certificate for entry in self._files.certificates(*ROOT_KINDS)]
        return hash_data(chain[0], [*chain, *roots], algorithm).matches(wanted)


def _parse(pem: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, x509.InvalidVersion):
        return None
