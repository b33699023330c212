"""The process of a run: begun, watched, and ended when it takes too long or nobody wants it.

Owns the process and nothing of what it means. It has a session of its own, so that neither a
terminal nor a dying scheduler takes it along, and writes down by itself which process it is, so
that another scheduler can watch over it when the one that began it is gone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vdoc.errors import BenchError
from vdoc.nightly.locks import is_held

LOCK, LOG, PID = ".lock", "run.log", "run.pid"
STOPPED = "the scheduler was told to end"
OVERLONG = "the run took longer than {hours:g} h and was ended"
_H = 3600.0
_POLL_S = 0.2
_END_S = 60.0
_KILLED_S = 10.0


class StoppedError(BenchError):
    """The scheduler was told to end before a run had begun."""

    def __init__(self) -> None:
        super().__init__(STOPPED)


@dataclass(frozen=True, slots=True)
class Around:
    """What holds while the inputs of a run are made.

    Attributes:
        lock: that a process which is begun meanwhile has to hold as well.
        stop: when it is set, such a process is ended.
    """

    lock: int
    stop: threading.Event


@dataclass(frozen=True, slots=True)
class Process:
    """A run's process, which leads a group of its own.

    Attributes:
        pid: finds its number, and that of the group; None while it is not known.
        alive: whether it still runs.
        age_s: for how long it had run when this was made.
    """

    pid: Callable[[], int | None]
    alive: Callable[[], bool]
    age_s: float = 0.0

    @classmethod
    def begin(cls, command: Sequence[str], directory: Path, locks: Sequence[int]) -> Process:
        """Begin a run, which leaves its log in `directory` and holds `locks` while it lives."""
        (directory / PID).unlink(missing_ok=True)
        words = ("sh", "-c", 'echo $$ > "$0"; exec "$@"', str(directory / PID), *command)
        with (directory / LOG).open("ab") as log:
            process = subprocess.Popen(  # noqa: S603  # our own command
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=locks,
                start_new_session=True,
            )  # fmt: skip
        return cls(lambda: process.pid, lambda: process.poll() is None)

    @classmethod
    def left(cls, directory: Path) -> Process:
        """Return the process that a scheduler has left which is there no more.

        Whoever asks holds the scheduler's lock of the run; so what holds the lock of the process
        is the process, and its number is its own.
        """
        try:
            age_s = max(0.0, time.time() - (directory / PID).stat().st_mtime)
        except OSError:
            age_s = 0.0
        return cls(lambda: _pid(directory), lambda: is_held(directory / LOCK), age_s)

    def watch(self, longest_h: float, stop: threading.Event) -> str:
        """Wait for its end; return why it was ended, empty when it ended by itself.

        Args:
            longest_h: it is ended when it takes longer.
            stop: it is ended when this is set.
        """
        limit = time.monotonic() + longest_h * _H - self.age_s
        while self.alive():
            if stop.wait(_POLL_S):
                self._end()
                return STOPPED
            if time.monotonic() > limit:
                self._end()
                return OVERLONG.format(hours=longest_h)
        return ""

    def _end(self) -> None:
        """End it in order, so that it seals its evidence; after a minute by force."""
        pid = self.pid()
        if pid is None:  # what is alive is no run yet: a command that fetches, with a limit
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        if not self._gone(_END_S):
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            self._gone(_KILLED_S)

    def _gone(self, within_s: float) -> bool:
        limit = time.monotonic() + within_s
        while self.alive():
            if time.monotonic() > limit:
                return False
            time.sleep(_POLL_S / 4)
        return True


def _pid(directory: Path) -> int | None:
    try:
        return int((directory / PID).read_text("ascii"))
    except (OSError, ValueError):
        return None
