"""CertificateHashDataType: how OCPP names an installed certificate (part 2 §2.11, M03 and M04).

Used by the station to answer and by cases to expect. The hashes are those of an OCSP CertID, so the
library's OCSP builder computes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

HashAlgorithm = Literal["SHA256", "SHA384", "SHA512"]
HASH_ALGORITHMS: tuple[HashAlgorithm, ...] = ("SHA256", "SHA384", "SHA512")
_HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class CertificateHashData:
    """A certificate's name in OCPP; compare with `matches`, hexadecimal letters have no case."""

    hash_algorithm: HashAlgorithm
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    def as_json(self) -> dict[str, str]:
        """Return the fields as OCPP spells them."""
        return {
            "hashAlgorithm": self.hash_algorithm,
            "issuerNameHash": self.issuer_name_hash,
            "issuerKeyHash": self.issuer_key_hash,
            "serialNumber": self.serial_number,
        }

    def matches(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether the OCPP object `payload` names the same certificate."""
        return all(
            isinstance(payload.get(field), str) and payload[field].lower() == value.lower()
            for field, value in self.as_json().items()
        )


def certificate_hash_data(
    pem: str, *, issuer_pem: str | None = None, algorithm: HashAlgorithm = "SHA256"
) -> CertificateHashData:
    """Compute the hash data of the first certificate in `pem`.

    Args:
        pem: the certificate.
        issuer_pem: its issuer's certificate; None for a self-signed one. When the issuer of a
            cross-signed root is not at hand there is no way to know its key's hash.
        algorithm: hash algorithm; SHA-256 is what stations answer with.

    Raises:
        ValueError: `pem` is no certificate, or `issuer_pem` is not its issuer.
    """
    certificate = x509.load_pem_x509_certificate(pem.encode())
    issuer = certificate
    if issuer_pem is not None:
        issuer = x509.load_pem_x509_certificate(issuer_pem.encode())
    if issuer.subject != certificate.issuer:
        raise ValueError(
            f"got {issuer.subject.rfc4514_string()!r} as issuer, the certificate names "
            f"{certificate.issuer.rfc4514_string()!r}: pass the issuer's certificate"
        )
    builder = ocsp.OCSPRequestBuilder()
    request = builder.add_certificate(certificate, issuer, _HASHES[algorithm]()).build()
    return CertificateHashData(
        hash_algorithm=algorithm,
        issuer_name_hash=request.issuer_name_hash.hex(),
        issuer_key_hash=request.issuer_key_hash.hex(),
        serial_number=f"{certificate.serial_number:x}",
    )
