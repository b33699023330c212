"""Booting against a scripted CSMS (B01, B02, B03, G02)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vdoc.station import availability, boot, unaccepted


def answering(*statuses: str, interval: int = 1, offset_s: float = 0.0) -> Any:
    """A script for BootNotification: these statuses in turn, the last one for ever."""
    left = list(statuses)

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        now = datetime.now(UTC) + timedelta(seconds=offset_s)
        status = left.pop(0) if len(left) > 1 else left[0]
        return {"currentTime": now.isoformat(), "interval": interval, "status": status}

    return {"BootNotification": answer}


class TestAccepted:
    async def test_tells_what_it_is(self, desk: Any, product: Any) -> None:
        csms = await desk()
        (sent,) = csms.of("BootNotification")
        claimed = product("ac-wallbox-detachable").product
        assert sent["reason"] == "PowerUp"
        assert sent["chargingStation"]["vendorName"] == claimed.vendor
        assert sent["chargingStation"]["firmwareVersion"] == claimed.firmware_version

    async def test_reports_every_connector(self, desk: Any) -> None:
        csms = await desk(name="ac-pole-keycode")
        reported = {(s["evseId"], s["connectorId"]) for s in csms.of("StatusNotification")}
        outlets = [o for spot in csms.station.site.spots for o in spot.outlets]
        assert reported == {(o.evse, o.connector) for o in outlets}

    async def test_sets_the_clock(self, desk: Any) -> None:
        csms = await desk(answers=answering("Accepted", offset_s=100))
        assert csms.station.now() - datetime.now(UTC) > timedelta(seconds=99)

    async def test_takes_over_the_heartbeat_interval(self, desk: Any) -> None:
        csms = await desk(answers=answering("Accepted", interval=77))
        read = await csms.get("OCPPCommCtrlr", "HeartbeatInterval")
        assert read["attributeValue"] == "77"

    async def test_sends_heartbeats(self, desk: Any) -> None:
        csms = await desk(answers=answering("Accepted", interval=1))
        await csms.until(lambda: csms.of("Heartbeat"))

    async def test_registers_again_after_a_power_cut(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.power_cycle()
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        assert [sent["reason"] for sent in csms.of("BootNotification")] == ["PowerUp", "PowerUp"]

    async def test_a_dropped_connection_is_no_boot(self, desk: Any) -> None:
        csms = await desk()
        csms.drop()
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        assert len(csms.of("BootNotification")) == 1


class TestPending:
    async def test_sends_nothing_unasked(self, desk: Any) -> None:
        csms = await desk(answers=answering("Pending", interval=100), booted=False)
        await csms.until(lambda: csms.calls)
        await csms.station.plug_in(1, 1)
        assert [action for action, _ in csms.calls] == ["BootNotification"]

    async def test_can_be_configured_and_read(self, desk: Any) -> None:
        csms = await desk(answers=answering("Pending", interval=100), booted=False)
        await csms.until(lambda: csms.calls)
        assert await csms.set("OCPPCommCtrlr", "OfflineThreshold", "300") == "Accepted"
        read = await csms.get("OCPPCommCtrlr", "OfflineThreshold")
        assert read["attributeValue"] == "300"
        base = {"requestId": 1, "reportBase": "FullInventory"}
        assert await csms.call("GetBaseReport", base) == {"status": "Accepted"}
        await csms.until(lambda: csms.of("NotifyReport") and not csms.of("NotifyReport")[-1]["tbc"])

    async def test_starts_nothing(self, desk: Any) -> None:
        csms = await desk(answers=answering("Pending", interval=100), booted=False)
        await csms.until(lambda: csms.calls)
        start = {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1, "evseId": 1}
        assert await csms.call("RequestStartTransaction", start) == {"status": "Rejected"}
        stop = {"transactionId": "none"}
        assert await csms.call("RequestStopTransaction", stop) == {"status": "Rejected"}

    async def test_repeats_after_the_interval(self, desk: Any) -> None:
        csms = await desk(answers=answering("Pending", "Accepted"), booted=False)
        began = asyncio.get_running_loop().time()
        await csms.until(lambda: csms.of("StatusNotification"))
        assert asyncio.get_running_loop().time() - began >= 1

    async def test_repeats_at_once_when_triggered(self, desk: Any) -> None:
        script = answering("Pending", "Accepted", interval=100)
        csms = await desk(answers=script, booted=False)
        await csms.until(lambda: csms.calls)
        trigger = {"requestedMessage": "BootNotification"}
        assert await csms.call("TriggerMessage", trigger) == {"status": "Accepted"}
        await csms.until(lambda: csms.of("StatusNotification"))
        assert csms.of("BootNotification")[-1]["reason"] == "Triggered"


class TestRejected:
    async def test_answers_with_a_security_error(self, desk: Any) -> None:
        csms = await desk(answers=answering("Rejected", interval=100), booted=False)
        await csms.until(lambda: csms.calls)
        base = {"requestId": 1, "reportBase": "FullInventory"}
        assert await csms.call("GetBaseReport", base) == {"error": "SecurityError"}

    async def test_trigger_is_refused_once_accepted(self, desk: Any) -> None:
        csms = await desk()
        trigger = {"requestedMessage": "BootNotification"}
        assert await csms.call("TriggerMessage", trigger) == {"status": "Rejected"}


class TestDefects:
    async def test_omits_a_connector(self, desk: Any) -> None:
        csms = await desk(availability.BOOT_OMITS_CONNECTOR, name="ac-pole-keycode")
        outlets = [o for spot in csms.station.site.spots for o in spot.outlets]
        assert len(csms.of("StatusNotification")) == len(outlets) - 1

    async def test_reports_unavailable(self, desk: Any) -> None:
        csms = await desk(availability.BOOT_WRONG_STATUS)
        assert csms.of("StatusNotification")[0]["connectorStatus"] == "Unavailable"

    @pytest.mark.parametrize(
        ("defect", "action"),
        [
            (unaccepted.PENDING_SENDS_STATUS, "StatusNotification"),
            (unaccepted.PENDING_HEARTBEAT, "Heartbeat"),
        ],
    )
    async def test_talks_while_pending(self, desk: Any, defect: Any, action: Any) -> None:
        csms = await desk(defect, answers=answering("Pending", interval=100), booted=False)
        await csms.until(lambda: csms.of(action))

    async def test_repeats_early(self, desk: Any) -> None:
        script = answering("Pending", interval=100)
        csms = await desk(unaccepted.PENDING_EARLY, answers=script, booted=False)
        await csms.until(lambda: len(csms.of("BootNotification")) > 1)

    async def test_trigger_carries_the_boot_reason(self, desk: Any) -> None:
        script = answering("Pending", "Accepted", interval=100)
        csms = await desk(boot.TRIGGER_REASON, answers=script, booted=False)
        await csms.until(lambda: csms.calls)
        await csms.call("TriggerMessage", {"requestedMessage": "BootNotification"})
        await csms.until(lambda: csms.of("StatusNotification"))
        assert csms.of("BootNotification")[-1]["reason"] == "PowerUp"
