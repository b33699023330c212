"""Public halves and certificates on a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pkcs11 import ObjectClass

from tests.signing.authority import Authority
from tests.signing.softhsm import PIN, SoftTokens
from vdoc.errors import InputError
from vdoc.signing import SigningKey
from vdoc.signing.certificates import verified_key
from vdoc.signing.token_uri import TokenUri
from vdoc.signing.tokens import token_key, token_public

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def authority() -> Authority:
    return Authority(NOW - timedelta(days=10), timedelta(days=365))


def opened(tokens: SoftTokens, **path: str) -> SigningKey:
    return token_key(TokenUri.parse(tokens.uri(**path)), PIN)


def test_the_chain_on_a_token_goes_with_its_signatures(
    soft_tokens: SoftTokens, authority: Authority
) -> None:
    soft_tokens.generate()
    public = opened(soft_tokens).public
    own, middle = authority.certificates(public.key)
    for name, each in (("root", authority.root), ("middle", middle), ("own", own)):
        soft_tokens.put(each, name)
    chain = opened(soft_tokens).chain
    assert chain == tuple(each.public_bytes(Encoding.DER) for each in (own, middle))
    assert verified_key(chain, [authority.root], [NOW]) == public


def test_of_two_certificates_the_later_counts(
    soft_tokens: SoftTokens, authority: Authority
) -> None:
    soft_tokens.generate()
    key = opened(soft_tokens).public.key
    renewed, _ = authority.certificates(key, since=NOW)
    old, _ = authority.certificates(key, since=NOW - timedelta(days=5))
    for each in (renewed, old):
        soft_tokens.put(each, "acme-2026", b"\x01")
    assert opened(soft_tokens).chain[0] == renewed.public_bytes(Encoding.DER)


def test_of_two_intermediates_of_a_name_the_one_that_issued_counts(
    soft_tokens: SoftTokens, authority: Authority
) -> None:
    soft_tokens.generate()
    public = opened(soft_tokens).public
    other = Authority(NOW - timedelta(days=1), timedelta(days=700))
    _, stranger = other.certificates(public.key)
    renewing = replace(authority, since=NOW - timedelta(days=2))
    own, renewed = renewing.certificates(public.key)
    _, old = replace(authority, length=timedelta(days=9)).certificates(public.key)
    for name, each in (("a", stranger), ("b", old), ("c", renewed), ("d", own)):
        soft_tokens.put(each, name)
    chain = opened(soft_tokens).chain
    assert chain == tuple(each.public_bytes(Encoding.DER) for each in (own, renewed))
    assert verified_key(chain, [authority.root], [NOW]) == public


@pytest.mark.parametrize("name", [{"identity": b"\x01"}, {"label": "acme-2026"}])
def test_a_certificate_tells_the_public_half(
    soft_tokens: SoftTokens, authority: Authority, name: dict[str, Any]
) -> None:
    soft_tokens.generate()
    public = opened(soft_tokens).public
    own, _ = authority.certificates(public.key)
    soft_tokens.put(own, name.get("label", "another"), name.get("identity", b"\x09"))
    soft_tokens.drop(ObjectClass.PUBLIC_KEY)
    key = opened(soft_tokens)
    assert key.public == public
    assert key.public.verifies(key.sign(b"x"), b"x")


def test_a_key_without_a_public_half_is_told(soft_tokens: SoftTokens) -> None:
    soft_tokens.generate()
    soft_tokens.drop(ObjectClass.PUBLIC_KEY)
    with pytest.raises(InputError, match="neither its public key nor its certificate"):
        opened(soft_tokens)
    with pytest.raises(InputError, match="neither"):
        token_public(TokenUri.parse(soft_tokens.uri(object="", id="\x01")))
