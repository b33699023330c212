import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vdoc.tls import BenchPki, certificate_hash_data
from vdoc.tls.hash_data import HASH_ALGORITHMS, HashAlgorithm


@pytest.mark.parametrize("algorithm", HASH_ALGORITHMS)
def test_hashes_name_and_key_of_the_issuer(pki: BenchPki, algorithm: HashAlgorithm) -> None:
    root = x509.load_pem_x509_certificate(pki.certificate_pem("root1").encode())
    key = root.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    bits = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)  # what the BIT STRING holds
    data = certificate_hash_data(pki.certificate_pem("root1"), algorithm=algorithm)
    expected = hashlib.new(algorithm.lower(), bits).hexdigest()
    name = hashlib.new(algorithm.lower(), root.subject.public_bytes()).hexdigest()
    assert (data.issuer_key_hash, data.issuer_name_hash) == (expected, name)
    assert int(data.serial_number, 16) == root.serial_number
    assert not data.serial_number.startswith("0")


def test_a_cross_signed_root_is_named_by_who_signed_it(pki: BenchPki) -> None:
    old = certificate_hash_data(pki.certificate_pem("root1"))
    new = certificate_hash_data(pki.successor_pem("root2"), issuer_pem=pki.issuer_pem("root2"))
    assert new.issuer_key_hash == old.issuer_key_hash
    assert new.serial_number != old.serial_number


def test_a_wrong_issuer_is_refused(pki: BenchPki) -> None:
    with pytest.raises(ValueError, match="pass the issuer's certificate"):
        certificate_hash_data(pki.successor_pem("root2"))
    with pytest.raises(ValueError, match="pass the issuer's certificate"):
        certificate_hash_data(pki.certificate_pem("root1"), issuer_pem=pki.certificate_pem("root2"))


def test_matching_ignores_the_case_of_letters_and_nothing_else(pki: BenchPki) -> None:
    data = certificate_hash_data(pki.certificate_pem("mo_root"))
    shouted = {field: value.upper() for field, value in data.as_json().items()}
    assert data.matches(shouted)
    assert not data.matches({**shouted, "serialNumber": "1"})
    assert not data.matches({**shouted, "issuerKeyHash": None})
    assert not data.matches({})
