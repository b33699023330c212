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
LOOK_S = 0.005  # from one look at the evidence to the next
LIMIT_S = 120
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


def killed_at(process: subprocess.Popen[bytes], evidence: Path, size_bytes: int) -> None:
    """Kill once the evidence has this size, or after the process has ended by itself."""
    descriptor = os.pidfd_open(process.pid)
    ended: list[int] = []
    while not ended and not (evidence.exists() and evidence.stat().st_size >= size_bytes):
        ended, _, _ = select.select([descriptor], [], [], LOOK_S)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    os.close(descriptor)


@pytest.mark.long
def test_a_killed_runner_leaves_readable_evidence_and_nothing_else(
    station: tuple[ReferenceBench, Path], tmp_path: Path
) -> None:
    _, settings = station
    whole_bytes = whole_run(settings, tmp_path / "first")
    chance = random.Random(20261124)
    for number in range(KILLS):
        out = tmp_path / f"run-{number}"
        evidence = out / "evidence.jsonl"
        killed_at(runner(settings, out), evidence, chance.randrange(whole_bytes))
        assert not (out / "declaration.zip").exists()
        reader = open_evidence(evidence)
        assert list(reader)
        assert {flaw.code for flaw in reader.flaws} <= {"torn", "unsealed"}
    assert whole_run(settings, tmp_path / "last")


def whole_run(settings: Path, out: Path) -> int:
    """Make a run to its end, which passes; return the size of its evidence, in bytes."""
    last = runner(settings, out)
    output, _ = last.communicate(timeout=LIMIT_S)
    assert last.returncode == 0, output.decode()
    result = json.loads((out / "result.json").read_text())
    assert result["verdict"] == "pass"
    assert len(result["cases"]) == len(CASES)
    assert not (out / "declaration.zip").exists(), "a partial run declares nothing"
    return (out / "evidence.jsonl").stat().st_size
