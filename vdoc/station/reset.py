"""Reset of the station or of one EVSE (B11, B12)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from vdoc.station.defects import declare
from vdoc.station.evse import Cause, Evse
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

IDLE_SCHEDULED = declare(
    "reset-scheduled-when-idle",
    "answers Scheduled to an OnIdle reset although it is idle",
    "B11.FR.03",
    *("TC_B_20_CS", "TC_B_23_CS", "TC_B_25_CS"),
)
REJECTED = declare(
    "reset-rejected",
    "rejects every ResetRequest",
    "B11.FR.03",
    *("TC_B_20_CS", "TC_B_21_CS", "TC_B_22_CS", "TC_B_23_CS", "TC_B_25_CS", "TC_B_26_CS"),
    *("TC_B_27_CS", "TC_B_41_CS"),
)
NO_REBOOT = declare(
    "reset-without-reboot",
    "accepts a ResetRequest and does not reboot",
    "B11.FR.03",
    *("TC_B_20_CS", "TC_B_22_CS", "TC_B_23_CS", "TC_B_27_CS"),
)
IGNORES_TRANSACTION = declare(
    "reset-ignores-transaction",
    "an OnIdle reset is scheduled, yet reboots at once although a transaction runs",
    "B12.FR.03",
    "TC_B_21_CS",
    "TC_B_41_CS",
)
ACCEPTED_NOT_SCHEDULED = declare(
    "reset-accepted-not-scheduled",
    "answers Accepted to an OnIdle reset although a transaction runs",
    "B12.FR.01",
    *("TC_B_21_CS", "TC_B_26_CS", "TC_B_41_CS"),
)
WRONG_REASON = declare(
    "reset-scheduled-wrong-reason",
    "after a scheduled reset it boots with reason RemoteReset",
    "B01.FR.09",
    "TC_B_21_CS",
    "TC_B_41_CS",
)
FORGOTTEN = declare(
    "reset-forgotten",
    "a scheduled reset is never done",
    "B12.FR.01",
    "TC_B_21_CS",
    "TC_B_41_CS",
)
FIRST_ENDS = declare(
    "reset-after-first-transaction",
    "does a scheduled reset as soon as one transaction has ended, although another runs",
    "B12.FR.03",
    "TC_B_41_CS",
)
BOOT_REASON = declare(
    "reset-wrong-boot-reason",
    "after a reset that was accepted it boots with reason PowerUp",
    "B01.FR.09",
    *("TC_B_01_CS", "TC_B_22_CS", "TC_B_23_CS"),
)
NOT_ENDED = declare(
    "immediate-reset-leaves-transaction",
    "an immediate reset does not end the transaction before it",
    "B12.FR.04",
    "TC_B_22_CS",
    "TC_B_27_CS",
)
ENDED_TRIGGER = declare(
    "immediate-reset-wrong-trigger",
    "an immediate reset ends the transaction with triggerReason StopAuthorized",
    "B12.FR.04",
    "TC_B_22_CS",
    "TC_B_27_CS",
)
ENDED_REASON = declare(
    "immediate-reset-wrong-reason",
    "an immediate reset ends the transaction with stoppedReason Reboot",
    "B12.FR.04",
    "TC_B_22_CS",
    "TC_B_27_CS",
)
ENDED_TOKEN = declare(
    "immediate-reset-names-token",
    "the event by which an immediate reset ends a transaction has an idToken",
    "E07.FR.03",
    "TC_B_22_CS",
)
EVSE_ANYWAY = declare(
    "evse-reset-accepted-unsupported",
    "answers Accepted to the reset of an EVSE although it cannot reset one alone",
    "B11.FR.09",
    "TC_B_28_CS",
    "TC_B_29_CS",
)

_DELIVERY_LIMIT_S = 10.0
_IDLE_POLL_S = 0.2


class Reset:
    """Answers ResetRequest and does it when its time has come."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._station_pending = False
        self._evses_pending: set[int] = set()
        station.handle("Reset", self._handle)

    @property
    def pending(self) -> bool:
        """Whether a reset waits for a transaction to end."""
        return self._station_pending or bool(self._evses_pending)

    async def _handle(self, payload: Payload) -> Reply:
        immediate = payload["type"] == "Immediate"
        evse_id = payload.get("evseId") or None
        if self._station.has(REJECTED) or not self._possible(evse_id):
            anyway = evse_id is not None and self._station.has(EVSE_ANYWAY)
            return Reply({"status": "Accepted" if anyway else "Rejected"})
        if immediate or self._idle(evse_id):
            status = "Scheduled" if self._station.has(IDLE_SCHEDULED) else "Accepted"
            return Reply({"status": status}, self._reset_now(evse_id))
        status = "Accepted" if self._station.has(ACCEPTED_NOT_SCHEDULED) else "Scheduled"
        return Reply({"status": status}, self._schedule(evse_id))

    def _possible(self, evse_id: int | None) -> bool:
        if evse_id is None:
            return True
        known = any(evse.spot.id == evse_id for evse in self._station.software.evses)
        return known and self._station.pics.claims("C-13")  # B11.FR.09

    def _concerned(self, evse_id: int | None) -> list[Evse]:
        return [e for e in self._station.software.evses if evse_id in (None, e.spot.id)]

    def _idle(self, evse_id: int | None) -> bool:
        running = any(evse.transaction is not None for evse in self._concerned(evse_id))
        busy = evse_id is None and any(check() for check in self._station.busy_checks)
        return not running and not busy

    async def _reset_now(self, evse_id: int | None) -> None:
        if self._station.has(NO_REBOOT):
            return
        for evse in self._concerned(evse_id):
            self._end(evse)
        await self._station.software.outbox.drained(_DELIVERY_LIMIT_S)  # B12.FR.05
        if evse_id is None:
            wrong = self._station.has(BOOT_REASON)
            await self._station.reboot("PowerUp" if wrong else "RemoteReset")
        else:
            await self._reset_evse(evse_id)

    def _end(self, evse: Evse) -> None:
        """End the transaction of an EVSE, if there is one (B12.FR.04, FR.08)."""
        has = self._station.has
        if has(NOT_ENDED):
            return
        named = evse.authorization if has(ENDED_TOKEN) else None
        evse.reset_by_command(
            Cause(
                "StopAuthorized" if has(ENDED_TRIGGER) else "ResetCommand",
                "Reboot" if has(ENDED_REASON) else "ImmediateReset",
                ends=True,
                token=None if named is None else named.token,
            )
        )

    async def _schedule(self, evse_id: int | None) -> None:
        if self._station.has(IGNORES_TRANSACTION):
            await self._station.reboot("ScheduledReset")
            return
        if evse_id is None:
            self._station_pending = True
        else:
            self._evses_pending.add(evse_id)
        free = [e for e in self._concerned(evse_id) if e.transaction is None]
        self._station.software.availability.resetting |= {evse.spot.id for evse in free}
        self._station.software.availability.refresh()
        if evse_id is None and not any(e.transaction for e in self._concerned(None)):
            await self.transaction_ended(0)

    async def transaction_ended(self, evse_id: int) -> None:
        """A transaction ended: do the reset that waited for it (B12.FR.03, FR.07)."""
        if self._station.has(FORGOTTEN):
            return
        if evse_id in self._evses_pending:
            self._evses_pending.discard(evse_id)
            await self._station.software.outbox.drained(_DELIVERY_LIMIT_S)
            await self._reset_evse(evse_id)
        hasty = self._station.has(FIRST_ENDS)
        running = any(e.transaction for e in self._concerned(None))
        if not self._station_pending or (running and not hasty):
            return
        await self._station.software.outbox.drained(_DELIVERY_LIMIT_S)
        while not (hasty or self._idle(None)):  # noqa: ASYNC110  # the busy do not tell their end
            await asyncio.sleep(_IDLE_POLL_S)
        wrong = self._station.has(WRONG_REASON)
        await self._station.reboot("RemoteReset" if wrong else "ScheduledReset")

    async def _reset_evse(self, evse_id: int) -> None:
        """B11.FR.08: the EVSE takes no session while it restarts, and returns as it was."""
        availability = self._station.software.availability
        availability.restarting.add(evse_id)
        availability.refresh()
        await asyncio.sleep(self._station.timings.boot_s)
        availability.restarting.discard(evse_id)
        availability.refresh()
