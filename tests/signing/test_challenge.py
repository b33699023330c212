"""The challenge itself: its form, and the seed that follows from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vdoc.digest import canonical
from vdoc.errors import InputError
from vdoc.signing import Challenge, SigningKey, new_key, read_challenge, sign, sign_challenge

SOUND = Challenge(
    "ab" * 32, "cd" * 32, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.load(new_key(tmp_path, "laboratory").private)


def test_it_reads_as_it_was_signed(key: SigningKey) -> None:
    signed = read_challenge(sign_challenge(SOUND, [key]))
    assert signed.challenge == SOUND
    assert signed.signed.verified_by(key.public)


def test_its_seed_follows_from_nonce_and_pics() -> None:
    assert SOUND.seed == 170438605012617  # a laboratory may compute it by hand
    seeds = {SOUND.seed, replace(SOUND, nonce="ac" * 32).seed, replace(SOUND, pics="ce" * 32).seed}
    assert len(seeds) == 3
    assert replace(SOUND, not_after=datetime(2027, 1, 1, tzinfo=UTC)).seed == SOUND.seed


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "ab"}, {"pics": "CD" * 32}, {"not_after": datetime(2026, 11, 1, tzinfo=UTC)},
        {"not_before": datetime(2026, 11, 1)},  # noqa: DTZ001  # naive on purpose
    ],
)  # fmt: skip
def test_it_is_checked_when_it_is_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="challenge"):
        replace(SOUND, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"predicateType": "urn:vdoc:declaration:v1"}, {"subject": []}, {"predicate": {}},
        {"more": 1}, {"_type": "x"},
        {"predicate": {"nonce": "ab" * 32, "not_before": "now", "not_after": "later"}},
    ],
)  # fmt: skip
def test_another_statement_is_refused(key: SigningKey, change: dict[str, Any]) -> None:
    value = json.loads(SOUND.to_bytes()) | change
    with pytest.raises(InputError, match="challenge"):
        read_challenge(sign(canonical(value), [key]))


def test_junk_is_refused(key: SigningKey) -> None:
    with pytest.raises(InputError):
        read_challenge(b"{}")
    with pytest.raises(InputError):
        read_challenge(sign(b"[]", [key]))
