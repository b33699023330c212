from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vdoc.digest import canonical
from vdoc.errors import InputError
from vdoc.signing import PAYLOAD_TYPE, KeyType, SigningKey, read_envelope, sign

Make = Callable[..., SigningKey]


@pytest.mark.parametrize("key_type", list(KeyType))
def test_what_was_signed_is_read_back(key: Make, key_type: KeyType) -> None:
    signer = key("acme", key_type)
    signed = read_envelope(sign(b"{}", [signer]))
    assert signed.payload == b"{}"
    assert signed.key_ids == (signer.public.key_id,)
    assert signed.verified_by(signer.public)


def test_the_signature_is_over_the_pre_authentication_encoding(key: Make) -> None:
    signer = key("acme")
    envelope = json.loads(sign(b"hello", [signer]))
    signature = base64.b64decode(envelope["signatures"][0]["sig"])
    pae = b"DSSEv1 28 application/vnd.in-toto+json 5 hello"
    signer.public.key.verify(signature, pae)  # type: ignore[call-arg]  # an Ed25519 key
    assert envelope["payloadType"] == PAYLOAD_TYPE


def test_several_keys_may_sign(key: Make) -> None:
    signers = [key("one"), key("two", KeyType.ECDSA_P256)]
    signed = read_envelope(sign(b"{}", signers))
    assert all(signed.verified_by(signer.public) for signer in signers)


def test_a_stranger_has_not_signed(key: Make) -> None:
    signed = read_envelope(sign(b"{}", [key("acme")]))
    assert not signed.verified_by(key("stranger").public)


def test_another_payload_is_noticed(key: Make) -> None:
    signer = key("acme")
    envelope = json.loads(sign(b"{}", [signer]))
    envelope["payload"] = base64.b64encode(b"[]").decode()
    assert not read_envelope(canonical(envelope)).verified_by(signer.public)


def test_nothing_is_signed_by_nobody(key: Make) -> None:
    with pytest.raises(ValueError, match="at least one key"):
        sign(b"{}", [])
    with pytest.raises(ValueError, match="a payload"):
        sign(b"", [key("acme")])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"payloadType": "text/plain"}, "payload type"),
        ({"signatures": []}, "no signature"),
        ({"signatures": None}, "no DSSE envelope"),
        ({"more": 1}, "one form"),
    ],
)
def test_another_envelope_is_refused(key: Make, changes: dict[str, object], words: str) -> None:
    envelope = json.loads(sign(b"{}", [key("acme")])) | changes
    with pytest.raises(InputError, match=words):
        read_envelope(canonical(envelope))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_any_altered_envelope_is_refused_or_not_verified(
    key: Make, position: int, junk: bytes
) -> None:
    signer = _once(key)
    sound = sign(b'{"a":1}', [signer])
    place = position % len(sound)
    broken = sound[:place] + junk + sound[place + len(junk) :]
    try:
        signed = read_envelope(broken)
    except InputError:
        return
    assert signed.verified_by(signer.public) == (broken == sound)


_kept: dict[str, SigningKey] = {}


def _once(make: Make) -> SigningKey:
    if "key" not in _kept:
        _kept["key"] = make("acme")
    return _kept["key"]
