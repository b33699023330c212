"""The signature inside the PDF: CMS as PAdES wants it, made by pyHanko, signed by a `SigningKey`.

Owns how a key appears in a PDF. A key with a chain brings it; a bare key gets a certificate that it
signs itself, at the same time, since CMS has no other way to name a key: it says nothing but which
key it is. No private key is touched here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from vdoc.signing import KeyType, SigningKey
from vdoc.signing.timestamps import TsaError

DIGESTS = {KeyType.ED25519: "sha512", KeyType.ECDSA_P256: "sha256"}
"""The hash of the document by kind of key; RFC 8419 asks for SHA-512 beside Ed25519."""
_MECHANISMS = {KeyType.ED25519: "ed25519", KeyType.ECDSA_P256: "sha256_ecdsa"}
_SIGNATURE_BYTES = 72  # of ECDSA on P-256 in DER at most; of Ed25519 64
_FOR_EVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # RFC 5280 4.1.2.5

Exchange = Callable[[bytes], bytes]
"""Sends a request of RFC 3161 (DER) to an authority and returns its response."""


class KeySigner(Signer):
    """A `SigningKey` as pyHanko wants it."""

    def __init__(self, key: SigningKey, chain: tuple[bytes, ...]) -> None:
        certificates = [x509.Certificate.load(each) for each in chain]
        others = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        others.register_multiple(certificates[1:])
        mechanism = algos.SignedDigestAlgorithm({"algorithm": _MECHANISMS[key.public.type]})
        super().__init__(
            signing_cert=certificates[0], cert_registry=others, signature_mechanism=mechanism
        )
        self._key = key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return the signature of the signed attributes."""
        if digest_algorithm != DIGESTS[self._key.public.type]:
            raise ValueError(f"{digest_algorithm} is not the hash of a {self._key.public.type} key")
        return bytes(_SIGNATURE_BYTES) if dry_run else self._key.sign(data)

    async def unsigned_attrs(
        self,
        digest_algorithm: str,  # noqa: ARG002  # stamps are over SHA-256, whatever signs
        signature: bytes,
        signed_attrs: cms.CMSAttributes,
        timestamper: TimeStamper | None = None,
        dry_run: bool = False,
    ) -> cms.CMSAttributes | None:
        """Return the time stamp of the signature."""
        return await super().unsigned_attrs(
            "sha256", signature, signed_attrs, timestamper=timestamper, dry_run=dry_run
        )


class Authority(TimeStamper):
    """A time stamping authority as pyHanko wants it; how it is reached is the caller's."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._exchange = exchange

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Return the authority's answer."""
        return tsp.TimeStampResp.load(self._exchange(req.dump()))

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a stamp over a hash.

        Raises:
            TsaError: there is none, or it is over something else.
        """
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            over = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
            same = over["hashed_message"].native == message_digest
        except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise TsaError(f"no time stamp for the PDF: {error}") from error
        if not same:
            raise TsaError("no time stamp for the PDF: the authority stamped something else")
        return token


def cms_of(
    key: SigningKey, chain: tuple[bytes, ...], digest: bytes, authority: Authority | None
) -> bytes:
    """Return the signature over a hash: CMS in DER, PAdES-B-B, or B-T with an authority.

    Args:
        key: signs.
        chain: its certificates in DER, its own first; never empty.
        digest: of what is signed, by the algorithm of `DIGESTS`.
        authority: stamps the signature.

    Raises:
        InputError: the key does not sign.
        TsaError: the authority does not stamp.
    """
    signer = KeySigner(key, chain)
    made = signer.async_sign(
        digest, DIGESTS[key.public.type], use_pades=True, timestamper=authority
    )
    with ThreadPoolExecutor(1) as apart:  # the caller may have an event loop of his own
        encoded: bytes = apart.submit(asyncio.run, made).result().dump()
    return encoded


def chain_for(key: SigningKey, vendor: str, made: datetime) -> tuple[bytes, ...]:
    """Return the certificates of a key; of a bare one, a certificate that it signs itself.

    Args:
        key: whose.
        vendor: who is named as its owner.
        made: from when the certificate is valid, aware.
    """
    return key.chain or (_self_signed(key, vendor, made),)


def _self_signed(key: SigningKey, vendor: str, made: datetime) -> bytes:
    spki = key.public.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    name = x509.Name.build({"organization_name": vendor[:64], "common_name": key.public.key_id})
    algorithm = {"algorithm": _MECHANISMS[key.public.type]}
    content = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int(key.public.key_id[:30], 16),
            "signature": algorithm,
            "issuer": name,
            "validity": {
                "not_before": x509.Time({"utc_time": made.replace(microsecond=0)}),
                "not_after": x509.Time({"general_time": _FOR_EVER}),
            },
            "subject": name,
            "subject_public_key_info": x509.PublicKeyInfo.load(spki),
            "extensions": _extensions(),
        }
    )
    signed = x509.Certificate(
        {
            "tbs_certificate": content,
            "signature_algorithm": algorithm,
            "signature_value": core.OctetBitString(key.sign(content.dump())),
        }
    )
    encoded: bytes = signed.dump()
    return encoded


def _extensions() -> list[dict[str, Any]]:
    usage = x509.KeyUsage({"digital_signature", "non_repudiation"})
    limits = x509.BasicConstraints({"ca": False})
    return [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": limits},
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
    ]
