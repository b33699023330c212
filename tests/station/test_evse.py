"""Sessions at one EVSE: transaction start and stop points, suspensions, timeouts (E01 to E10)."""

import asyncio
from itertools import product as combinations
from typing import Any

import pytest

from vdoc.station import evse_defects, metering, reasons
from vdoc.station.site import ImpossibleError

TOKEN = ("04AA", "ISO14443")
POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer")


async def configure(csms: Any, start: str, stop: str) -> Any:
    assert await csms.set("TxCtrlr", "TxStartPoint", start) == "Accepted"
    assert await csms.set("TxCtrlr", "TxStopPoint", stop) == "Accepted"
    return csms.station


async def charging(csms: Any, start: str = "EVConnected", stop: str = "EVConnected") -> Any:
    station = await configure(csms, start, stop)
    await station.plug_in(1, 1)
    await station.present_token(*TOKEN, 1)
    await csms.until(lambda: states(csms)[-1:] == ["Charging"])
    return station


async def remote(csms: Any, remote_start_id: int = 7) -> dict[str, Any]:
    token = {"idToken": "04AA", "type": "ISO14443"}
    start = {"idToken": token, "remoteStartId": remote_start_id, "evseId": 1}
    return dict(await csms.call("RequestStartTransaction", start))


def states(csms: Any) -> list[str]:
    return [event["transactionInfo"].get("chargingState") for event in csms.events()]


def ended(csms: Any) -> bool:
    return bool(csms.events()) and csms.events()[-1]["eventType"] == "Ended"


class TestPoints:
    @pytest.mark.parametrize("plug_first", [True, False])
    @pytest.mark.parametrize(("start", "stop"), list(combinations(POINTS, POINTS)))
    async def test_every_local_session_is_one_sound_transaction(
        self, desk: Any, start: str, stop: str, plug_first: bool
    ) -> None:
        csms = await desk()
        station = await configure(csms, start, stop)
        deeds = [lambda: station.plug_in(1, 1), lambda: station.present_token(*TOKEN, 1)]
        for deed in deeds if plug_first else reversed(deeds):
            await deed()
        await csms.until(lambda: "Charging" in states(csms))
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: "StopAuthorized" in csms.triggers() and not station_busy(station))
        await station.plug_out(1, 1)
        await csms.until(lambda: ended(csms))
        assert_sound(csms.events())

    @pytest.mark.parametrize("start", POINTS)
    async def test_remote_start_is_told_first(self, desk: Any, start: str) -> None:
        csms = await desk()
        station = await configure(csms, start, "Authorized")
        assert (await remote(csms))["status"] == "Accepted"
        await csms.until(lambda: station.software.evses[0].authorization)
        await station.plug_in(1, 1)
        await csms.until(lambda: "Charging" in states(csms))
        first = csms.events()[0]
        assert first["triggerReason"] == "RemoteStart"
        assert first["transactionInfo"]["remoteStartId"] == 7
        assert first["idToken"]["idToken"] == "04AA"

    async def test_remote_start_joins_a_running_transaction(self, desk: Any) -> None:
        csms = await desk()
        station = await configure(csms, "EVConnected", "Authorized")
        await station.plug_in(1, 1)
        answer = await remote(csms)
        assert answer["transactionId"] == csms.events()[0]["transactionInfo"]["transactionId"]
        await csms.until(lambda: csms.triggers()[1:2] == ["RemoteStart"])

    async def test_data_signed(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-42": True, "C-09.3": True}))
        await csms.set("SampledDataCtrlr", "SignReadings", "true")
        station = await configure(csms, "DataSigned", "Authorized")
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: len(csms.events()) == 2)
        assert csms.triggers() == ["SignedDataReceived", "ChargingStateChanged"]
        sample = csms.events()[0]["meterValue"][0]["sampledValue"][0]
        assert sample["signedMeterValue"]["signedMeterData"]

    async def test_parking_bay(self, desk: Any, claiming: Any) -> None:
        pics = claiming({"C-09.6": True, "C-10.5": True})
        csms = await desk(pics=pics)
        station = await configure(csms, "ParkingBayOccupancy", "ParkingBayOccupancy")
        await station.parking_bay(True)
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: "Charging" in states(csms))
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: states(csms)[-1] == "EVConnected")
        await station.plug_out(1, 1)
        await station.parking_bay(False)
        await csms.until(lambda: ended(csms))
        assert csms.triggers()[0] == "EVDetected"
        assert csms.triggers()[-1] == "EVDeparted"
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "Local"


def station_busy(station: Any) -> bool:
    return bool(station.software.evses[0].charging)


def assert_sound(events: list[dict[str, Any]]) -> None:
    kinds = [event["eventType"] for event in events]
    assert kinds[0] == "Started"
    assert kinds[1:-1] == ["Updated"] * (len(kinds) - 2)
    assert kinds[-1] == "Ended"
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1
    assert sum("idToken" in event for event in events) in (1, 2)  # start, and stop
    assert sum("evse" in event for event in events) >= 1


