"""100 messages a second for as long as is asked for: the pace is kept and memory stays flat.

The station talks on while case follows case. Memory is that of the bench's process, read every
tenth of the time; the first tenth, in which caches and schemas fill, does not count. A case keeps
the ids of the station's CALLs, some 100 bytes each, since none may be used twice; with the case
they go.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.tester import Tester, a_context, a_start, a_tester, station, taking

PER_SECOND = 100
TARGET_MB = 4.0
_EVENTS_PER_CASE = 500
_SAMPLES = 10
_PAGE_BYTES = resource.getpagesize()


def resident_bytes() -> int:
    """Return the resident memory of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


async def _sample(seconds: float) -> list[int]:
    """Return the resident memory at the end of each of ten equal parts of the time."""
    found = []
    for _ in range(_SAMPLES):
        await asyncio.sleep(seconds / _SAMPLES)
        found.append(resident_bytes())
    return found


async def _talk(tester: Tester, seconds: float) -> tuple[float, list[int]]:
    count = max(1, round(seconds * PER_SECOND / _EVENTS_PER_CASE)) * _EVENTS_PER_CASE
    talk = asyncio.create_task(station(tester.port, count, "--per-second", str(PER_SECOND)))
    samples = asyncio.create_task(_sample(seconds))
    for first in range(0, count, _EVENTS_PER_CASE):
        run = await tester.live.run_case(a_start(), taking(_EVENTS_PER_CASE, first), a_context())
        assert run.result.verdict == "pass", run.result
    told = await talk
    return told.count / told.seconds, await samples


async def _sustain(seconds: float) -> tuple[float, list[int]]:
    with tempfile.TemporaryDirectory() as name:
        async with a_tester(Path(name)) as tester:
            return await _talk(tester, seconds)


def run(seconds: float) -> list[Figure]:
    """Measure once, for `seconds`."""
    rate, samples = asyncio.run(_sustain(seconds))
    first, last = samples[0], samples[-1]
    grown_mb = (last - first) / 1e6
    return [
        Figure(
            f"sustained {PER_SECOND}/s for {seconds:g} s",
            f"{rate:.1f}/s; memory {first / 1e6:.1f} MB after a tenth, {last / 1e6:.1f} MB at end",
            f"pace kept, memory grows by <= {TARGET_MB:g} MB",
            met=rate >= PER_SECOND * 0.99 and grown_mb <= TARGET_MB,
        )
    ]
