import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from vdoc.tls import CsrFacts, UnreadableCsr, read_csr
from vdoc.tls.authority import PrivateKey, distinguished_name


def _pem(key: PrivateKey) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        distinguished_name("SN-0001", organization="Vendor")
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


EC_PEM = _pem(ec.generate_private_key(ec.SECP256R1()))


def _facts(pem: str) -> CsrFacts:
    facts = read_csr(pem)
    assert isinstance(facts, CsrFacts)
    return facts


def test_reads_key_subject_and_signature() -> None:
    facts = _facts(EC_PEM)
    assert (facts.key.type, facts.key.size_bits, facts.key.curve) == ("ECDSA", 256, "secp256r1")
    assert (facts.subject.common_name, facts.subject.organization) == ("SN-0001", "Vendor")
    assert (facts.signature_valid, facts.hash_algorithm) == (True, "sha256")
    assert json.loads(json.dumps(facts.as_json()))["key"]["curve"] == "secp256r1"


@pytest.mark.parametrize(("size_bits", "enough"), [(1024, False), (2048, True)])
def test_a_short_rsa_key_is_seen(size_bits: int, enough: bool) -> None:
    key = rsa.generate_private_key(65537, size_bits)
    assert _facts(_pem(key)).key.is_long_enough is enough


def test_a_short_curve_is_seen() -> None:
    assert not _facts(_pem(ec.generate_private_key(ec.SECP192R1()))).key.is_long_enough


def test_a_forged_signature_is_seen() -> None:
    request = x509.load_pem_x509_csr(EC_PEM.encode())
    other = x509.load_pem_x509_csr(_pem(ec.generate_private_key(ec.SECP256R1())).encode())
    der = request.public_bytes(Encoding.DER)
    mine, theirs = (
        one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for one in (request, other)
    )
    forged = x509.load_der_x509_csr(der.replace(mine, theirs)).public_bytes(Encoding.PEM)
    assert not _facts(forged.decode()).signature_valid


@pytest.mark.parametrize(
    "text", ["", "\ud800", EC_PEM.replace("CERTIFICATE REQUEST", "CERTIFICATE"), EC_PEM[:200]]
)
def test_what_is_no_request_is_a_fact(text: str) -> None:
    assert isinstance(read_csr(text), UnreadableCsr)


@example(at=47, letter="a")  # an unknown version
@given(at=st.integers(40, len(EC_PEM) - 40), letter=st.sampled_from("Aa0+/=-\n\ud800"))
def test_a_damaged_request_never_raises(at: int, letter: str) -> None:
    assert isinstance(read_csr(EC_PEM[:at] + letter + EC_PEM[at + 1 :]), CsrFacts | UnreadableCsr)
