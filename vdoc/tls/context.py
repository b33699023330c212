"""Server contexts that name what they serve: versions and cipher suites, both pairs of Part 6.

A default Python context lacks the TLS_RSA suites that A00.FR.318 wants, and refuses TLS 1.1
whatever its version limits say. Make a context per connection: tickets are off, so a fresh one
cannot resume a session, and a station cannot skip looking at the certificate it is shown.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Sequence
from functools import cache

from vdoc.tls import suites
from vdoc.tls.pki import ServerCredentials

# The pairs first: what a station supports of them is what it gets; the last two let a station that
# lacks both go on, so that its verdict comes from a check and not from a dead connection.
TLS12_SUITES = (
    *suites.PART6_ECDSA_PAIR,
    *suites.PART6_RSA_PAIR,
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
)
_OLD_VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def server_context(
    *credentials: ServerCredentials,
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    tls12_suites: Sequence[str] = TLS12_SUITES,
    client_ca: str | None = None,
) -> ssl.SSLContext:
    """Return a server context.

    Args:
        credentials: what to serve with; at most one for each key type.
        minimum: lowest version served; below TLS 1.2 OpenSSL's security level is lowered to 0.
        maximum: highest version served.
        tls12_suites: suites for TLS 1.2 and below by their IANA names, preferred first.
        client_ca: PEM of the authorities that station certificates must come from; None asks for
            no certificate (security profile 2), otherwise one is required (security profile 3).

    Raises:
        ValueError: no credentials, or a suite that OpenSSL does not have.
    """
    if not credentials:
        raise ValueError("a server context needs credentials")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old = minimum in _OLD_VERSIONS
    _limit_versions(context, minimum, maximum)
    names = (*tls12_suites, *suites.OLD_SUITES) if old else tuple(tls12_suites)
    context.set_ciphers(_cipher_string(names, security_level_0=old))
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.num_tickets = 0
    for one in credentials:
        context.load_cert_chain(one.certificate_file, one.key_file)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=client_ca)
    return context


def openssl_ciphers(names: Sequence[str] = TLS12_SUITES) -> str:
    """Return suites in OpenSSL's own words, for a library that has contexts of its own.

    Raises:
        ValueError: OpenSSL does not have one.
    """
    return _cipher_string(names, security_level_0=False)


def _limit_versions(
    context: ssl.SSLContext, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion
) -> None:
    with warnings.catch_warnings():  # Python warns of versions below 1.2; serving them is the point
        warnings.simplefilter("ignore", DeprecationWarning)
        context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
        context.minimum_version = minimum
        context.maximum_version = maximum


def _cipher_string(names: Sequence[str], *, security_level_0: bool) -> str:
    known = _openssl_names()
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"OpenSSL has no {', '.join(missing)}: name suites it has")
    wanted = ":".join(known[name] for name in names)
    return f"{wanted}:@SECLEVEL=0" if security_level_0 else wanted


@cache
def _openssl_names() -> dict[str, str]:
    """Return OpenSSL's name of each suite by the registry's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {
        suites.suite_name(cipher["id"] & 0xFFFF): cipher["name"] for cipher in context.get_ciphers()
    }


@cache
def iana_name(openssl_name: str) -> str:
    """Return the registry's name of the suite that OpenSSL calls `openssl_name`."""
    for iana, known in _openssl_names().items():
        if known == openssl_name:
            return iana
    return openssl_name
