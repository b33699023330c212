"""Locks: one holder, and a dead one holds nothing."""

from __future__ import annotations

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from vdoc.nightly.locks import is_held, locked


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "lock"


def test_one_holder_at_a_time(file: Path) -> None:
    with locked(file) as first:
        with locked(file) as second:
            assert (first is not None, second) == (True, None)
        assert is_held(file)
    assert not is_held(file)


def test_what_was_never_locked_is_not_held(file: Path) -> None:
    assert not is_held(file)
    assert not file.exists()


def test_waiting_ends_when_told_to(file: Path) -> None:
    stop = threading.Event()
    stop.set()
    with locked(file), locked(file, wait_s=3600, stop=stop) as second:
        assert second is None


def test_whoever_inherits_it_holds_it_until_killed(file: Path) -> None:
    with locked(file) as mine:
        assert mine is not None
        heir = subprocess.Popen(["/bin/sleep", "60"], pass_fds=[mine])
    assert is_held(file)
    heir.send_signal(signal.SIGKILL)
    heir.wait()
    assert not is_held(file)
