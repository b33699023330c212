"""The Basic passwords of a run, by name.

Owns the one place that knows their texts. Passwords made for the run are disposable and may stand
in evidence. No other does (design §4): the initial one of the settings, those that earlier runs
left in the DUT, and whatever else it presents, such as the one that all of its kind leave the
factory with, may be lasting secrets.
"""

from __future__ import annotations

import hmac
import secrets
import string
from typing import Any

from vdoc.bench import Password
from vdoc.bench.start import INITIAL

_ALPHABET = string.ascii_letters + string.digits + "*-_=:+|@."
_LENGTH = 20


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

    def name_of(self, text: str) -> str | None:
        """Return the name of a password, or None when it is none of ours."""
        for name, known in self._texts.items():
            if hmac.compare_digest(known.encode(), text.encode("utf-8", "surrogateescape")):
                return name
        return None

    def shown(self, text: str) -> dict[str, Any]:
        """Return what evidence may say of a password that the DUT presented."""
        name = self.name_of(text)
        if name in {INITIAL, None}:
            return {"password_name": name, "withheld": True, "characters": len(text)}
        return {"password_name": name, "password": text}
