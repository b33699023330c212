"""Verifying a bundle with a million lines of evidence: how fast, and with how much memory.

A long run is declared, and then verified by `verify_bundle` in a process of its own: container,
signature, chain, tree, plan, every case judged again. Peak memory is that of this process and its
helpers together (proportional set size: what they share counts once), looked at ten times a second
in a round of its own, since looking costs time too.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure
from benchmarks.long_run import cases, functions, make
from benchmarks.rejudging import LINES
from vdoc.signing import Trust
from vdoc.verify import verify_bundle

TARGET_S = 12.0
TARGET_MB = 300


@dataclass(frozen=True, slots=True)
class Verified:
    """One verification: lines, seconds by the clock and of CPU, and the codes of its findings."""

    lines: int
    seconds: float
    cpu_seconds: float
    codes: list[str]


def verify(directory: Path) -> Verified:
    """Verify in this process."""
    events = int((directory / "events").read_text(encoding="ascii"))
    trust = Trust.load(directory / "trust")
    begun, cpu_begun = time.monotonic(), time.process_time()
    outcome = verify_bundle(
        directory / "bundle.zip",
        trust,
        allow_demo=True,
        catalogue=cases(),
        functions=functions(events),
    )
    seconds = time.monotonic() - begun
    assert outcome.statement is not None
    lines = outcome.statement.predicate["evidence"]["lines"]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_seconds = sum(each.ru_utime + each.ru_stime for each in used) - cpu_begun
    codes = sorted({finding.code for finding in outcome.findings})
    return Verified(lines, seconds, cpu_seconds, codes)


def run(rounds: int, lines: int) -> list[Figure]:
    """Verify `rounds` times and return medians; once more for the memory."""
    with tempfile.TemporaryDirectory() as name:
        directory = make(Path(name), lines)
        found = [_verify_apart(directory) for _ in range(rounds)]
        peak_mb = _peak_mb(directory)
    seconds = median(each.seconds for each in found)
    cpu_seconds = median(each.cpu_seconds for each in found)
    count = found[0].lines
    assert found[0].codes == [], found[0].codes
    target_s = TARGET_S * max(1.0, count / LINES)
    return [
        Figure(
            f"verifying a bundle of {count:,} lines",
            f"{seconds:.1f} s ({cpu_seconds:.1f} s of CPU), {count / seconds:,.0f} lines/s, "
            f"peak memory {peak_mb:.0f} MB",
            f"<= {target_s:.0f} s and {TARGET_MB} MB",
            met=seconds <= target_s and peak_mb <= TARGET_MB,
        )
    ]


def _apart(directory: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.verifying", str(directory)]


def _verify_apart(directory: Path) -> Verified:
    done = subprocess.run(_apart(directory), check=True, stdout=subprocess.PIPE)  # noqa: S603  # our own module
    return Verified(**json.loads(done.stdout))


def _peak_mb(directory: Path) -> float:
    command = _apart(directory)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: S603  # our own module
        peak_kb = 0
        while process.poll() is None:
            peak_kb = max(peak_kb, _memory_kb(process.pid))
            time.sleep(0.1)
        return peak_kb / 1000


def _memory_kb(pid: int) -> int:
    """Return the proportional set size of a process and those that it began."""
    place = Path(f"/proc/{pid}")
    try:
        rollup = (place / "smaps_rollup").read_text(encoding="ascii")
        children = (place / "task" / str(pid) / "children").read_text(encoding="ascii").split()
    except OSError:  # it has just ended
        return 0
    [pss] = [line for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(pss.split()[1]) + sum(_memory_kb(int(child)) for child in children)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--make", type=int, help="make a bundle of so many lines there instead")
    given = parser.parse_args()
    if given.make is None:
        json.dump(asdict(verify(given.directory)), sys.stdout)
    else:
        make(given.directory, given.make)
