import ssl

import pytest

from vdoc.tls import suites
from vdoc.tls.context import iana_name


@pytest.mark.parametrize(
    ("openssl", "iana"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        ("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ],
)
def test_openssl_names_become_registered_names(openssl: str, iana: str) -> None:
    assert iana_name(openssl) == iana


def test_every_suite_a_default_client_offers_has_a_name() -> None:
    ciphers = ssl.create_default_context().get_ciphers()
    assert not [c for c in ciphers if suites.suite_name(c["id"] & 0xFFFF).startswith("0x")]


def test_names_are_unique() -> None:
    assert len(suites.NUMBERS) == len(suites.NAMES)
