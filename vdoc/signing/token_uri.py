"""The name of a key on a PKCS #11 token: `pkcs11:` URIs as RFC 7512 has them.

Owns what of the RFC is understood. Rules: whatever is not understood is refused, because to leave
it out would name another key; a PIN never stands in the URI, because command lines are seen by
everybody on the machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from vdoc.errors import InputError, Problem

SCHEME = "pkcs11:"
EXAMPLE = "pkcs11:token=acme;object=acme-2026?module-path=/usr/lib/softhsm/libsofthsm2.so"

_TOKEN = frozenset({"token", "serial", "manufacturer", "model"})
_OBJECT = frozenset({"object", "id"})
_QUERY = frozenset({"module-path", "pin-source", "x-chain"})


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which key on which token.

    Attributes:
        module: the library that speaks to the token.
        token: what identifies it: `token` (its label), `serial`, `manufacturer`, `model`.
        label: of the key (`object`), or None.
        key_id: of the key (`id`), or None.
        pin_source: file that holds the PIN, or None.
        chain: file of the key's certificates in PEM, or None for those on the token.
    """

    module: Path
    token: Mapping[str, str]
    label: str | None
    key_id: bytes | None
    pin_source: Path | None = None
    chain: Path | None = None

    @property
    def token_name(self) -> str:
        """The token, for people."""
        return ";".join(f"{name}={value}" for name, value in self.token.items())

    @property
    def key_name(self) -> str:
        """The key on it, for people."""
        label = [] if self.label is None else [f"object={self.label}"]
        return ";".join([*label, *([] if self.key_id is None else [f"id={self.key_id.hex()}"])])

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Read a URI.

        Raises:
            InputError: it is none, holds what is not understood, a PIN among that, or does not say
                which key on which token by which module.
        """
        _check_pin(text)
        path, _, query = text.removeprefix(SCHEME).partition("?")
        named, asked = _attributes(path, ";"), _attributes(query, "&")
        _check_names(named, asked)
        if named.pop("type", "private") != "private":
            raise refused(text, "names something else than a private key.", "leave type out.")
        label, key_id = named.pop("object", None), named.pop("id", None)
        return cls(
            module=_file("module-path", asked["module-path"]),
            token={name: unquote(value) for name, value in named.items()},
            label=None if label is None else unquote(label),
            key_id=None if key_id is None else unquote_to_bytes(key_id),
            pin_source=_optional_file("pin-source", asked),
            chain=_optional_file("x-chain", asked),
        )


def refused(item: str, message: str, remedy: str) -> InputError:
    """Return the error that says why a token's key cannot be used."""
    return InputError(Problem("--key", None, item, message, remedy))


def _attributes(text: str, separator: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if not equals or not value or name in found:
            raise refused(SCHEME + name, "stands twice or without a value.", f"as in {EXAMPLE}")
        found[name] = value
    return found


def _check_pin(text: str) -> None:
    """Refuse a PIN wherever it stands, a misplaced one too, before any part of it is repeated."""
    if "pin-value" in unquote(text).casefold():
        raise refused(
            "pin-value",
            "a PIN on the command line is seen by everybody on this machine.",
            "write it into a file of mode 0600 and name that with pin-source=file:/…, or set the "
            "environment variable VDOC_PIN; and change this PIN.",
        )


def _check_names(named: Mapping[str, str], asked: Mapping[str, str]) -> None:
    strange = sorted({*named} - _TOKEN - _OBJECT - {"type"} | {*asked} - _QUERY)
    if strange:
        known = ", ".join(sorted(_TOKEN | _OBJECT | _QUERY))
        raise refused(strange[0], "is not understood.", f"use {known}.")
    missing = [
        *([] if named.keys() & _TOKEN else ["token=LABEL"]),
        *([] if named.keys() & _OBJECT else ["object=LABEL"]),
        *([] if "module-path" in asked else ["module-path=/…/library.so"]),
    ]
    if missing:
        raise refused(SCHEME, f"lacks {', '.join(missing)}.", f"as in {EXAMPLE}")


def _optional_file(name: str, asked: Mapping[str, str]) -> Path | None:
    return _file(name, asked[name]) if name in asked else None


def _file(name: str, value: str) -> Path:
    """Return an absolute path, given as such or as a `file:` URI."""
    text = unquote(value).removeprefix("file://localhost").removeprefix("file:")
    path = Path(text)
    if not path.is_absolute():
        shown = "this" if name == "pin-source" else repr(text)  # it may be the PIN itself
        raise refused(name, f"{shown} is no absolute path.", f"as in {name}=/etc/vdoc/…")
    return path
