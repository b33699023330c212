"""Every start and stop point, local option and order, online and offline, on the sound station.

`make test` takes few combinations in which each of them is met; `make matrix` takes all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.matrix.transaction_points import (
    LINKS,
    OPTIONS,
    ORDERS,
    START,
    STOP,
    Way,
    everything,
    existing,
    slice_of_all,
    walked,
    why_not,
)
from tests.reference_runs import ReferenceRuns


def failures(runs: ReferenceRuns, ways: Sequence[Way], *, with_cases: bool) -> list[str]:
    runs.prepare()
    found = asyncio.run(walked(runs, ways, with_cases=with_cases))
    assert {each.way for each in found} == set(ways)
    return [f"{each.way}: {failure}" for each in found for failure in each.failed]


def test_size() -> None:
    assert (len(everything()), len(existing())) == (864, 660)


def test_the_slice_meets_everything() -> None:
    ways = slice_of_all()
    assert {way.start for way in ways} == set(START)
    assert {way.stop for way in ways} == {stop for stop, item in STOP.items() if item}
    assert {way.option for way in ways} == set(OPTIONS)
    assert {(way.order, way.link) for way in ways} == {(o, k) for o in ORDERS for k in LINKS}
    assert not any(map(why_not, ways))


@pytest.mark.long
def test_few_ways(reference_run: ReferenceRuns) -> None:
    assert failures(reference_run, slice_of_all(), with_cases=False) == []


def test_a_walk_finds_out_a_station_that_errs(reference_run: ReferenceRuns) -> None:
    ways = [Way("EVConnected", "PowerPathClosed", "ISO14443", ORDERS[0], link) for link in LINKS]
    reference_run.prepare()
    errs = frozenset({"stop-wrong-trigger"})
    found = asyncio.run(walked(reference_run, ways, with_cases=False, defects=errs))
    assert all(each.failed for each in found)


@pytest.mark.matrix
@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("start", START)
def test_every_way(reference_run: ReferenceRuns, start: str, option: str) -> None:
    ways = [way for way in existing() if (way.start, way.option) == (start, option)]
    assert failures(reference_run, ways, with_cases=True) == []
