"""Digests over values: SHA-256 of the RFC 8785 canonical JSON form, written as lower-case hex."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import rfc8785

Json = bool | int | float | str | None | Sequence["Json"] | Mapping[str, "Json"]


def canonical(value: object) -> bytes:
    """Return `value` as canonical JSON (RFC 8785).

    Raises:
        rfc8785.CanonicalizationError: the value is not JSON (a set, NaN, an integer above 2**53).
    """
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # the library types JSON by its own alias


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file, however large, as 64 lower-case hex digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical JSON form of `value`."""
    return sha256_hex(canonical(value))
