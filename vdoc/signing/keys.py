"""Keys that sign declarations: made, kept, shown.

Owns the two files of a key: `NAME.key` (PKCS #8, mode 0600, never printed, never overwritten) and
`NAME.pub.pem` (the public half, for trust directories). A key is named by the SHA-256 of its public
half in DER (SubjectPublicKeyInfo), so that anybody can compute the name. Two kinds are allowed:
Ed25519 and ECDSA on P-256.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeGuard, assert_never

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import Certificate

from vdoc.digest import sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.signing.owner_only import read_owner_only
from vdoc.tls.store import make_directory, write_new

PRIVATE_MODE = 0o600
PUBLIC_MODE = 0o644
MAX_PASSPHRASE_BYTES = 1023
"""What OpenSSL takes."""
_Private = Ed25519PrivateKey | EllipticCurvePrivateKey


class KeyType(StrEnum):
    """The kinds of key that may sign a declaration."""

    ED25519 = "ed25519"
    ECDSA_P256 = "ecdsa-p256"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that verifies."""

    key: Ed25519PublicKey | EllipticCurvePublicKey

    @property
    def type(self) -> KeyType:
        """Its kind."""
        return KeyType.ED25519 if isinstance(self.key, Ed25519PublicKey) else KeyType.ECDSA_P256

    @property
    def key_id(self) -> str:
        """SHA-256 of its SubjectPublicKeyInfo in DER, lower-case hex."""
        return sha256_hex(self.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    @property
    def pem(self) -> bytes:
        """As it stands in a `.pub.pem` file."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Tell whether this is a signature of `SigningKey.sign` over `data`."""
        try:
            if isinstance(self.key, Ed25519PublicKey):
                self.key.verify(signature, data)
            else:
                self.key.verify(signature, data, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    @classmethod
    def from_certificate(cls, certificate: Certificate) -> PublicKey:
        """Return the key that a certificate is about.

        Raises:
            InputError: it is of a kind that may not sign.
        """
        key = certificate.public_key()
        if isinstance(key, Ed25519PublicKey) or _on_p256(key):
            return cls(key)
        raise _wrong_kind("certificate")

    @classmethod
    def from_pem(cls, data: bytes, *, file: str = "public key") -> PublicKey:
        """Read a public key.

        Raises:
            InputError: it is none, or of a kind that may not sign.
        """
        try:
            key = load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as error:
            message = "is no public key in PEM (BEGIN PUBLIC KEY)."
            raise _refused(file, message, "use the NAME.pub.pem that `vdoc keys new` wrote.") from (
                error
            )
        if isinstance(key, Ed25519PublicKey) or _on_p256(key):
            return cls(key)
        raise _wrong_kind(file)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """The half that signs, in a file or on a token; nothing here tells anything of it.

    Attributes:
        public: the other half.
        signer: signs bytes with the key, wherever that is; called by `sign` alone.
        chain: certificates in DER, the key's own first; empty for a bare key.
    """

    public: PublicKey
    signer: Callable[[bytes], bytes] = field(compare=False)
    chain: tuple[bytes, ...] = ()

    def sign(self, data: bytes) -> bytes:
        """Return a signature: 64 bytes of Ed25519 (RFC 8032), or ECDSA over SHA-256 in DER.

        Raises:
            InputError: the token that holds the key does not sign (any more).
        """
        return self.signer(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.key_id})"

    @classmethod
    def load(cls, path: Path, passphrase: bytes | None = None) -> SigningKey:
        """Read a private key from its file.

        Raises:
            InputError: the file is missing, readable for others, no private key, of a kind that may
                not sign, or the passphrase is missing or wrong.
        """
        data = _read_private(path)
        try:
            key = load_pem_private_key(data, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            message = "cannot be opened: no private key in PEM, or another passphrase."
            raise _refused(str(path), message, "check the file and its passphrase.") from error
        if isinstance(key, Ed25519PrivateKey) or _private_on_p256(key):
            return cls(PublicKey(key.public_key()), _signer(key))
        raise _wrong_kind(str(path))


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """A new key: where its halves are, and its name."""

    private: Path
    public: Path
    key_id: str


def new_key(
    directory: Path,
    name: str,
    key_type: KeyType = KeyType.ED25519,
    *,
    passphrase: bytes | None = None,
) -> KeyFiles:
    """Make a key; nothing is ever overwritten.

    Args:
        directory: where its files go; made, for the owner only, when it is missing.
        name: of the files, without directory or ending.
        key_type: its kind.
        passphrase: encrypts the private half; None leaves it to the file's mode alone.

    Raises:
        InputError: the name cannot be a file's, the passphrase is empty or too long, a file of that
            name exists or cannot be written.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise _refused(name or "name", "cannot be the name of a key.", "name it like `acme-2026`.")
    _check_passphrase(name, passphrase)
    make_directory(directory)
    private, public = directory / f"{name}.key", directory / f"{name}.pub.pem"
    key = _generate(key_type)
    half = PublicKey(key.public_key())
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    if public.exists():
        raise _exists(public)
    if not write_new(private, text, mode=PRIVATE_MODE):
        raise _exists(private)
    if not write_new(public, half.pem, mode=PUBLIC_MODE):
        raise _exists(public)
    return KeyFiles(private, public, half.key_id)


def _check_passphrase(name: str, passphrase: bytes | None) -> None:
    if passphrase is None:
        return
    if not passphrase:
        raise _refused(name, "the passphrase is empty.", "give one, or none at all.")
    if len(passphrase) > MAX_PASSPHRASE_BYTES:
        text = f"the passphrase has {len(passphrase)} bytes, more than {MAX_PASSPHRASE_BYTES}."
        raise _refused(name, text, "give a shorter one.")


def needs_passphrase(path: Path) -> bool:
    """Tell whether a private key is encrypted.

    Raises:
        InputError: the file is missing or readable for others.
    """
    data = _read_private(path)
    return any(mark in data for mark in (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED"))


def show_key(path: Path) -> PublicKey:
    """Return the public key in a file, as `vdoc keys show` prints it.

    Raises:
        InputError: the file cannot be read or holds no public key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(str(path), f"cannot be read: {error.strerror}.", "check the path.") from (
            error
        )
    return PublicKey.from_pem(data, file=str(path))


def _generate(key_type: KeyType) -> _Private:
    match key_type:
        case KeyType.ED25519:
            return Ed25519PrivateKey.generate()
        case KeyType.ECDSA_P256:
            return generate_private_key(SECP256R1())
        case _:
            assert_never(key_type)


def _signer(key: _Private) -> Callable[[bytes], bytes]:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign
    return lambda data: key.sign(data, ECDSA(SHA256()))


def _read_private(path: Path) -> bytes:
    return read_owner_only(path, "private key", "make one with `vdoc keys new`.")


def _on_p256(key: object) -> TypeGuard[EllipticCurvePublicKey]:
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)


def _private_on_p256(key: object) -> TypeGuard[EllipticCurvePrivateKey]:
    return isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)


def _refused(file: str, message: str, remedy: str) -> InputError:
    return InputError(Problem(file, None, "key", message, remedy))


def _wrong_kind(file: str) -> InputError:
    kinds = " or ".join(KeyType)
    return _refused(file, "is of a kind that may not sign declarations.", f"use {kinds}.")


def _exists(path: Path) -> InputError:
    return _refused(
        str(path), "exists already; keys are never overwritten.", "choose another name."
    )
