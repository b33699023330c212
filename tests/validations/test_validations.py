"""Every listed violation, put into the evidence of a sound station, is noticed by its case.

Without the matrix: every case of the tables once, on the first of some products that it applies to,
in one style; and what depends on who starts a transaction once more, started by the CSMS. With it:
all products, in the styles that tell status by StatusNotification, by NotifyEvent, by both, and
otherwise make full use of their freedom.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.reference_runs import PICS_FILES, ROOT, ReferenceRuns, RunOutcome, RunRequest
from tests.validations.assessment import Finding, assess_run, recorded_cases
from tests.validations.entries import load_validations
from tests.validations.retelling import retell
from vdoc.bench import Verdict
from vdoc.cases.registry import case_functions
from vdoc.catalogue import CaseRow, load_catalogue
from vdoc.pics import load_pics
from vdoc.plan.applicable import Applicable, judge
from vdoc.rejudge import passed
from vdoc.rejudge.judge import UPKEEP

Mode = Literal["local", "remote"]

ENTRIES = load_validations()
TABLED = sorted({entry.case for entry in ENTRIES})
SMALL = "pics/covering/2-core-cable-lock.toml"
LARGE = "pics/covering/1-all-profiles-ac.toml"  # allows both ways
CLOCK = "pics/dc-fast-charger.toml"
FEW = "pics/ac-wallbox-detachable.toml"  # reads tokens in one way only
POLE = "pics/ac-pole-keycode.toml"  # updates firmware during a transaction
PRODUCTS = {SMALL: 7, FEW: 13, LARGE: 9, CLOCK: 1, POLE: 1}
"""Into how many runs the cases of a product are split."""
FEW_BLOCKS = frozenset("CDEJKLN")
CLOCK_CASES = frozenset({"TC_B_11_CS"})
"""Those that need a station which knows when its offset from UTC changes, as a report tells."""
REMOTE = (
    ("TC_B_21_CS", "TC_B_26_CS"),
    ("TC_B_41_CS", "TC_E_09_CS", "TC_E_40_CS"),
    ("TC_C_08_CS", "TC_C_31_CS", "TC_C_32_CS", "TC_C_33_CS"),
)
VALUES = {"heartbeat_interval_s": 4, "max_time_deviation_s": 0.7}  # less than two intervals
STYLES = ("plain", "notify-event", "both", "terse")


def _product_of(case: CaseRow) -> str:
    if case.id in CLOCK_CASES:
        return CLOCK
    first: tuple[str, ...] = (FEW,) if case.block in FEW_BLOCKS else ()
    return next(pics for pics in (*first, SMALL, LARGE, CLOCK, POLE) if _applies(case, pics))


def _applies(case: CaseRow, pics: str) -> bool:
    return isinstance(judge(case, load_catalogue(), load_pics(ROOT / pics), None), Applicable)


def _runs() -> Iterator[object]:
    product = {c.id: _product_of(c) for c in load_catalogue().cases if c.id in TABLED}
    for pics, count in PRODUCTS.items():
        cases = [case for case in TABLED if product[case] == pics]
        name = pics.rpartition("/")[2]
        for number in range(count):
            yield pytest.param(pics, None, cases[number::count], id=f"{name}-{number}")
    for number, some in enumerate(REMOTE):
        yield pytest.param(LARGE, "remote", list(some), id=f"remote-{number}")


def _matrix() -> Iterator[object]:
    for pics in PICS_FILES:
        name = pics.rpartition("/")[2]
        for style in STYLES:
            yield pytest.param(pics, style, None, id=f"{name}-{style}")
    yield pytest.param(LARGE, "plain", "remote", id="remote")


@pytest.mark.long
@pytest.mark.parametrize(("pics", "mode", "cases"), list(_runs()))
def test_every_violation_is_noticed(
    reference_run: ReferenceRuns, pics: str, mode: Mode | None, cases: list[str]
) -> None:
    run = _run(reference_run, pics, "plain", mode, cases)
    verdicts = {result.case: result.verdict for result in run.results}
    assert {case: verdicts.get(case) for case in cases} == dict.fromkeys(cases, Verdict.PASS)
    _demand_all_noticed(run)


@pytest.mark.matrix
@pytest.mark.parametrize(("pics", "style", "mode"), list(_matrix()))
def test_every_violation_is_noticed_on_every_product(
    reference_run: ReferenceRuns, pics: str, style: str, mode: Mode | None
) -> None:
    _demand_all_noticed(_run(reference_run, pics, style, mode, TABLED))


def _run(
    runs: ReferenceRuns, pics: str, style: str, mode: Mode | None, cases: list[str]
) -> RunOutcome:
    values = tuple(VALUES.items())
    request = RunRequest(pics, tuple(cases), style=style, values=values, mode=mode)
    return asyncio.run(runs.make(request))


def _demand_all_noticed(run: RunOutcome) -> None:
    _demand_a_sound_run(run)
    assessed = assess_run(ENTRIES, run.lines, case_functions(), run.request.pics_file)
    open_ones = [f"{a.entry.id} [{a.variant}]: {a.finding} {a.because}" for a in assessed if a.open]
    assert open_ones == []
    assert any(a.finding is Finding.NOTICED for a in assessed)


def _demand_a_sound_run(run: RunOutcome) -> None:
    """Nothing can be shown by altering evidence that fails, or that retold comes out otherwise."""
    assert not run.record.void_because
    failed = {r.case: [str(f) for f in r.failures] for r in run.results if not passed(r)}
    assert failed == {}
    for recorded in recorded_cases(run.lines, ""):
        function = {**UPKEEP, **case_functions()}[recorded.case]
        again = retell(recorded.record.lines, function, recorded.context)
        assert not again.diverged, recorded.case
        assert passed(recorded.judged(again.told, function)), recorded.case
