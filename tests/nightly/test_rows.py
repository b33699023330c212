"""Whatever a run holds, its rows hold it too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.nightly.made import FIRST_NIGHT, case
from vdoc.bench import Verdict
from vdoc.declaration import RunVerdict
from vdoc.nightly.rows import (
    case_of,
    case_rows,
    failure_of,
    failure_rows,
    run_of,
    run_row,
    time_rows,
)
from vdoc.nightly.stored import FinishedRun, Parameter, StoredCase, StoredFailure, StoredRun

TEXT = st.text(max_size=20)
FAILURES = st.builds(StoredFailure, TEXT, TEXT, TEXT, TEXT, TEXT, st.none() | st.integers(), TEXT)
CASES = st.lists(
    st.builds(
        StoredCase,
        TEXT,
        TEXT,
        st.sampled_from(Verdict),
        TEXT,
        st.integers(0, 10**6),
        st.integers(0, 10**9).map(lambda us: us / 10**6),
        st.lists(FAILURES, max_size=3).map(tuple),
    ),
    max_size=4,
).map(tuple)


def a_run() -> StoredRun:
    texts = ("Acme", "Wall", "3.2.1", "fw", "aa", "bb", "1", "cc", "ee")
    return StoredRun(
        "id", "wall", Path("/runs/wall/1"), FIRST_NIGHT, 3.5, RunVerdict.PASS, "", (), *texts,
        7, 2, "0.1.0", {}, "dd",
    )  # fmt: skip


@given(CASES)
def test_cases_and_their_failures(cases: tuple[StoredCase, ...]) -> None:
    finished = FinishedRun(a_run(), cases, {}, None)
    failures: dict[int, list[StoredFailure]] = {}
    for row in failure_rows(finished):
        failures.setdefault(row["ordinal"], []).append(failure_of(row))
    rows = list(case_rows(finished))
    assert [row["ordinal"] for row in rows] == list(range(len(cases)))
    assert tuple(case_of(row, failures.get(row["ordinal"], ())) for row in rows) == cases


@given(TEXT, st.sampled_from(RunVerdict), st.lists(TEXT).map(tuple), st.booleans())
def test_a_run(void: str, verdict: RunVerdict, crashes: tuple[str, ...], kept: bool) -> None:
    run = replace(
        a_run(), void_because=void, verdict=verdict, crashes=crashes, evidence_kept=kept,
        counts={Verdict.FAIL: 3},
    )  # fmt: skip
    row = run_row(run)
    assert {type(value) for value in row.values()} <= {str, int, float}  # what SQLite holds
    assert run_of(row) == run


def test_a_verdict_that_no_case_has_needs_no_room() -> None:
    row = run_row(replace(a_run(), counts={Verdict.PASS: 2, Verdict.FAIL: 0}))
    assert json.loads(row["counts"]) == {"pass": 2}


def test_times_are_kept_to_the_microsecond() -> None:
    times = {Parameter.BOOT: (30.123456789, 2.0)}
    (row,) = time_rows(FinishedRun(a_run(), (case("TC_A"),), times, None))
    assert (row["parameter"], json.loads(row["samples"])) == ("boot", [30.123457, 2.0])
