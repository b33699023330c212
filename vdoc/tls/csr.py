"""A station's certificate signing request (SignCertificateRequest.csr), read as facts for checks.

A request that cannot be read is a fact too (`UnreadableCsr`): a DUT's fault is never an exception.
Requirements served: A02.FR.02, A02.FR.03, A00.FR.502, A00.FR.503, A00.FR.511.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from vdoc.errors import VdocError
from vdoc.tls.authority import PublicKey
from vdoc.tls.certificates import KeyFacts, SubjectFacts, key_facts, subject_facts

_PEM_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")


class UnsignableCsrError(VdocError):
    """A request that must not be signed; `reason` says why. Cases look at `read_csr` first."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the certificate signing request cannot be signed: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignableCsr:
    """What of a request goes into the certificate; nothing else of it does."""

    subject: x509.Name
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class CsrFacts:
    """A PKCS#10 request (RFC 2986) in PEM.

    `signature_valid` is whether the requester proved to hold the key: the request's own signature.
    """

    key: KeyFacts
    subject: SubjectFacts
    signature_valid: bool
    hash_algorithm: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class UnreadableCsr:
    """Text that is no PKCS#10 request in PEM, and why not."""

    reason: str


def read_csr(pem: str) -> CsrFacts | UnreadableCsr:
    """Read the request in `pem`; never raises, whatever the text is."""
    request = _load(pem)
    return request if isinstance(request, UnreadableCsr) else _read(request)


def csr_facts(pem: str) -> dict[str, Any]:
    """Return what evidence says of the request in `pem`."""
    facts = read_csr(pem)
    return {"unreadable": facts.reason} if isinstance(facts, UnreadableCsr) else facts.as_json()


def signable(pem: str, *, common_name: str | None, organization: str | None) -> SignableCsr:
    """Return what to certify for the request in `pem`; CN and O must be as given, where given.

    Raises:
        UnsignableCsrError: it is unreadable, of an unusable key, not signed with its own key, or
            its subject is not the expected one.
    """
    request = _load(pem)
    if isinstance(request, UnreadableCsr):
        raise UnsignableCsrError(request.reason)
    facts = _read(request)
    if isinstance(facts, UnreadableCsr):
        raise UnsignableCsrError(facts.reason)
    if not facts.signature_valid:
        raise UnsignableCsrError("it is not signed with its own key")
    _expect(facts.subject, common_name, organization)
    key = request.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise UnsignableCsrError(f"got a key of type {facts.key.type}, expected RSA or ECDSA")
    return SignableCsr(request.subject, key)


def _expect(subject: SubjectFacts, common_name: str | None, organization: str | None) -> None:
    expected = {"CN": common_name, "O": organization}
    got = {"CN": subject.common_name, "O": subject.organization}
    for part, value in expected.items():
        if value is not None and got[part] != value:
            raise UnsignableCsrError(f"got {part} {got[part]!r}, expected {value!r}")


def _load(pem: str) -> x509.CertificateSigningRequest | UnreadableCsr:
    if not any(f"-----BEGIN {label}-----" in pem for label in _PEM_LABELS):
        return UnreadableCsr("no PEM block CERTIFICATE REQUEST")
    try:
        return x509.load_pem_x509_csr(pem.encode())
    except (ValueError, x509.InvalidVersion) as error:  # the latter is no ValueError
        return UnreadableCsr(f"not a PKCS#10 request: {error}")


def _read(request: x509.CertificateSigningRequest) -> CsrFacts | UnreadableCsr:
    try:
        subject = subject_facts(request.subject)
    except ValueError as error:
        return UnreadableCsr(f"the subject cannot be read: {error}")
    return CsrFacts(
        key=key_facts(request.public_key),
        subject=subject,
        signature_valid=_signature_valid(request),
        hash_algorithm=_hash_algorithm(request),
    )


def _signature_valid(request: x509.CertificateSigningRequest) -> bool:
    try:
        return request.is_signature_valid
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return False


def _hash_algorithm(request: x509.CertificateSigningRequest) -> str | None:
    try:
        algorithm = request.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    return None if algorithm is None else algorithm.name
