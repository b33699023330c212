"""Booting: BootNotification until the CSMS accepts, and heartbeats from then on.

Owns B01, B02, B03 and G02: what is sent when, what may be answered before the station is
accepted, and the clock (B01.FR.06). The reason of a boot survives the power cycle in document
"boot"; without one it is PowerUp.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vdoc.ocpp.values import parse_datetime
from vdoc.station import unaccepted
from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, RefuseCall, Registration

if TYPE_CHECKING:
    from vdoc.station.station import Station

TRIGGER_IGNORED = declare(
    "pending-ignores-trigger",
    "accepts the trigger of a BootNotification, but does not send it",
    "F06.FR.10",
    "TC_B_02_CS",
)
TRIGGER_REASON = declare(
    "triggered-boot-wrong-reason",
    "a triggered BootNotification carries the reason of the boot",
    "B01.FR.09",
    "TC_B_02_CS",
)
BOOT_SCHEMA = declare(
    "boot-lacks-vendor",
    "BootNotification has no vendorName",
    "B01.FR.01",
    "TC_B_01_CS",
)

_OWN_RETRY_S = 1.0


class Boot:
    """The registration of one boot, and the heartbeats that follow."""

    def __init__(self, station: Station) -> None:
        self._station = station
        saved = station.storage.get("boot") or {}
        self.reason: str = saved.get("reason") or "PowerUp"
        station.storage.put("boot", {"reason": "PowerUp"})
        self._not_before = 0.0
        self._busy = asyncio.Lock()
        self._trigger = asyncio.Event()
        station.on_boot_accepted(self._note_time)

    async def _note_time(self) -> None:
        """Start the heartbeats, once per boot."""
        self._station.spawn(self._heartbeats())
        if self._station.style.heartbeat_s is not None:
            self._station.spawn(self._extra_heartbeats(self._station.style.heartbeat_s))

    async def connected(self) -> None:
        """A connection stands: register, or carry on if already accepted."""
        if self._station.registration is Registration.ACCEPTED:
            await self._station.reconnected()
            return
        async with self._busy:
            await self._register()

    async def _register(self) -> None:
        station = self._station
        while station.messenger.connected:
            if station.registration is Registration.ACCEPTED:
                return
            triggered = await self._wait_for_turn()
            reason = "Triggered" if triggered and not station.has(TRIGGER_REASON) else self.reason
            try:
                answer = await station.messenger.call("BootNotification", self._payload(reason))
            except OfflineError:
                return
            except (CallFailedError, CallTimeoutError):
                self._delay(_OWN_RETRY_S)
                continue
            await self._answered(answer)

    async def _wait_for_turn(self) -> bool:
        """Wait until BootNotification may be sent; says whether the CSMS triggered it."""
        left_s = self._not_before - asyncio.get_running_loop().time()
        if left_s <= 0:
            return False
        self._trigger.clear()
        try:
            async with asyncio.timeout(left_s):
                await self._trigger.wait()
        except TimeoutError:
            return False
        return True

    def _delay(self, seconds: float) -> None:
        self._not_before = asyncio.get_running_loop().time() + seconds

    def _payload(self, reason: str) -> Payload:
        station = self._station
        product = station.pics.product
        installed = (station.storage.get("firmware") or {}).get("version")
        charging_station = {
            "model": product.model,
            "vendorName": product.vendor,
            "serialNumber": station.config.serial_number,
            "firmwareVersion": installed
            or station.config.firmware_version
            or product.firmware_version,
        }
        if station.has(BOOT_SCHEMA):
            del charging_station["vendorName"]
        return {"reason": reason, "chargingStation": charging_station}

    async def _answered(self, answer: Payload) -> None:
        station = self._station
        self.synchronise(answer["currentTime"])
        interval_s = answer["interval"]
        if answer["status"] == "Accepted":
            if interval_s > 0:
                model = station.software.model
                model.set(model.variable("OCPPCommCtrlr", "HeartbeatInterval"), str(interval_s))
            await station.boot_accepted()
            return
        station.registration = Registration(answer["status"])
        self._delay(interval_s if interval_s > 0 else _OWN_RETRY_S)  # B02.FR.07, B02.FR.08
        self._not_before += await unaccepted.after_answer(station, interval_s)

    @property
    def may_trigger(self) -> bool:
        """Whether a BootNotification may be triggered now (F06.FR.17)."""
        return self._station.registration is not Registration.ACCEPTED

    def trigger(self) -> None:
        """Send a BootNotification now, before the interval has passed (B02.FR.04)."""
        if not self._station.has(TRIGGER_IGNORED):
            self._trigger.set()

    async def send_again(self) -> None:
        """Send BootNotification though the last one was accepted; only a named defect does."""
        with contextlib.suppress(OfflineError, CallFailedError, CallTimeoutError):
            await self._station.messenger.call("BootNotification", self._payload("Triggered"))

    def admit(self, action: str) -> None:
        """Refuse CALLs that the registration does not allow yet.

        Raises:
            RefuseCall: with SecurityError (B03.FR.08), or in answer to a named defect.
        """
        code = unaccepted.refusal(self._station)
        if code is not None:
            raise RefuseCall(code, f"{action}: not accepted by the CSMS")

    def synchronise(self, current_time: str) -> None:
        """Set the clock by the CSMS if the TimeSource says so (B01.FR.06, G02.FR.06)."""
        if "Heartbeat" in self._station.software.model.members("ClockCtrlr", "TimeSource"):
            offset = parse_datetime(current_time) - datetime.now(UTC)
            self._station.clock_offset_s = offset.total_seconds()

    async def heartbeat(self) -> None:
        """Send a Heartbeat and set the clock by its answer."""
        try:
            answer = await self._station.call("Heartbeat", {})
        except (OfflineError, CallFailedError, CallTimeoutError):
            return
        self.synchronise(answer["currentTime"])

    async def _heartbeats(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            interval_s = self._station.software.model.integer("OCPPCommCtrlr", "HeartbeatInterval")
            due = self._station.messenger.last_sent + max(interval_s, 1)
            if loop.time() < due:
                await asyncio.sleep(min(due - loop.time(), 1.0))
            else:
                self._station.messenger.last_sent = loop.time()
                await self.heartbeat()

    async def _extra_heartbeats(self, interval_s: float) -> None:
        while True:
            await asyncio.sleep(interval_s)
            await self.heartbeat()
