"""The messages that the station sends of its own accord, in order, surviving what must survive.

Owns offline queueing (E04, E11, E12, B12.FR.05) and the retries of transaction-related messages
(E13). Messages added with `queue=False` are lost while offline, unless QueueAllMessages is true.
A TransactionEvent that waits for its retry holds back later TransactionEvents, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload

if TYPE_CHECKING:
    from vdoc.station.station import Station

EVENTS_LOST = declare(
    "offline-events-lost",
    "TransactionEvents that occur while offline are thrown away",
    "E11.FR.01",
    "TC_E_29_CS",
    "TC_E_31_CS",
    "TC_E_33_CS",
    "TC_E_40_CS",
    "TC_E_43_CS",
    "TC_E_44_CS",
    "TC_E_45_CS",
)
STARTED_LOST = declare(
    "offline-started-lost",
    "a Started event that occurs while offline is thrown away",
    "E12.FR.01",
    "TC_E_43_CS",
)
ENDED_LOST = declare(
    "offline-ended-lost",
    "an Ended event that occurs while offline is thrown away",
    "E12.FR.01",
    "TC_E_31_CS",
    "TC_E_43_CS",
    "TC_E_44_CS",
    "TC_E_45_CS",
)
NEVER_AGAIN = declare(
    "failed-event-not-repeated",
    "a TransactionEvent that the CSMS does not take is thrown away at once",
    "E13.FR.02",
    "TC_E_41_CS",
    "TC_E_42_CS",
    "TC_E_50_CS",
    "TC_E_51_CS",
)
ONCE_MORE = declare(
    "failed-event-repeated-once-more",
    "a TransactionEvent that the CSMS does not take is sent once more than MessageAttempts says",
    "E13.FR.04",
    "TC_E_41_CS",
    "TC_E_50_CS",
)
CONSTANT_INTERVAL = declare(
    "retry-interval-constant",
    "the wait before a retry does not grow with the transmissions so far",
    "E13.FR.03",
    "TC_E_41_CS",
    "TC_E_50_CS",
)
NO_INTERVAL = declare(
    "retry-at-once",
    "a TransactionEvent that the CSMS does not take is sent again without any wait",
    "E13.FR.03",
    "TC_E_41_CS",
    "TC_E_42_CS",
    "TC_E_50_CS",
    "TC_E_51_CS",
)
REPEATS_TAKEN = declare(
    "taken-event-repeated",
    "a TransactionEvent that failed once is sent again even after the CSMS has taken it",
    "E13.FR.02",
    "TC_E_42_CS",
    "TC_E_51_CS",
)

_OTHER_RETRY_S = 30.0
_TRANSACTION_EVENT = "TransactionEvent"


@dataclass(slots=True, eq=False)
class _Item:
    action: str
    payload: Payload
    queue: bool
    attempts: int = 0
    not_before: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> dict[str, Any]:
        return {"action": self.action, "payload": self.payload}


ResponseCallback = Callable[[Payload, Payload], None]


async def _all_done(items: Iterable[_Item]) -> None:
    for item in items:
        await item.done.wait()


class Outbox:
    """The queue of one boot; what must survive is loaded from and kept in storage."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._items = [
            _Item(entry["action"], entry["payload"], queue=True)
            for entry in station.storage.get("outbox") or ()
        ]
        self._wake = asyncio.Event()
        self._lost = asyncio.Event()
        self._callbacks: dict[str, ResponseCallback] = {}
        station.on_boot_accepted(self._poke)
        station.on_connected(self._poke)
        station.on_disconnected(self._went_offline)

    def start(self) -> None:
        """Begin delivering."""
        self._station.spawn(self._deliver_all())

    def on_response(self, action: str, callback: ResponseCallback) -> None:
        """Call `callback(request, response)` whenever a message of this kind was answered."""
        self._callbacks[action] = callback

    def add(self, action: str, payload: Payload, *, queue: bool) -> None:
        """Take a message; see `Station.send`."""
        keep = queue or self._station.software.model.boolean("OCPPCommCtrlr", "QueueAllMessages")
        if self._station.online or (keep and not self._loses(action, payload)):
            self._items.append(_Item(action, payload, keep))
            self._save()
            self._wake.set()

    def _loses(self, action: str, payload: Payload) -> bool:
        if action != _TRANSACTION_EVENT:
            return False
        kind = payload["eventType"]
        return (
            self._station.has(EVENTS_LOST)
            or (kind == "Started" and self._station.has(STARTED_LOST))
            or (kind == "Ended" and self._station.has(ENDED_LOST))
        )

    def holds_events(self, transaction_id: str | None) -> bool:
        """Whether TransactionEvents (of one transaction, or of any) are still to be delivered."""
        return any(
            item.action == _TRANSACTION_EVENT
            and transaction_id in (None, item.payload["transactionInfo"]["transactionId"])
            for item in self._items
        )

    async def drained(self, limit_s: float) -> bool:
        """Wait until everything added so far was delivered; says whether that was in time.

        Ends at once when the connection is lost, since nothing will be delivered then.
        """
        await asyncio.sleep(0)  # an event that style `scramble_events` holds back joins first
        delivered = asyncio.create_task(_all_done(list(self._items)))
        lost = asyncio.create_task(self._lost.wait())
        try:
            done, _ = await asyncio.wait(
                (delivered, lost), timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            delivered.cancel()
            lost.cancel()
        return delivered in done

    def _save(self) -> None:
        kept = [item.as_json() for item in self._items if item.queue]
        if kept or self._station.storage.get("outbox"):
            self._station.storage.put("outbox", kept)

    async def _poke(self) -> None:
        self._wake.set()

    async def _went_offline(self) -> None:
        self._lost.set()
        self._lost = asyncio.Event()
        for item in self._items:
            if item.action == _TRANSACTION_EVENT:
                item.payload["offline"] = True  # E11.FR.07
            if not item.queue:
                item.done.set()
        self._items = [item for item in self._items if item.queue]
        self._save()

    async def _deliver_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            item, wait_s = self._next(loop.time()) if self._station.online else (None, None)
            if item is not None:
                await self._deliver(item)
                continue
            try:
                async with asyncio.timeout(wait_s):  # wait_for may lose a cancellation (3.11)
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _next(self, now: float) -> tuple[_Item | None, float | None]:
        events_blocked, wait_s = False, None
        for item in self._items:
            is_event = item.action == _TRANSACTION_EVENT
            if is_event and events_blocked:
                continue
            if item.not_before <= now:
                return item, None
            events_blocked = events_blocked or is_event
            wait_s = min(wait_s or item.not_before - now, item.not_before - now)
        return None, wait_s

    async def _deliver(self, item: _Item) -> None:
        try:
            response = await self._station.call(item.action, item.payload)
        except OfflineError:
            return  # a disconnection follows, or has been; the item stays if it must
        except (CallFailedError, CallTimeoutError):
            self._failed(item)
            return
        if item.attempts == 1 and self._station.has(REPEATS_TAKEN):
            self._failed(item)
            return
        self._remove(item)
        if item.action in self._callbacks:
            self._callbacks[item.action](item.payload, response)

    def _failed(self, item: _Item) -> None:
        item.attempts += 1
        limit, wait_s = 2, _OTHER_RETRY_S * item.attempts
        if item.action == _TRANSACTION_EVENT:
            limit, wait_s = self._event_attempts(), self._event_interval_s(item.attempts)
        if not item.queue or item.attempts >= limit:
            self._remove(item)  # E13.FR.04
            return
        item.not_before = asyncio.get_running_loop().time() + wait_s

    def _event_attempts(self) -> int:
        has = self._station.has
        model = self._station.software.model
        attempts = model.integer("OCPPCommCtrlr", "MessageAttempts", _TRANSACTION_EVENT)
        return 1 if has(NEVER_AGAIN) else attempts + (1 if has(ONCE_MORE) else 0)

    def _event_interval_s(self, transmissions: int) -> float:
        has = self._station.has
        model = self._station.software.model
        interval_s = model.integer("OCPPCommCtrlr", "MessageAttemptInterval", _TRANSACTION_EVENT)
        if has(NO_INTERVAL):
            return 0.0
        return interval_s * (1 if has(CONSTANT_INTERVAL) else transmissions)  # E13.FR.03

    def _remove(self, item: _Item) -> None:
        item.done.set()
        if item in self._items:
            self._items.remove(item)
        self._save()
