"""TLS of the station as a client of the CSMS: its contexts, and what a failure meant.

Keeps A00.FR.312 to 321 and 416 to 422: TLS 1.2 or above, the cipher suites that PICS item C-41
claims, no compression, the path to an installed root. The host name is checked by `trust.name_flaw`
after the handshake and before the HTTP request, because OCPP asks for the commonName and
rejects wildcards, which OpenSSL's own check does not.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.station import trust
from vdoc.station.defects import declare
from vdoc.station.storage import Credentials

CIPHERS = {
    "ECDSA": ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"),
    "RSA": ("AES128-GCM-SHA256", "AES256-GCM-SHA384"),
}
_OLD_CIPHERS = ("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES128-SHA", "@SECLEVEL=0")

ACCEPTS_EXPIRED = declare(
    "accepts-expired-csms-certificate",
    "connects to a CSMS whose certificate has expired",
    "A00.FR.308",
    "TC_A_05_CS",
)
ACCEPTS_FUTURE = declare(
    "accepts-future-csms-certificate",
    "connects to a CSMS whose certificate is not valid yet",
    "A00.FR.308",
    "TC_A_05_CS",
)
ACCEPTS_OTHER_ROOT = declare(
    "accepts-unknown-csms-root",
    "connects to a CSMS whose certificate no installed root has signed",
    "A00.FR.308",
    "TC_A_05_CS",
)
ACCEPTS_WRONG_NAME = declare(
    "accepts-wrong-csms-name",
    "connects to a CSMS whose certificate names another host",
    "A00.FR.309",
    "TC_A_05_CS",
)
ACCEPTS_WILDCARD = declare(
    "accepts-wildcard-csms-name",
    "connects to a CSMS with a wildcard certificate although that is not allowed",
    "A00.FR.309",
    "TC_A_05_CS",
)
OLD_TLS = declare(
    "accepts-tls-1-1",
    "connects to a CSMS that uses TLS 1.1",
    "A00.FR.316",
    "TC_A_06_CS",
)
ONLY_OLD_TLS = declare(
    "offers-only-tls-1-1",
    "offers TLS 1.1 as its highest version",
    "A00.FR.313",
    "TC_A_04_CS",
)
LACKS_SUITE = declare(
    "lacks-aes-256-suites",
    "supports only the AES-128 suite of each mandatory pair",
    "A00.FR.319",
    "TC_A_04_CS",
)
LACKS_SMALL_SUITE = declare(
    "lacks-aes-128-suites",
    "supports only the AES-256 suite of each mandatory pair",
    "A00.FR.319",
    "TC_A_04_CS",
)
CROSSED_SUITES = declare(
    "offers-ecdhe-rsa-only",
    "supports ECDHE with RSA in place of either mandatory pair",
    "A00.FR.319",
    "TC_A_04_CS",
)
_CROSSED = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384")
_FORGIVEN = {
    ACCEPTS_EXPIRED: trust.Flaw.EXPIRED,
    ACCEPTS_FUTURE: trust.Flaw.NOT_YET_VALID,
    ACCEPTS_OTHER_ROOT: trust.Flaw.UNKNOWN_ISSUER,
    ACCEPTS_WRONG_NAME: trust.Flaw.WRONG_NAME,
    ACCEPTS_WILDCARD: trust.Flaw.WILDCARD_NAME,
}
_EVENTS_BY_REASON = {  # what OpenSSL calls it; WRONG_VERSION_NUMBER is a peer without TLS
    "UNSUPPORTED_PROTOCOL": "InvalidTLSVersion",
    "TLSV1_ALERT_PROTOCOL_VERSION": "InvalidTLSVersion",
    "VERSION_TOO_LOW": "InvalidTLSVersion",
    "SSLV3_ALERT_HANDSHAKE_FAILURE": "InvalidTLSCipherSuite",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "InvalidTLSCipherSuite",
    "WRONG_CIPHER_RETURNED": "InvalidTLSCipherSuite",
    "UNKNOWN_CIPHER_RETURNED": "InvalidTLSCipherSuite",
}


class CsmsCertificateError(Exception):
    """The certificate of the CSMS is not acceptable; the connection is to be closed."""

    def __init__(self, flaws: frozenset[trust.Flaw]) -> None:
        super().__init__("; ".join(sorted(flaws)))
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """How this station does TLS.

    Attributes:
        key_types: "RSA", "ECDSA" or both, by PICS item C-41.
        has: whether a named defect is on.
    """

    key_types: tuple[str, ...]
    has: Callable[[str], bool]

    def context(
        self, roots: Sequence[x509.Certificate], client: Credentials | None
    ) -> ssl.SSLContext:
        """Return a client context that trusts `roots` and shows `client` when asked."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.options |= ssl.OP_NO_COMPRESSION
        self._restrict(context)
        if self._forgives_path:
            context.verify_mode = ssl.CERT_NONE
        elif roots:
            pem = b"".join(root.public_bytes(Encoding.PEM) for root in roots)
            context.load_verify_locations(cadata=pem.decode("ascii"))
            # A root that replaced its predecessor is signed by it (M05.FR.10), yet ends the path.
            context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        if client is not None:
            context.load_cert_chain(client.chain, client.key)
        return context

    def _restrict(self, context: ssl.SSLContext) -> None:
        suites = [suite for key_type in self.key_types for suite in CIPHERS[key_type]]
        suites = self._lacking(suites)
        minimum, maximum = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
        if len(self.key_types) > 1:
            maximum = ssl.TLSVersion.TLSv1_3  # whose suites do not name the kind of key
        if self.has(OLD_TLS) or self.has(ONLY_OLD_TLS):
            minimum = ssl.TLSVersion.TLSv1_1
            suites.extend(_OLD_CIPHERS)
        if self.has(ONLY_OLD_TLS):
            maximum = ssl.TLSVersion.TLSv1_1
        context.set_ciphers(":".join(suites))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1, by a defect only
            context.minimum_version = minimum
            context.maximum_version = maximum

    def _lacking(self, suites: list[str]) -> list[str]:
        if self.has(LACKS_SUITE):
            return [suite for suite in suites if "128" in suite]
        if self.has(LACKS_SMALL_SUITE):
            return [suite for suite in suites if "256-GCM" in suite]
        return list(_CROSSED) if self.has(CROSSED_SUITES) else suites

    @property
    def _forgives_path(self) -> bool:
        return any(map(self.has, (ACCEPTS_EXPIRED, ACCEPTS_FUTURE, ACCEPTS_OTHER_ROOT)))

    def check(
        self,
        certificate: x509.Certificate,
        roots: Sequence[x509.Certificate],
        host: str,
        at: datetime,
        *,
        wildcards: bool,
    ) -> None:
        """Check the certificate of the CSMS once the handshake is done.

        Args:
            certificate: what the CSMS showed.
            roots: the trust anchors that the handshake was made with.
            host: the host name of the connection URL.
            at: the station's time.
            wildcards: AllowCSMSTLSWildcards.

        Raises:
            CsmsCertificateError: it is not acceptable (A00.FR.308, 309).
        """
        flaws: set[trust.Flaw] = set()
        if self._forgives_path:  # then OpenSSL has not looked
            flaws |= trust.path_flaws((certificate,), roots, at)
        if (flaw := trust.name_flaw(certificate, host)) is not None:
            flaws.add(flaw)
        if wildcards:
            flaws.discard(trust.Flaw.WILDCARD_NAME)
        flaws -= {flaw for defect, flaw in _FORGIVEN.items() if self.has(defect)}
        if flaws:
            raise CsmsCertificateError(frozenset(flaws))


def security_event(error: BaseException) -> tuple[str, str] | None:
    """Return the security event (type, techInfo) that a failed connection calls for, if any.

    A00.FR.310/413 InvalidCsmsCertificate, FR.316/419 InvalidTLSVersion, FR.323 and FR.426
    InvalidTLSCipherSuite.
    """
    if isinstance(error, CsmsCertificateError):
        return "InvalidCsmsCertificate", str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return "InvalidCsmsCertificate", str(error.verify_message)
    if not isinstance(error, ssl.SSLError):
        return None
    reason = str(error.reason or "")
    event = _EVENTS_BY_REASON.get(reason)
    return None if event is None else (event, reason)
