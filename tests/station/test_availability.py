"""Connector status and ChangeAvailability (G01, G03, G04, B04)."""

import asyncio
from typing import Any

import pytest

from vdoc.station import availability, operational

STATES = "connectorStatus"


def of_connector(csms: Any, evse: int = 1, connector: int = 1) -> list[str]:
    return [
        sent[STATES]
        for sent in csms.of("StatusNotification")
        if (sent["evseId"], sent["connectorId"]) == (evse, connector)
    ]


async def change(csms: Any, status: str, **evse: int) -> str:
    scope = {"evse": evse} if evse else {}
    answer = await csms.call("ChangeAvailability", {"operationalStatus": status, **scope})
    await asyncio.sleep(0.01)  # what follows is started after the response
    await csms.station.software.outbox.drained(5)
    return str(answer["status"])


class TestReports:
    async def test_cable_in_and_out(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.plug_in(1, 1)
        await csms.station.plug_out(1, 1)
        assert of_connector(csms) == ["Available", "Occupied", "Available"]

    async def test_by_notify_event(self, desk: Any) -> None:
        csms = await desk(style="notify-event")
        await csms.station.plug_in(1, 1)
        assert csms.of("StatusNotification") == []
        data = csms.of("NotifyEvent")[-1]["eventData"][0]
        assert data["component"] == {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}
        assert (data["trigger"], data["actualValue"]) == ("Delta", "Occupied")

    async def test_evse_and_station_too(self, desk: Any) -> None:
        csms = await desk(style="both")
        await csms.station.plug_in(1, 1)
        names = {e["eventData"][0]["component"]["name"] for e in csms.of("NotifyEvent")}
        assert names == {"Connector", "EVSE", "ChargingStation"}

    @pytest.mark.parametrize(("style", "first"), [("plain", "Status"), ("late-status", "Trans")])
    async def test_before_or_after_the_transaction_event(
        self, desk: Any, style: str, first: str
    ) -> None:
        csms = await desk(style=style)
        await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
        known = len(csms.calls)
        await csms.station.plug_in(1, 1)
        actions = [
            a for a, _ in csms.calls[known:] if a in {"StatusNotification", "TransactionEvent"}
        ]
        assert actions[0].startswith(first)

    @pytest.mark.parametrize(("limit_s", "reports"), [("0", 2), ("60", 1)])
    async def test_after_an_offline_period(self, desk: Any, limit_s: str, reports: int) -> None:
        csms = await desk()
        await csms.set("OCPPCommCtrlr", "OfflineThreshold", limit_s)
        csms.drop(refuse=True)
        await asyncio.sleep(0.05)
        csms.accepting.set()
        await csms.until(lambda: csms.station.online)
        await csms.station.software.outbox.drained(5)
        assert len(of_connector(csms)) == reports


class TestChange:
    async def test_evse(self, desk: Any) -> None:
        csms = await desk()
        assert await change(csms, "Inoperative", id=1) == "Accepted"
        assert await change(csms, "Operative", id=1) == "Accepted"
        assert of_connector(csms) == ["Available", "Unavailable", "Available"]

    async def test_no_session_while_inoperative(self, desk: Any) -> None:
        csms = await desk()
        await change(csms, "Inoperative")
        await csms.station.present_token("A", "ISO14443", 1)
        assert csms.of("Authorize") == []

    async def test_survives_a_power_cut(self, desk: Any) -> None:
        csms = await desk()
        await change(csms, "Inoperative", id=1, connectorId=1)
        await csms.until(lambda: len(of_connector(csms)) == 2)
        await csms.station.power_cycle()
        await csms.until(lambda: len(of_connector(csms)) == 3)
        assert of_connector(csms)[-1] == "Unavailable"

    async def test_waits_for_the_transaction(self, desk: Any) -> None:
        csms = await desk()
        for point in ("TxStartPoint", "TxStopPoint"):
            await csms.set("TxCtrlr", point, "Authorized")
        await csms.station.plug_in(1, 1)
        await csms.station.present_token("A", "ISO14443", 1)
        assert await change(csms, "Inoperative", id=1) == "Scheduled"
        await csms.station.present_token("A", "ISO14443", 1)
        await csms.until(lambda: of_connector(csms)[-1] == "Unavailable")

    async def test_station_follows_where_it_can(self, desk: Any) -> None:
        csms = await desk(name="dc-fast-charger")
        for point in ("TxStartPoint", "TxStopPoint"):
            await csms.set("TxCtrlr", point, "Authorized")
        first, second = (spot.id for spot in csms.station.site.spots[:2])
        await csms.station.plug_in(first, 1)
        await csms.station.present_token("A", csms.station.pics.local_options[0], first)
        assert csms.events()
        assert await change(csms, "Inoperative") == "Scheduled"
        await csms.until(lambda: of_connector(csms, second)[-1] == "Unavailable")

    async def test_unknown_evse(self, desk: Any) -> None:
        assert await change(await desk(), "Inoperative", id=99) == "Rejected"


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "reported"),
        [
            (availability.NOT_OCCUPIED, ["Available"]),
            (availability.WRONG_OCCUPIED, ["Available", "Reserved"]),
            (availability.CONNECTOR_ZERO, []),
            (availability.WRONG_EVENT_TRIGGER, []),
        ],
    )
    async def test_at_plugging_in(self, desk: Any, defect: Any, reported: list[str]) -> None:
        csms = await desk(defect)
        await csms.station.plug_in(1, 1)
        assert of_connector(csms) == reported

    @pytest.mark.parametrize(
        ("defect", "answer", "last"),
        [
            (operational.CHANGE_REJECTED, "Rejected", "Available"),
            (operational.CHANGE_SCHEDULED, "Scheduled", "Unavailable"),
            (availability.CHANGE_UNREPORTED, "Accepted", "Available"),
            (availability.CHANGE_WRONG_STATUS, "Accepted", "Faulted"),
        ],
    )
    async def test_at_a_change(self, desk: Any, defect: Any, answer: str, last: str) -> None:
        csms = await desk(defect)
        assert await change(csms, "Inoperative", id=1) == answer
        await csms.until(lambda: of_connector(csms)[-1] == last)
