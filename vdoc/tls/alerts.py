"""TLS alerts by name (RFC 8446 §6, RFC 5246 §7.2): the table, and the one in an OpenSSL error.

Knows numbers and spellings only; who sent an alert, and when, is the tunnel's to say.
"""

from __future__ import annotations

import re
import ssl

NAMES: dict[int, str] = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    41: "no_certificate",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    60: "export_restriction",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    111: "certificate_unobtainable",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    114: "bad_certificate_hash_value",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
NUMBERS: dict[str, int] = {name: number for number, name in NAMES.items()}

_ALERT_REASON = re.compile(r"^(?:SSLV3|TLSV1|TLSV13)_(?:ALERT_)?(?P<name>[A-Z_]+)$")
# Python lacks the symbol of the newer alerts; OpenSSL's own text has their names.
_ALERT_TEXT = re.compile(r"\b(?:sslv3|tlsv1|tlsv13|ssl/tls) alert (?P<name>[a-z ]+[a-z])")
_SPELLED_OTHERWISE = {"user_cancelled": "user_canceled"}

# X509_V_ERR_* numbers (a failed check of the peer's certificate) by the alert OpenSSL sends.
_UNKNOWN_CA_CODES = frozenset({2, 18, 19, 20, 21, 24, 25})
_EXPIRED_CODES = frozenset({10, 12})
_OUR_REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "certificate_required",
    "NO_SHARED_CIPHER": "handshake_failure",
    "UNSUPPORTED_PROTOCOL": "protocol_version",
    "NO_PROTOCOLS_AVAILABLE": "protocol_version",
    "WRONG_VERSION_NUMBER": "protocol_version",
    "NO_SUITABLE_SIGNATURE_ALGORITHM": "handshake_failure",
    "NO_SHARED_SIGNATURE_ALGORITHMS": "handshake_failure",
    "INAPPROPRIATE_FALLBACK": "inappropriate_fallback",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": "bad_record_mac",
    "BAD_RECORD_TYPE": "unexpected_message",
    "UNEXPECTED_MESSAGE": "unexpected_message",
}


def alert_name(number: int) -> str:
    """Return the name of alert `number`, or `alert_N` when no standard names it."""
    return NAMES.get(number, f"alert_{number}")


def received_alert(error: ssl.SSLError) -> str | None:
    """Return the alert that the peer sent, if that is what `error` reports."""
    match = _ALERT_REASON.match(error.reason or "") or _ALERT_TEXT.search(str(error))
    if match is None:
        return None
    name = match["name"].lower().replace(" ", "_")
    name = _SPELLED_OTHERWISE.get(name, name)
    return name if name in NUMBERS else None


def sent_encrypted_alert(error: ssl.SSLError) -> str:
    """Return the alert that OpenSSL sent, encrypted, when it refused the peer with `error`.

    Encrypted before the handshake is done means TLS 1.3; plain ones are read off the wire instead.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _EXPIRED_CODES:
            return "certificate_expired"
        return "unknown_ca" if error.verify_code in _UNKNOWN_CA_CODES else "bad_certificate"
    return _OUR_REASONS.get(error.reason or "", "unknown")
