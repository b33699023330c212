"""Each case on the sound station, in every variant, and on the station that has its defect.

`make test` takes two products, a style each, and every defect in the first case that catches it;
`make matrix` takes every product, every style, and every defect in each of its cases.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.matrix.catching import AT_ONCE, Catch, caught, pairs, read_table
from tests.reference_runs import PICS_FILES, ReferenceRuns, RunOutcome, RunRequest
from vdoc.bench import Verdict
from vdoc.cases.registry import case_functions
from vdoc.declaration.record import RunVerdict
from vdoc.station.styles import STYLES

CATCHES = read_table()
PARTS = 8  # of the defects, so that workers share them
SOUND = (
    RunRequest("pics/ac-wallbox-detachable.toml", style="plain"),
    RunRequest("pics/ac-pole-keycode.toml", style="notify-event"),
)
ALL_SOUND = tuple(RunRequest(pics, style=style) for pics in PICS_FILES for style in sorted(STYLES))


_GOOD = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})


def each_once() -> tuple[Catch, ...]:
    """Return few catches in which every defect and every case is met.

    A case keeps the defect that it has for itself, so that most defects are switched on once.
    """
    cases = Counter(catch.defect for catch in CATCHES)
    chosen: dict[str, Catch] = {}
    for catch in sorted(CATCHES, key=lambda c: (c.by != "case", cases[c.defect], c)):
        if catch.by == "case":
            chosen.setdefault(catch.case, catch)
    met = {catch.defect for catch in chosen.values()}
    others = {c.defect: c for c in reversed(CATCHES) if c.defect not in met}
    return tuple(sorted([*chosen.values(), *others.values()]))


def all_at_once(directory: Path, requests: Iterable[RunRequest]) -> list[RunOutcome]:
    """Make runs side by side in one loop: they mostly wait."""
    directory.mkdir(parents=True, exist_ok=True)
    runs = ReferenceRuns(directory)
    runs.prepare()

    async def make() -> list[RunOutcome]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(request: RunRequest) -> RunOutcome:
            async with slots:
                return await runs.make(request)

        return await asyncio.gather(*(one(request) for request in requests))

    return asyncio.run(make())


def all_caught(directory: Path, catches: Iterable[Catch]) -> list[Catch]:
    """Try each catch, many at once; what comes out otherwise is tried again by itself.

    Side by side on a busy machine a punctual station can look late, which is the test's doing.
    """
    runs = ReferenceRuns(directory)
    runs.prepare()

    async def make() -> list[Catch]:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(catch: Catch) -> Catch:
            async with slots:
                return await caught(runs, catch)

        expected = list(catches)
        found = await asyncio.gather(*(one(catch) for catch in expected))
        return [
            got if got == catch else await caught(runs, catch)
            for catch, got in zip(expected, found, strict=True)
        ]

    return asyncio.run(make())


def judged(outcome: RunOutcome) -> None:
    """Every case passed, and the evidence alone says the same, check by check."""
    record = outcome.record
    failures = [
        f"{r.case} {r.variant} {r.verdict.value}: {r.because} {r.failures[:3]}"
        for r in record.results
        if r.verdict not in _GOOD
    ]
    assert not failures, "\n".join(failures)
    assert record.verdict is RunVerdict.PASS, (record.void_because, record.crashes)
    again = outcome.rejudged()
    assert list(again.cases) == list(record.results)
    assert not again.flaws
    assert not again.findings


def passes(request: RunRequest, directory: Path) -> None:
    """Judge a run; cases that did not pass in it are tried once more, by themselves.

    A case that fails for its own reasons fails again; one that a busy machine was late for does
    not. Evidence of either run must be judged the same again.
    """
    outcome = all_at_once(directory / "first", [request])[0]
    failed = sorted({r.case for r in outcome.results if r.verdict not in _GOOD})
    if failed:
        again = replace(request, only=tuple(failed))
        outcome = all_at_once(directory / "again", [again])[0]
    judged(outcome)


@pytest.mark.long
@pytest.mark.parametrize("request_", SOUND, ids=lambda r: f"{Path(r.pics_file).stem}-{r.style}")
def test_the_sound_station_passes(request_: RunRequest, tmp_path: Path) -> None:
    passes(request_, tmp_path)


@pytest.mark.matrix
@pytest.mark.parametrize("request_", ALL_SOUND, ids=lambda r: f"{Path(r.pics_file).stem}-{r.style}")
def test_the_sound_station_passes_in_every_style(request_: RunRequest, tmp_path: Path) -> None:
    passes(request_, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_every_defect_is_caught_and_every_case_catches(part: int, tmp_path: Path) -> None:
    expected = list(each_once()[part::PARTS])
    assert all_caught(tmp_path, expected) == expected


@pytest.mark.matrix
def test_every_defect_is_caught_where_the_table_says(tmp_path: Path) -> None:
    assert all_caught(tmp_path, CATCHES) == list(CATCHES)


def test_every_case_has_a_defect_that_it_catches() -> None:
    assert {catch.case for catch in each_once() if catch.by == "case"} == set(case_functions())


def test_no_defect_is_left_out() -> None:
    assert {catch.defect for catch in each_once()} == {catch.defect for catch in CATCHES}


def test_the_table_has_every_declared_pair() -> None:
    declared = {(case, defect.name) for case, defect in pairs()}
    assert {(catch.case, catch.defect) for catch in CATCHES} == declared


def test_no_defect_is_missed() -> None:
    assert [catch for catch in CATCHES if catch.by == "nothing"] == []
