"""TriggerMessage (F06): the messages of this part of the station; other modules add theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.readings import substituted
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

_TRIGGERED = tuple(
    f"TC_F_{number}_CS" for number in (11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 23, 24)
)
"""The cases in which a trigger is accepted and its message comes."""

NOT_ACCEPTED = declare(
    "trigger-rejected",
    "rejects every trigger, that of a BootNotification while the CSMS answered Pending too",
    "F06.FR.05",
    "TC_B_02_CS",
    *_TRIGGERED,
)
NOT_SENT = declare(
    "trigger-accepted-only",
    "accepts every trigger and sends nothing",
    "F06.FR.10",
    *_TRIGGERED,
)
SENT_FIRST = declare(
    "trigger-answered-last",
    "sends the triggered message before it answers the trigger",
    "F06.FR.04",
    "TC_A_11_CS",
    "TC_A_14_CS",
    "TC_A_15_CS",
    "TC_A_23_CS",
    *_TRIGGERED,
)
REFUSES_EVSE = declare(
    "trigger-refuses-evse",
    "rejects a trigger of FirmwareStatusNotification that names an EVSE",
    "F06.FR.03",
    "TC_F_17_CS",
)
WRONG_EVSE = declare(
    "trigger-main-meter-only",
    "a trigger of MeterValues is followed by those of EVSE 0 only",
    "F06.FR.02",
    "TC_F_11_CS",
    "TC_F_12_CS",
)
ONE_EVSE = declare(
    "trigger-one-evse",
    "without EVSE a trigger is taken for EVSE 1 alone",
    "F06.FR.11",
    "TC_F_12_CS",
    "TC_F_14_CS",
)
WRONG_CONTEXT = declare(
    "triggered-values-periodic",
    "triggered values carry context Sample.Periodic",
    "F06.FR.06",
    "TC_F_11_CS",
    "TC_F_12_CS",
    "TC_F_13_CS",
    "TC_F_14_CS",
)
MISSING_MEASURAND = declare(
    "triggered-values-lack-measurand",
    "triggered values hold only a voltage, whatever is configured",
    "F06.FR.06",
    "TC_F_11_CS",
    "TC_F_12_CS",
    "TC_F_13_CS",
    "TC_F_14_CS",
)
NO_VALUES = declare(
    "triggered-event-without-values",
    "a triggered TransactionEvent carries no meterValue",
    "F06.FR.07",
    "TC_F_13_CS",
    "TC_F_14_CS",
)
WRONG_REASON = declare(
    "triggered-event-wrong-reason",
    "a triggered TransactionEvent has triggerReason ChargingStateChanged",
    "F06.FR.07",
    "TC_F_13_CS",
    "TC_F_14_CS",
)
WRONG_STATUS = declare(
    "triggered-status-reserved",
    "a triggered status report says Reserved",
    "F06.FR.09",
    "TC_F_23_CS",
    "TC_F_24_CS",
)
BOOT_ACCEPTED = declare(
    "boot-trigger-accepted",
    "accepts the trigger of a BootNotification although the last one was accepted",
    "F06.FR.17",
    "TC_F_26_CS",
)
BOOT_SENT_ANYWAY = declare(
    "boot-trigger-rejected-yet-sent",
    "rejects the trigger of a BootNotification, and sends it all the same",
    "F06.FR.05",
    "TC_F_26_CS",
)
UNKNOWN_REJECTED = declare(
    "unknown-trigger-rejected",
    "rejects the trigger of a message that is not implemented",
    "F06.FR.08",
    "TC_F_27_CS",
)
UNKNOWN_ACCEPTED = declare(
    "unknown-trigger-accepted",
    "accepts the trigger of a message that is not implemented",
    "F06.FR.08",
    "TC_F_27_CS",
)

_CLAIMS = {
    "MeterValues": "C-29.1",
    "TransactionEvent": "C-29.2",
    "LogStatusNotification": "C-29.3",
    "FirmwareStatusNotification": "C-29.4",
    "StatusNotification": "C-29.5",
    "BootNotification": "C-29.6",
}
_DRAIN_S = 1.0
_Work = Coroutine[Any, Any, None]


class Trigger:
    """Answers TriggerMessageRequest."""

    def __init__(self, station: Station) -> None:
        self._station = station
        station.handle("TriggerMessage", self._handle)
        station.on_trigger("BootNotification", self._boot)
        station.on_trigger("Heartbeat", self._heartbeat)
        station.on_trigger("MeterValues", self._meter_values)
        station.on_trigger("TransactionEvent", self._transaction_event)
        station.on_trigger("StatusNotification", self._status)

    async def _handle(self, payload: Payload) -> Reply:
        message = payload["requestedMessage"]
        handler = self._station.triggers.get(message)
        claim = _CLAIMS.get(message)
        if handler is None or (claim is not None and not self._station.pics.claims(claim)):
            return Reply({"status": self._not_implemented()})
        work = handler(payload)
        if work is None or self._refuses(message, payload):
            if work is not None:
                work.close()
            return Reply({"status": "Rejected"}, self._despite_rejection(message))
        return await self._accept(work)

    def _not_implemented(self) -> str:
        if self._station.has(UNKNOWN_ACCEPTED):
            return "Accepted"
        return "Rejected" if self._station.has(UNKNOWN_REJECTED) else "NotImplemented"  # F06.FR.08

    def _refuses(self, message: str, payload: Payload) -> bool:
        has = self._station.has
        irrelevant = message == "FirmwareStatusNotification" and "evse" in payload
        return has(NOT_ACCEPTED) or (irrelevant and has(REFUSES_EVSE))

    def _despite_rejection(self, message: str) -> _Work | None:
        anyway = message == "BootNotification" and self._station.has(BOOT_SENT_ANYWAY)
        return self._station.software.boot.send_again() if anyway else None

    async def _accept(self, work: _Work) -> Reply:
        """The response goes first (F06.FR.04)."""
        if self._station.has(NOT_SENT):
            work.close()
            return Reply({"status": "Accepted"})
        if self._station.has(SENT_FIRST):
            await asyncio.wait({self._station.spawn(work)}, timeout=_DRAIN_S)
            await self._station.software.outbox.drained(_DRAIN_S)
            return Reply({"status": "Accepted"})
        return Reply({"status": "Accepted"}, work)

    def _boot(self, _: Payload) -> _Work | None:
        boot = self._station.software.boot
        allowed = boot.may_trigger or self._station.has(BOOT_ACCEPTED)
        return self._trigger_boot() if allowed else None  # F06.FR.17

    async def _trigger_boot(self) -> None:
        self._station.software.boot.trigger()

    def _heartbeat(self, _: Payload) -> _Work:
        return self._call("Heartbeat", {})

    async def _call(self, action: str, payload: Payload) -> None:
        try:
            await self._station.call(action, payload, while_pending=True)
        except (OfflineError, CallFailedError, CallTimeoutError):
            return  # only current information is triggered (F06.FR.09): nothing to repeat

    def _meter_values(self, payload: Payload) -> _Work | None:
        only = 0 if self._station.has(WRONG_EVSE) else self._evse_of(payload)
        metering = self._station.software.metering
        values = metering.meter_values(self._context, self._station.now(), only)
        if self._station.has(MISSING_MEASURAND):
            values = [{**v, "meterValue": [substituted(v["meterValue"][0])]} for v in values]
        return self._send_all("MeterValues", values) if values else None

    def _evse_of(self, payload: Payload) -> int | None:
        """The EVSE that is asked about; None means all of them (F06.FR.11)."""
        named: int | None = (payload.get("evse") or {}).get("id")
        return 1 if named is None and self._station.has(ONE_EVSE) else named

    @property
    def _context(self) -> str:
        return "Sample.Periodic" if self._station.has(WRONG_CONTEXT) else "Trigger"

    async def _send_all(self, action: str, payloads: list[Payload]) -> None:
        for payload in payloads:
            await self._call(action, payload)

    def _transaction_event(self, payload: Payload) -> _Work | None:
        only = self._evse_of(payload)
        evses = [
            evse
            for evse in self._station.software.evses
            if evse.transaction is not None and only in (None, evse.spot.id)
        ]
        return self._tell_transactions([evse.spot.id for evse in evses]) if evses else None

    async def _tell_transactions(self, evse_ids: list[int]) -> None:
        has, metering = self._station.has, self._station.software.metering
        for evse in self._station.software.evses:
            if evse.spot.id in evse_ids:
                values = None if has(NO_VALUES) else metering.latest(evse, self._context)
                if values is not None and has(MISSING_MEASURAND):
                    values = substituted(values)
                reason = "ChargingStateChanged" if has(WRONG_REASON) else "Trigger"
                metering.tell(evse, reason, values, self._station.now())

    def _status(self, payload: Payload) -> _Work | None:
        evse = payload.get("evse") or {}
        if "connectorId" not in evse:
            return None  # F06.FR.12
        known = any(
            (outlet.evse, outlet.connector) == (evse["id"], evse["connectorId"])
            for spot in self._station.site.spots
            for outlet in spot.outlets
        )
        return self._report(evse["id"], evse["connectorId"]) if known else None

    async def _report(self, evse: int, connector: int) -> None:
        outlet = self._station.site.outlet(evse, connector)
        for action, payload in self._station.software.availability.messages(outlet):
            wrong = self._station.has(WRONG_STATUS)
            await self._call(action, _reserved(payload) if wrong else payload)


def _reserved(payload: Payload) -> Payload:
    """The same report of a connector, which says Reserved."""
    if "connectorStatus" in payload:
        return {**payload, "connectorStatus": "Reserved"}
    return {
        **payload,
        "eventData": [{**d, "actualValue": "Reserved"} for d in payload["eventData"]],
    }
