"""The Basic passwords of a run, by name.

Owns the one place that knows their texts. Passwords made for the run are disposable and may stand
in evidence; the initial one of the settings is a lasting secret and never does (design §4).
"""

from __future__ import annotations

import hmac
import secrets
import string
from typing import Any

from vdoc.bench import Password

_ALPHABET = string.ascii_letters + string.digits + "*-_=:+|@."
_LENGTH = 20
INITIAL = "initial"


class PasswordBook:
    """Names and texts.

    Args:
        initial: the text of the settings, or None when the DUT starts with profile 3.
    """

    def __init__(self, initial: str | None) -> None:
        self._texts: dict[str, str] = {} if initial is None else {INITIAL: initial}

    def new(self, *, characters: int = _LENGTH) -> Password:
        """Make a password for this run (passwordString, Part 2 §A00.FR.205)."""
        name = f"p{len(self._texts) + 1}"
        text = "".join(secrets.choice(_ALPHABET) for _ in range(characters))
        self._texts[name] = text
        return Password(name=name, text=text)

    def add(self, password: Password) -> None:
        """Take over a password of a journal."""
        if password.text is not None:
            self._texts[password.name] = password.text

    def name_of(self, text: str) -> str | None:
        """Return the name of a password, or None when it is none of ours."""
        for name, known in self._texts.items():
            if hmac.compare_digest(known.encode(), text.encode("utf-8", "surrogateescape")):
                return name
        return None

    def shown(self, text: str) -> dict[str, Any]:
        """Return what evidence may say of a password that the DUT presented."""
        if self.name_of(text) == INITIAL:
            return {"password_name": INITIAL, "withheld": True, "characters": len(text)}
        return {"password_name": self.name_of(text), "password": text}
