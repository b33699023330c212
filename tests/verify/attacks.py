"""Attacks on a bundle: what makes one, and the list of all of them.

The attacker is the vendor: unless an attack says otherwise he has his key and signs what he made,
chain, tree and seal of the evidence are made anew, and what is declared fits as far as he can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Forger = Any
Lines = list[dict[str, Any]]
Made = Any  # a Path, or one with what the verifier holds
Attack = Callable[[Forger], Made]

POLICY = '[roles.vendor]\nkeys = "trust"\n'


@dataclass(frozen=True)
class Refused:
    """An attack, the code that it is refused with, and the policy that it meets."""

    name: str
    code: str
    attack: Attack
    policy: str = POLICY


ATTACKS: dict[str, Refused] = {}
"""Code → the attack that shows it."""

MORE: list[Refused] = []
"""Other attacks that come to the same: what is refused is the same thing, made in another way."""


def refused_as(code: str, policy: str = POLICY, *, name: str = "") -> Callable[[Attack], Attack]:
    """The attack that a code is there for; `name` where the function has none of its own."""

    def keep(attack: Attack) -> Attack:
        assert code not in ATTACKS, code
        ATTACKS[code] = Refused(_words(attack, name), code, attack, policy)
        return attack

    return keep


def also_refused_as(
    code: str, policy: str = POLICY, *, name: str = ""
) -> Callable[[Attack], Attack]:
    """Another attack that a code is there for."""

    def keep(attack: Attack) -> Attack:
        MORE.append(Refused(_words(attack, name), code, attack, policy))
        return attack

    return keep


def _words(attack: Attack, name: str) -> str:
    words = name or attack.__name__.replace("_", " ")
    assert " " in words, f"{words} is no name of an attack"
    return words
