"""Transactions that a firmware update waits for, and EVSEs that it takes out of service meanwhile.

Owns AllowNewSessionsPendingFirmwareUpdate (L01.FR.07). EVSEs come back when the update is over, or
by a reboot.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from vdoc.station.evse import Cause
from vdoc.station.firmware_defects import (
    ALLOWS_SESSIONS,
    NEVER_BACK,
    OPENS_LAST,
    REFUSES_SESSIONS,
)

if TYPE_CHECKING:
    from vdoc.station.station import Station

_POLL_S = 0.05


class Traffic:
    """What goes on at the EVSEs, as far as an update is concerned."""

    def __init__(self, station: Station) -> None:
        self._station = station

    @property
    def in_use(self) -> bool:
        """A transaction goes on."""
        return any(evse.transaction is not None for evse in self._station.software.evses)

    @property
    def _closes(self) -> bool:
        """No new session may begin while an update waits (L01.FR.07)."""
        if self._station.has(REFUSES_SESSIONS):
            return True
        model = self._station.software.model
        allowed = model.boolean("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate")
        return not (allowed or self._station.has(ALLOWS_SESSIONS))

    async def wait_until_unused(self) -> None:
        """Wait for all transactions to end (L01.FR.06, 33)."""
        waited = False
        while self.in_use:
            waited = True
            if self._closes:
                self._close(free_only=True)
            await asyncio.sleep(_POLL_S)
        if waited and self._closes and not self._station.has(OPENS_LAST):
            self._close()  # until the firmware is installed, L01.FR.07

    def end_all(self) -> None:
        """End every transaction, which no sound product does for an update."""
        for evse in self._station.software.evses:
            evse.reset_by_command(Cause("AbnormalCondition", "Other", ends=True))

    def take_out(self) -> None:
        """Take everything out of service before installing, as the product may want to."""
        self._close()

    def release(self) -> None:
        """Give everything back."""
        availability = self._station.software.availability
        if availability.resetting and not self._station.has(NEVER_BACK):
            availability.resetting.clear()
            availability.refresh()

    def _close(self, *, free_only: bool = False) -> None:
        availability, evses = self._station.software.availability, self._station.software.evses
        chosen = {each.spot.id for each in evses if not (free_only and each.transaction)}
        if not chosen <= availability.resetting:
            availability.resetting |= chosen
            availability.refresh()
