"""Signing keys as commands get them: where their secrets come from, and that they are ready.

Owns the order in which a passphrase or PIN is looked for: a file, the environment, a terminal. What
the environment held is taken out of it, so that no program that a run starts is told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from vdoc.errors import InputError, Problem
from vdoc.signing import Ask, SigningKey, load_signing_key, rehearse
from vdoc.signing.opening import PASSPHRASE, PIN, as_bytes
from vdoc.signing.owner_only import read_secret_line

VARIABLES: Mapping[str, str] = {PASSPHRASE: "VDOC_KEY_PASSPHRASE", PIN: "VDOC_PIN"}

PassphraseFile = Annotated[
    Path | None,
    typer.Option(help="File (mode 0600) with the key's passphrase; else VDOC_KEY_PASSPHRASE."),
]
_Prompt = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class SigningAs:
    """The key that a user wants to sign with.

    Attributes:
        where: file or `pkcs11:` URI.
        passphrase_file: holds its passphrase, if there is one.
    """

    where: str
    passphrase_file: Path | None = None

    def open(self, needed_for: timedelta = timedelta()) -> SigningKey:
        """Return the key, after it has signed for trial and its certificates let it go on.

        Args:
            needed_for: how long from now it may take until it signs.

        Raises:
            InputError: it cannot be used, or its secret is wrong or not to be had.
        """
        key = load_signing_key(self.where, asking(self.passphrase_file, _terminal()))
        now = datetime.now(UTC)
        rehearse(key, (now, now + needed_for))
        return key


def forget_secrets() -> None:
    """Take the secrets of keys out of the environment, where they are not needed."""
    for name in VARIABLES.values():
        os.environ.pop(name, None)


def new_passphrase(file: Path | None) -> bytes:
    """Return the passphrase of a key that is about to be made; a terminal is asked twice.

    Raises:
        InputError: nobody can give one, or the file cannot be used.
    """
    given = asking(file, _terminal(twice=True))(PASSPHRASE, "the new key")
    if given is None:
        remedy = f"set {VARIABLES[PASSPHRASE]}, give --passphrase-file, or start at a terminal."
        problem = Problem("--passphrase", None, PASSPHRASE, "nobody is here to give it.", remedy)
        raise InputError(problem)
    return as_bytes(given)


def asking(passphrase_file: Path | None, terminal: _Prompt | None) -> Ask:
    """Return who is asked for secrets.

    Args:
        passphrase_file: holds the passphrase.
        terminal: asks a person, without echo; None when there is none.
    """
    taken = {what: os.environ.pop(name, None) for what, name in VARIABLES.items()}

    def ask(what: str, of: str) -> str | None:
        if what == PASSPHRASE and passphrase_file is not None:
            return read_secret_line(passphrase_file, PASSPHRASE)
        if taken[what]:
            return taken[what]
        return None if terminal is None else terminal(f"{what} of {of}")

    return ask


def _terminal(*, twice: bool = False) -> _Prompt | None:
    if not sys.stdin.isatty():
        return None

    def prompt(text: str) -> str:
        return str(typer.prompt(text, hide_input=True, confirmation_prompt=twice, err=True))

    return prompt
