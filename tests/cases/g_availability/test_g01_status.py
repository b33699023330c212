"""TC_G_01, TC_G_02: a connector is taken and left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

EVENT = "TransactionEvent"
STATUS = "StatusNotification"
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcG01:
    @pytest.mark.parametrize("start", ["EVConnected", "Authorized", "ParkingBayOccupancy"])
    @pytest.mark.parametrize("notify_event", [False, True])
    @pytest.mark.parametrize("status_last", [False, True])
    def test_either_message_in_either_order(
        self, play: Play, start: str, notify_event: bool, status_last: bool
    ) -> None:
        style = {"notify_event": notify_event, "status_last": status_last}
        assert play("TC_G_01_CS", start=start, **style).verdict == "pass"

    @pytest.mark.parametrize(
        "changes",
        [{"connectorStatus": "Reserved"}, {"evseId": 2}, {"connectorId": 2}, {"connectorId": 0}],
    )
    def test_a_wrong_status(self, play: Play, alter: Play, changes: Changes) -> None:
        run = play("TC_G_01_CS", spoil=alter(STATUS, {}, changes))
        assert run.verdict == "fail"
        assert run.failed == [("EVConnectedPreSession.1", "E02.FR.05")]

    @pytest.mark.parametrize(
        "changes",
        [
            {"eventData.0.trigger": "Alerting"},
            {"eventData.0.actualValue": "Reserved"},
            {"eventData.0.component.name": "ConnectedEV"},
            {"eventData.0.variable.name": "Problem"},
        ],
    )
    def test_a_wrong_notify_event(self, play: Play, alter: Play, changes: Changes) -> None:
        run = play("TC_G_01_CS", notify_event=True, spoil=alter("NotifyEvent", {}, changes))
        assert run.verdict == "fail"
        assert run.failed == [("EVConnectedPreSession.1", "E02.FR.05")]

    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "EVDetected"},
            {"transactionInfo.chargingState": "Idle"},
            {"transactionInfo.chargingState": ...},
            {"eventType": "Ended"},
        ],
    )
    def test_a_wrong_event(self, play: Play, alter: Play, changes: Changes) -> None:
        run = play("TC_G_01_CS", spoil=alter(EVENT, {}, changes))
        assert run.verdict == "fail"
        assert run.failed[0] == ("EVConnectedPreSession.3", "E01.FR.02")

    @pytest.mark.parametrize("path", ["evse.id", "evse.connectorId"])
    def test_a_wrong_place(self, play: Play, alter: Play, path: str) -> None:
        run = play("TC_G_01_CS", spoil=alter(EVENT, {}, {path: 2}))
        assert run.failed == [("general", "E01.FR.16")]


class TestTcG02:
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
    @pytest.mark.parametrize("notify_event", [False, True])
    def test_either_message(self, play: Play, stop: str, notify_event: bool) -> None:
        assert play("TC_G_02_CS", stop=stop, notify_event=notify_event).verdict == "pass"

    def test_a_locked_socket_is_left_after_the_stop(self, play: Play) -> None:
        run = play("TC_G_02_CS", claims={"AQ-2": True})
        assert run.verdict == "pass"
        assert run.actions == ["authorize", "plugin", "authorize", "plugout"]

    @pytest.mark.parametrize("state", ["Unavailable", "Occupied"])
    def test_a_wrong_status(self, play: Play, alter: Play, state: str) -> None:
        where, changes = {"connectorStatus": "Available"}, {"connectorStatus": state}
        run = play("TC_G_02_CS", spoil=alter(STATUS, where, changes))
        assert (run.verdict, run.failed) == ("fail", [("3", "G01.FR.04")])

    def test_it_is_not_told(self, play: Play, drop: Play) -> None:
        run = play("TC_G_02_CS", spoil=drop(STATUS, {"connectorStatus": "Available"}))
        assert (run.verdict, run.failed) == ("fail", [("3", "G01.FR.04")])
