"""X.509 building blocks of the test PKI: names, keys, extensions, signing. No files, no clock.

Validity is fixed, not relative to now: a DUT whose clock is years off must accept what is meant to
be valid, and the same dates make the same certificate on any day. The end stays below 2038, so that
a 32-bit time_t can hold it. Extended key usage is left out on purpose (A00.FR.514).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

KeyType = Literal["RSA", "ECDSA"]
KEY_TYPES: tuple[KeyType, ...] = ("RSA", "ECDSA")
Flavour = Literal["valid", "expired", "not_yet_valid", "other_root", "wrong_cn", "wildcard_cn"]
FLAVOURS: tuple[Flavour, ...] = (
    "valid",
    "expired",
    "not_yet_valid",
    "other_root",
    "wrong_cn",
    "wildcard_cn",
)
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

ORGANIZATION = "vdoc test bench"
WRONG_NAME = "not-this-csms.invalid"
ROOT_RSA_BITS = 3072
LEAF_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class Validity:
    """From when until when a certificate is valid, aware UTC."""

    start: datetime
    end: datetime


AUTHORITY_VALIDITY = Validity(datetime(2015, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC))
LEAF_VALIDITY = Validity(datetime(2016, 1, 1, tzinfo=UTC), datetime(2037, 6, 30, tzinfo=UTC))
EXPIRED = Validity(datetime(2016, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
NOT_YET_VALID = Validity(datetime(2036, 1, 1, tzinfo=UTC), datetime(2037, 6, 30, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate and the key to sign with."""

    certificate: x509.Certificate
    key: PrivateKey


def new_key(key_type: KeyType, *, rsa_bits: int = LEAF_RSA_BITS) -> PrivateKey:
    """Generate a private key: RSA of `rsa_bits`, or ECDSA on P-256."""
    if key_type == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits)
    return ec.generate_private_key(ec.SECP256R1())


def distinguished_name(common_name: str, *, organization: str = ORGANIZATION) -> x509.Name:
    """Return O and CN, the two parts OCPP requires (A00.FR.509 to A00.FR.511)."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def authority_certificate(
    name: x509.Name,
    key: PrivateKey,
    *,
    signer: Authority | None,
    path_length: int | None = None,
    validity: Validity = AUTHORITY_VALIDITY,
) -> x509.Certificate:
    """Certify an authority: self-signed, or by `signer`."""
    issuer_key = key if signer is None else signer.key
    usage = _key_usage(certificates=True)
    return (
        _builder(name, key.public_key(), signer, validity)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def leaf_certificate(
    name: x509.Name,
    public_key: PublicKey,
    *,
    signer: Authority,
    validity: Validity = LEAF_VALIDITY,
    alternative: x509.GeneralName | None = None,
) -> x509.Certificate:
    """Certify a server or a station; `alternative` becomes its subjectAltName."""
    enciphers = isinstance(public_key, rsa.RSAPublicKey)  # TLS_RSA suites encrypt to the key
    builder = (
        _builder(name, public_key, signer, validity)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificates=False, enciphers=enciphers), critical=True)
    )
    if alternative is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
    return builder.sign(signer.key, hashes.SHA256())


def self_signed_leaf(name: x509.Name, key: PrivateKey) -> x509.Certificate:
    """Certify `key` by itself, without any authority behind it (what A02.FR.07 is tried with)."""
    return (
        _builder(name, key.public_key(), None, LEAF_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def expired_root() -> x509.Certificate:
    """Return the root of a fresh key that is valid no more, which no station may install."""
    name, key = distinguished_name("vdoc expired Root"), new_key("RSA")
    return authority_certificate(name, key, signer=None, validity=EXPIRED)


def general_name(host: str) -> x509.GeneralName:
    """Return `host` as a subjectAltName entry: an iPAddress when it is one, else a dNSName."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def wildcard_name(host: str) -> str:
    """Return the wildcard that covers `host`: `*.example.com` for `csms.example.com`.

    A name of one label has only `*`, and an address has none that TLS could match (RFC 6125
    §6.4.3): with those a station refuses the name anyway, so that testing A00.FR.412 to the full
    needs an advertised host of several labels.
    """
    if isinstance(general_name(host), x509.IPAddress):
        return f"*.{host}"
    _, dot, domain = host.partition(".")
    return f"*{dot}{domain}"


def pem(certificate: x509.Certificate) -> str:
    """Return `certificate` in PEM."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _builder(
    name: x509.Name, public_key: PublicKey, signer: Authority | None, validity: Validity
) -> x509.CertificateBuilder:
    issuer = name if signer is None else signer.certificate.subject
    signing_key = public_key if signer is None else signer.key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity.start)
        .not_valid_after(validity.end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key), critical=False
        )
    )


def _key_usage(*, certificates: bool, enciphers: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )
