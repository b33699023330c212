"""X.509 certificates of signing keys: a chain beside a signature, and what makes it hold.

Owns the rules for a chain: from the certificate of the key, through intermediates, to an authority
that the verifier trusts; every certificate valid at the time in question; the key's allowed to make
digital signatures and no authority itself. `cryptography` builds and checks the path; its profile
knows ECDSA and RSA, so a key with a certificate is ECDSA on P-256.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    KeyUsage,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from vdoc.errors import InputError, Problem
from vdoc.signing.keys import PublicKey, SigningKey

MAX_CHAIN = 5
BAD_CERTIFICATE = (
    DuplicateExtension, ExtensionNotFound, InvalidVersion, UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
)  # fmt: skip
"""What reading a certificate may raise beside ValueError, when somebody has made it on purpose."""
_DEPTH = 3  # intermediates between the key's certificate and an authority


class NotHeldError(Exception):
    """What somebody has signed does not hold; caught where signatures are judged.

    Attributes:
        code: for programs.
        message: a sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ChainError(NotHeldError):
    """A chain does not hold."""


def load_certificates(path: Path) -> tuple[Certificate, ...]:
    """Read certificates from a PEM file, in their order.

    Raises:
        InputError: the file cannot be read or holds none.
    """
    try:
        return tuple(load_pem_x509_certificates(path.read_bytes()))
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise _refused(path, "holds no certificate in PEM (BEGIN CERTIFICATE).") from error


def load_authorities(directory: Path) -> tuple[Certificate, ...]:
    """Read every certificate (`*.pem`) of a directory.

    Raises:
        InputError: there is none, or a file holds none.
    """
    found = [each for path in sorted(directory.glob("*.pem")) for each in load_certificates(path)]
    if not found:
        raise _refused(directory, "holds no certificate (*.pem), so nobody would be trusted.")
    return tuple(found)


def chain_of(key: SigningKey, path: Path) -> tuple[bytes, ...]:
    """Return the chain of a key in DER, the key's own certificate first.

    Raises:
        InputError: the file holds none, too many, or the first is of another key.
    """
    certificates = load_certificates(path)
    if len(certificates) > MAX_CHAIN:
        raise _refused(path, f"holds more than {MAX_CHAIN} certificates.")
    if certificates[0].public_key() != key.public.key:
        raise _refused(path, "begins with the certificate of another key.")
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)


def verified_key(
    chain: Sequence[bytes], authorities: Sequence[Certificate], times: Sequence[datetime]
) -> PublicKey:
    """Return the key that a chain certifies.

    Args:
        chain: in DER, the key's own certificate first.
        authorities: whom the verifier trusts; never empty.
        times: when the chain must hold, aware; never empty.

    Raises:
        ChainError: it does not hold; its codes are certificate-form, -usage, -time, -chain.
    """
    leaf, *others = _certificates(chain)
    _check_usage(leaf)
    for at in times:
        _check_time((leaf, *others), at)
        _check_path(leaf, others, authorities, at)
    try:
        return PublicKey.from_certificate(leaf)
    except InputError as error:
        raise ChainError("certificate-form", "its key is of a kind that may not sign") from error


def check_signer(chain: Sequence[bytes], times: Sequence[datetime]) -> None:
    """Check before signing what can be seen without knowing whom a verifier trusts.

    Args:
        chain: in DER, the key's own certificate first; a bare key has none, which is right.
        times: when it must hold, aware.

    Raises:
        ChainError: no verifier would accept it; its codes are certificate-form, -usage, -time.
    """
    if not chain:
        return
    leaf, *others = _certificates(chain)
    if not isinstance(leaf.public_key(), EllipticCurvePublicKey):
        words = "a key with a certificate must be ECDSA on P-256: no path to Ed25519 is checked"
        raise ChainError("certificate-form", words)
    _check_usage(leaf)
    for at in times:
        _check_time((leaf, *others), at)


def _check_time(certificates: Sequence[Certificate], at: datetime) -> None:
    for each in certificates:
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc:
            words = (
                f"{each.subject.rfc4514_string()} is valid from {each.not_valid_before_utc} to "
                f"{each.not_valid_after_utc}, not at {at}"
            )
            raise ChainError("certificate-time", words)


def _certificates(chain: Sequence[bytes]) -> list[Certificate]:
    if not 1 <= len(chain) <= MAX_CHAIN:
        raise ChainError("certificate-form", f"a chain has 1 to {MAX_CHAIN} certificates")
    try:
        return [load_der_x509_certificate(each) for each in chain]
    except (ValueError, *BAD_CERTIFICATE) as error:
        raise ChainError("certificate-form", f"no certificate: {error}") from error


def _check_usage(leaf: Certificate) -> None:
    try:
        signs = leaf.extensions.get_extension_for_class(KeyUsage).value.digital_signature
    except (ValueError, *BAD_CERTIFICATE):
        signs = False
    try:
        authority = leaf.extensions.get_extension_for_class(BasicConstraints).value.ca
    except (ValueError, *BAD_CERTIFICATE):
        authority = False
    if authority or not signs:
        words = "is an authority's" if authority else "does not allow digital signatures"
        name = leaf.subject.rfc4514_string()
        raise ChainError("certificate-usage", f"the certificate of {name} {words}")


def _check_path(
    leaf: Certificate,
    others: Sequence[Certificate],
    authorities: Sequence[Certificate],
    at: datetime,
) -> None:
    verifier = (
        PolicyBuilder()
        .store(Store(list(authorities)))
        .time(at)
        .max_chain_depth(_DEPTH)
        .extension_policies(
            ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(leaf, list(others))
    except VerificationError as error:
        name = leaf.subject.rfc4514_string()
        words = f"the certificate of {name} leads to no trusted authority: {error}"
        raise ChainError("certificate-chain", words) from error


def _refused(path: Path, message: str) -> InputError:
    remedy = "give certificates in PEM, the key's own first."
    return InputError(Problem(str(path), None, "certificate", message, remedy))
