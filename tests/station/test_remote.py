"""Remote start, remote stop and unlock (F01 to F05)."""

from typing import Any

import pytest

from vdoc.station import remote, transactions

START = {"idToken": {"idToken": "A", "type": "ISO14443"}, "remoteStartId": 7, "evseId": 1}


async def prepared(desk: Any, *defects: str, **others: Any) -> Any:
    csms = await desk(*defects, **others)
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
    await csms.station.plug_in(1, 1)
    return csms


async def started(desk: Any, *defects: str) -> Any:
    csms = await prepared(desk, *defects)
    await csms.call("RequestStartTransaction", START)
    await csms.until(lambda: len(csms.events()) == 3)
    return csms


def running(csms: Any) -> dict[str, str]:
    return {"transactionId": csms.events()[0]["transactionInfo"]["transactionId"]}


class TestStart:
    @pytest.mark.parametrize(("checked", "count"), [("true", 1), ("false", 0)])
    async def test_authorized_as_configured(self, desk: Any, checked: str, count: int) -> None:
        csms = await prepared(desk)
        await csms.set("AuthCtrlr", "AuthorizeRemoteStart", checked)
        await csms.call("RequestStartTransaction", START)
        await csms.until(lambda: "RemoteStart" in csms.triggers())
        assert len(csms.of("Authorize")) == count

    async def test_central_tokens_are_not_asked_for(self, desk: Any) -> None:
        csms = await prepared(desk)
        token = {"idToken": "A", "type": "Central"}
        await csms.call("RequestStartTransaction", {**START, "idToken": token})
        await csms.until(lambda: "RemoteStart" in csms.triggers())
        assert csms.of("Authorize") == []

    async def test_without_evse(self, desk: Any) -> None:
        csms = await prepared(desk)
        wanted = {key: value for key, value in START.items() if key != "evseId"}
        assert (await csms.call("RequestStartTransaction", wanted))["status"] == "Accepted"

    async def test_where_a_session_runs(self, desk: Any) -> None:
        csms = await started(desk)
        assert (await csms.call("RequestStartTransaction", START))["status"] == "Rejected"

    async def test_at_an_inoperative_evse(self, desk: Any) -> None:
        csms = await desk()
        await csms.call("ChangeAvailability", {"operationalStatus": "Inoperative"})
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        assert (await csms.call("RequestStartTransaction", START))["status"] == "Rejected"


class TestStop:
    async def test_ends(self, desk: Any) -> None:
        csms = await started(desk)
        assert await csms.call("RequestStopTransaction", running(csms)) == {"status": "Accepted"}
        await csms.until(lambda: csms.triggers()[-1] == "RemoteStop")
        assert csms.events()[-1]["transactionInfo"]["stoppedReason"] == "Remote"

    async def test_unknown(self, desk: Any) -> None:
        csms = await started(desk)
        other = {"transactionId": "other"}
        assert await csms.call("RequestStopTransaction", other) == {"status": "Rejected"}


class TestUnlock:
    @pytest.mark.parametrize(("connector", "status"), [(1, "Unlocked"), (99, "UnknownConnector")])
    async def test_idle(self, desk: Any, connector: int, status: str) -> None:
        wanted = {"evseId": 1, "connectorId": connector}
        assert await (await desk()).call("UnlockConnector", wanted) == {"status": status}

    async def test_charging(self, desk: Any) -> None:
        csms = await started(desk)
        answer = await csms.call("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert answer == {"status": "OngoingAuthorizedTransaction"}

    async def test_stuck(self, desk: Any) -> None:
        csms = await desk()
        await csms.station.set_state(evse=1, unlock_failed=True)
        answer = await csms.call("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert answer == {"status": "UnlockFailed"}


class TestDefects:
    async def test_start_is_rejected(self, desk: Any) -> None:
        csms = await prepared(desk, remote.START_REJECTED)
        assert (await csms.call("RequestStartTransaction", START))["status"] == "Rejected"

    async def test_transaction_is_not_named(self, desk: Any) -> None:
        csms = await prepared(desk, remote.NO_TRANSACTION_ID)
        assert "transactionId" not in await csms.call("RequestStartTransaction", START)

    async def test_nobody_is_asked(self, desk: Any) -> None:
        assert (await started(desk, remote.NOT_AUTHORIZED)).of("Authorize") == []

    async def test_remote_start_id_is_missing(self, desk: Any) -> None:
        csms = await started(desk, transactions.NO_REMOTE_START_ID)
        assert not any("remoteStartId" in event["transactionInfo"] for event in csms.events())

    @pytest.mark.parametrize(
        ("defect", "status"),
        [(remote.STOP_REJECTED, "Rejected"), (remote.STOP_IGNORED, "Accepted")],
    )
    async def test_stop_does_nothing(self, desk: Any, defect: Any, status: str) -> None:
        csms = await started(desk, defect)
        assert await csms.call("RequestStopTransaction", running(csms)) == {"status": status}
        assert "RemoteStop" not in csms.triggers()

    async def test_everybody_is_asked_about(self, desk: Any) -> None:
        csms = await prepared(desk, remote.ASKED_ANYWAY)
        await csms.set("AuthCtrlr", "AuthorizeRemoteStart", "false")
        await csms.call("RequestStartTransaction", START)
        await csms.until(lambda: "RemoteStart" in csms.triggers())
        assert len(csms.of("Authorize")) == 1

    @pytest.mark.parametrize(
        ("defect", "stops"), [(remote.STOPS_UNKNOWN, True), (remote.UNKNOWN_ACCEPTED, False)]
    )
    async def test_any_stop_is_accepted(self, desk: Any, defect: Any, stops: bool) -> None:
        csms = await started(desk, defect)
        other = {"transactionId": "other"}
        assert await csms.call("RequestStopTransaction", other) == {"status": "Accepted"}
        if stops:
            await csms.until(lambda: csms.triggers()[-1] == "RemoteStop")

    @pytest.mark.parametrize(
        ("defect", "connector", "status"),
        [
            (remote.UNLOCK_FAILS, 1, "UnlockFailed"),
            (remote.UNLOCK_NEEDS_CABLE, 1, "UnlockFailed"),
            (remote.UNKNOWN_UNLOCKED, 9, "Unlocked"),
            (remote.UNKNOWN_FAILS, 9, "UnlockFailed"),
        ],
    )
    async def test_unlock_of_an_idle_connector(
        self, desk: Any, defect: Any, connector: int, status: str
    ) -> None:
        wanted = {"evseId": 1, "connectorId": connector}
        assert await (await desk(defect)).call("UnlockConnector", wanted) == {"status": status}

    @pytest.mark.parametrize(
        ("defect", "status"),
        [(remote.UNLOCKS_CHARGING, "Unlocked"), (remote.FAILS_CHARGING, "UnlockFailed")],
    )
    async def test_unlock_while_charging(self, desk: Any, defect: Any, status: str) -> None:
        csms = await started(desk, defect)
        answer = await csms.call("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert answer == {"status": status}

    async def test_unlock_stops_what_it_says_is_ongoing(self, desk: Any) -> None:
        csms = await started(desk, remote.UNLOCK_STOPS)
        answer = await csms.call("UnlockConnector", {"evseId": 1, "connectorId": 1})
        assert answer == {"status": "OngoingAuthorizedTransaction"}
        await csms.until(lambda: "RemoteStop" in csms.triggers())