class TestEnds:
    async def test_authorized_stop_point_ends_with_the_stop(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms, stop="Authorized")
        await station.present_token("04aa", "ISO14443", 1)
        last = csms.events()[-1]
        assert (last["eventType"], last["triggerReason"]) == ("Ended", "StopAuthorized")
        assert last["transactionInfo"]["stoppedReason"] == "Local"
        assert last["transactionInfo"]["chargingState"] == "EVConnected"

    async def test_local_may_be_left_unsaid(self, desk: Any) -> None:
        csms = await desk(style="terse")
        station = await charging(csms, stop="Authorized")
        await station.present_token(*TOKEN, 1)
        assert "stoppedReason" not in csms.events()[-1]["transactionInfo"]

    async def test_remote_stop_is_the_reason_until_the_end(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms, stop="EVConnected")
        running = {"transactionId": csms.events()[0]["transactionInfo"]["transactionId"]}
        assert await csms.call("RequestStopTransaction", running) == {"status": "Accepted"}
        await csms.until(lambda: states(csms)[-1] == "EVConnected")
        await station.plug_out(1, 1)
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "Remote"

    async def test_ev_that_takes_no_more_ends_energy_transfer(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms, stop="EnergyTransfer")
        await station.ev_end(1)
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "StoppedByEV"

    async def test_ev_that_pauses_suspends(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms)
        await station.ev_ready(False, 1)
        await station.ev_ready(True, 1)
        assert states(csms)[-2:] == ["SuspendedEV", "Charging"]

    async def test_fault(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms)
        await station.set_state(faulted=True)
        assert csms.triggers()[-1] == "AbnormalCondition"
        assert csms.of("StatusNotification")[-1]["connectorStatus"] == "Faulted"

    @pytest.mark.parametrize(
        ("stop", "kind"), [("EVConnected", "Updated"), ("Authorized", "Ended")]
    )
    async def test_no_cable_in_time_after_a_local_start(
        self, desk: Any, stop: str, kind: str
    ) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "EVConnectionTimeOut", "1")
        station = await configure(csms, "Authorized", stop)
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: csms.triggers()[-1] == "EVConnectTimeout")
        assert csms.events()[-1]["eventType"] == kind

    @pytest.mark.parametrize(
        ("defect", "kind", "trigger"),
        [
            (evse_defects.TIMEOUT_UPDATES, "Updated", "EVConnectTimeout"),
            (reasons.TIMEOUT_TRIGGER, "Ended", "TimeLimitReached"),
            (evse_defects.TIMEOUT_EARLY, "Ended", "EVConnectTimeout"),
            (evse_defects.TIMEOUT_HOLDS_EVSE, "Ended", "EVConnectTimeout"),
        ],
    )
    async def test_no_cable_in_time_by_a_defect(
        self, desk: Any, defect: str, kind: str, trigger: str
    ) -> None:
        csms = await desk(defect)
        await csms.set("TxCtrlr", "EVConnectionTimeOut", "1")
        station = await configure(csms, "Authorized", "Authorized")
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: csms.triggers()[-1] == trigger)
        assert csms.events()[-1]["eventType"] == kind
        start = {"idToken": {"idToken": "B", "type": "Central"}, "remoteStartId": 7, "evseId": 1}
        answer = await csms.call("RequestStartTransaction", start)
        held = defect == evse_defects.TIMEOUT_HOLDS_EVSE
        assert answer["status"] == ("Rejected" if held else "Accepted")

    async def test_the_cable_is_waited_for_for_ever(self, desk: Any) -> None:
        csms = await desk(evse_defects.TIMEOUT_IGNORED)
        await csms.set("TxCtrlr", "EVConnectionTimeOut", "1")
        station = await configure(csms, "Authorized", "Authorized")
        await station.present_token(*TOKEN, 1)
        await asyncio.sleep(1.2)
        assert csms.triggers()[-1] == "Authorized"


class TestEvSideDisconnect:
    async def test_deauthorizes_and_keeps_the_plug(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "StopTxOnEVSideDisconnect", "true")
        await csms.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "false")
        station = await charging(csms, stop="Authorized")
        await station.ev_plug_out(1)
        last = csms.events()[-1]
        assert (last["eventType"], last["triggerReason"]) == ("Ended", "EVCommunicationLost")
        assert last["transactionInfo"]["stoppedReason"] == "EVDisconnected"
        with pytest.raises(ImpossibleError):
            await station.plug_out(1, 1)
        await station.present_token(*TOKEN, 1)
        await station.plug_out(1, 1)
        assert csms.of("StatusNotification")[-1]["connectorStatus"] == "Available"

    async def test_unlocks(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "StopTxOnEVSideDisconnect", "true")
        await csms.set("OCPPCommCtrlr", "UnlockOnEVSideDisconnect", "true")
        station = await charging(csms, stop="Authorized")
        await station.ev_plug_out(1)
        await station.plug_out(1, 1)
        assert csms.of("StatusNotification")[-1]["connectorStatus"] == "Available"

    async def test_suspends_until_replugged(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "StopTxOnEVSideDisconnect", "false")
        station = await charging(csms, stop="Authorized")
        await station.ev_plug_out(1)
        await station.ev_plug_in(1)
        await csms.until(lambda: states(csms)[-1:] == ["Charging"])
        assert csms.triggers()[-3:] == [
            "EVCommunicationLost",
            "CablePluggedIn",
            "ChargingStateChanged",
        ]


