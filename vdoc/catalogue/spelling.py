"""Variables that the documents spell in more than one way, and that stations therefore do too.

Owns one rule: names of components and variables compare without regard to case (Part 2 §4.2), and
these spellings mean the same. Part 2's table and Part 6 print the long forms, the published CSV the
short ones; both are accepted, and a station is spoken to in its own.
"""

from __future__ import annotations

from functools import lru_cache

_SAME = {
    "localauthorizationoffline": "localauthorizeoffline",
    "localpreauthorization": "localpreauthorize",
}


@lru_cache(maxsize=4096)
def canonical(name: str) -> str:
    """Return a name as it compares."""
    folded = name.casefold()
    return _SAME.get(folded, folded)
