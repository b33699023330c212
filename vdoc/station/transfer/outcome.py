"""How a transfer went."""

from __future__ import annotations

from typing import Literal

UploadStatus = Literal[
    "Uploaded", "UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"
]
"""The final statuses of an upload (UploadLogStatusEnumType)."""

LIMIT_S = 30.0
"""How long the station waits for the other side."""


class TransferError(Exception):
    """A file could not be fetched."""
