"""A bundle signed by keys that never leave their token: the vendor's, then the laboratory's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pkcs11
import pytest
from pkcs11 import Attribute, ObjectClass

from tests.run.leaks import leaks
from tests.signing.softhsm import EDWARDS, PIN, SoftTokens, soft_tokens
from vdoc.declaration import countersign_bundle
from vdoc.signing import AllOf, SignedBy, SigningKey, Trust, load_signing_key, rehearse

__all__ = ["soft_tokens"]
Lab = Any


def token_key(tokens: SoftTokens, label: str) -> SigningKey:
    where = tokens.uri(f"&pin-source=file:{tokens.pin_file()}", object=label)
    key = load_signing_key(where)
    rehearse(key, [])
    return key


@pytest.fixture
def vendor(lab: Lab, soft_tokens: SoftTokens) -> Lab:
    """A vendor whose key was made on a token."""
    soft_tokens.generate("vendor")
    key = token_key(soft_tokens, "vendor")
    return replace(lab, key=key, trust=Trust(key.public))


def test_it_verifies(vendor: Lab) -> None:
    outcome = vendor.verify(vendor.declare(vendor.record()))
    assert outcome.findings == ()
    assert outcome.key_ids == (vendor.key.public.key_id,)


def test_not_for_who_trusts_another(vendor: Lab, lab: Lab) -> None:
    bundle = vendor.declare(vendor.record())
    assert replace(vendor, trust=lab.trust).codes(bundle) == {"signature"}


def test_the_private_key_never_leaves_the_token(vendor: Lab, soft_tokens: SoftTokens) -> None:
    vendor.declare(vendor.record())
    with soft_tokens.session() as session:
        [private] = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        assert private[Attribute.ALWAYS_SENSITIVE] is True
        assert private[Attribute.NEVER_EXTRACTABLE] is True
        for secret in ("VALUE", "PRIME", "PRIVATE_EXPONENT"):
            with pytest.raises((pkcs11.AttributeSensitive, pkcs11.AttributeTypeInvalid)):
                private[Attribute[secret]]


def test_a_laboratory_countersigns_with_its_own(vendor: Lab, soft_tokens: SoftTokens) -> None:
    soft_tokens.generate("laboratory", identity=b"\x02", parameters=EDWARDS)
    laboratory = token_key(soft_tokens, "laboratory")
    bundle, signed = vendor.declare(vendor.record()), vendor.directory / "signed.zip"
    countersign_bundle(bundle, [laboratory], signed)
    both = AllOf(SignedBy(vendor.key.public), SignedBy(laboratory.public))
    vendor.trust = both
    assert vendor.verify(signed).ok
    assert not vendor.verify(bundle).ok
    assert leaks(signed.read_bytes(), {"PIN": PIN.encode()}) == set()
