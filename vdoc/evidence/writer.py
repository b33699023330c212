"""Appending evidence: every line is with the operating system before `append` returns.

Owns the file while a run lasts: stamps that never decrease, the hash chain, the Merkle tree that
grows with it, the seal. fsync happens at `sync` (every verdict) and at least once a second from a
thread of its own, so that a slow disk never delays a stamp. It knows nothing of what a line means.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from vdoc.errors import BenchError
from vdoc.evidence.line import FIRST_PREV, Kind, Line, render
from vdoc.evidence.merkle import Tree

SYNC_INTERVAL_S = 1.0


class Clock(Protocol):
    """The two clocks that stamp a line; passed in, so that tests own time."""

    def wall_ns(self) -> int:
        """Return UTC nanoseconds since the epoch."""
        ...

    def mono_ns(self) -> int:
        """Return monotonic nanoseconds."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def wall_ns(self) -> int:
        """Return UTC nanoseconds since the epoch."""
        return time.time_ns()

    def mono_ns(self) -> int:
        """Return CLOCK_MONOTONIC in nanoseconds."""
        return time.monotonic_ns()


@dataclass(slots=True)
class _Background:
    """Syncs once a second while there is something unsynced."""

    stop: threading.Event
    thread: threading.Thread

    @classmethod
    def start(cls, sync: Callable[[], None]) -> Self:
        stop = threading.Event()

        def loop() -> None:
            with suppress(BenchError):  # the writer keeps it and raises it at the next line
                while not stop.wait(SYNC_INTERVAL_S):
                    sync()

        thread = threading.Thread(target=loop, name="evidence-fsync", daemon=True)
        thread.start()
        return cls(stop, thread)

    def end(self) -> None:
        self.stop.set()
        self.thread.join()


class EvidenceWriter:
    """The only way evidence comes into being.

    Args:
        path: the file; must not exist yet, since evidence is never continued by another process.
        clock: stamps the lines.

    Raises:
        BenchError: the file exists already or cannot be written.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._n = 0
        self._prev = FIRST_PREV
        self._tree = Tree()
        self._mono_ns = 0
        self._wall_ns = 0
        self._dirty = False
        self._failed: BenchError | None = None
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise BenchError(f"cannot create evidence file {path}: {error.strerror}") from error
        self._background = _Background.start(self.sync)

    @property
    def head(self) -> str:
        """SHA-256 of the last line written; 64 zeros before the first."""
        return self._prev

    @property
    def count(self) -> int:
        """How many lines have been written."""
        return self._n

    def append(
        self, kind: Kind, data: dict[str, Any], *, case: str = "", variant: str = ""
    ) -> Line:
        """Stamp and write one line, and return it.

        Raises:
            BenchError: the operating system did not take the whole line (a full disk), or an
                earlier one, or could not bring one to the disk. Nothing is written after that.
        """
        if self._failed is not None:
            raise self._failed
        self._mono_ns = max(self._mono_ns, self._clock.mono_ns())
        self._wall_ns = max(self._wall_ns, self._clock.wall_ns() // 1000 * 1000)
        line = Line(self._n, self._wall_ns, self._mono_ns, case, variant, kind, data)
        text = render(line, self._prev)
        self._write(text + b"\n")
        self._prev = hashlib.sha256(text).hexdigest()
        self._tree.append(text)
        self._n += 1
        self._dirty = True
        return line

    def _write(self, text: bytes) -> None:
        try:
            written = os.write(self._fd, text)
        except OSError as error:
            raise self._failure(f"{error.strerror}") from error
        if written != len(text):
            raise self._failure(f"disk full? ({written} of {len(text)} bytes taken)")

    def _failure(self, why: str) -> BenchError:
        self._failed = BenchError(f"cannot write evidence {self.path}: {why}")
        return self._failed

    def sync(self) -> None:
        """Bring what has been written to the disk.

        Raises:
            BenchError: the operating system could not.
        """
        if self._dirty:
            self._dirty = False
            try:
                os.fsync(self._fd)
            except OSError as error:
                raise self._failure(f"{error.strerror}") from error

    def seal(self, data: dict[str, Any]) -> Line:
        """Write the last line, with count, head and tree of those before, and close the file."""
        tree = self._tree.root.hex()
        line = self.append(Kind.SEAL, {"lines": self._n, "head": self._prev, "tree": tree, **data})
        self.close()
        return line

    def close(self) -> None:
        """Close without a seal, as after an aborted run; closing twice is harmless."""
        if self._fd >= 0:
            self._background.end()
            self._dirty = True
            try:
                self.sync()
            finally:
                os.close(self._fd)
                self._fd = -1
