"""The history as CSV and JSON, for a spreadsheet or another program.

Owns the columns, which are only ever added to. JSON holds all that the history keeps and can be
read back (`imported`); CSV has a table of runs, of cases with their failures, or of response times.
Both stream: a thousand runs need no memory to speak of.

CSV: a cell that a spreadsheet would take for a formula (stations send such text) begins with an
apostrophe, as does one that begins with an apostrophe: taking one away gives what there was.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any, TextIO

from vdoc.nightly.attempts import Attempt
from vdoc.nightly.comparison import Change, Comparison
from vdoc.nightly.drift import quantiles
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase, StoredFailure, StoredRun

FORMAT = "vdoc-history/1"
_RUN = (
    "run", "dut", "started", "run_verdict", "vendor", "model", "firmware_version",
    "firmware_sha256", "seed",
)  # fmt: skip
_FAILURE = ("requirement", "step", "what", "expected", "actual", "line", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", *map(chr, (0xFF1D, 0xFF0B, 0xFF0D, 0xFF20)))
"""With the full-width forms, which some spreadsheets take for the same."""


class Table(StrEnum):
    """Which table of the history is written as CSV."""

    CASES = "cases"
    RUNS = "runs"
    TIMES = "times"


COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.CASES: (
        *_RUN, "case", "variant", "verdict", "because", "checks", "seconds", *_FAILURE, "ordinal",
        "failure",
    ),
    Table.RUNS: (
        *_RUN, "seconds", "void_because", "crashes", "planned", "directory", "evidence_kept",
        "pics_digest", "pics_claims", "settings_digest", "bench_facts", "catalogue_version",
        "catalogue_digest", "plan_digest", "runner", "device_model",
    ),
    Table.TIMES: (*_RUN, "parameter", "number", "seconds"),
}  # fmt: skip


def write_csv(
    history: History, runs: Iterable[StoredRun], file: TextIO, table: Table = Table.CASES
) -> None:
    """Write a table of the history.

    Args:
        history: holds the runs.
        runs: which.
        file: for text, with newlines left as they are.
        table: of cases, a row for each failure and for each case without one; of runs; of times.
    """
    writer = csv.DictWriter(file, COLUMNS[table], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    rows = {Table.CASES: _case_rows, Table.RUNS: _run_rows, Table.TIMES: _time_rows}[table]
    for run in runs:
        for row in rows(history, run):
            cells = {**_run_cells(run), **row}
            writer.writerow({name: _cell(value) for name, value in cells.items()})


def write_json(
    history: History, runs: Iterable[StoredRun], file: TextIO, dut: str | None = None
) -> None:
    """Write runs with their cases, failures and response times, device models, and attempts.

    Args:
        history: holds the runs.
        runs: which.
        file: for text.
        dut: only attempts of this station.
    """
    file.write(f'{{"format": "{FORMAT}",\n"runs": [')
    models: dict[str, StoredRun] = {}
    for number, run in enumerate(runs):
        file.write(",\n" if number else "\n")
        file.write(json.dumps(_whole(history, run), ensure_ascii=False))
        models.setdefault(run.device_model, run)
    file.write('],\n"device_models": {')
    for number, run in enumerate(run for digest, run in models.items() if digest):
        facts = history.device_model(run) or ()
        variables = [fact.model_dump(mode="json", exclude_defaults=True) for fact in facts]
        file.write(",\n" if number else "\n")
        file.write(f"{json.dumps(run.device_model)}: {json.dumps(variables, ensure_ascii=False)}")
    attempts = [attempt_json(each) for each in history.attempts.all(dut) if each.run is None]
    file.write(f'}},\n"attempts": {json.dumps(attempts, ensure_ascii=False)}}}\n')


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """Return what was due and is no run as JSON; its verdict is `not run` or `under way`."""
    return {
        "id": None,
        "dut": attempt.dut,
        "due": attempt.due.isoformat(),
        "verdict": attempt.state,
        "because": attempt.because,
        "note": attempt.note,
    }


def run_json(run: StoredRun) -> dict[str, Any]:
    """Return a run without its cases as JSON."""
    return {
        **asdict(run),
        "directory": str(run.directory),
        "started": run.started.isoformat(),
        "verdict": run.verdict.value,
        "crashes": list(run.crashes),
        "counts": {verdict.value: number for verdict, number in run.counts.items()},
    }


def case_json(case: StoredCase) -> dict[str, Any]:
    """Return a case as JSON."""
    failures = [asdict(failure) for failure in case.failures]
    return {**asdict(case), "verdict": case.verdict.value, "failures": failures}


def _whole(history: History, run: StoredRun) -> dict[str, Any]:
    times = {name.value: list(samples) for name, samples in history.times(run).items()}
    cases = [case_json(case) for case in history.cases(run)]
    return {**run_json(run), "response_times_s": times, "cases": cases}


def _run_cells(run: StoredRun) -> dict[str, object]:
    values = run_json(run)
    crashes = json.dumps(run.crashes, ensure_ascii=False) if run.crashes else ""
    return {**values, "run": run.id, "run_verdict": run.verdict.value, "crashes": crashes}


def _run_rows(_: History, __: StoredRun) -> Iterator[dict[str, object]]:
    yield {}


def _case_rows(history: History, run: StoredRun) -> Iterator[dict[str, object]]:
    for ordinal, case in enumerate(history.cases(run)):
        whole = {**case_json(case), "ordinal": ordinal}
        failures: tuple[StoredFailure | None, ...] = case.failures or (None,)
        for number, failure in enumerate(failures):
            yield whole | ({} if failure is None else {**asdict(failure), "failure": number})


def _time_rows(history: History, run: StoredRun) -> Iterator[dict[str, object]]:
    for parameter, samples in history.times(run).items():
        for number, seconds in enumerate(samples):
            yield {"parameter": parameter.value, "number": number, "seconds": seconds}


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA) and value != "-":
        return f"'{value}"
    return value


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Return what changed as JSON."""
    before = comparison.before
    return {
        "now": run_json(comparison.now),
        "before": None if before is None else run_json(before),
        "comparable": comparison.comparable,
        "same_firmware": comparison.same_firmware,
        "differs": [each.value for each in comparison.differs],
        **{name: _cases(getattr(comparison, name)) for name in _CHANGES},
        "not_run": [case_json(case) for case in comparison.not_run],
        "flaky": [
            {**case_json(each.now), "rate": each.measured.rate, **asdict(each.measured)}
            for each in comparison.flaky
        ],
        "response_times": [
            {**asdict(each), "parameter": each.parameter.value, "slower": each.slower}
            for each in comparison.drifts
        ],
        "trends": [
            {**asdict(each), "parameter": each.parameter.value, "slower": each.slower}
            for each in comparison.trends
        ],
        "distributions_s": {
            name.value: _distribution(samples) for name, samples in comparison.times.items()
        },
        "device_model": [
            {**asdict(each), "kind": each.kind.value} for each in comparison.device_model
        ],
        "causes": [
            {**asdict(group.cause), "cases": [case.name for case in group.cases]}
            for group in comparison.causes
        ],
    }


_CHANGES = (
    "newly_failing", "first_failing", "newly_passing", "still_failing", "not_judged",
    "not_applicable",
)  # fmt: skip


def _cases(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [case_json(change.now) for change in changes]


def _distribution(samples: Sequence[float]) -> dict[str, float]:
    least, middle, high, most = quantiles(samples, 0, 0.5, 0.95, 1)
    return {"count": len(samples), "min": least, "median": middle, "p95": high, "max": most}
