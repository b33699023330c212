"""SHA-256 of what comes in blocks, not always in order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

_AHEAD_BYTES = 32 * 1024 * 1024  # what a client may read or write out of order


@dataclass(slots=True)
class Blocks:
    """SHA-256 of blocks that may come a little out of order, as SFTP has them.

    Attributes:
        size: how many bytes there are from the beginning without a gap.
        text: the first of them, as far as they are kept.
    """

    kept_bytes: int = 0
    size: int = 0
    text: bytes = b""
    _digest: Any = field(default_factory=hashlib.sha256)
    _ahead: dict[int, bytes] = field(default_factory=dict)

    def take(self, data: bytes, offset: int | None = None) -> bool:
        """Take a block; False when it lies too far ahead, so that the digest cannot go on."""
        at = self.size if offset is None else offset
        if at > self.size:
            self._ahead[at] = data
            return sum(map(len, self._ahead.values())) <= _AHEAD_BYTES
        self._append(data[self.size - at :])
        while self.size in self._ahead:
            self._append(self._ahead.pop(self.size))
        return True

    def _append(self, data: bytes) -> None:
        if len(self.text) < self.kept_bytes:
            self.text += data[: self.kept_bytes - len(self.text)]
        self._digest.update(data)
        self.size += len(data)

    def as_json(self) -> dict[str, Any]:
        """Return how many bytes there were, and their digest."""
        return {"bytes": self.size, "sha256": self._digest.hexdigest()}
