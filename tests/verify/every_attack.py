"""All attacks, from the modules that make them."""

from __future__ import annotations

from tests.verify import (
    attacks_of_others,
    attacks_on_declaration,
    attacks_on_document,
    attacks_on_evidence,
    attacks_on_observations,
    attacks_on_stamps,
)
from tests.verify.attacks import ATTACKS, MORE

MODULES = (
    attacks_on_declaration,
    attacks_on_evidence,
    attacks_on_observations,
    attacks_on_stamps,
    attacks_on_document,
    attacks_of_others,
)
"""Each fills the lists when it is imported."""

EVERY = (*ATTACKS.values(), *MORE)

__all__ = ["ATTACKS", "EVERY", "MODULES", "MORE"]
