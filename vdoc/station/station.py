"""The reference station: a complete OCPP 2.0.1 station made of software.

Owns the life of the station (power, boots, reboots), the wiring of one boot, the CALLs it sends
and answers, and the tasks of one boot. It is written from Part 2; it knows no test case.

What survives a reboot is in `storage` and in `site` (cables, cars, bays); everything that
`wiring.build` makes is thrown away. An exception in any task ends `run` with that exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from vdoc.station import wiring
from vdoc.station.controls import Controls
from vdoc.station.defects import is_declared
from vdoc.station.messenger import CallFailedError, CallTimeoutError, Messenger, OfflineError
from vdoc.station.seams import (
    Handler,
    Link,
    Payload,
    RefuseCall,
    Registration,
    Reply,
    Storage,
    Transport,
)
from vdoc.station.site import Site

if TYPE_CHECKING:
    from vdoc.pics import Pics
    from vdoc.station.config import StationConfig, Timings
    from vdoc.station.styles import Style

__all__ = [
    "CallFailedError",
    "CallTimeoutError",
    "OfflineError",
    "RefuseCall",
    "Registration",
    "Reply",
    "Station",
]

Callback = Callable[[], Coroutine[Any, Any, None]]
TriggerHandler = Callable[[Payload], Coroutine[Any, Any, None] | None]
LinkFactory = Callable[["Station"], Link]


class Station(Controls):
    """One station. `run` it as a task; `close` switches it off."""

    def __init__(
        self,
        config: StationConfig,
        *,
        storage: Storage | None = None,
        link: LinkFactory | None = None,
    ) -> None:
        unknown = [name for name in config.defects if not is_declared(name)]
        if unknown:
            raise ValueError(f"undeclared defects: {', '.join(sorted(unknown))}")
        self.config = config
        self.storage = storage if storage is not None else wiring.default_storage(config)
        self.site = Site(config)
        self._link_factory = link if link is not None else wiring.default_link
        self._power_off: asyncio.Future[str | None] | None = None
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._reset_boot_state()

    def _reset_boot_state(self) -> None:
        self.registration = Registration.NONE
        self.handlers: dict[str, Handler] = {}
        self.triggers: dict[str, TriggerHandler] = {}
        self.busy_checks: list[Callable[[], bool]] = []
        self.clock_offset_s = 0.0
        self._accepted: list[Callback] = []
        self._connected: list[Callback] = []
        self._disconnected: list[Callback] = []
        self.booted = asyncio.Event()

    # ---- what modules read -----------------------------------------------------------------

    @property
    def pics(self) -> Pics:
        """What the product claims."""
        return self.config.pics

    @property
    def style(self) -> Style:
        """Its freedom within the specification."""
        return self.config.style

    @property
    def timings(self) -> Timings:
        """Speed of its hardware."""
        return self.config.timings

    @property
    def running(self) -> bool:
        """Whether its software is up (it is not during a reboot)."""
        return self._power_off is not None and not self._power_off.done()

    @property
    def online(self) -> bool:
        """A connection stands and the CSMS has accepted this boot."""
        return self.messenger.connected and self.registration is Registration.ACCEPTED

    def has(self, defect: str) -> bool:
        """Whether a declared defect is active.

        Raises:
            ValueError: no module declares it.
        """
        if not is_declared(defect):
            raise ValueError(f"undeclared defect {defect}")
        return defect in self.config.defects

    def now(self) -> datetime:
        """The station's own clock (B01.FR.06: set by the CSMS)."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_offset_s)

    # ---- messages ----------------------------------------------------------------------------

    def handle(self, action: str, handler: Handler) -> None:
        """Let `handler` answer the CALLs `action` of the CSMS during this boot."""
        self.handlers[action] = handler

    async def call(self, action: str, payload: Payload, *, while_pending: bool = False) -> Payload:
        """Send a CALL and return the payload of its response.

        Args:
            action: name of the message.
            payload: its content.
            while_pending: the CSMS asked for it (TriggerMessage, GetBaseReport, GetReport), so it
                may be sent before the boot is accepted (B02.FR.02).

        Raises:
            OfflineError: no connection, it broke, or the boot is not accepted (B02.FR.02).
            CallFailedError: the CSMS answered with a CALLERROR.
            CallTimeoutError: no answer within MessageTimeout.
        """
        allowed = self.registration is Registration.ACCEPTED or (
            while_pending and self.registration is Registration.PENDING
        )
        if not allowed:
            raise OfflineError(f"{action}: not accepted by the CSMS")
        return await self.messenger.call(action, payload)

    def send(self, action: str, payload: Payload, *, queue: bool) -> None:
        """Send a CALL some time soon, after those sent before; its answer does not matter.

        Args:
            action: name of the message.
            payload: its content.
            queue: keep it while offline and across reboots (TransactionEvent, SecurityEvent);
                otherwise it is lost when offline.
        """
        self.software.outbox.add(action, payload, queue=queue)

    # ---- events ------------------------------------------------------------------------------

    def on_boot_accepted(self, callback: Callback) -> None:
        """Run `callback` once the CSMS has accepted this boot."""
        self._accepted.append(callback)

    def on_connected(self, callback: Callback) -> None:
        """Run `callback` whenever a connection stands and the boot is (still) accepted."""
        self._connected.append(callback)

    def on_disconnected(self, callback: Callback) -> None:
        """Run `callback` whenever the connection is gone."""
        self._disconnected.append(callback)

    async def boot_accepted(self) -> None:
        """The boot sequence tells that the CSMS accepted; runs the callbacks in their order."""
        self.registration = Registration.ACCEPTED
        for callback in (*self._accepted, *self._connected):
            await callback()
        self.booted.set()

    def forget_registration(self) -> None:
        """The link is about to connect with another network profile: boot anew (B10.FR.10)."""
        self.registration = Registration.NONE

    def on_trigger(self, message: str, handler: TriggerHandler) -> None:
        """Let `handler` decide on TriggerMessageRequest(`message`) during this boot.

        It gets the request's payload and returns what sends the message (started after the
        response), or None to reject.
        """
        self.triggers[message] = handler

    def on_busy(self, check: Callable[[], bool]) -> None:
        """Hold back an OnIdle reset while `check` says that work is going on (errata 2.14)."""
        self.busy_checks.append(check)

    async def transaction_ended(self, evse: int) -> None:
        """A transaction ended: do what waited for it."""
        self.software.availability.transaction_ended()
        await self.software.reset.transaction_ended(evse)

    async def reconnected(self) -> None:
        """The boot sequence tells that an accepted station is connected again."""
        for callback in self._connected:
            await callback()

    # ---- LinkListener ------------------------------------------------------------------------

    def opened(self, transport: Transport) -> None:
        """The link has a connection."""
        self.messenger.opened(transport)
        self.spawn(self.software.boot.connected())

    def received(self, text: str) -> None:
        """The link has read a frame."""
        self.messenger.received(text)

    def closed(self, transport: Transport) -> None:
        """The link has lost that connection."""
        if self.messenger.closed(transport):
            for callback in self._disconnected:
                self.spawn(callback())

    # ---- life --------------------------------------------------------------------------------

    async def within_boot(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` as a task of this boot and wait for its end, also by a reboot."""
        await asyncio.wait((self.spawn(work),))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task of this boot: cancelled at a reboot, its error ends `run`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        if self._power_off is not None and not self._power_off.done():
            self._power_off.set_exception(task.exception() or RuntimeError("task failed"))

    async def reboot(self, reason: str, *, off_s: float | None = None) -> None:
        """Restart the station's software; the next BootNotification carries `reason`.

        Args:
            reason: BootReasonEnumType literal, kept across the power cycle (B01.FR.03).
            off_s: how long it stays silent; None = `timings.boot_s`.
        """
        self.storage.put("boot", {"reason": reason, "off_s": off_s})
        if self._power_off is not None and not self._power_off.done():
            self._power_off.set_result(reason)

    async def run(self) -> None:
        """Switch the station on and keep it on, through reboots, until `close`."""
        while not self._closed and await self._one_boot() is not None:
            off_s = (self.storage.get("boot") or {}).get("off_s")
            await asyncio.sleep(self.timings.boot_s if off_s is None else off_s)

    async def _one_boot(self) -> str | None:
        self._power_off = asyncio.get_running_loop().create_future()
        self._reset_boot_state()
        self.messenger = Messenger(self)
        self.software = wiring.Software(self)
        self.software.assemble()
        self.link = self._link_factory(self)
        self.spawn(self.link.run(self))
        self.software.start()
        try:
            return await self._power_off
        finally:
            await self._stop_tasks()

    async def _stop_tasks(self) -> None:
        self.booted.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """Switch the station off for good, also while it reboots; `run` returns."""
        self._closed = True
        if self._power_off is not None and not self._power_off.done():
            self._power_off.set_result(None)
