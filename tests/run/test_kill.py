"""`kill -9` of the runner: never a declaration, evidence readable, the next run unaffected."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vdoc.cli.reference_bench import ReferenceBench
from vdoc.evidence import open_evidence
from vdoc.pics import load_pics
from vdoc.tls.pki import BenchPki

PICS = Path(__file__).parents[2] / "pics" / "ac-wallbox-detachable.toml"
KILLS = 20
EARLIEST_S, LONGEST_S = 1.0, 6.0
CASES = ("TC_B_06_CS", "TC_B_09_CS", "TC_P_01_CS", "TC_G_01_CS")


@pytest.fixture
def station(tmp_path: Path) -> Iterator[tuple[ReferenceBench, Path]]:
    bench = ReferenceBench(tmp_path / "bench", load_pics(PICS))
    bench.make_firmware()
    BenchPki.create_or_load(bench.directory / "pki")  # takes longer than the first kill may
    command = [
        sys.executable, "-m", "vdoc.cli", "station", "--pics", str(PICS), "--csms",
        "ws://localhost:9", "--identity", bench.identity, "--state", str(bench.state),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        yield bench, bench.write_settings(ready["action_api"], ready["ev_api"])
        process.terminate()


def runner(settings: Path, out: Path) -> subprocess.Popen[bytes]:
    only = [argument for case in CASES for argument in ("--only", case)]
    command = [
        sys.executable, "-m", "vdoc.cli", "run", "--pics", str(PICS), "--bench", str(settings),
        "--out", str(out), "--seed", "1", *only,
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def killed_at(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Kill after this time, or after the process has ended by itself."""
    descriptor = os.pidfd_open(process.pid)
    select.select([descriptor], [], [], seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    os.close(descriptor)


def test_a_killed_runner_leaves_readable_evidence_and_nothing_else(
    station: tuple[ReferenceBench, Path], tmp_path: Path
) -> None:
    _, settings = station
    chance = random.Random(20261124)
    seen = 0
    for number in range(KILLS):
        out = tmp_path / f"run-{number}"
        killed_at(runner(settings, out), chance.uniform(EARLIEST_S, LONGEST_S))
        assert not (out / "declaration.zip").exists()
        evidence = out / "evidence.jsonl"
        if evidence.exists():
            reader = open_evidence(evidence)
            lines = list(reader)
            seen += len(lines) > 0
            assert {flaw.code for flaw in reader.flaws} <= {"torn", "unsealed"}
    assert seen >= KILLS // 4, "nearly all kills came before anything was written"

    last = runner(settings, tmp_path / "last")
    output, _ = last.communicate(timeout=120)
    assert last.returncode == 0, output.decode()
    result = json.loads((tmp_path / "last" / "result.json").read_text())
    assert result["verdict"] == "pass"
    assert len(result["cases"]) == len(CASES)
    assert not (tmp_path / "last" / "declaration.zip").exists(), "a partial run declares nothing"
