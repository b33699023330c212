"""Where the time of a run goes, by its evidence."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.share import share
from vdoc.evidence import Kind, Line


def lines(*stamps: tuple[float, Kind], **data: Any) -> list[Line]:
    return [
        Line(n, 0, round(at_s * 1e9), "TC_X_01_CS", "-", kind, data)
        for n, (at_s, kind) in enumerate(stamps)
    ]


@pytest.mark.parametrize(
    "waited_for", [Kind.RECEIVED, Kind.DEADLINE, Kind.ACTION_DONE, Kind.OPENED, Kind.MADE]
)
def test_waiting_is_not_the_testers_own_time(waited_for: Kind) -> None:
    found = share(lines((0, Kind.CASE), (10, waited_for)))
    assert (found.total_s, found.own) == (10, 0)


@pytest.mark.parametrize("kind", [Kind.SENT, Kind.CHECK, Kind.CASE, Kind.STALL, Kind.SEAL])
def test_what_the_tester_does_is(kind: Kind) -> None:
    found = share(lines((0, Kind.CASE), (6, Kind.RECEIVED), (8, kind)))
    assert (found.own_s, found.own) == ({kind.value: 2}, 0.25)


def test_making_what_was_asked_for_is() -> None:
    assert share(lines((0, Kind.ASK), (1, Kind.MADE), id="x")).own_s == {"made": 1}


def test_no_evidence_has_no_share() -> None:
    assert share([]).own == 0
