"""In which role a signature counts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from vdoc.errors import InputError
from vdoc.signing import (
    KeyType,
    Role,
    RoleKeys,
    SigningKey,
    countersign,
    new_key,
    read_envelope,
    role_refusals,
    sign,
)


@pytest.fixture
def vendor(tmp_path: Path) -> SigningKey:
    return SigningKey.load(new_key(tmp_path, "vendor").private)


@pytest.fixture
def laboratory(tmp_path: Path) -> SigningKey:
    return SigningKey.load(new_key(tmp_path, "laboratory", KeyType.ECDSA_P256).private)


def roles(vendor: SigningKey, laboratory: SigningKey, **changes: Any) -> dict[Role, RoleKeys]:
    types = changes.pop("types", tuple(KeyType))
    return {
        Role.VENDOR: RoleKeys(Role.VENDOR, (vendor.public,), (), types, required=True),
        Role.LABORATORY: RoleKeys(
            Role.LABORATORY, (laboratory.public,), (), types, required=changes.pop("both", True)
        ),
    }


def never(_role: Role, _key_id: str) -> tuple[datetime, ...]:
    raise AssertionError("there are no certificates")


def codes(envelope: bytes, demanded: dict[Role, RoleKeys]) -> list[str]:
    return [refusal.code for refusal in role_refusals(read_envelope(envelope), demanded, never)]


def test_both_have_signed(vendor: SigningKey, laboratory: SigningKey) -> None:
    envelope = countersign(sign(b"{}", [vendor]), [laboratory])
    assert set(read_envelope(envelope).key_ids) == {
        vendor.public.key_id,
        laboratory.public.key_id,
    }
    assert codes(envelope, roles(vendor, laboratory)) == []


def test_one_is_missing(vendor: SigningKey, laboratory: SigningKey) -> None:
    envelope = sign(b"{}", [vendor])
    assert codes(envelope, roles(vendor, laboratory)) == ["role-missing"]
    assert codes(envelope, roles(vendor, laboratory, both=False)) == []


def test_a_signature_that_is_there_must_hold(vendor: SigningKey, laboratory: SigningKey) -> None:
    whole = sign(b"{}", [vendor, laboratory])
    other = sign(b"[]", [vendor, laboratory])
    mixed = whole.replace(_sig(whole, 1), _sig(other, 1))
    assert codes(mixed, roles(vendor, laboratory, both=False)) == ["signature"]


def _sig(envelope: bytes, number: int) -> bytes:
    return envelope.split(b'"sig":"')[number + 1].split(b'"')[0]


def test_a_key_of_another_kind(vendor: SigningKey, laboratory: SigningKey) -> None:
    envelope = sign(b"{}", [vendor, laboratory])
    demanded = roles(vendor, laboratory, types=(KeyType.ED25519,))
    assert codes(envelope, demanded) == ["key-type"]


def test_nobody_signs_twice(vendor: SigningKey) -> None:
    with pytest.raises(InputError, match="already"):
        countersign(sign(b"{}", [vendor]), [vendor])


def test_nobody_countersigns(vendor: SigningKey) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        countersign(sign(b"{}", [vendor]), [])
