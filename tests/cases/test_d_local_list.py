"""TC_D_01 to TC_D_08 and TC_D_10 against stations that keep a local list, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
CASES = [f"TC_D_{number}_CS" for number in ("01", "02", "03", "04", "05", "06", "08", "10")]
PICS = "pics/ac-wallbox-detachable.toml"
LISTS = ["LocalAuthListManagement"]


def play(cache: Play, case: str, odd: str = "") -> Any:
    return cache(case, odd=odd, profiles=LISTS, variant={})


@pytest.mark.parametrize("case", CASES)
def test_it_keeps_a_list(cache: Play, case: str) -> None:
    run = play(cache, case)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("case", "update", "version", "entries"),
    [
        ("TC_D_01_CS", "Full", 2, [True]),
        ("TC_D_02_CS", "Differential", 3, [True]),
        ("TC_D_03_CS", "Differential", 3, [False]),
        ("TC_D_04_CS", "Full", 2, []),
        ("TC_D_05_CS", "Differential", 3, []),
        ("TC_D_06_CS", "Differential", 1, [True]),
    ],
)
def test_what_is_sent(cache: Play, case: str, update: str, version: int, entries: object) -> None:
    sent = play(cache, case).calls("SendLocalList")[-1]
    assert (sent["updateType"], sent["versionNumber"]) == (update, version)
    found = sent.get("localAuthorizationList", [])
    assert ["idTokenInfo" in entry for entry in found] == entries


@pytest.mark.parametrize(
    ("case", "odd", "requirement"),
    [
        ("TC_D_01_CS", "keeps its version", "D01.FR.15"),
        ("TC_D_02_CS", "keeps its version", "D01.FR.16"),
        ("TC_D_02_CS", "refuses lists", "D01.FR.16"),
        ("TC_D_03_CS", "keeps its version", "D01.FR.17"),
        ("TC_D_03_CS", "refuses lists", "D01.FR.17"),
        ("TC_D_04_CS", "keeps its version", "D01.FR.04"),
        ("TC_D_05_CS", "keeps its version", "D01.FR.05"),
        ("TC_D_06_CS", "takes any version", "D01.FR.19"),
        ("TC_D_06_CS", "refuses lists", "D01.FR.19"),
        ("TC_D_08_CS", "keeps its version", "D02.FR.01"),
        ("TC_D_10_CS", "always tells", "D02.FR.03"),
    ],
)
def test_a_station_that_errs(cache: Play, case: str, odd: str, requirement: str) -> None:
    run = play(cache, case, odd)
    assert (run.verdict, run.failed[0][1]) == ("fail", requirement)


def test_the_list_is_persistent(reference_run: Play) -> None:
    run = reference_run(PICS, only=["TC_D_07_CS"])
    assert run.result("TC_D_07_CS").verdict.value == "pass"


def test_the_list_is_lost_at_a_reboot(reference_run: Play) -> None:
    run = reference_run(PICS, only=["TC_D_07_CS"], defects=["local-list-lost-at-reboot"])
    failures = run.result("TC_D_07_CS").failures
    assert [(check.step, check.requirement) for check in failures] == [("2", "D01.FR.10")]
