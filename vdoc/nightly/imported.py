"""Reading back what `export` wrote as JSON: into another history, or after a database was lost.

Owns the way from JSON to `FinishedRun`. Runs are named by their evidence, so reading the same twice
adds nothing. Attempts are not read back: they are of the scheduler of the bench that made them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vdoc.bench import Facts, VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.errors import InputError, Problem
from vdoc.nightly.export import FORMAT
from vdoc.nightly.stored import FinishedRun, Parameter, StoredCase, StoredFailure, StoredRun

_BESIDES = {"response_times_s", "cases"}


def read_exported(path: Path) -> Iterator[FinishedRun]:
    """Yield the runs of a file that `vdoc nightly export json` wrote.

    Raises:
        InputError: it is no such file.
    """
    try:
        whole = json.loads(path.read_text("utf-8"))
        if whole["format"] != FORMAT:
            raise ValueError(f"its format is {whole['format']!r}")
        for run in whole["runs"]:
            yield _finished(run, whole["device_models"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        what = f"is no exported history: {error}."
        remedy = "give what `vdoc nightly export json --out FILE` wrote."
        raise InputError(Problem(str(path), None, "history", what, remedy)) from error


def _finished(values: Mapping[str, Any], models: Mapping[str, Any]) -> FinishedRun:
    times = {Parameter(name): tuple(s) for name, s in values["response_times_s"].items()}
    cases = tuple(map(_case, values["cases"]))
    facts = None
    if values["device_model"]:
        variables = map(VariableFact.model_validate, models[values["device_model"]])
        facts = Facts(variables=tuple(variables))
    return FinishedRun(_run(values), cases, times, facts)


def _run(values: Mapping[str, Any]) -> StoredRun:
    kept = {name: each for name, each in values.items() if name not in _BESIDES}
    changed = {
        "directory": Path(values["directory"]),
        "started": datetime.fromisoformat(values["started"]),
        "verdict": RunVerdict(values["verdict"]),
        "crashes": tuple(values["crashes"]),
        "counts": {Verdict(name): number for name, number in values["counts"].items()},
    }
    return StoredRun(**{**kept, **changed})


def _case(values: Mapping[str, Any]) -> StoredCase:
    changed = {
        "verdict": Verdict(values["verdict"]),
        "failures": tuple(StoredFailure(**failure) for failure in values["failures"]),
    }
    return StoredCase(**{**values, **changed})
