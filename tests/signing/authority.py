"""An authority that certifies signing keys, and certificates with one flaw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def usage(*, signs: bool, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=certifies, crl_sign=certifies,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def fresh() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@dataclass
class Authority:
    """A root and an intermediate below it.

    Args:
        since: from when everything is valid, aware.
        length: for how long.
    """

    since: datetime
    length: timedelta
    root_key: EllipticCurvePrivateKey = field(default_factory=fresh)
    middle_key: EllipticCurvePrivateKey = field(default_factory=fresh)

    def _certificate(
        self, name: str, key: Any, issuer: str, signer: Any, **changes: Any
    ) -> x509.Certificate:
        authority = changes.get("authority", True)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(changes.get("since", self.since))
            .not_valid_after(changes.get("until", self.since + self.length))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                usage(signs=changes.get("signs", True), certifies=authority), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
        )
        return builder.sign(signer, SHA256())

    @property
    def root(self) -> x509.Certificate:
        return self._certificate("Root", self.root_key.public_key(), "Root", self.root_key)

    @property
    def pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def certificates(self, key: Any, **leaf: Any) -> tuple[x509.Certificate, x509.Certificate]:
        """The certificate of a key, with one thing changed, and the intermediate."""
        signer = fresh() if leaf.pop("forged", False) else self.middle_key
        about = fresh().public_key() if leaf.pop("other_key", False) else key
        own = self._certificate("Vendor", about, "Middle", signer, **{"authority": False, **leaf})
        middle = self._certificate("Middle", self.middle_key.public_key(), "Root", self.root_key)
        return own, middle

    def chain(self, key: Any, **leaf: Any) -> tuple[bytes, ...]:
        return tuple(each.public_bytes(Encoding.DER) for each in self.certificates(key, **leaf))
