"""The journal of what a run is about to change in the DUT: password, profile, slot, root.

Owns the file that lets an aborted run reconnect. Each entry is on the disk (0600, fsynced) *before*
the change is sent (design §4, Bench topology). The journal holds secrets and never enters a bundle.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vdoc.errors import InputError, Problem

_MODE = 0o600


class Journal:
    """An append-only list of changes.

    Args:
        path: the file; made with mode 0600 when it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, entry: Mapping[str, Any]) -> None:
        """Append an entry; it is on the disk when this returns.

        Raises:
            OSError: the file cannot be written.
        """
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _MODE)
        try:
            os.write(descriptor, json.dumps(dict(entry)).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self) -> list[dict[str, Any]]:
        """Return what has been journalled, oldest first; a torn last line is left out.

        Raises:
            InputError: a line before the last is no JSON object.
        """
        if not self.path.exists():
            return []
        found: list[dict[str, Any]] = []
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                found.append(json.loads(line))
            except ValueError as error:
                if number == len(lines):  # no newline after it: the write was cut short
                    break
                raise InputError(
                    Problem(str(self.path), number, "journal", f"not JSON ({error}).", "remove it.")
                ) from error
        return found
