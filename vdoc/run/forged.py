"""What the bench makes wrong on purpose: signatures and signing certificates of firmware.

A valid signature and a valid certificate are never made here; they are the vendor's, and come from
the settings. What is made resembles them as closely as can be, so that a DUT which looks at less
than it must is found out.
"""

from __future__ import annotations

import base64

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding


def spoilt_signature(signature: str) -> str:
    """Return a well-formed signature that is wrong: the last byte differs, the length does not."""
    raw = bytearray(base64.b64decode(signature))
    raw[-1] ^= 0x01
    return base64.b64encode(bytes(raw)).decode("ascii")


def forged_certificate(pem: str) -> str:
    """Return a certificate that says what the given one says, but that its issuer has not signed.

    Subject, issuer, validity and extensions are the same (TC_L_05_CS: trusted by all that it
    says); key and signature are not.

    Raises:
        ValueError: the given one is no certificate in PEM form.
    """
    given = x509.load_pem_x509_certificate(pem.encode("ascii"))
    key, nobody = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(given.subject)
        .issuer_name(given.issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(given.not_valid_before_utc)
        .not_valid_after(given.not_valid_after_utc)
    )
    for extension in given.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    forged = builder.sign(nobody, hashes.SHA256())
    return forged.public_bytes(Encoding.PEM).decode("ascii")
