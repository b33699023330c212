"""The process of a run, also one whose scheduler is gone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from vdoc.nightly.locks import is_held, locked
from vdoc.nightly.supervised import LOCK, LOG, OVERLONG, PID, STOPPED, Process

_LONG_AGO = 1_000_000_000


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


def begun(directory: Path, script: str) -> Process:
    """Begin a run, as a scheduler that dies at once."""
    with locked(directory / LOCK) as own:
        assert own is not None
        return Process.begin(["sh", "-c", script], directory, [own])


def known(directory: Path) -> Process:
    """What another scheduler finds, as soon as the run has said which process it is."""
    while (left := Process.left(directory)).pid() is None:
        assert left.alive()
    return left


class TestOwn:
    def test_it_ends_by_itself(self, tmp_path: Path, stop: threading.Event) -> None:
        process = begun(tmp_path, "echo done; exit 3")
        assert process.watch(1, stop) == ""
        assert (tmp_path / LOG).read_text() == "done\n"
        assert int((tmp_path / PID).read_text()) == process.pid()

    def test_it_is_ended_when_nobody_wants_it(self, tmp_path: Path, stop: threading.Event) -> None:
        process = begun(tmp_path, "exec sleep 60")
        stop.set()
        assert process.watch(1, stop) == STOPPED
        assert not process.alive()


class TestLeft:
    def test_it_is_found_again(self, tmp_path: Path, stop: threading.Event) -> None:
        process = begun(tmp_path, "exec sleep 60")
        left = known(tmp_path)
        assert left.alive()
        stop.set()
        assert left.watch(1, stop) == STOPPED
        assert not is_held(tmp_path / LOCK)
        assert process.watch(1, stop) in {"", STOPPED}

    def test_its_time_counts_from_its_own_beginning(
        self, tmp_path: Path, stop: threading.Event
    ) -> None:
        process = begun(tmp_path, "exec sleep 60")
        known(tmp_path)
        os.utime(tmp_path / PID, (_LONG_AGO, _LONG_AGO))
        assert Process.left(tmp_path).watch(24, stop) == OVERLONG.format(hours=24.0)
        assert not is_held(tmp_path / LOCK)
        assert process.watch(1, stop) == ""

    def test_of_what_never_was_there_is_nothing(
        self, tmp_path: Path, stop: threading.Event
    ) -> None:
        left = Process.left(tmp_path)
        assert (left.alive(), left.pid(), left.age_s) == (False, None, 0.0)
        assert left.watch(1, stop) == ""
