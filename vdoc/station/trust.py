"""Certificate checks of the station: path, validity period, and the name of the CSMS.

Pure functions over parsed certificates; who is trusted and what happens on a refusal is decided
by the callers. Path validation follows RFC 5280 §6 as far as a station of this kind needs it:
signature and issuer name of each step, validity periods, CA flag of the issuers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID


class Flaw(StrEnum):
    """Why a certificate is not accepted."""

    UNKNOWN_ISSUER = "no path to an installed root certificate"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    WRONG_NAME = "commonName is not the host name"
    WILDCARD_NAME = "commonName is a wildcard"
    NOT_A_CA = "issuer is not a CA"


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed `certificate` (names and signature)."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def period_flaw(certificate: x509.Certificate, at: datetime) -> Flaw | None:
    """Whether `at` lies outside the certificate's validity period."""
    if at > certificate.not_valid_after_utc:
        return Flaw.EXPIRED
    if at < certificate.not_valid_before_utc:
        return Flaw.NOT_YET_VALID
    return None


def is_ca(certificate: x509.Certificate) -> bool:
    """Whether basicConstraints say that the certificate may issue others."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return found.value.ca


def path_flaws(
    chain: Sequence[x509.Certificate], anchors: Iterable[x509.Certificate], at: datetime
) -> frozenset[Flaw]:
    """What is wrong with the path from `chain[0]` over the rest of `chain` to an anchor.

    Args:
        chain: the certificate to judge, then its sub-CAs, each issued by the next.
        anchors: trusted certificates; one of them ends the path.
        at: the station's time.
    """
    flaws = {flaw for each in chain if (flaw := period_flaw(each, at))}
    flaws |= {Flaw.NOT_A_CA for each in chain[1:] if not is_ca(each)}
    trusted = tuple(anchors)
    for position, certificate in enumerate(chain):
        if certificate in trusted or any(issued_by(certificate, root) for root in trusted):
            return frozenset(flaws)
        if position + 1 < len(chain) and not issued_by(certificate, chain[position + 1]):
            break
    return frozenset(flaws | {Flaw.UNKNOWN_ISSUER})


def common_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The commonName RDNs of the subject."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return tuple(str(name.value) for name in names)


def name_flaw(certificate: x509.Certificate, host: str) -> Flaw | None:
    """Whether the certificate names `host` (A00.FR.309); a wildcard that matches is a flaw.

    The commonName counts, and a subjectAltName where the CSMS has several names (A00.FR.511).
    """
    names = [name.lower() for name in (*common_names(certificate), *_alternative(certificate))]
    if host.lower() in names:
        return None
    parent = host.lower().partition(".")[2]
    if any(
        name.startswith("*") and name.lstrip("*.") in ("", parent, host.lower()) for name in names
    ):
        return Flaw.WILDCARD_NAME
    return Flaw.WRONG_NAME


def _alternative(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = found.get_values_for_type(x509.IPAddress)
    return (
        *found.get_values_for_type(x509.DNSName),
        *(str(each) for each in addresses if isinstance(each, ipaddress.IPv4Address)),
        *(str(each) for each in addresses if isinstance(each, ipaddress.IPv6Address)),
    )
