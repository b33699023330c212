"""Chains of certificates: one that holds, and each way in which one does not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.signing.authority import Authority
from vdoc.digest import canonical
from vdoc.errors import InputError
from vdoc.signing import (
    ChainError,
    KeyType,
    SigningKey,
    load_signing_key,
    new_key,
    read_envelope,
    sign,
)
from vdoc.signing.certificates import load_authorities, verified_key

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return new_key(tmp_path, "vendor", KeyType.ECDSA_P256).private


@pytest.fixture
def key(key_file: Path) -> SigningKey:
    return SigningKey.load(key_file)


@pytest.fixture
def authority() -> Authority:
    return Authority(NOW - timedelta(days=10), timedelta(days=365))


def test_a_chain_that_holds_gives_its_key(key: SigningKey, authority: Authority) -> None:
    chain = authority.chain(key.public.key)
    assert verified_key(chain, [authority.root], [NOW]) == key.public


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        ({"until": NOW - timedelta(days=1)}, "certificate-time"),
        ({"since": NOW + timedelta(days=1)}, "certificate-time"),
        ({"signs": False}, "certificate-usage"),
        ({"authority": True}, "certificate-usage"),
        ({"forged": True}, "certificate-chain"),
    ],
)
def test_another_does_not(
    key: SigningKey, authority: Authority, leaf: dict[str, Any], code: str
) -> None:
    with pytest.raises(ChainError) as refused:
        verified_key(authority.chain(key.public.key, **leaf), [authority.root], [NOW])
    assert refused.value.code == code


def test_it_must_hold_at_every_time(key: SigningKey, authority: Authority) -> None:
    chain = authority.chain(key.public.key)
    with pytest.raises(ChainError, match="not at"):
        verified_key(chain, [authority.root], [NOW, NOW + timedelta(days=400)])


def test_it_needs_its_intermediate(key: SigningKey, authority: Authority) -> None:
    with pytest.raises(ChainError, match="no trusted authority"):
        verified_key(authority.chain(key.public.key)[:1], [authority.root], [NOW])


@pytest.mark.parametrize("chain", [(), (b"x",), (b"x",) * 6])
def test_junk_is_refused(authority: Authority, chain: tuple[bytes, ...]) -> None:
    with pytest.raises(ChainError):
        verified_key(chain, [authority.root], [NOW])


def test_a_certificate_of_a_version_that_is_none_is_refused(
    key: SigningKey, authority: Authority
) -> None:
    own, middle = authority.chain(key.public.key)
    version = b"\xa0\x03\x02\x01"
    odd = own.replace(version + b"\x02", version + b"\x03", 1)
    with pytest.raises(ChainError) as refused:
        verified_key((odd, middle), [authority.root], [NOW])
    assert refused.value.code == "certificate-form"


class TestFiles:
    def test_a_chain_beside_a_key_goes_with_its_signatures(
        self, key_file: Path, key: SigningKey, authority: Authority
    ) -> None:
        certificates = authority.certificates(key.public.key)
        pem = b"".join(each.public_bytes(Encoding.PEM) for each in certificates)
        key_file.with_suffix(".chain.pem").write_bytes(pem)
        signed = read_envelope(sign(b"{}", [load_signing_key(key_file)]))
        [chain] = signed.chains.values()
        assert verified_key(chain, [authority.root], [NOW]) == key.public

    def test_a_key_alone_has_none(self, key_file: Path) -> None:
        assert load_signing_key(key_file).chain == ()

    def test_a_chain_of_another_key_is_refused(self, key_file: Path, authority: Authority) -> None:
        key_file.with_suffix(".chain.pem").write_bytes(authority.pem)
        with pytest.raises(InputError, match="another key"):
            load_signing_key(key_file)

    def test_no_authority_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="nobody would be trusted"):
            load_authorities(tmp_path)
        (tmp_path / "a.pem").write_text("junk")
        with pytest.raises(InputError, match="no certificate"):
            load_authorities(tmp_path)


@pytest.mark.parametrize(
    "more", [{"note": "x"}, {"x5c": []}, {"x5c": "AAAA"}, {"x5c": ["%"]}, {"x5c": [1]}]
)
def test_nothing_else_stands_beside_a_signature(key: SigningKey, more: dict[str, Any]) -> None:
    value = json.loads(sign(b"{}", [key]))
    value["signatures"][0] |= more
    with pytest.raises(InputError, match="holds a"):
        read_envelope(canonical(value))
