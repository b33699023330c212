"""TriggerMessage (F06)."""

from typing import Any

import pytest

from vdoc.station import transactions, trigger


async def ask(csms: Any, message: str, **evse: int) -> str:
    scope = {"evse": evse} if evse else {}
    answer = await csms.call("TriggerMessage", {"requestedMessage": message, **scope})
    return str(answer["status"])


class TestTrigger:
    async def test_heartbeat(self, desk: Any) -> None:
        csms = await desk()
        assert await ask(csms, "Heartbeat") == "Accepted"
        await csms.until(lambda: csms.of("Heartbeat"))

    @pytest.mark.parametrize("plugged", [True, False])
    async def test_status(self, desk: Any, plugged: bool) -> None:
        csms = await desk()
        if plugged:
            await csms.station.plug_in(1, 1)
        known = len(csms.of("StatusNotification"))
        assert await ask(csms, "StatusNotification", id=1, connectorId=1) == "Accepted"
        await csms.until(lambda: len(csms.of("StatusNotification")) > known)
        expected = "Occupied" if plugged else "Available"
        assert csms.of("StatusNotification")[-1]["connectorStatus"] == expected

    @pytest.mark.parametrize("place", [{}, {"id": 1}, {"id": 9, "connectorId": 1}])
    async def test_status_of_no_connector(self, desk: Any, place: dict[str, int]) -> None:
        assert await ask(await desk(), "StatusNotification", **place) == "Rejected"

    async def test_all_evses(self, desk: Any) -> None:
        csms = await desk(name="dc-fast-charger")
        assert await ask(csms, "MeterValues") == "Accepted"
        await csms.until(lambda: len(csms.of("MeterValues")) > len(csms.station.site.spots))

    async def test_no_transaction(self, desk: Any) -> None:
        assert await ask(await desk(), "TransactionEvent") == "Rejected"

    async def test_unclaimed(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-29.1": False}))
        assert await ask(csms, "MeterValues") == "NotImplemented"

    async def test_unknown(self, desk: Any) -> None:
        assert await ask(await desk(), "SignCombinedCertificate") == "NotImplemented"

    async def test_rejecting_defect(self, desk: Any) -> None:
        csms = await desk(trigger.NOT_ACCEPTED)
        assert await ask(csms, "Heartbeat") == "Rejected"


async def charging(desk: Any, *defects: str) -> Any:
    csms = await desk(*defects)
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.station.plug_in(1, 1)
    await csms.until(csms.events)
    return csms


class TestDefects:
    async def test_nothing_is_sent(self, desk: Any) -> None:
        csms = await desk(trigger.NOT_SENT)
        known = len(csms.of("Heartbeat"))
        assert await ask(csms, "Heartbeat") == "Accepted"
        assert await ask(csms, "StatusNotification", id=1, connectorId=1) == "Accepted"
        assert len(csms.of("Heartbeat")) == known

    async def test_it_is_sent_first(self, desk: Any) -> None:
        csms = await desk(trigger.SENT_FIRST)
        assert await ask(csms, "Heartbeat") == "Accepted"
        assert csms.of("Heartbeat")

    async def test_an_evse_is_refused(self, desk: Any) -> None:
        csms = await desk(trigger.REFUSES_EVSE)
        assert await ask(csms, "FirmwareStatusNotification", id=1) == "Rejected"
        assert await ask(csms, "FirmwareStatusNotification") == "Accepted"

    async def test_the_main_meter_only(self, desk: Any) -> None:
        csms = await desk(trigger.WRONG_EVSE)
        assert await ask(csms, "MeterValues", id=1) == "Accepted"
        await csms.until(lambda: csms.of("MeterValues"))
        assert {values["evseId"] for values in csms.of("MeterValues")} == {0}

    async def test_one_evse_for_all(self, desk: Any) -> None:
        csms = await desk(trigger.ONE_EVSE, name="dc-fast-charger")
        assert await ask(csms, "MeterValues") == "Accepted"
        await csms.until(lambda: csms.of("MeterValues"))
        assert {values["evseId"] for values in csms.of("MeterValues")} == {1}

    async def test_a_wrong_context(self, desk: Any) -> None:
        csms = await desk(trigger.WRONG_CONTEXT)
        await ask(csms, "MeterValues", id=1)
        await csms.until(lambda: csms.of("MeterValues"))
        sample = csms.of("MeterValues")[-1]["meterValue"][0]["sampledValue"][0]
        assert sample["context"] == "Sample.Periodic"

    @pytest.mark.parametrize(
        ("defect", "reason", "values", "state"),
        [
            (trigger.NO_VALUES, "Trigger", False, True),
            (trigger.WRONG_REASON, "ChargingStateChanged", True, True),
            (transactions.NO_TRIGGERED_STATE, "Trigger", True, False),
        ],
    )
    async def test_a_wrong_event(
        self, desk: Any, defect: str, reason: str, values: bool, state: bool
    ) -> None:
        csms = await charging(desk, defect)
        known = len(csms.events())
        assert await ask(csms, "TransactionEvent", id=1) == "Accepted"
        await csms.until(lambda: len(csms.events()) > known)
        event = csms.events()[-1]
        assert event["triggerReason"] == reason
        assert ("meterValue" in event) is values
        assert ("chargingState" in event["transactionInfo"]) is state

    @pytest.mark.parametrize("style", ["plain", "notify-event"])
    async def test_a_wrong_status(self, desk: Any, style: str) -> None:
        csms = await desk(trigger.WRONG_STATUS, style=style)
        action = "NotifyEvent" if style == "notify-event" else "StatusNotification"
        known = len(csms.of(action))
        await ask(csms, "StatusNotification", id=1, connectorId=1)
        await csms.until(lambda: len(csms.of(action)) > known)
        assert "Reserved" in str(csms.of(action)[-1])

    async def test_a_boot_notification_is_accepted(self, desk: Any) -> None:
        assert await ask(await desk(trigger.BOOT_ACCEPTED), "BootNotification") == "Accepted"

    @pytest.mark.parametrize(
        ("defect", "status"),
        [(trigger.UNKNOWN_REJECTED, "Rejected"), (trigger.UNKNOWN_ACCEPTED, "Accepted")],
    )
    async def test_an_unknown_message(self, desk: Any, defect: str, status: str) -> None:
        assert await ask(await desk(defect), "SignCombinedCertificate") == status

    async def test_a_refused_boot_notification_is_sent(self, desk: Any) -> None:
        csms = await desk(trigger.BOOT_SENT_ANYWAY)
        known = len(csms.of("BootNotification"))
        assert await ask(csms, "BootNotification") == "Rejected"
        await csms.until(lambda: len(csms.of("BootNotification")) > known)
