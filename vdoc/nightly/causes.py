"""Failures that look like one fault, put together: same requirement, same field, same message.

Owns what counts as the same. Numbers, quoted values and hex strings inside a description differ
from case to case and say nothing about the fault, so they are left out of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from vdoc.nightly.stored import StoredCase, StoredFailure

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_HEX = re.compile(r"\b[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4,})*\b")
_NUMBER = re.compile(r"\d+(?:[.:]\d+)*")


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """What several failures have in common.

    Attributes:
        requirement: that was broken; empty when a case ended before it could check.
        what: the field or behaviour, without the values that vary.
        message: the OCPP action whose message shows it; empty when there is none.
    """

    requirement: str
    what: str
    message: str


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """The cases that failed for one cause, and a failure that shows it."""

    cause: Cause
    cases: tuple[StoredCase, ...]
    example: StoredFailure | None


def grouped(cases: Iterable[StoredCase]) -> tuple[CauseGroup, ...]:
    """Return the failing cases by cause, that of most cases first, of equals what failed first.

    A case with several failures is in each group that it belongs to; one without any (inconclusive,
    error) is grouped by its reason.
    """
    found: dict[Cause, dict[str, StoredCase]] = {}
    examples: dict[Cause, StoredFailure | None] = {}
    for case in cases:
        if case.good:
            continue
        for cause, failure in _causes(case):
            found.setdefault(cause, {}).setdefault(case.name, case)
            examples.setdefault(cause, failure)
    return _ordered(
        CauseGroup(cause, tuple(each.values()), examples[cause]) for cause, each in found.items()
    )


def partition(cases: Iterable[StoredCase]) -> tuple[CauseGroup, ...]:
    """Return the failing cases by cause, each in one group alone: the largest that it belongs to.

    What several cases have in common explains them better than what one has besides.
    """
    left = grouped(cases)
    found: list[CauseGroup] = []
    while left:
        largest = left[0]
        found.append(largest)
        placed = {case.name for case in largest.cases}
        left = _ordered(_without(group, placed) for group in left)
    return tuple(found)


def _without(group: CauseGroup, placed: set[str]) -> CauseGroup:
    return replace(group, cases=tuple(case for case in group.cases if case.name not in placed))


def _ordered(groups: Iterable[CauseGroup]) -> tuple[CauseGroup, ...]:
    some = (group for group in groups if group.cases)
    return tuple(sorted(some, key=lambda group: -len(group.cases)))


def plain(text: str) -> str:
    """Return a description without the values in it."""
    for pattern, sign in ((_QUOTED, "…"), (_HEX, "…"), (_NUMBER, "#")):
        text = pattern.sub(sign, text)
    return " ".join(text.split())


def _causes(case: StoredCase) -> Iterable[tuple[Cause, StoredFailure | None]]:
    if not case.failures:
        yield Cause("", plain(case.because) or case.verdict.value, ""), None
    for failure in case.failures:
        yield Cause(failure.requirement, plain(failure.what), failure.message), failure
