"""Every style is a conforming station: a whole session is sound in each."""

from typing import Any

import pytest

from vdoc.station.styles import STYLES


async def session(csms: Any) -> list[dict[str, Any]]:
    station = csms.station
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.set("TxCtrlr", "TxStopPoint", "EVConnected")
    await station.plug_in(1, 1)
    await station.present_token("A", "ISO14443", 1)
    await csms.until(lambda: station.software.evses[0].charging)
    await station.present_token("A", "ISO14443", 1)
    await csms.until(lambda: not station.software.evses[0].charging)
    await station.plug_out(1, 1)
    await csms.until(lambda: csms.events()[-1]["eventType"] == "Ended")
    return list(csms.events())


class TestStyles:
    @pytest.mark.parametrize("style", sorted(STYLES))
    async def test_session_is_sound(self, desk: Any, style: str) -> None:
        events = await session(await desk(style=style))
        assert [event["seqNo"] for event in events] == list(range(len(events)))
        assert events[0]["eventType"] == "Started"
        assert "chargingState" in events[0]["transactionInfo"]

    async def test_charging_state_only_when_it_changed(self, desk: Any) -> None:
        csms = await desk(style="terse")
        events = await session(csms)
        assert any("chargingState" not in event["transactionInfo"] for event in events)

    async def test_phases(self, desk: Any) -> None:
        events = await session(await desk(style="chatty"))
        assert any("numberOfPhasesUsed" in event for event in events)

    async def test_heartbeats(self, desk: Any) -> None:
        csms = await desk(style="chatty")
        await csms.until(lambda: csms.of("Heartbeat"))
