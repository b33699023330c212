"""What a case is about, for readers who do not know its number: its title, and its purpose.

Owns where the words come from: the title from the catalogue, the purpose from the case function. A
case that this version does not know has neither.
"""

from __future__ import annotations

from functools import cache

from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue


@cache
def title(case: str) -> str:
    """Return the title of a case; empty for an unknown one."""
    return _titles().get(case, "")


@cache
def purpose(case: str) -> str:
    """Return what a case demands of a station, with the requirements; empty for an unknown one."""
    function = case_functions().get(case)
    first, _, _ = ((function and function.__doc__) or "").partition("\n\n")
    return " ".join(first.split())


@cache
def _titles() -> dict[str, str]:
    return {case.id: case.title for case in load_catalogue().cases}
