"""Reset of the station and of an EVSE (B11, B12)."""

from typing import Any

import pytest

from vdoc.station import reset


async def charging(desk: Any, *defects: str, **others: Any) -> Any:
    csms = await desk(*defects, **others)
    for point in ("TxStartPoint", "TxStopPoint"):
        await csms.set("TxCtrlr", point, "Authorized")
    await csms.station.plug_in(1, 1)
    await csms.station.present_token("A", "ISO14443", 1)
    return csms


async def rebooted(csms: Any) -> str:
    await csms.until(lambda: len(csms.of("BootNotification")) == 2)
    return str(csms.of("BootNotification")[1]["reason"])


class TestStation:
    @pytest.mark.parametrize("kind", ["OnIdle", "Immediate"])
    async def test_idle(self, desk: Any, kind: str) -> None:
        csms = await desk()
        assert await csms.call("Reset", {"type": kind}) == {"status": "Accepted"}
        assert await rebooted(csms) == "RemoteReset"
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)

    async def test_immediate_ends_transactions_first(self, desk: Any) -> None:
        csms = await charging(desk)
        assert await csms.call("Reset", {"type": "Immediate"}) == {"status": "Accepted"}
        await rebooted(csms)
        last = csms.events()[-1]
        assert (last["eventType"], last["triggerReason"]) == ("Ended", "ResetCommand")
        assert last["transactionInfo"]["stoppedReason"] == "ImmediateReset"

    async def test_on_idle_waits(self, desk: Any) -> None:
        csms = await charging(desk)
        assert await csms.call("Reset", {"type": "OnIdle"}) == {"status": "Scheduled"}
        await csms.station.present_token("A", "ISO14443", 1)
        assert await rebooted(csms) == "ScheduledReset"
        assert csms.triggers()[-1] == "StopAuthorized"
        await csms.until(lambda: csms.of("StatusNotification")[-1]["connectorStatus"] == "Occupied")


class TestEvse:
    async def test_with_a_transaction(self, desk: Any, claiming: Any) -> None:
        csms = await charging(desk, pics=claiming({"C-13": True}))
        wanted = {"type": "Immediate", "evseId": 1}
        assert await csms.call("Reset", wanted) == {"status": "Accepted"}
        await csms.until(lambda: csms.triggers()[-1] == "ResetCommand")
        assert len(csms.of("BootNotification")) == 1

    async def test_on_idle(self, desk: Any, claiming: Any) -> None:
        csms = await charging(desk, pics=claiming({"C-13": True}))
        assert await csms.call("Reset", {"type": "OnIdle", "evseId": 1}) == {"status": "Scheduled"}
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.until(lambda: not csms.station.software.reset.pending)

    async def test_unsupported(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-13": False}))
        assert await csms.call("Reset", {"type": "OnIdle", "evseId": 1}) == {"status": "Rejected"}


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "status"),
        [(reset.IDLE_SCHEDULED, "Scheduled"), (reset.REJECTED, "Rejected")],
    )
    async def test_idle(self, desk: Any, defect: Any, status: str) -> None:
        csms = await desk(defect)
        assert await csms.call("Reset", {"type": "OnIdle"}) == {"status": status}

    @pytest.mark.parametrize(
        ("defect", "status"),
        [
            (reset.ACCEPTED_NOT_SCHEDULED, "Accepted"),
            (reset.IGNORES_TRANSACTION, "Scheduled"),
            (reset.WRONG_REASON, "Scheduled"),
        ],
    )
    async def test_charging(self, desk: Any, defect: Any, status: str) -> None:
        csms = await charging(desk, defect)
        assert await csms.call("Reset", {"type": "OnIdle"}) == {"status": status}
        if defect == reset.IGNORES_TRANSACTION:
            await rebooted(csms)
        if defect == reset.WRONG_REASON:
            await csms.station.present_token("A", "ISO14443", 1)
            assert await rebooted(csms) == "RemoteReset"
