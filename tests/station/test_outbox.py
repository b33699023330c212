"""Offline queueing and retries of the station's messages (E04, E11, E12, E13)."""

import asyncio
from typing import Any

import pytest

from vdoc.station import outbox, transactions

TOKEN = ("04AA", "ISO14443")


async def offline_session(csms: Any) -> None:
    station = csms.station
    for variable, value in (("TxStartPoint", "EVConnected"), ("TxStopPoint", "EVConnected")):
        await csms.set("TxCtrlr", variable, value)
    await csms.set("AuthCtrlr", "OfflineTxForUnknownIdEnabled", "true")
    csms.drop(refuse=True)
    await asyncio.sleep(0.01)
    await station.plug_in(1, 1)
    await station.present_token(*TOKEN, 1)
    await asyncio.sleep(0.05)
    await station.present_token(*TOKEN, 1)
    await asyncio.sleep(0.03)
    await station.plug_out(1, 1)


async def reconnect(csms: Any) -> None:
    csms.accepting.set()
    await csms.until(lambda: csms.station.online)
    await csms.station.software.outbox.drained(5)


async def failing(csms: Any) -> None:
    await csms.set("OCPPCommCtrlr", "MessageAttempts", "3", "TransactionEvent")
    await csms.set("OCPPCommCtrlr", "MessageAttemptInterval", "0", "TransactionEvent")
    await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
    await csms.station.plug_in(1, 1)
    await csms.station.software.outbox.drained(5)


class TestOffline:
    async def test_a_whole_transaction_follows_later(self, desk: Any) -> None:
        csms = await desk()
        await offline_session(csms)
        assert csms.events() == []
        await reconnect(csms)
        assert {event["offline"] for event in csms.events()} == {True}
        kinds = [event["eventType"] for event in csms.of("TransactionEvent")]
        assert (kinds[0], kinds[-1]) == ("Started", "Ended")

    async def test_the_queue_survives_a_power_cut(self, desk: Any) -> None:
        csms = await desk()
        await offline_session(csms)
        await csms.station.power_cycle()
        await asyncio.sleep(0.05)
        csms.accepting.set()
        await csms.until(lambda: csms.events() and csms.events()[-1]["eventType"] == "Ended")
        assert len(csms.of("BootNotification")) == 2

    async def test_an_interrupted_transaction_ends_after_the_boot(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
        await csms.station.plug_in(1, 1)
        await csms.station.power_cycle()
        await csms.until(lambda: len(csms.events()) == 2)
        assert csms.events()[1]["transactionInfo"]["stoppedReason"] == "PowerLoss"

    async def test_status_is_told_once_it_can(self, desk: Any) -> None:
        csms = await desk()
        csms.drop(refuse=True)
        await asyncio.sleep(0.01)
        await csms.station.plug_in(1, 1)
        await reconnect(csms)
        assert csms.of("StatusNotification")[-1]["connectorStatus"] == "Occupied"

    async def test_a_message_under_way_becomes_offline(self, desk: Any) -> None:
        csms = await desk(answers={"TransactionEvent": lambda _: None})
        await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
        plugging = asyncio.create_task(csms.station.plug_in(1, 1))
        await csms.until(csms.events)
        del csms.answers["TransactionEvent"]
        csms.drop()
        await csms.until(lambda: len(csms.events()) == 2)
        assert csms.of("TransactionEvent")[1]["offline"] is True
        await plugging

    async def test_nobody_waits_for_delivery_once_the_connection_is_lost(self, desk: Any) -> None:
        csms = await desk(answers={"TransactionEvent": lambda _: None})
        await csms.set("TxCtrlr", "TxStartPoint", "EVConnected")
        plugging = asyncio.create_task(csms.station.plug_in(1, 1))
        await csms.until(csms.events)
        csms.drop(refuse=True)
        async with asyncio.timeout(2):  # a delivery may take 5 s
            await plugging


class TestRetry:
    async def attempts(self, desk: Any, answer: Any) -> Any:
        csms = await desk(answers={"TransactionEvent": answer})
        await failing(csms)
        return csms

    async def test_gives_up_after_the_attempts(self, desk: Any) -> None:
        csms = await self.attempts(desk, lambda _: "InternalError")
        await csms.station.software.outbox.drained(5)
        assert [event["seqNo"] for event in csms.events()] == [0, 0, 0]

    async def test_stops_when_it_was_taken(self, desk: Any) -> None:
        answers: list[Any] = ["InternalError", {}]
        csms = await self.attempts(desk, lambda _: answers.pop(0))
        await csms.station.software.outbox.drained(5)
        assert len(csms.events()) == 2

    async def test_status_of_the_queue(self, desk: Any) -> None:
        csms = await self.attempts(desk, lambda _: {})
        running = csms.events()[0]["transactionInfo"]["transactionId"]
        assert await csms.call("GetTransactionStatus", {"transactionId": running}) == {
            "ongoingIndicator": True,
            "messagesInQueue": False,
        }
        assert await csms.call("GetTransactionStatus", {}) == {"messagesInQueue": False}


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "lost"),
        [
            (outbox.EVENTS_LOST, {"Started", "Updated", "Ended"}),
            (outbox.STARTED_LOST, {"Started"}),
            (outbox.ENDED_LOST, {"Ended"}),
        ],
    )
    async def test_loses(self, desk: Any, defect: Any, lost: set[str]) -> None:
        csms = await desk(defect)
        await offline_session(csms)
        await reconnect(csms)
        told = {event["eventType"] for event in csms.events()}
        assert told == {"Started", "Updated", "Ended"} - lost

    @pytest.mark.parametrize(
        ("defect", "transmissions"),
        [(outbox.NEVER_AGAIN, 1), (outbox.ONCE_MORE, 4), (outbox.CONSTANT_INTERVAL, 3)],
    )
    async def test_repeats_what_fails(self, desk: Any, defect: Any, transmissions: int) -> None:
        csms = await desk(defect, answers={"TransactionEvent": lambda _: "InternalError"})
        await failing(csms)
        assert len(csms.events()) == transmissions

    async def test_repeats_what_was_taken(self, desk: Any) -> None:
        answers: list[Any] = ["InternalError", {}, {}]
        csms = await desk(
            outbox.REPEATS_TAKEN, answers={"TransactionEvent": lambda _: answers.pop(0)}
        )
        await failing(csms)
        assert len(csms.events()) == 3

    async def test_says_nothing_of_offline(self, desk: Any) -> None:
        csms = await desk(transactions.NO_OFFLINE_FLAG)
        await offline_session(csms)
        await reconnect(csms)
        assert not any("offline" in event for event in csms.events())
