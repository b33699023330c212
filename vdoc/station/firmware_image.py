r"""Firmware images of the reference station: a header line, then any bytes; how they are signed.

    vdoc-firmware/1 VERSION SHA256-OF-BODY\n
    BODY

VERSION is what the station reports once the image runs. The checksum is what installing verifies
(L01.FR.29), apart from the signature over the whole file (L01.FR.04). `python -m
vdoc.station.firmware_image` makes, breaks and signs images.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from vdoc.digest import sha256_of_file
from vdoc.errors import ExitCode, InputError, Problem

_MAGIC = "vdoc-firmware/1"
_HEADER_PARTS = 3
_HEADER_LIMIT_BYTES = 256
_CHUNK_BYTES = 1 << 20
_HASH = hashes.SHA256()
_PSS_SALT_LENGTH = 32
_SIGNER_DAYS = 3650

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class BrokenImageError(Exception):
    """The file is no intact firmware image."""


def make_image(version: str, body: bytes, *, broken: bool = False) -> bytes:
    """Return an image file.

    Args:
        version: firmwareVersion once it runs; no blanks.
        body: anything.
        broken: give it a checksum that does not fit, so that installing fails (TC_L_08).

    Raises:
        ValueError: `version` is empty or contains blanks.
    """
    if version.split() != [version]:
        raise ValueError(f"{version!r} is not a version: it is empty or contains blanks")
    digest = hashlib.sha256(body + b"!" if broken else body).hexdigest()
    return f"{_MAGIC} {version} {digest}\n".encode() + body


def read_image(file: Path) -> str:
    """Verify an image file, however large, and return its version.

    Raises:
        BrokenImageError: it has no header, or the checksum does not fit.
    """
    with file.open("rb") as image:
        header = image.readline(_HEADER_LIMIT_BYTES).rstrip(b"\n")
        digest = hashlib.sha256()
        while chunk := image.read(_CHUNK_BYTES):
            digest.update(chunk)
    parts = header.decode("ascii", "replace").split(" ")
    if len(parts) != _HEADER_PARTS or parts[0] != _MAGIC:
        raise BrokenImageError(f"no firmware image: it begins with {header[:32]!r}")
    if digest.hexdigest() != parts[2]:
        raise BrokenImageError("the checksum does not fit the body")
    return parts[1]


def sign(file: bytes, key: SigningKey) -> str:
    """Return the signature of an image file as `firmware.signature` carries it (base64).

    RSA keys sign with PSS, elliptic curve keys with ECDSA, both over SHA-256 (L01.FR.04).
    """
    if isinstance(key, rsa.RSAPrivateKey):
        return base64.b64encode(key.sign(file, _pss(_PSS_SALT_LENGTH), _HASH)).decode("ascii")
    return base64.b64encode(key.sign(file, ec.ECDSA(_HASH))).decode("ascii")


def is_signed(file: Path, signature: str, certificate: x509.Certificate) -> bool:
    """Whether `signature` (base64) is that of the file by the certificate's key."""
    key, digest = certificate.public_key(), bytes.fromhex(sha256_of_file(file))
    try:
        raw = base64.b64decode(signature, validate=True)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, digest, _pss(padding.PSS.AUTO), Prehashed(_HASH))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, digest, ec.ECDSA(Prehashed(_HASH)))
        else:
            return False
    except (ValueError, InvalidSignature):
        return False
    return True


def _pss(salt_length: int | padding._Auto) -> padding.PSS:
    return padding.PSS(padding.MGF1(_HASH), salt_length)


def issue_signer(
    issuer: x509.Certificate, issuer_key: SigningKey, organization: str
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return a new firmware signing certificate, directly under the issuer, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organization} firmware signing"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(min(now + timedelta(days=_SIGNER_DAYS), issuer.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, _HASH)
    )
    return certificate, key


# -- command line


def parser() -> argparse.ArgumentParser:
    """The arguments of `python -m vdoc.station.firmware_image`."""
    arguments = argparse.ArgumentParser(prog="vdoc.station.firmware_image", description=__doc__)
    commands = arguments.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make", help="make an image")
    make.add_argument("image", type=Path)
    make.add_argument("--version", required=True)
    make.add_argument("--body", type=Path, help="any file; default: a short text")
    make.add_argument("--broken", action="store_true", help="installing it fails")
    signer = commands.add_parser("signer", help="issue a signing certificate")
    signer.add_argument("--issuer", type=Path, required=True, help="PEM certificate")
    signer.add_argument("--issuer-key", type=Path, required=True, help="PEM key")
    signer.add_argument("--organization", default="vdoc")
    signer.add_argument("--certificate", type=Path, required=True, help="to write")
    signer.add_argument("--key", type=Path, required=True, help="to write")
    signing = commands.add_parser("sign", help="sign an image")
    signing.add_argument("image", type=Path)
    signing.add_argument("--key", type=Path, required=True, help="PEM key")
    signing.add_argument("--signature", type=Path, required=True, help="to write, base64")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Make, break or sign an image; return the exit code.

    Raises:
        InputError: a file cannot be used.
    """
    arguments = parser().parse_args(argv)
    try:
        _COMMANDS[arguments.command](arguments)
    except (OSError, ValueError, TypeError) as error:
        problem = Problem("command line", None, arguments.command, f"{error}.", "check the files.")
        raise InputError(problem) from error
    return ExitCode.PASS


def _make(arguments: argparse.Namespace) -> None:
    body = b"reference station\n" if arguments.body is None else arguments.body.read_bytes()
    arguments.image.write_bytes(make_image(arguments.version, body, broken=arguments.broken))


def _signer(arguments: argparse.Namespace) -> None:
    issuer = x509.load_pem_x509_certificate(arguments.issuer.read_bytes())
    certificate, key = issue_signer(issuer, _key(arguments.issuer_key), arguments.organization)
    arguments.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    arguments.key.touch(mode=0o600)
    arguments.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _sign(arguments: argparse.Namespace) -> None:
    signature = sign(arguments.image.read_bytes(), _key(arguments.key))
    arguments.signature.write_text(signature, encoding="ascii")


_COMMANDS = {"make": _make, "signer": _signer, "sign": _sign}


def _key(file: Path) -> SigningKey:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{file} is neither an RSA nor an elliptic curve key")
    return key


if __name__ == "__main__":
    raise SystemExit(main())
