import ssl

from vdoc.tls import alerts


def _error(reason: str | None, text: str) -> ssl.SSLError:
    error = ssl.SSLError(1, text)
    error.reason = reason or ""
    return error


def test_reads_the_alert_from_openssls_symbol() -> None:
    assert alerts.received_alert(_error("TLSV1_ALERT_UNKNOWN_CA", "")) == "unknown_ca"
    assert alerts.received_alert(_error("TLSV1_UNRECOGNIZED_NAME", "")) == "unrecognized_name"
    assert alerts.received_alert(_error("TLSV1_ALERT_USER_CANCELLED", "")) == "user_canceled"


def test_reads_the_alert_from_openssls_text_where_there_is_no_symbol() -> None:
    text = "[SSL] ssl/tls alert bad certificate (_ssl.c:1006)"
    assert alerts.received_alert(_error(None, text)) == "bad_certificate"


def test_our_own_refusals_are_no_received_alerts() -> None:
    error = _error("NO_SHARED_CIPHER", "[SSL: NO_SHARED_CIPHER] no shared cipher")
    assert alerts.received_alert(error) is None
    assert alerts.sent_encrypted_alert(error) == "handshake_failure"


def test_numbers_without_a_name_are_kept() -> None:
    assert alerts.alert_name(48) == "unknown_ca"
    assert alerts.alert_name(99) == "alert_99"
