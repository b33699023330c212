"""What a certificate or a key says, as plain facts for checks and evidence.

Reads only; whether a fact is good is for the case that asked (A00.FR.501 to A00.FR.511).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

MIN_RSA_BITS = 2048  # A00.FR.502
MIN_EC_BITS = 224  # A00.FR.503


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A public key: its type ("RSA", "ECDSA", else the library's name), size in bits and curve."""

    type: str
    size_bits: int
    curve: str | None = None

    @property
    def is_long_enough(self) -> bool:
        """Whether A00.FR.502 (RSA) or A00.FR.503 (elliptic curves) is met; other types are not."""
        minimum = {"RSA": MIN_RSA_BITS, "ECDSA": MIN_EC_BITS}.get(self.type)
        return minimum is not None and self.size_bits >= minimum

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return {"type": self.type, "size_bits": self.size_bits, "curve": self.curve}


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """The parts of a distinguished name that OCPP gives a meaning, and the whole as RFC 4514."""

    text: str
    common_name: str | None
    organization: str | None
    organizational_unit: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """An X.509 certificate as a peer presented it; `der` is the certificate itself.

    Properties read it anew, so that evidence needs to keep nothing but the bytes.
    """

    der: bytes

    @property
    def certificate(self) -> x509.Certificate:
        """The parsed certificate.

        Raises:
            ValueError: `der` is no certificate.
        """
        return x509.load_der_x509_certificate(self.der)

    @property
    def key(self) -> KeyFacts:
        """The subject's public key."""
        return key_facts(self.certificate.public_key)

    @property
    def subject(self) -> SubjectFacts:
        """The owner's name."""
        return subject_facts(self.certificate.subject)

    @property
    def issuer(self) -> SubjectFacts:
        """The signer's name."""
        return subject_facts(self.certificate.issuer)

    @property
    def serial_number(self) -> int:
        """The serial number (A00.FR.508)."""
        return self.certificate.serial_number

    @property
    def pem(self) -> str:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    def as_json(self) -> dict[str, Any]:
        """Return the certificate (base64 of DER) with its subject and key for the reader."""
        return {
            "der": base64.b64encode(self.der).decode("ascii"),
            "subject": self.subject.text,
            "key": self.key.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CertificateFacts:
        """Return what `as_json` wrote; only the bytes are read back.

        Raises:
            KeyError: there is no `der`.
        """
        return cls(base64.b64decode(data["der"]))


def read_certificate(pem: str) -> CertificateFacts | None:
    """Return the first certificate of `pem`, or None when it is no PEM certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except (ValueError, x509.InvalidVersion):  # the latter is no ValueError
        return None
    return CertificateFacts(certificate.public_bytes(Encoding.DER))


def key_facts(get_key: Callable[[], object]) -> KeyFacts:
    """Return the facts of the key that `get_key` gives; its type may be "unreadable"."""
    try:
        key = get_key()
    except (ValueError, UnsupportedAlgorithm):
        return KeyFacts("unreadable", 0)
    if isinstance(key, rsa.RSAPublicKey):
        return KeyFacts("RSA", key.key_size)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return KeyFacts("ECDSA", key.curve.key_size, key.curve.name)
    return KeyFacts(type(key).__name__, getattr(key, "key_size", 0))


def subject_facts(name: x509.Name) -> SubjectFacts:
    """Return the facts of a distinguished name; of a repeated attribute, the first."""

    def first(oid: x509.ObjectIdentifier) -> str | None:
        for attribute in name.get_attributes_for_oid(oid):
            value = attribute.value
            return value if isinstance(value, str) else value.hex()
        return None

    return SubjectFacts(
        text=name.rfc4514_string(),
        common_name=first(NameOID.COMMON_NAME),
        organization=first(NameOID.ORGANIZATION_NAME),
        organizational_unit=first(NameOID.ORGANIZATIONAL_UNIT_NAME),
        country=first(NameOID.COUNTRY_NAME),
    )
