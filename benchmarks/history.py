"""How fast a full history answers: 1,000 runs of 300 cases, overview and comparison of two runs."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure
from vdoc.bench import Verdict
from vdoc.declaration import RunVerdict
from vdoc.digest import sha256_hex
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.stored import FinishedRun, Parameter, StoredCase, StoredFailure, StoredRun

RUNS, CASES, DUTS = 1000, 300, 4
OVERVIEW_MS, COMPARE_MS = 300.0, 200.0


def _night(number: int, chance: random.Random) -> FinishedRun:
    failure = StoredFailure("2", "C01.FR.02", "idToken", "'a'", "'b'", 12, "Authorize")
    bad = {n for n in range(CASES) if chance.random() < 0.02}
    cases = tuple(
        StoredCase(
            f"TC_X_{n:03}_CS", "-", Verdict.FAIL if n in bad else Verdict.PASS, "", 20, 30.0,
            (failure,) if n in bad else (),
        )
        for n in range(CASES)
    )  # fmt: skip
    run = StoredRun(
        id=sha256_hex(str(number).encode()), dut=f"dut{number % DUTS}", directory=Path("/runs"),
        started=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=6 * number), seconds=9000.0,
        verdict=RunVerdict.FAIL, void_because="", crashes=(), vendor="v", model="m",
        firmware_version="1", firmware_sha256=f"fw{number // 30}", pics_digest="",
        settings_digest="", catalogue_version="1", catalogue_digest="", plan_digest="", seed=1,
        planned=CASES, runner="1", counts=dict(Counter(c.verdict for c in cases)), device_model="",
    )  # fmt: skip
    times = {p: tuple(chance.gauss(1, 0.1) for _ in range(300)) for p in Parameter}
    return FinishedRun(run, cases, times, None)


def _median_ms(rounds: int, deed: Callable[[], object]) -> float:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        deed()
        found.append((time.perf_counter() - begun) * 1000)
    return median(found)


def run(rounds: int) -> list[Figure]:
    """Fill a history and measure `rounds` times; medians count."""
    chance = random.Random(1)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as name, History(Path(name) / "h.sqlite") as history:
        for number in range(RUNS):
            history.add(_night(number, chance))
        newest = history.runs("dut0", limit=2)
        overview = _median_ms(rounds, lambda: [history.runs(dut) for dut in history.duts()])
        compared = _median_ms(rounds, lambda: compare(history, newest[0]))
        two = _median_ms(rounds, lambda: compare(history, newest[0], newest[1]))
        size_mb = (Path(name) / "h.sqlite").stat().st_size / 1e6
    what = f"{RUNS} runs x {CASES} cases ({size_mb:.0f} MB)"
    return [
        Figure(f"overview of {what}", f"{overview:.0f} ms", f"< {OVERVIEW_MS:g} ms",
               met=overview < OVERVIEW_MS),
        Figure("a run against the ones before", f"{compared:.0f} ms", f"< {COMPARE_MS:g} ms",
               met=compared < COMPARE_MS),
        Figure("comparison of two runs", f"{two:.0f} ms", f"< {COMPARE_MS:g} ms",
               met=two < COMPARE_MS),
    ]  # fmt: skip
