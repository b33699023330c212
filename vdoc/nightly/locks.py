"""Locks on files: who holds one is known by the operating system, and a dead holder holds nothing.

A lock belongs to the open file, so a process that inherits it holds it too, as long as it lives. It
survives neither the last of its holders nor a reboot. Local file systems only.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.2


@contextmanager
def locked(
    path: Path, *, wait_s: float = 0.0, stop: threading.Event | None = None
) -> Iterator[int | None]:
    """Hold the lock of a file; yields its descriptor, or None when it could not be had.

    Args:
        path: made when it is missing.
        wait_s: how long another holder is waited for.
        stop: ends the waiting.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    stop = stop or threading.Event()
    try:
        limit = time.monotonic() + wait_s
        while not (mine := _try(descriptor)) and time.monotonic() < limit:
            if stop.wait(_POLL_S):
                break
        yield descriptor if mine else None
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock of a file."""
    if not path.exists():
        return False
    with locked(path) as mine:
        return mine is None


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
