"""Only some of the variants of each case: for a night that cannot run them all.

Owns which ones. Every case keeps at least one variant, so that no stage of security profile loses
the case that leads to the next. Of `of` shares each variant is in one or more: whoever runs share 1
to `of` one after the other has run them all. A plan with a share is partial.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from vdoc.errors import InputError, Problem

_FORM = re.compile("([0-9]{1,6})/([0-9]{1,3})")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Share:
    """The `number`-th (from 0) of `of` shares; of 0 shares: the base variant alone."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `all` (None), `one` (the base variant alone) or `2/5` (the second of five).

        Raises:
            InputError: it is none of these.
        """
        if text == "all":
            return None
        if text == "one":
            return cls(0, 0)
        form = _FORM.fullmatch(text)
        if form is None or not 1 <= int(form[1]) <= int(form[2]):
            problem = f"expected all, one, or a share such as 2/5, got {text!r}."
            raise InputError(Problem("selection", None, "variants", problem, "correct it."))
        return cls(int(form[1]) - 1, int(form[2]))

    def __str__(self) -> str:
        return "one" if self.of == 0 else f"{self.number + 1}/{self.of}"

    def pick(self, variants: Sequence[_T]) -> Iterator[tuple[int, _T]]:
        """Yield the variants of a case that belong to this share, with their position."""
        numbered = list(enumerate(variants))
        if self.of == 0 or not numbered:
            yield from numbered[:1]
            return
        mine = [each for each in numbered if each[0] % self.of == self.number]
        yield from mine or [numbered[self.number % len(numbered)]]
