"""Nights with the reference station: defects switched on and off, and nothing else is named.

Response times are left out here: those of a machine that shares its cores are no fact of a station
(`test_compare.py` has a fortnight in which they are planted).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reference_runs import ReferenceRuns, RunRequest
from vdoc.declaration import write_reports
from vdoc.nightly.compare import Change, compare
from vdoc.nightly.finished import CUT_OFF, Known, read_finished
from vdoc.nightly.history import History

WRONG_VALUE, REJECTS = "get-wrong-value", "inoperative-rejected"  # TC_B_06, TC_G_03


@dataclass(frozen=True)
class Night:
    """What is planted, and what must be named."""

    firmware: str
    defects: tuple[str, ...] = ()
    cut_off: bool = False
    newly_failing: tuple[str, ...] = ()
    newly_passing: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    flaky: tuple[str, ...] = ()


B_06, G_03 = ("TC_B_06_CS",), ("TC_G_03_CS",)
NIGHTS = (
    Night("fw1"),
    Night("fw1", (REJECTS,), newly_failing=G_03),  # the first of a flaky one cannot be told apart
    Night("fw1", flaky=G_03),
    Night("fw2", (WRONG_VALUE,), newly_failing=B_06, flaky=G_03),
    Night("fw2", (WRONG_VALUE,), cut_off=True),  # the bench is rebooted
    Night("fw2", (WRONG_VALUE, REJECTS), still_failing=B_06, flaky=G_03),
    Night("fw3", newly_passing=B_06, flaky=G_03),
)


def cases(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(change.now.case for change in changes)


def made(runs: ReferenceRuns, night: Night) -> Path:
    """Make the run of a night, and return its directory."""
    request = RunRequest(
        "pics/ac-wallbox-detachable.toml",
        only=("TC_B_06_CS", "TC_G_03_CS"),
        defects=frozenset(night.defects),
    )
    record = asyncio.run(runs.make(request)).record
    directory = record.evidence.parent
    if night.cut_off:
        whole = record.evidence.read_bytes()
        record.evidence.write_bytes(whole[: len(whole) * 3 // 4])
    else:
        write_reports(record, directory)
    return directory


@pytest.mark.long
def test_the_comparison_names_what_was_planted_and_nothing_else(
    reference_run: ReferenceRuns, history: History
) -> None:
    for number, night in enumerate(NIGHTS):
        finished = read_finished(made(reference_run, night), Known("wall", night.firmware))
        assert history.add(finished)
        found = compare(history, finished.run)
        told = Night(
            night.firmware, night.defects, finished.run.void_because == CUT_OFF,
            cases(found.newly_failing), cases(found.newly_passing), cases(found.still_failing),
            tuple(each.now.case for each in found.flaky),
        )  # fmt: skip
        assert told == night, f"night {number + 1}"
        assert found.device_model == ()
