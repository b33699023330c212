"""Runs, cases, failures and times as rows of the history, and back.

Owns how a value becomes columns: enums by their value, times as text, lists as JSON. Knows no
database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vdoc.bench import Verdict
from vdoc.declaration import RunVerdict
from vdoc.nightly.schema import time_of, time_text
from vdoc.nightly.stored import FinishedRun, StoredCase, StoredFailure, StoredRun

_DECIMALS = 6
VERDICTS = {verdict.value: verdict for verdict in Verdict}
"""Looked up once a row: quicker than calling the enum."""


def run_row(run: StoredRun) -> dict[str, Any]:
    """Return a run as a row of `run`."""
    return {
        **asdict(run),
        "directory": str(run.directory),
        "started": time_text(run.started),
        "verdict": run.verdict.value,
        "crashes": json.dumps(run.crashes),
        "counts": json.dumps({v.value: n for v, n in run.counts.items() if n}),
        "evidence_kept": int(run.evidence_kept),
    }


def run_of(row: Mapping[str, Any]) -> StoredRun:
    """Return the run that a row of `run` keeps."""
    changed = {
        "directory": Path(row["directory"]),
        "started": time_of(row["started"]),
        "verdict": RunVerdict(row["verdict"]),
        "crashes": tuple(json.loads(row["crashes"])),
        "counts": {Verdict(v): n for v, n in json.loads(row["counts"]).items()},
        "evidence_kept": bool(row["evidence_kept"]),
    }
    return StoredRun(**{**row, **changed})


def case_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    """Yield the cases of a run as rows of `case_result`, in the order in which they ran."""
    for ordinal, case in enumerate(finished.cases):
        yield {
            "run": finished.run.id,
            "ordinal": ordinal,
            "case_id": case.case,
            "variant": case.variant,
            "verdict": case.verdict.value,
            "because": case.because,
            "checks": case.checks,
            "seconds": round(case.seconds, _DECIMALS),
        }


def case_of(row: Mapping[str, Any], failures: Iterable[StoredFailure]) -> StoredCase:
    """Return the case that a row of `case_result` keeps, with its failures."""
    return StoredCase(
        case=row["case_id"],
        variant=row["variant"],
        verdict=VERDICTS[row["verdict"]],
        because=row["because"],
        checks=row["checks"],
        seconds=row["seconds"],
        failures=tuple(failures),
    )


def failure_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    """Yield what failed in a run as rows of `failure`."""
    for ordinal, case in enumerate(finished.cases):
        for number, failure in enumerate(case.failures):
            place = {"run": finished.run.id, "ordinal": ordinal, "number": number}
            yield {**place, **asdict(failure)}


def failure_of(row: Mapping[str, Any]) -> StoredFailure:
    """Return the failure that a row of `failure` keeps."""
    place = {"run", "ordinal", "number"}
    return StoredFailure(**{name: value for name, value in row.items() if name not in place})


def time_rows(finished: FinishedRun) -> Iterator[dict[str, Any]]:
    """Yield the response times of a run as rows of `response_time`."""
    for parameter, samples in finished.times.items():
        rounded = [round(sample, _DECIMALS) for sample in samples]
        yield {
            "run": finished.run.id,
            "parameter": parameter.value,
            "samples": json.dumps(rounded, separators=(",", ":")),
        }
