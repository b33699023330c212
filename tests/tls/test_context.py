import ssl

import pytest

from vdoc.tls import BenchPki, server_context
from vdoc.tls.context import TLS12_SUITES, iana_name
from vdoc.tls.suites import PART6_ECDSA_PAIR, PART6_RSA_PAIR, TLS13_SUITES

HOST = "csms.example.com"


def _suites(context: ssl.SSLContext) -> set[str]:
    return {iana_name(cipher["name"]) for cipher in context.get_ciphers()}


def test_names_both_pairs_and_nothing_unasked(pki: BenchPki) -> None:
    offered = _suites(server_context(pki.server(HOST, key_type="RSA")))
    assert offered >= {*PART6_RSA_PAIR, *PART6_ECDSA_PAIR}
    assert offered == {*TLS12_SUITES, *TLS13_SUITES}


def test_can_be_limited_to_one_suite(pki: BenchPki) -> None:
    context = server_context(
        pki.server(HOST, key_type="RSA"),
        maximum=ssl.TLSVersion.TLSv1_2,
        tls12_suites=PART6_RSA_PAIR[:1],
    )
    assert _suites(context) - set(TLS13_SUITES) == {PART6_RSA_PAIR[0]}
    assert context.maximum_version is ssl.TLSVersion.TLSv1_2


def test_asks_for_a_client_certificate_only_with_an_authority(pki: BenchPki) -> None:
    served = pki.server(HOST, key_type="RSA")
    assert server_context(served).verify_mode is ssl.CERT_NONE
    context = server_context(served, client_ca=pki.client_trust_pem())
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_never_resumes_by_ticket(pki: BenchPki) -> None:
    context = server_context(pki.server(HOST, key_type="RSA"))
    assert context.num_tickets == 0
    assert context.options & ssl.OP_NO_TICKET


def test_refuses_to_serve_nothing(pki: BenchPki) -> None:
    with pytest.raises(ValueError, match="needs credentials"):
        server_context()
    with pytest.raises(ValueError, match="OpenSSL has no TLS_FICTION"):
        server_context(pki.server(HOST, key_type="RSA"), tls12_suites=("TLS_FICTION",))
