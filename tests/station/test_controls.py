"""What people and cars can do, and what they cannot."""

import asyncio
from typing import Any

import pytest

from vdoc.station.site import ImpossibleError, Outlet


class TestCables:
    async def test_a_charging_cable_is_held(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "StopTxOnEVSideDisconnect", "false")
        await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
        await csms.station.plug_in(1, 1)
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.until(lambda: csms.station.software.evses[0].charging)
        with pytest.raises(ImpossibleError, match="lock"):
            await csms.station.plug_out(1, 1)

    async def test_a_closed_socket(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"AQ-2": True}))
        with pytest.raises(ImpossibleError, match="after authorization"):
            await csms.station.plug_in(1, 1)
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: csms.station.software.evses[0].charging)

    async def test_a_plug_that_sits_badly(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.plug_in(1, 1, halfway=True)
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.until(lambda: csms.of("NotifyEvent"))
        data = csms.of("NotifyEvent")[0]["eventData"][0]
        assert data["component"]["name"] == "ConnectorPlugRetentionLock"
        assert (data["variable"], data["actualValue"]) == ({"name": "Problem"}, "true")
        await asyncio.sleep(0.03)
        assert not csms.station.software.evses[0].charging

    async def test_the_ev_is_plugged_in_first_beside_a_fixed_cable(self, desk: Any) -> None:
        csms = await desk()
        spot = csms.station.site.spot(1)
        fixed = Outlet(1, 2, "cType2", fixed_cable=True, at_station=True)
        spot.outlets = (*spot.outlets, fixed)
        await csms.station.ev_plug_in(1)
        await csms.station.plug_in(1, 1)
        assert spot.plugged is not None
        assert (spot.plugged.connector, fixed.occupied) == (1, False)

    async def test_no_such_connector(self, desk: Any) -> None:
        with pytest.raises(ImpossibleError):
            await (await desk()).station.plug_in(1, 99)


class TestConditions:
    async def test_fault_and_repair(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.set_state(evse=1, faulted=True)
        await csms.station.set_state(evse=1, faulted=False)
        states = [sent["connectorStatus"] for sent in csms.of("StatusNotification")]
        assert states == ["Available", "Faulted", "Available"]

    @pytest.mark.parametrize(("text", "watts"), [("10A", 6900.0), ("500", 500.0), ("", None)])
    async def test_charging_limit(self, desk: Any, text: str, watts: float | None) -> None:
        station = (await desk()).station
        await station.set_state(charging_limit=text)
        assert station.site.charging_limit_w == watts

    async def test_cables_may_move_while_it_boots(self, desk: Any) -> None:
        csms = await desk(boot_s=0.2)
        await csms.station.power_cycle()
        await asyncio.sleep(0.02)
        await csms.station.plug_in(1, 1)
        await csms.until(lambda: len(csms.of("BootNotification")) == 2)
        await csms.until(lambda: csms.of("StatusNotification")[-1]["connectorStatus"] == "Occupied")
