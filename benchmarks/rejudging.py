"""Judging a million lines of evidence again: how fast, and with how much memory.

The evidence is made by the writer and the Timeline themselves, with a clock that is moved by hand:
cases of 500 TransactionEvents each, answered and claimed. It is judged in a process of its own,
which checks the hash chain as well, so that its peak of memory is that of `vdoc rejudge`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from benchmarks.station import event
from benchmarks.tester import a_context, a_start, taking
from vdoc.bench.context import begin_case
from vdoc.bench.outcome import Verdict
from vdoc.bench.start import OpenConnection
from vdoc.evidence import EvidenceWriter, Kind, Line, open_evidence
from vdoc.pics import load_pics, load_settings
from vdoc.rejudge import rejudge

LINES = 1_000_000
TARGET_MB = 150
_EVENTS_PER_CASE = 500
_SALT = bytes(32)
_PICS = Path(__file__).parents[1] / "pics"


class HandClock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.now_ns = 0

    def wall_ns(self) -> int:
        return 1_800_000_000_000_000_000 + self.now_ns

    def mono_ns(self) -> int:
        return self.now_ns


@dataclass(frozen=True, slots=True)
class _Port:
    """Writes deeds and judgements; nobody hears them."""

    writer: EvidenceWriter

    def deed(self, kind: Kind, data: dict[str, Any]) -> Line:
        return self.writer.append(kind, data, case="BENCHMARK", variant="-")

    def judgement(self, kind: Kind, data: dict[str, Any]) -> None:
        self.deed(kind, data)


def make_evidence(path: Path, lines: int) -> None:
    """Write a sealed run of at least `lines` lines."""
    clock = HandClock()
    writer = EvidenceWriter(path, clock)
    pics, settings = (
        load_pics(_PICS / "ac-wallbox-detachable.toml"),
        load_settings(_PICS / "bench-example.toml"),
    )
    made_with = {"pics": pics.to_json(), "settings": settings.public(_SALT), "seed": 1}
    writer.append(Kind.RUN, {"what": "start", "format": 1, **made_with})
    while writer.count < lines:
        _play(writer, clock)
    writer.seal({"void": False})


def _play(writer: EvidenceWriter, clock: HandClock) -> None:
    port = _Port(writer)
    first = writer.count == 1
    open_already = None if first else OpenConnection(1, {"connection": 1})
    start = replace(a_start(), connection=open_already)
    line = port.deed(Kind.CASE, start.as_json())
    timeline = begin_case(line, start, port, taking(_EVENTS_PER_CASE), a_context())
    if first:
        timeline.feed(port.deed(Kind.OPENED, {"connection": 1}))
    for n in range(_EVENTS_PER_CASE):
        clock.now_ns += 1_000_000
        data = {"connection": 1, "frame": event(n, "three-phase")}
        timeline.feed(port.deed(Kind.RECEIVED, data))


@dataclass(frozen=True, slots=True)
class Judged:
    """One judging: lines, seconds by the clock and of CPU, and the peak of resident memory."""

    lines: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def judge(path: Path) -> Judged:
    """Judge a file again in this process."""
    begun, cpu_begun = time.monotonic(), time.process_time()
    reader = open_evidence(path)
    found = rejudge(reader, functions={"BENCHMARK": taking(_EVENTS_PER_CASE)})
    seconds = time.monotonic() - begun
    assert not reader.flaws, reader.flaws[:3]
    assert not found.flaws, found.flaws[:3]
    assert all(result.verdict is Verdict.PASS for result in found.results)
    return Judged(reader.count, seconds, time.process_time() - cpu_begun, _peak_mb())


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1000


def run(rounds: int, lines: int) -> list[Figure]:
    """Judge `rounds` times and return medians."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "evidence.jsonl"
        make_evidence(path, lines)
        found = [_judge_apart(path) for _ in range(rounds)]
    rate = median(judged.lines / judged.seconds for judged in found)
    cpu_rate = median(judged.lines / judged.cpu_seconds for judged in found)
    peak_mb = median(judged.peak_mb for judged in found)
    return [
        Figure(
            f"re-judging {found[0].lines:,} lines",
            f"{rate:,.0f} lines/s ({cpu_rate:,.0f} per CPU second), peak memory {peak_mb:.0f} MB",
            f"peak <= {TARGET_MB} MB",
            met=peak_mb <= TARGET_MB,
        )
    ]


def _judge_apart(path: Path) -> Judged:
    command = [sys.executable, "-m", "benchmarks.rejudging", str(path)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own module
    return Judged(**json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("evidence", type=Path)
    json.dump(asdict(judge(parser.parse_args().evidence)), sys.stdout)
