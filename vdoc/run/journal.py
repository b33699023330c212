"""The journal of what a run is about to change in the DUT: password, profile, slot, root.

Owns the file that tells how a DUT is reached after a run, an aborted one too. Each entry is on the
disk (0600, fsynced) *before* the change is sent (design §4, Bench topology). The journal holds
secrets and never enters a bundle; after a run its last password is the one that the DUT has.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_MODE = 0o600
_BEFORE = ".before"


class Journal:
    """An append-only list of changes.

    Args:
        path: the file; made with mode 0600 when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append an entry; it is on the disk when this returns.

        A line that a killed run has left torn is ended first, so that it spoils no other.

        Raises:
            OSError: the file cannot be written.
        """
        new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _MODE)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            text = json.dumps(dict(entry)).encode() + b"\n"
            text = text if _ended(file.fileno()) else b"\n" + text
            if file.write(text) != len(text):
                raise OSError(f"{self.path} took a part of an entry only; is the disk full?")
            os.fsync(file.fileno())
        if new:
            self._sync_directory()

    def set_aside(self) -> None:
        """Begin anew, because the DUT was provisioned; what was written is kept as one `.before`.

        It is not deleted: if the DUT was not provisioned in truth, it is reached by that alone.

        Raises:
            OSError: the file cannot be renamed.
        """
        if self.path.exists():
            self.path.replace(self.path.with_name(self.path.name + _BEFORE))
            self._sync_directory()

    def passwords(self) -> list[str]:
        """Return the texts of all passwords that the DUT may have, oldest first.

        A damaged line, as a killed run may leave, tells none.
        """
        lines = self.path.read_bytes().split(b"\n") if self.path.exists() else []
        return [text for text in map(_password, lines) if text]

    def _sync_directory(self) -> None:
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _ended(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def _password(line: bytes) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    match entry:
        case {"password": {"text": str(text)}}:
            return text
        case _:
            return ""
