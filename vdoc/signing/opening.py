"""Getting a signing key ready: from a file or a token, with its secret, before it is needed.

Owns the way from what a user names to a key that signs. Rules: a secret is asked for only when it
is needed, and before the run, because nobody is there at its end; the certificate of a key must be
valid, and the key sign once for trial, before anything is run for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from vdoc.errors import InputError, Problem
from vdoc.signing.certificates import ChainError, chain_of, check_signer
from vdoc.signing.keys import SigningKey, needs_passphrase
from vdoc.signing.owner_only import read_secret_line
from vdoc.signing.token_uri import SCHEME, TokenUri
from vdoc.signing.tokens import token_key

PASSPHRASE = "passphrase"  # noqa: S105  # what is asked for
PIN = "PIN"
Ask = Callable[[str, str], str | None]
"""Gives the `PASSPHRASE` or `PIN` of something that it is told; None when nobody can."""

_TRIAL = b"vdoc: may this key sign?\n"  # nothing that is signed otherwise begins so


def nobody(what: str, of: str) -> str | None:  # noqa: ARG001  # an `Ask`
    """Know no secret."""
    return None


def as_bytes(passphrase: str) -> bytes:
    """Return a passphrase as it was given, even where the environment held no UTF-8."""
    return passphrase.encode("utf-8", "surrogateescape")


def load_signing_key(where: Path | str, ask: Ask = nobody) -> SigningKey:
    """Return the key in a file or on a token, with its chain of certificates if it has one.

    The certificates of a file `NAME.key` stand in `NAME.chain.pem`; those of a token on it, or in
    the file that the URI names (`x-chain`).

    Args:
        where: a file, or a `pkcs11:` URI (RFC 7512).
        ask: for the passphrase or PIN, if there is need for one.

    Raises:
        InputError: it cannot be used; says why and what to do.
    """
    if str(where).startswith(SCHEME):
        uri = TokenUri.parse(str(where))
        key, chain = token_key(uri, _pin(uri, ask)), uri.chain
    else:
        key, chain = _in_file(Path(where), ask)
    return key if chain is None else replace(key, chain=chain_of(key, chain))


def rehearse(key: SigningKey, times: Sequence[datetime]) -> None:
    """Prove that a key signs and that its certificates let it, before it is needed.

    Args:
        key: that will sign.
        times: when its certificates must be valid, aware; such as now and the end of a run.

    Raises:
        InputError: they are not, they do not allow signatures, or the trial signature fails.
    """
    try:
        check_signer(key.chain, times)
    except ChainError as error:
        text = f"{error.message} ({error.code})."
        remedy = "have the key certified anew, or sign with another."
        raise _refused(key, text, remedy) from error
    if not key.public.verifies(key.sign(_TRIAL), _TRIAL):
        text = "its trial signature does not fit its public key."
        raise _refused(key, text, "put private and public key of one pair onto the token.")


def _in_file(path: Path, ask: Ask) -> tuple[SigningKey, Path | None]:
    passphrase = None
    if needs_passphrase(path):
        passphrase = ask(PASSPHRASE, str(path))
        if passphrase is None:
            text = "is encrypted, and nobody is here to give its passphrase."
            remedy = "set VDOC_KEY_PASSPHRASE, give --passphrase-file, or start at a terminal."
            raise InputError(Problem(str(path), None, "key", text, remedy))
    key = SigningKey.load(path, None if passphrase is None else as_bytes(passphrase))
    beside = path.with_suffix(".chain.pem")
    return key, beside if beside.exists() else None


def _pin(uri: TokenUri, ask: Ask) -> str:
    if uri.pin_source is not None:
        return read_secret_line(uri.pin_source, PIN)
    pin = ask(PIN, uri.token_name)
    if pin is None:
        text = "needs a PIN, and nobody is here to give it."
        remedy = "set VDOC_PIN, add pin-source=file:/… to the URI, or start at a terminal."
        raise InputError(Problem("--key", None, uri.token_name, text, remedy))
    return pin


def _refused(key: SigningKey, text: str, remedy: str) -> InputError:
    return InputError(Problem("--key", None, f"key {key.public.key_id}", text, remedy))
