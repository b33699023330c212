"""Public copies of bench settings: secrets withheld, the digest still recomputable.

The digest covers one commitment per field, SHA-256 of the field's own salt followed by its
canonical JSON. A field's salt is an HMAC of the run's salt over its path, so a copy can enclose the
salts of all fields that it shows, without helping anybody to guess one that it withholds.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from vdoc.digest import Json, canonical, digest, sha256_hex
from vdoc.errors import InputError, Problem
from vdoc.pics.secret import Secret

FORMAT = "vdoc-settings/1"
_MIN_SALT_BYTES = 16
_COMMITMENT = re.compile("^[0-9a-f]{64}$")


def field_salt(path: str, salt: bytes) -> bytes:
    """Return the salt of one field: HMAC-SHA-256 of the run's salt over the field's path.

    Raises:
        ValueError: the run's salt is shorter than 16 bytes.
    """
    if len(salt) < _MIN_SALT_BYTES:
        raise ValueError(f"a salt has at least {_MIN_SALT_BYTES} bytes, got {len(salt)}")
    return hmac.new(salt, path.encode(), hashlib.sha256).digest()


def commitment(path: str, value: object, salt: bytes) -> str:
    """Return the commitment to the value of one field, for the run's salt."""
    return _committed(field_salt(path, salt), value)


def published(settings: BaseModel, salt: bytes) -> dict[str, Json]:
    """Return a copy of settings for everybody: each secret is ``{"withheld": commitment}``."""
    salts: dict[str, Json] = {}
    tree = _publish(settings, "", salt, salts)
    return {"format": FORMAT, "settings": tree, "salts": salts}


def public_digest(public: object) -> str:
    """Return the digest of settings, recomputed from their public copy.

    Raises:
        InputError: it is no such copy, or lacks a salt or has one too many.
    """
    tree, salts = opened(public)
    commitments: dict[str, str] = {}
    for path, value in _leaves(tree, ""):
        withheld = _withheld(value)
        if withheld is not None:
            commitments[path] = withheld
        elif (own := salts.get(path)) is None:
            raise _refusal(path, "its salt is missing.")
        else:
            commitments[path] = _committed(own, value)
    if surplus := sorted(salts.keys() - commitments.keys()):
        raise _refusal(surplus[0], "there is a salt for a field that is not shown.")
    return digest(commitments)


def opened(public: object) -> tuple[Mapping[str, Any], Mapping[str, bytes]]:
    """Return the settings and salts inside a public copy.

    Raises:
        InputError: it has another format.
    """
    match public:
        case {
            "format": "vdoc-settings/1",
            "settings": dict(tree),
            "salts": dict(salts),
            **rest,
        } if not rest:
            return tree, _salt_bytes(salts)
        case _:
            raise _refusal("settings.json", f"expected the format {FORMAT!r}.")


def _salt_bytes(salts: Mapping[str, Any]) -> Mapping[str, bytes]:
    for path, text in salts.items():
        if not isinstance(text, str) or not _COMMITMENT.match(text):
            raise _refusal(path, "its salt is not 64 lower-case hex digits.")
    return MappingProxyType({path: bytes.fromhex(text) for path, text in salts.items()})


def _committed(salt: bytes, value: object) -> str:
    return sha256_hex(salt + canonical(value))


def _publish(value: object, path: str, salt: bytes, salts: dict[str, Json]) -> Json:
    """Return `value` as JSON with secrets withheld, and note the salts of what it shows."""
    match value:
        case BaseModel():
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return _publish_table(fields, path, salt, salts)
        case Mapping() if value:
            return _publish_table(value, path, salt, salts)
        case tuple() if value:
            return [_publish(each, f"{path}/{n}", salt, salts) for n, each in enumerate(value)]
        case Secret():
            withheld = value.withheld or commitment(path, value.reveal(), salt)
            return {"withheld": withheld}
        case _:
            salts[path] = field_salt(path, salt).hex()
            return _plain(value)


def _publish_table(
    table: Mapping[str, Any], path: str, salt: bytes, salts: dict[str, Json]
) -> dict[str, Json]:
    return {key: _publish(each, _below(path, key), salt, salts) for key, each in table.items()}


def _plain(value: object) -> Json:
    match value:
        case Mapping():
            return {}
        case tuple():
            return []
        case Path():
            return str(value)
        case bool() | int() | float() | str() | None:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form")


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield each field with its JSON pointer (RFC 6901); empty tables and lists are fields."""
    if isinstance(value, Mapping) and value and _withheld(value) is None:
        for key, each in value.items():
            yield from _leaves(each, _below(path, key))
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from _leaves(each, f"{path}/{number}")
    else:
        yield path, value


def _below(path: str, key: str) -> str:
    return f"{path}/{key.replace('~', '~0').replace('/', '~1')}"


def _withheld(value: object) -> str | None:
    match value:
        case {"withheld": str(text), **rest} if not rest and _COMMITMENT.match(text):
            return text
        case _:
            return None


def _refusal(item: str, message: str) -> InputError:
    return InputError(
        Problem("settings.json", None, item, message, "use the public copy as it was written.")
    )
