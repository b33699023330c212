"""How fast a full history answers: 1,000 runs of 300 cases.

Pages are asked for over HTTP, from `vdoc nightly serve`'s server on this machine, rendering
included; the comparison of two runs is measured as a function as well.
"""

from __future__ import annotations

import random
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import httpx
import uvicorn

from benchmarks.figure import Figure
from vdoc.bench import Facts, VariableFact, Verdict
from vdoc.declaration import RunVerdict
from vdoc.digest import digest, sha256_hex
from vdoc.nightly.compare import compare
from vdoc.nightly.history import History
from vdoc.nightly.pages.rendering import short
from vdoc.nightly.pages.server import application
from vdoc.nightly.stored import FinishedRun, Parameter, StoredCase, StoredFailure, StoredRun

RUNS, CASES, DUTS = 1000, 300, 4
OVERVIEW_MS, COMPARE_MS = 300.0, 200.0
_FACTS = Facts(
    variables=tuple(
        VariableFact(component=f"Component{n // 10}", variable=f"Variable{n}", value="1")
        for n in range(400)
    )
)
_MODEL = digest(_FACTS.model_dump(mode="json")["variables"])


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
        planned=CASES, runner="1", counts=dict(Counter(c.verdict for c in cases)),
        device_model=_MODEL,
    )  # fmt: skip
    times = {p: tuple(chance.gauss(1, 0.1) for _ in range(300)) for p in Parameter}
    return FinishedRun(run, cases, times, _FACTS)


def _median_ms(rounds: int, deed: Callable[[], object]) -> float:
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        deed()
        found.append((time.perf_counter() - begun) * 1000)
    return median(found)


@contextmanager
def _served(history: Path) -> Iterator[httpx.Client]:
    """Serve the pages as `vdoc nightly serve` does, and yield a client that has been answered."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application(history, None), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        with httpx.Client(base_url=base, timeout=60, trust_env=False) as client:
            client.get("/").raise_for_status()
            yield client
    finally:
        server.should_exit = True
        thread.join()


def run(rounds: int) -> list[Figure]:
    """Fill a history and measure `rounds` times; medians count."""
    chance = random.Random(1)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as name, History(Path(name) / "h.sqlite") as history:
        for number in range(RUNS):
            history.add(_night(number, chance))
        now, before = history.runs("dut0", limit=2)
        two = _median_ms(rounds, lambda: compare(history, now, before))
        size_mb = history.path.stat().st_size / 1e6
        paths = {
            f"overview of {RUNS} runs x {CASES} cases ({size_mb:.0f} MB)": ("/", OVERVIEW_MS),
            "comparison of two runs": (
                f"/compare?before={short(before.id)}&now={short(now.id)}", COMPARE_MS
            ),
            "a run against the ones before": (f"/run/{short(now.id)}.html", None),
            "a station with its plots": ("/dut/dut0.html", None),
            "search for a requirement": ("/search?q=C01.FR.02", None),
            "search for what is nowhere": ("/search?q=nowhere+C01.FR.02", None),
        }  # fmt: skip
        with _served(history.path) as client:
            pages = [
                _figure(f"page: {what}", _median_ms(rounds, partial(_get, client, path)), most)
                for what, (path, most) in paths.items()
            ]
    return [*pages, _figure("function: comparison of two runs", two, COMPARE_MS)]


def _get(client: httpx.Client, path: str) -> None:
    client.get(path).raise_for_status()


def _figure(what: str, found_ms: float, most_ms: float | None) -> Figure:
    if most_ms is None:
        return Figure(what, f"{found_ms:.0f} ms", "no limit asked for", met=True)
    return Figure(what, f"{found_ms:.0f} ms", f"< {most_ms:g} ms", met=found_ms < most_ms)
