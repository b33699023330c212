"""Attacks on a bundle: what makes one, and the list of all of them.

The attacker is the vendor: unless an attack says otherwise he has his key and signs what he made,
chain, tree and seal of the evidence are made anew, and what is declared fits as far as he can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Forger = Any
Lines = list[dict[str, Any]]
Made = Any  # a Path, or one with what the verifier holds
Attack = Callable[[Forger], Made]

POLICY = '[roles.vendor]\nkeys = "trust"\n'

ATTACKS: dict[str, Attack] = {}
"""Code → the attack that is refused with it."""

POLICIES: dict[str, str] = {}
"""Code → the policy that the attack meets, when it is not only about the vendor's key."""


def refused_as(code: str, policy: str = POLICY) -> Callable[[Attack], Attack]:
    def keep(attack: Attack) -> Attack:
        assert code not in ATTACKS, code
        ATTACKS[code], POLICIES[code] = attack, policy
        return attack

    return keep
