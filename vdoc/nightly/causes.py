"""Failures that look like one fault, put together: same requirement, same field, same message.

Owns what counts as the same. Numbers, quoted values and hex strings inside a description differ
from case to case and say nothing about the fault, so they are left out of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

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
    """The cases that failed for one cause, and the failure of the first of them."""

    cause: Cause
    cases: tuple[StoredCase, ...]
    example: StoredFailure | None


def grouped(cases: Iterable[StoredCase]) -> tuple[CauseGroup, ...]:
    """Return the failing cases by cause, the cause of most cases first.

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
    groups = (CauseGroup(c, tuple(each.values()), examples[c]) for c, each in found.items())
    return tuple(sorted(groups, key=lambda group: (-len(group.cases), group.cause)))


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
