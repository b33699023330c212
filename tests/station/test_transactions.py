"""TransactionEvents: what each carries, and the defects of single fields (E 1.5)."""

from collections.abc import Callable
from typing import Any

import pytest

from vdoc.station import evse_defects, reasons, transactions

Event = dict[str, Any]


async def session(desk: Any, *defects: str, remote: bool = False, **others: Any) -> list[Event]:
    """Plug in, start, charge, stop; every start and stop point that matters is Authorized."""
    csms = await desk(*defects, **others)
    station = csms.station
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.set("TxCtrlr", "TxStopPoint", "Authorized")
    await station.plug_in(1, 1)
    if remote:
        token = {"idToken": "A", "type": "ISO14443"}
        wanted = {"idToken": token, "remoteStartId": 7, "evseId": 1}
        await csms.call("RequestStartTransaction", wanted)
    else:
        await station.present_token("A", "ISO14443", 1)
    await csms.until(lambda: station.software.evses[0].charging and len(csms.events()) > 2)
    if remote:
        running = station.software.evses[0].transaction.id
        await csms.call("RequestStopTransaction", {"transactionId": running})
    else:
        await station.present_token("A", "ISO14443", 1)
    await csms.until(lambda: len(csms.events()) > 3)
    return list(csms.of("TransactionEvent"))


def info(event: Event) -> Event:
    return dict(event["transactionInfo"])


def has_state(events: list[Event]) -> bool:
    return any("chargingState" in info(event) for event in events)


def ids(events: list[Event]) -> int:
    return len({info(event)["transactionId"] for event in events})


class TestFields:
    async def test_once_only(self, desk: Any) -> None:
        events = await session(desk)
        assert ["evse" in event for event in events] == [True, False, False, False]
        assert ["idToken" in event for event in events] == [False, True, False, True]

    async def test_remote_start_id_once(self, desk: Any) -> None:
        events = await session(desk, remote=True)
        told = [info(event).get("remoteStartId") for event in events]
        assert told == [None, 7, None, None]

    async def test_ids_differ(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
        await csms.set("TxCtrlr", "TxStopPoint", "EVConnected")
        for _ in range(3):
            await csms.station.plug_in(1, 1)
            await csms.station.plug_out(1, 1)
        assert len({info(event)["transactionId"] for event in csms.events()}) == 3


class TestLocalDefects:
    @pytest.mark.parametrize(
        ("defect", "shows"),
        [
            (transactions.SEQ_GAP, lambda e: [x["seqNo"] for x in e] == [0, 2, 4, 6]),
            (transactions.SEQ_REPEATED, lambda e: {x["seqNo"] for x in e} == {0}),
            (transactions.NO_ID_TOKEN, lambda e: not any("idToken" in x for x in e)),
            (transactions.WRONG_ID_TOKEN, lambda e: e[1]["idToken"]["idToken"] == "00000000"),
            (transactions.NO_EVSE, lambda e: not any("evse" in x for x in e)),
            (
                transactions.NO_CHARGING_STATE,
                lambda e: not has_state(e),
            ),
            (transactions.STARTED_AS_UPDATED, lambda e: e[0]["eventType"] == "Updated"),
            (
                transactions.NEW_ID_EACH_EVENT,
                lambda e: ids(e) == 2,
            ),
            (reasons.AUTHORIZED_TRIGGER, lambda e: e[1]["triggerReason"] == "ChargingStateChanged"),
            (
                evse_defects.CHARGING_STATE_WRONG,
                lambda e: info(e[2])["chargingState"] == "SuspendedEV",
            ),
        ],
    )
    async def test_shows(
        self, desk: Any, defect: str, shows: Callable[[list[Event]], bool]
    ) -> None:
        assert shows(await session(desk, defect))


class TestRemoteDefects:
    @pytest.mark.parametrize(
        ("defect", "shows"),
        [
            (evse_defects.REMOTE_TRIGGER, lambda e: e[1]["triggerReason"] == "Authorized"),
            (reasons.REMOTE_STOP_TRIGGER, lambda e: e[3]["triggerReason"] == "StopAuthorized"),
            (reasons.REMOTE_STOP_REASON, lambda e: info(e[3])["stoppedReason"] == "Local"),
        ],
    )
    async def test_shows(
        self, desk: Any, defect: str, shows: Callable[[list[Event]], bool]
    ) -> None:
        assert shows(await session(desk, defect, remote=True))


class TestSound:
    async def test_shows_none_of_it(self, desk: Any) -> None:
        local = await session(desk)
        assert [event["seqNo"] for event in local] == [0, 1, 2, 3]
        assert local[0]["eventType"] == "Started"
        assert info(local[2])["chargingState"] == "Charging"
        assert len({info(event)["transactionId"] for event in local}) == 1
