"""What judging again finds wrong: evidence that says one thing where another follows."""

from __future__ import annotations

from dataclasses import dataclass

_PLACES = 200


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Evidence that says one thing where another follows: a code, a sentence, the line."""

    code: str
    message: str
    n: int

    def __str__(self) -> str:
        return f"line {self.n}: {self.message}"


def cut(value: object) -> str:
    """Return a value for a sentence, cut when it is long."""
    text = str(value)
    return text if len(text) <= _PLACES else f"{text[:_PLACES]}…"
