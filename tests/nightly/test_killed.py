"""Kill the scheduler at any point: no run lost, none doubled, a void run shown as void."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vdoc.nightly.night import ABANDONED

KILLED = Path(__file__).parent / "killed.py"
NAMES = ["pole", "wall"]
LEAST_STEPS = 50
Found = dict[str, Any]


@pytest.fixture(params=["run", "scheduled", "watch"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["goes-on", "reboots"])
def after(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.long
def test_at_every_step_there_is(way: str, after: str, tmp_path: Path) -> None:
    words = [sys.executable, str(KILLED), way, after, str(tmp_path)]
    done = subprocess.run(words, check=True, capture_output=True)
    found = json.loads(done.stdout)
    assert len(found) > LEAST_STEPS
    assert [each["killed"] for each in found] == [True] * (len(found) - 1) + [False]
    for each in found:
        where = f"killed at step {each['k']}: {each}"
        assert not each["doubled"], where
        assert each["evidence"] == NAMES, where  # each has met its station, and once
        assert nothing_is_lost(each), where
        assert each["left"] == [], where
        assert void_is_shown(each), where
        if after == "goes-on":
            assert [state for _, _, state, _ in each["attempts"]] == ["run", "run"], where


def nothing_is_lost(found: Found) -> bool:
    """Each attempt has ended and was told; each run is there, once, and passed if it is whole."""
    attempts = found["attempts"]
    told = Counter(dut for news in found["told"] for dut in news["duts"])
    return (
        [dut for dut, *_ in attempts] == NAMES
        and all(was_told for *_, was_told in attempts)
        and [d for d, _, state, _ in attempts if state == "run"] == [r[0] for r in found["runs"]]
        and [dut for dut, verdict, _ in found["runs"] if verdict == "pass"] == found["whole"]
        and all(1 <= told[dut] <= 2 for dut in NAMES)  # twice when it was killed while it told
    )


def void_is_shown(found: Found) -> bool:
    """Whoever is told hears why a run is void, and that there is none."""
    text = "\n".join(news["text"] for news in found["told"])
    void = [because for _, verdict, because in found["runs"] if verdict == "void"]
    missing = [dut for dut, _, state, _ in found["attempts"] if state == "not run"]
    return (
        all(because == ABANDONED for because in void)
        and (ABANDONED in text or not void)
        and all(f"**{dut} was not run**" in text for dut in missing)
    )
