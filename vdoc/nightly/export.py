"""The history as CSV and JSON, for a spreadsheet or another program.

Owns the columns, which are only ever added to. CSV has a row for each case of each run; JSON
has the runs with all that is kept of them. Both stream: a thousand runs need no memory to speak of.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, TextIO

from vdoc.nightly.compare import Comparison
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase, StoredRun

COLUMNS = (
    "run", "dut", "started", "run_verdict", "vendor", "model", "firmware_version",
    "firmware_sha256", "seed", "case", "variant", "verdict", "because", "checks", "seconds",
    "requirement", "step", "what", "expected", "actual", "line", "message",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(history: History, runs: Iterable[StoredRun], file: TextIO) -> None:
    """Write one row for each case of each run; of its failures the first.

    A cell that a spreadsheet would take for a formula (stations send such text) begins with an
    apostrophe.
    """
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for run in runs:
        for case in history.cases(run):
            writer.writerow({name: _cell(value) for name, value in _row(run, case).items()})


def write_json(history: History, runs: Iterable[StoredRun], file: TextIO) -> None:
    """Write a JSON array of runs, each with its cases, failures and response times."""
    separator = "[\n"
    for run in runs:
        file.write(separator + json.dumps(_whole(history, run), ensure_ascii=False))
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


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


def _row(run: StoredRun, case: StoredCase) -> dict[str, object]:
    first = asdict(case.failures[0]) if case.failures else {}
    shown = {name: first.get(name) for name in COLUMNS[COLUMNS.index("requirement") :]}
    return {
        "run": run.id,
        "dut": run.dut,
        "started": run.started.isoformat(),
        "run_verdict": run.verdict.value,
        "vendor": run.vendor,
        "model": run.model,
        "firmware_version": run.firmware_version,
        "firmware_sha256": run.firmware_sha256,
        "seed": run.seed,
        "case": case.case,
        "variant": case.variant,
        "verdict": case.verdict.value,
        "because": case.because,
        "checks": case.checks,
        "seconds": case.seconds,
        **shown,
    }


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
        "same_firmware": comparison.same_firmware,
        "newly_failing": [case_json(change.now) for change in comparison.newly_failing],
        "newly_passing": [case_json(change.now) for change in comparison.newly_passing],
        "still_failing": [case_json(change.now) for change in comparison.still_failing],
        "flaky": [
            {**case_json(each.now), "rate": each.measured.rate, **asdict(each.measured)}
            for each in comparison.flaky
        ],
        "response_times": [
            {**asdict(each), "parameter": each.parameter.value, "slower": each.slower}
            for each in comparison.drifts
        ],
        "device_model": [
            {**asdict(each), "kind": each.kind.value} for each in comparison.device_model
        ],
        "causes": [
            {**asdict(group.cause), "cases": [case.name for case in group.cases]}
            for group in comparison.causes
        ],
    }
