"""The log of starts against a challenge: every one of them is declared with its outcome.

Owns the file beside the challenge, `NAME.starts.jsonl`: append-only, a chain like evidence, fsynced
before the run begins. A start without an outcome is that of a run that was cut off. Who deletes the
file, or copies the challenge elsewhere, hides his starts: the log binds the honest only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vdoc.digest import sha256_hex
from vdoc.errors import InputError, Problem

FIRST_PREV = "0" * 64


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StartLog:
    """The starts against one challenge.

    Args:
        path: the log; made at the first start.
        challenge: digest of the challenge's envelope.
        now: tells the time, aware.
    """

    path: Path
    challenge: str
    now: Callable[[], datetime] = _now

    @classmethod
    def beside(cls, file: Path, challenge: str) -> StartLog:
        """Return the log that goes with a challenge's file."""
        return cls(file.with_name(f"{file.name}.starts.jsonl"), challenge)

    def begin(self, run: str) -> list[dict[str, Any]]:
        """Log a start and return every start so far, this one last.

        Args:
            run: what the run is called, such as its directory.

        Raises:
            InputError: the log cannot be written, was altered, or is of another challenge.
        """
        self._append({"what": "start", "at": self._at(), "run": run})
        return self.starts()

    def end(self, outcome: str) -> None:
        """Log how the run that began last has ended.

        Raises:
            InputError: the log cannot be written or was altered.
        """
        self._append({"what": "end", "at": self._at(), "outcome": outcome})

    def starts(self) -> list[dict[str, Any]]:
        """Return every start: `at`, `run`, and its `outcome`, null when none is known.

        Raises:
            InputError: the log was altered, or is of another challenge.
        """
        found: list[dict[str, Any]] = []
        for entry in self._entries():
            if entry["what"] == "start":
                found.append({"at": entry["at"], "run": entry["run"], "outcome": None})
            elif found:
                found[-1]["outcome"] = entry["outcome"]
        return found

    def _at(self) -> str:
        return self.now().isoformat()

    def _entries(self) -> list[dict[str, Any]]:
        prev, entries = FIRST_PREV, []
        for number, raw in enumerate(self._lines(), start=1):
            try:
                entry = json.loads(raw)
                sound = (entry["prev"], entry["challenge"]) == (prev, self.challenge)
            except (ValueError, TypeError, KeyError) as error:
                raise self._refused(number, "is no entry of this log.") from error
            if not sound:
                raise self._refused(number, "does not follow from the one before.")
            prev = sha256_hex(raw)
            entries.append(entry)
        return entries

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines() if self.path.exists() else []

    def _append(self, entry: dict[str, Any]) -> None:
        self._entries()
        lines = self._lines()
        prev = sha256_hex(lines[-1]) if lines else FIRST_PREV
        text = json.dumps({**entry, "challenge": self.challenge, "prev": prev})
        try:
            with self.path.open("ab") as file:
                file.write(text.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise self._refused(None, f"cannot be written: {error.strerror}.") from error

    def _refused(self, line: int | None, message: str) -> InputError:
        remedy = "ask the laboratory for another challenge."
        return InputError(Problem(str(self.path), line, "starts", message, remedy))
