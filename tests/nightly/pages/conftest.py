"""A run whose second case fails, in words that attack the page, and pages made of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nightly.made import Nights, RunDirectory, case, failure
from tests.nightly.pages.browser import Chromium
from vdoc.evidence import Kind
from vdoc.nightly.attempts import Attempt
from vdoc.nightly.finished import Known, read_finished
from vdoc.nightly.history import History
from vdoc.nightly.pages import write_site
from vdoc.nightly.stored import Parameter, StoredRun

EVIL = "</text><script>alert(1)</script>\x07\u202e<img src=x onerror=alert(2)>"


@pytest.fixture
def failed_run(run_directory: RunDirectory, history: History) -> StoredRun:
    run_directory.start(version=EVIL)
    run_directory.begin("restore")
    run_directory.check(passed=False)
    run_directory.verdict("pass")
    run_directory.begin("TC_A_01_CS")
    run_directory.check()
    run_directory.verdict("pass")
    run_directory.begin("TC_C_02_CS")
    for number in range(12):
        run_directory.received([2, f"h{number}", "Heartbeat", {}])
    run_directory.acted("PresentToken")
    n = run_directory.received([2, "s1", "Authorize", {"idToken": EVIL, "half": "\ud800"}])
    run_directory.check(n=n)
    run_directory.check(passed=False, n=n, what=f"AuthorizeRequest idToken ({EVIL})")
    run_directory.sent([3, "s1", {"idTokenInfo": {"status": "Accepted"}}])
    run_directory.line(
        Kind.CHECK,
        {
            "step": "3", "requirement": "C01.FR.07", "what": EVIL, "expected": "a message in 2 s",
            "actual": "'none came'", "n": None, "passed": False, "phase": "main",
        },
    )  # fmt: skip
    run_directory.verdict("fail", EVIL)
    finished = read_finished(run_directory.end("fail"), Known(EVIL))
    history.add(finished)
    return finished.run


@pytest.fixture
def full_history(history: History, failed_run: StoredRun, nights: Nights) -> History:
    """Two more stations: one with every kind of night, one that was due and did not run."""
    assert failed_run.dut == EVIL
    slow = {p: tuple(0.3 + 0.001 * n for n in range(20)) for p in Parameter}
    fast = {p: tuple(0.1 + 0.001 * n for n in range(20)) for p in Parameter}
    bad = case("TC_A_01_CS", "fail", failure(what=EVIL, actual=EVIL))
    for times in (*[fast] * 6, slow):
        nights(case("TC_A_01_CS"), case("TC_C_02_CS"), dut="pole", times=times)
    nights(bad, case("TC_C_02_CS", "inconc"), dut="pole", firmware="fw2", times=slow)
    nights(bad, dut="pole", void=f"unplugged {EVIL}")
    last = nights(bad, case("TC_C_02_CS"), dut="pole", firmware="fw2", firmware_version=EVIL)
    missed = history.attempts.claim("wall", last.started, Path("/runs/wall"))
    assert isinstance(missed, Attempt)
    history.attempts.finish(missed, because=f"no PICS {EVIL}")
    return history


@pytest.fixture
def site(tmp_path: Path, full_history: History) -> Path:
    write_site(full_history, tmp_path / "site")
    return tmp_path / "site"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser
