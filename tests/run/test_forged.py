"""What the bench makes wrong looks right."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.run.forged import forged_certificate, spoilt_signature
from vdoc.station.firmware_image import issue_signer
from vdoc.tls import authority as build

KEY = build.new_key("ECDSA")
ROOT = build.authority_certificate(build.distinguished_name("maker"), KEY, signer=None)
SIGNER, _ = issue_signer(ROOT, KEY, "maker")
PEM = SIGNER.public_bytes(Encoding.PEM).decode()


class TestCertificate:
    def test_says_what_the_valid_one_says(self) -> None:
        forged = x509.load_pem_x509_certificate(forged_certificate(PEM).encode())
        assert (forged.subject, forged.issuer) == (SIGNER.subject, SIGNER.issuer)
        assert forged.not_valid_after_utc == SIGNER.not_valid_after_utc
        assert list(forged.extensions) == list(SIGNER.extensions)

    def test_is_not_signed_by_its_issuer(self) -> None:
        forged = x509.load_pem_x509_certificate(forged_certificate(PEM).encode())
        assert forged.public_key() != SIGNER.public_key()
        with pytest.raises(InvalidSignature):
            forged.verify_directly_issued_by(ROOT)

    def test_needs_a_certificate(self) -> None:
        with pytest.raises(ValueError, match="PEM"):
            forged_certificate("none")


def test_a_spoilt_signature_has_its_length_and_another_end() -> None:
    signature = base64.b64encode(bytes(range(64))).decode()
    spoilt = base64.b64decode(spoilt_signature(signature))
    assert spoilt[:-1] == bytes(range(63))
    assert spoilt[-1] != 63