class TestRefusedByCsms:
    async def refuse(self, desk: Any, stop: str, **settings: str) -> Any:
        refusal = {"idTokenInfo": {"status": "Invalid"}}
        csms = await desk(answers={"TransactionEvent": lambda p: refusal if "idToken" in p else {}})
        for name, value in settings.items():
            assert await csms.set("TxCtrlr", name, value) == "Accepted"
        station = await configure(csms, "EVConnected", stop)
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        return csms

    async def test_ends(self, desk: Any) -> None:
        csms = await self.refuse(desk, "Authorized")
        await csms.until(lambda: ended(csms))
        last = csms.events()[-1]
        assert last["triggerReason"] == "Deauthorized"
        assert last["transactionInfo"]["stoppedReason"] == "DeAuthorized"

    async def test_updates_when_no_stop_point_is_met(self, desk: Any) -> None:
        csms = await self.refuse(desk, "EVConnected")
        await csms.until(lambda: csms.triggers()[-1] == "Deauthorized")
        assert csms.events()[-1]["eventType"] == "Updated"

    async def test_suspends(self, desk: Any) -> None:
        csms = await self.refuse(desk, "EVConnected", StopTxOnInvalidId="false")
        await csms.until(lambda: states(csms)[-1] == "SuspendedEVSE")
        assert csms.triggers()[-1] == "ChargingStateChanged"


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "trigger"),
        [(reasons.CABLE_TRIGGER, "EVDetected"), ("ignores-ev-connected-start", "Authorized")],
    )
    async def test_at_plugging_in(self, desk: Any, defect: Any, trigger: str) -> None:
        csms = await desk(defect)
        station = await configure(csms, "EVConnected,Authorized", "Authorized")
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        await csms.until(csms.events)
        assert csms.triggers()[0] == trigger

    @pytest.mark.parametrize(
        ("defect", "field", "value"),
        [
            (reasons.STOP_TRIGGER, "triggerReason", "Authorized"),
            (evse_defects.STOP_UPDATES, "eventType", "Updated"),
        ],
    )
    async def test_at_a_local_stop(self, desk: Any, defect: Any, field: str, value: str) -> None:
        csms = await desk(defect)
        station = await charging(csms, stop="Authorized")
        count = len(csms.events())
        await station.present_token(*TOKEN, 1)
        assert csms.events()[count][field] == value

    async def test_stop_reason(self, desk: Any) -> None:
        csms = await desk(reasons.STOP_REASON)
        station = await charging(csms, stop="Authorized")
        await station.present_token(*TOKEN, 1)
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "Other"

    async def test_charging_is_not_told(self, desk: Any) -> None:
        csms = await desk(evse_defects.CHARGING_UNREPORTED)
        station = await configure(csms, "EVConnected", "Authorized")
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        await asyncio.sleep(0.05)
        assert station.software.evses[0].charging
        assert "Charging" not in states(csms)

    async def test_suspension_is_not_told(self, desk: Any) -> None:
        csms = await desk(evse_defects.SUSPENSION_UNREPORTED)
        station = await charging(csms)
        await station.ev_end(1)
        assert states(csms)[-1] == "Charging"

    async def test_ev_side_disconnect_keeps_the_authorization(self, desk: Any) -> None:
        csms = await desk(evse_defects.EV_SIDE_KEEPS)
        assert await csms.set("TxCtrlr", "StopTxOnEVSideDisconnect", "true") == "Accepted"
        station = await charging(csms, stop="Authorized")
        await station.ev_plug_out(1)
        assert csms.events()[-1]["eventType"] == "Updated"

    async def test_start_value_is_unsigned(self, desk: Any, claiming: Any) -> None:
        csms = await desk(metering.UNSIGNED_START, pics=claiming({"C-42": True, "C-09.3": True}))
        await csms.set("SampledDataCtrlr", "SignReadings", "true")
        await charging(csms, start="DataSigned")
        sample = csms.events()[0]["meterValue"][0]["sampledValue"][0]
        assert "signedMeterValue" not in sample


class TestCar:
    async def test_another_session_may_want_more(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms, stop="EnergyTransfer")
        await station.ev_end(1)
        await csms.until(lambda: ended(csms))
        await station.plug_out(1, 1)
        await station.plug_in(1, 1)
        await station.present_token(*TOKEN, 1)
        await csms.until(lambda: states(csms).count("Charging") == 2)

    async def test_a_car_that_is_made_ready_takes_more(self, desk: Any) -> None:
        csms = await desk()
        station = await charging(csms)
        await station.ev_end(1)
        assert states(csms)[-1] == "SuspendedEV"
        await station.ev_ready(True, 1)
        assert states(csms)[-1] == "Charging"
