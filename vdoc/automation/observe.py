"""Asks a program of the bench to look at the station, or to do what no action API knows.

The program (settings, `[observe]`) gets the action as one JSON object on standard input and answers
with its exit code: 0 seen or done, 1 not seen, 3 it cannot do this; anything else is a fault. What
it prints is quoted in the Outcome. Without a program nothing is ever assumed: `unsupported`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence

from vdoc.automation.actions import Action, Observe, Stimulate
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome

EXIT_SEEN = 0
EXIT_NOT_SEEN = 1
EXIT_UNSUPPORTED = 3
_QUOTED = 400


class ProgramDriver(Driver):
    """Runs one program per question."""

    def __init__(self, command: Sequence[str]) -> None:
        """Bind a program.

        Args:
            command: executable and its arguments; no shell is involved.
        """
        self._command = tuple(command)

    def supports(self, action: Action) -> bool:
        """What has to be seen, or done by other means than an action API."""
        return isinstance(action, (Observe, Stimulate))

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:
        """As `Driver.perform`; the program is killed at the limit and on cancellation."""
        sent = f"{self._command[0]} <- {action.operation}"
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, start_new_session=True
            )
        except OSError as error:
            return Outcome(
                "unreachable",
                f"the program does not start ({error.strerror}). Remedy: correct the command in"
                " [observe], with its full path, and make it executable.",
                sent,
            )
        question = json.dumps(action.as_json()).encode()
        try:
            async with asyncio.timeout(limit_s):
                printed, _ = await process.communicate(question)
        except TimeoutError:
            return Outcome(
                "timeout",
                f"the program gave no answer within {limit_s:g} s and was ended. Remedy: run it by"
                " hand with the question; see what it waits for.",
                sent,
            )
        finally:
            await _end(process)
        return _judge(action, process.returncode, _line(printed), sent)

    async def close(self) -> None:
        """Nothing: no program outlives its question."""


def _judge(action: Action, code: int | None, printed: str, sent: str) -> Outcome:
    said = f': "{printed}"' if printed else ""
    observing = isinstance(action, Observe)
    if code == EXIT_SEEN:
        return Outcome("done", f"exit 0{said}", sent, seen=True if observing else None)
    if code == EXIT_NOT_SEEN and observing:
        return Outcome("done", f"exit 1, not seen{said}", sent, seen=False)
    if code == EXIT_UNSUPPORTED:
        return Outcome(
            "unsupported",
            f"exit 3, the program cannot do this{said}. Remedy: extend the [observe] program.",
            sent,
        )
    return Outcome(
        "refused" if code == EXIT_NOT_SEEN else "fault",
        f"exit {code}{said}. Remedy: run the [observe] program by hand with the question and see"
        " why it fails.",
        sent,
    )


def _line(printed: bytes) -> str:
    return " ".join(printed.decode("utf-8", "replace").split())[:_QUOTED]


async def _end(process: Process) -> None:
    """End the program and what it started, if it still runs."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own session: nobody else is in the group
        await process.wait()
