"""Whether a firmware update was under way, and which version a boot after it has told.

Owns the fold over messages that tells restore what an update left behind: one that still goes on,
or one after which nothing has told yet which firmware runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vdoc.ocpp.frames import CallResult, parse

FINAL = frozenset(
    {
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        "Installed",
        "InvalidSignature",
    }
)
"""The statuses that end an update (FirmwareStatusEnumType)."""

_TAKEN = frozenset({"Accepted", "AcceptedCanceled"})


class UpdateTrail:
    """Follows the messages of a case."""

    def __init__(self) -> None:
        self._asked: set[str] = set()
        self._accepted = False
        self._under_way = False
        self._version: str | None = None

    def ours(self, identity: str, action: str) -> None:
        """Take a request of the bench."""
        if action == "UpdateFirmware":
            self._asked.add(identity)

    def answer(self, text: str) -> None:
        """Take an answer of the DUT, as it came."""
        frame = parse(text) if self._asked else None
        if not isinstance(frame, CallResult) or frame.id not in self._asked:
            return
        if frame.payload.get("status") in _TAKEN:
            self._accepted = self._under_way = True
            self._version = None

    def theirs(self, action: str, payload: Mapping[str, Any]) -> None:
        """Take a request of the DUT."""
        if action == "BootNotification":
            self._version = _version(payload)
        elif action == "FirmwareStatusNotification" and payload.get("status") != "Idle":
            self._under_way = payload.get("status") not in FINAL
            if payload.get("status") == "Installing":
                self._version = None  # what booted so far was not what is installed

    def as_json(self) -> dict[str, bool | str | None] | None:
        """Return what restore has to know; None when no update was accepted."""
        if not self._accepted:
            return None
        return {"under_way": self._under_way, "version": self._version}


def _version(payload: Mapping[str, Any]) -> str | None:
    station = payload.get("chargingStation")
    version = station.get("firmwareVersion") if isinstance(station, dict) else None
    return version if isinstance(version, str) else None
