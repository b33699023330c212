"""A run whose second case fails, with its evidence on disk and in the history."""

from __future__ import annotations

import pytest

from tests.nightly.made import RunDirectory
from vdoc.nightly.finished import Known, read_finished
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredRun

EVIL = "</text><script>alert(1)</script>\x07"


@pytest.fixture
def failed_run(run_directory: RunDirectory, history: History) -> StoredRun:
    run_directory.start()
    run_directory.begin("restore")
    run_directory.check(passed=False)
    run_directory.verdict("pass")
    run_directory.begin("TC_A_01_CS")
    run_directory.check()
    run_directory.verdict("pass")
    run_directory.begin("TC_C_02_CS")
    run_directory.check(what="the station is idle")
    run_directory.acted("PresentToken")
    n = run_directory.received([2, "s1", "Authorize", {"idToken": EVIL}])
    run_directory.check()
    run_directory.check(passed=False, n=n, what=EVIL)
    run_directory.sent([3, "s1", {"idTokenInfo": {"status": "Accepted"}}])
    run_directory.verdict("fail")
    finished = read_finished(run_directory.end("fail"), Known("wall"))
    history.add(finished)
    return finished.run
