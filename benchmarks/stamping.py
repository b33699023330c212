"""How late a stamp is: from the station's send to the bench's stamp, at 500 messages a second.

Station and bench read the same CLOCK_MONOTONIC, so the two times can be subtracted.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from statistics import median, quantiles

from benchmarks.figure import Figure
from benchmarks.tester import a_context, a_start, a_tester, station, taking
from vdoc.evidence import Kind, open_evidence

PER_SECOND = 500
TARGET_MS = 1.0


async def delays_ms(count: int) -> list[float]:
    """Return the delay of each of `count` messages, in milliseconds."""
    with tempfile.TemporaryDirectory() as name:
        async with a_tester(Path(name)) as tester:
            case = asyncio.create_task(tester.live.run_case(a_start(), taking(count), a_context()))
            told = await station(tester.port, count, "--per-second", str(PER_SECOND), "--keep")
            await case
        lines = [line for line in open_evidence(tester.evidence) if line.kind is Kind.RECEIVED]
    stamps = (line.mono_ns for line in lines)
    return [(stamp - sent) / 1e6 for stamp, sent in zip(stamps, told.sent_ns, strict=True)]


def run(rounds: int, count: int) -> list[Figure]:
    """Measure `rounds` times and return the median of the 99th percentiles."""
    found = [quantiles(asyncio.run(delays_ms(count)), n=100) for _ in range(rounds)]
    p50, p99 = (median(round_[at] for round_ in found) for at in (49, 98))
    worst = max(round_[98] for round_ in found)
    return [
        Figure(
            f"stamping delay at {PER_SECOND}/s",
            f"p99 {p99:.2f} ms (p50 {p50:.2f} ms, worst round {worst:.2f} ms)",
            f"p99 <= {TARGET_MS:g} ms",
            met=p99 <= TARGET_MS,
        )
    ]
