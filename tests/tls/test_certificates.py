import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.tls import BenchPki, CertificateFacts, KeyFacts, read_certificate


def test_reads_owner_signer_key_and_serial_number(pki: BenchPki) -> None:
    pem = pki.client("SN-0001", key_type="RSA").certificate_file.read_text()
    facts = read_certificate(pem)
    assert facts is not None
    assert facts.subject.common_name == "SN-0001"
    assert facts.issuer.common_name == "vdoc CSMS Root 1"
    assert facts.key == KeyFacts("RSA", 2048)
    assert facts.serial_number == x509.load_pem_x509_certificate(pem.encode()).serial_number
    assert facts.pem == pem


def test_survives_json(pki: BenchPki) -> None:
    pem = pki.certificate_pem("v2g_root")
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    facts = CertificateFacts(der)
    assert CertificateFacts.from_json(facts.as_json()) == facts
    assert facts.as_json()["key"]["curve"] == "secp256r1"


def test_text_that_is_no_certificate_gives_none() -> None:
    assert read_certificate("nonsense") is None


def test_a_certificate_of_an_unknown_version_gives_none(pki: BenchPki) -> None:
    der = x509.load_pem_x509_certificate(pki.certificate_pem("v2g_root").encode()).public_bytes(
        Encoding.DER
    )
    text = base64.encodebytes(der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a00302011a")))
    pem = f"-----BEGIN CERTIFICATE-----\n{text.decode()}-----END CERTIFICATE-----\n"
    assert read_certificate(pem) is None


@pytest.mark.parametrize(
    ("key", "enough"),
    [
        (KeyFacts("RSA", 2047), False),
        (KeyFacts("RSA", 2048), True),
        (KeyFacts("ECDSA", 223), False),
        (KeyFacts("ECDSA", 224), True),
        (KeyFacts("Ed25519PublicKey", 256), False),
    ],
)
def test_key_lengths_are_judged_by_type(key: KeyFacts, enough: bool) -> None:
    assert key.is_long_enough is enough
