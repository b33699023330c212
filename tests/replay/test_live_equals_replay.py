"""The same verdict live and replayed, in another process, time zone and hash seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.replay.judge_again import comparable
from tests.replay.scripted import make_runs
from vdoc.bench import CaseResult, Verdict
from vdoc.evidence import Kind, open_evidence

RUNS = 800
Made = tuple[Path, dict[int, CaseResult]]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("replay") / "evidence.jsonl"
    return path, make_runs(path, range(1, RUNS + 1))


def replayed(path: Path, *, hash_seed: str, zone: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
    command = [sys.executable, "-m", "tests.replay.judge_again", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    value: dict[str, Any] = json.loads(done.stdout)
    return value


class TestLiveEqualsReplay:
    @pytest.mark.parametrize(
        ("hash_seed", "zone"), [("1", "Asia/Kathmandu"), ("4242", "America/St_Johns")]
    )
    def test_every_run_has_the_same_verdict_reason_and_checks(
        self, runs: Made, hash_seed: str, zone: str
    ) -> None:
        path, live = runs
        again = replayed(path, hash_seed=hash_seed, zone=zone)
        assert again["flaws"] == []
        expected = {str(seed): comparable(result) for seed, result in live.items()}
        assert again["results"] == expected

    def test_the_runs_reach_what_they_are_about(self, runs: Made) -> None:
        path, live = runs
        verdicts = Counter(result.verdict for result in live.values())
        kinds = Counter(line.kind for line in open_evidence(path))
        assert verdicts[Verdict.PASS] > RUNS // 10
        assert verdicts[Verdict.FAIL] > RUNS // 10
        assert {Verdict.INCONC, Verdict.ERROR} <= set(verdicts)
        assert set(Kind) - {Kind.RUN, Kind.TLS} <= set(kinds)

    def test_messages_hit_deadlines_to_the_nanosecond(self, runs: Made) -> None:
        path, _ = runs
        stamps = [line.mono_ns for line in open_evidence(path) if line.kind is Kind.DEADLINE]
        received = {line.mono_ns for line in open_evidence(path) if line.kind is Kind.RECEIVED}
        close = sum(1 for at in stamps if {at - 2, at - 1, at, at + 1} & received)
        assert close > RUNS // 4
