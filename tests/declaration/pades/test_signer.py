from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from hashlib import new as new_hash
from pathlib import Path

import pytest
from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography.x509 import BasicConstraints, KeyUsage, load_der_x509_certificate

from tests.signing.tsa import Tsa
from vdoc.declaration.pades.signer import DIGESTS, Authority, KeySigner, chain_for, cms_of
from vdoc.signing import KeyType, SigningKey, new_key
from vdoc.signing.timestamps import TsaError

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(params=list(KeyType))
def key(request: pytest.FixtureRequest, tmp_path: Path) -> SigningKey:
    return SigningKey.load(new_key(tmp_path, "vendor", request.param).private)


def signed(key: SigningKey, tsa: Tsa | None = None) -> cms.SignedData:
    digest = new_hash(DIGESTS[key.public.type], b"document").digest()
    authority = None if tsa is None else Authority(tsa.answer)
    return cms.ContentInfo.load(cms_of(key, chain_for(key, "Acme", AT), digest, authority))[
        "content"
    ]


def test_a_bare_key_makes_its_own_certificate(key: SigningKey) -> None:
    [der] = chain_for(key, "Acme", AT)
    certificate = load_der_x509_certificate(der)
    assert certificate.public_key() == key.public.key
    assert certificate.subject.rfc4514_string() == f"CN={key.public.key_id},O=Acme"
    assert certificate.not_valid_before_utc == AT
    assert certificate.extensions.get_extension_for_class(KeyUsage).value.digital_signature
    assert not certificate.extensions.get_extension_for_class(BasicConstraints).value.ca
    certificate.verify_directly_issued_by(certificate)


def test_a_chain_that_is_there_is_used(key: SigningKey) -> None:
    chain = chain_for(key, "Acme", AT)
    assert chain_for(SigningKey(key.public, key.signer, chain), "Other", AT) == chain


def test_the_signature_is_the_keys_over_the_signed_attributes(key: SigningKey) -> None:
    [info] = signed(key)["signer_infos"]
    attributes = info["signed_attrs"].untag().dump()
    assert key.public.verifies(info["signature"].native, attributes)
    kinds = {attribute["type"].native for attribute in info["signed_attrs"]}
    assert kinds >= {"content_type", "message_digest", "signing_certificate_v2"}
    assert "signing_time" not in kinds  # PAdES says it elsewhere


def test_a_stamp_is_over_the_signature(key: SigningKey) -> None:
    [info] = signed(key, Tsa())["signer_infos"]
    [attribute] = info["unsigned_attrs"]
    token = attribute["values"][0]["content"]["encap_content_info"]["content"].parsed
    imprint = token["message_imprint"]
    assert imprint["hash_algorithm"]["algorithm"].native == "sha256"
    assert imprint["hashed_message"].native == new_hash("sha256", info["signature"].native).digest()


@pytest.mark.parametrize("flaws", [{"status": "rejection"}, {"nonce": 5}, {"imprint": b"other"}])
def test_a_stamp_that_is_none_is_refused(key: SigningKey, flaws: dict[str, object]) -> None:
    with pytest.raises(TsaError, match="no time stamp"):
        signed(key, Tsa(flaws=flaws))


def test_it_can_be_signed_where_a_loop_runs_already(key: SigningKey) -> None:
    async def inside() -> cms.SignedData:
        return signed(key)

    assert len(asyncio.run(inside())["signer_infos"]) == 1


def test_another_hash_is_refused(key: SigningKey) -> None:
    signer = KeySigner(key, chain_for(key, "Acme", AT))
    with pytest.raises(ValueError, match="is not the hash"):
        asyncio.run(signer.async_sign_raw(b"x", "sha1"))
