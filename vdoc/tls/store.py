"""The PKI's directory: keys 0600, directories 0700, nothing ever overwritten.

A file appears whole or not at all (written aside, then linked into place). What cannot be used is
reported as a `Problem` with a remedy; nothing is repaired or regenerated silently, because stations
trust the roots that are here.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from vdoc.errors import InputError, Problem
from vdoc.tls.authority import PrivateKey, pem

REMEDY = (
    "put the file back from a backup, or move the whole directory away, run `vdoc keys pki` for a "
    "new PKI and install its roots in the DUT"
)


def unusable(path: Path, message: str, remedy: str = REMEDY) -> InputError:
    """Return the error that says that `path` cannot be used."""
    return InputError(problem(path, message, remedy))


def problem(path: Path, message: str, remedy: str = REMEDY) -> Problem:
    """Return one thing wrong with the PKI file `path`."""
    return Problem(file=str(path), line=None, item="pki", message=message, remedy=remedy)


def make_directory(path: Path) -> None:
    """Make `path`, for the owner only.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(
            path, f"cannot make the directory: {error.strerror}.", "name another"
        ) from error


def write_new(path: Path, data: bytes, *, mode: int) -> bool:
    """Write `data` to `path` with `mode`, whole; return False, writing nothing, when it exists.

    Raises:
        InputError: the directory cannot be written to.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(aside, path)
        finally:
            aside.unlink()
    except FileExistsError:
        return False
    except OSError as error:
        remedy = "make the directory writable for this user"
        raise unusable(path, f"cannot be written: {error.strerror}.", remedy) from error
    return True


def write_key(path: Path, key: PrivateKey) -> bool:
    """Write `key` unencrypted (PKCS#8 PEM, 0600); False when `path` exists."""
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return write_new(path, data, mode=0o600)


def write_certificate(path: Path, *chain: x509.Certificate) -> bool:
    """Write `chain` in PEM, the leaf first; False when `path` exists."""
    return write_new(path, "".join(map(pem, chain)).encode(), mode=0o644)


def read_key(path: Path) -> PrivateKey:
    """Read a private key.

    Raises:
        InputError: it is missing, unreadable, open to others, or no RSA or elliptic curve key.
    """
    data = _read(path)
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise unusable(
            path, "others may read this private key.", f"chmod 600 {path}, if nobody has read it"
        )
    try:
        key = _parsed(data)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise unusable(path, "is not a private key in PEM.") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise unusable(path, f"got a {type(key).__name__}, expected RSA or elliptic curve.")
    return key


@lru_cache(maxsize=64)
def _parsed(data: bytes) -> PrivateKeyTypes:
    """Return the key in `data`; a second time without the 0.1 s that validating RSA takes."""
    return load_pem_private_key(data, password=None)


def read_certificate(path: Path) -> x509.Certificate:
    """Read the first certificate of `path`.

    Raises:
        InputError: it is missing, unreadable or no certificate.
    """
    data = _read(path)
    try:
        return x509.load_pem_x509_certificate(data)
    except (ValueError, x509.InvalidVersion) as error:
        raise unusable(path, "is not a certificate in PEM.") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise unusable(path, "is missing.") from error
    except OSError as error:
        raise unusable(path, f"cannot be read: {error.strerror}.") from error
