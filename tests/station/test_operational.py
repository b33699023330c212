"""ChangeAvailability: what is operative, what waits, what survives (G03, G04)."""

import asyncio
from typing import Any

import pytest

from vdoc.station import operational


async def change(csms: Any, status: str, **evse: int) -> str:
    scope = {"evse": evse} if evse else {}
    answer = await csms.call("ChangeAvailability", {"operationalStatus": status, **scope})
    await asyncio.sleep(0.01)  # what follows is started after the response
    await csms.station.software.outbox.drained(5)
    return str(answer["status"])


async def charging(csms: Any, stop: str) -> None:
    await csms.set("TxCtrlr", "TxStartPoint", "Authorized")
    await csms.set("TxCtrlr", "TxStopPoint", stop)
    await csms.station.plug_in(1, 1)
    await csms.station.present_token("A", "ISO14443", 1)


def told(csms: Any) -> list[str]:
    reports = csms.of("StatusNotification")
    return [sent["connectorStatus"] for sent in reports if sent["evseId"] == 1]


class TestOwnStates:
    async def test_each_scope_keeps_its_own(self, desk: Any) -> None:
        csms = await desk()
        await change(csms, "Inoperative", id=1, connectorId=1)
        await change(csms, "Inoperative", id=1)
        await change(csms, "Operative", id=1)
        assert told(csms)[-1] == "Unavailable"  # G03, note 1
        await change(csms, "Operative", id=1, connectorId=1)
        assert told(csms)[-1] == "Available"

    @pytest.mark.parametrize(("style", "reports"), [("plain", 2), ("both", 3)])
    async def test_what_does_not_change_need_not_be_told(
        self, desk: Any, style: str, reports: int
    ) -> None:
        csms = await desk(style=style)
        for _ in range(2):
            assert await change(csms, "Inoperative", id=1) == "Accepted"
        assert len(told(csms)) == reports

    async def test_a_defect_loses_them_at_boot(self, desk: Any) -> None:
        csms = await desk(operational.LOST_AT_BOOT)
        await change(csms, "Inoperative")
        await csms.station.power_cycle()
        await csms.until(lambda: len(told(csms)) == 3)
        assert told(csms)[-1] == "Available"

    async def test_a_defect_refuses_a_repetition(self, desk: Any) -> None:
        csms = await desk(operational.REPEAT_REJECTED)
        assert await change(csms, "Operative") == "Rejected"
        assert await change(csms, "Inoperative") == "Accepted"

    async def test_a_defect_takes_a_repetition_for_the_opposite(self, desk: Any) -> None:
        csms = await desk(operational.REPEAT_REVIVES)
        assert [await change(csms, "Inoperative") for _ in range(2)] == ["Accepted"] * 2
        await csms.until(lambda: told(csms)[-1] == "Available")


class TestScheduled:
    @pytest.mark.parametrize(
        ("stop", "before"),
        [("Authorized", "Unavailable"), ("EVConnected", "Occupied")],
    )
    async def test_it_follows_the_transaction(self, desk: Any, stop: str, before: str) -> None:
        csms = await desk()
        await charging(csms, stop)
        assert await change(csms, "Inoperative", id=1) == "Scheduled"
        assert told(csms)[-1] == "Occupied"
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.until(lambda: told(csms)[-1] == before)
        await csms.station.plug_out(1, 1)
        await csms.until(lambda: told(csms)[-1] == "Unavailable")
        assert told(csms) == ["Available", "Occupied", "Unavailable"]  # G01.FR.05

    async def test_it_can_be_taken_back(self, desk: Any) -> None:
        csms = await desk()
        await charging(csms, "EVConnected")
        assert await change(csms, "Inoperative") == "Scheduled"
        assert await change(csms, "Operative") == "Accepted"
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_out(1, 1)
        await csms.until(lambda: told(csms)[-1] == "Available")

    async def test_a_power_cut_ends_the_wait(self, desk: Any) -> None:
        csms = await desk()
        await charging(csms, "EVConnected")
        await change(csms, "Inoperative", id=1)
        await csms.station.power_cycle()
        await csms.until(lambda: told(csms)[-1] == "Unavailable")

    @pytest.mark.parametrize(
        ("defect", "answer", "state"),
        [
            (operational.BUSY_ACCEPTED, "Accepted", "Occupied"),
            (operational.BUSY_AT_ONCE, "Scheduled", "Unavailable"),
        ],
    )
    async def test_defects_while_charging(
        self, desk: Any, defect: str, answer: str, state: str
    ) -> None:
        csms = await desk(defect)
        await charging(csms, "EVConnected")
        assert await change(csms, "Inoperative") == answer
        assert told(csms)[-1] == state

    async def test_a_defect_forgets(self, desk: Any) -> None:
        csms = await desk(operational.FORGOTTEN)
        await charging(csms, "EVConnected")
        await change(csms, "Inoperative", id=1)
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_out(1, 1)
        await csms.until(lambda: told(csms)[-1] == "Available")
