from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.signing.softhsm import soft_tokens
from vdoc.signing import KeyType, SigningKey, new_key

__all__ = ["soft_tokens"]

Make = Callable[..., SigningKey]


@pytest.fixture
def key(tmp_path: Path) -> Make:
    """Makes a signing key by name."""

    def make(name: str, key_type: KeyType = KeyType.ED25519) -> SigningKey:
        return SigningKey.load(new_key(tmp_path / "private", name, key_type).private)

    return make
