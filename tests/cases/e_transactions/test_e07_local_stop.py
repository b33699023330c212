"""Use case E07 against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.interrupting import play_interrupted

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
STOPPED = {"triggerReason": "StopAuthorized"}
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcE06:
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
    def test_it_goes_by_the_table(self, stop: str) -> None:
        bay = {"C-10.5": True}
        run = play_interrupted("TC_E_06_CS", variant=LOCAL, stop=stop, claims=bay)
        assert run.verdict == "pass", run.because
        assert run.actions[-3:] == ["authorize", "plugout", "parking_out"]

    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "RemoteStop"},
            {"idToken": {"idToken": "other", "type": "ISO14443"}},
            {"transactionInfo.stoppedReason": "Remote"},
        ],
    )
    def test_a_wrong_value(self, alter: Play, changes: Changes) -> None:
        run = play_interrupted("TC_E_06_CS", variant=LOCAL, spoil=alter(EVENT, STOPPED, changes))
        assert run.verdict == "fail"
        assert run.failed[0][0].startswith("StopAuthorized.")

    def test_the_connector_stays_occupied(self, drop: Play) -> None:
        spoil = drop("StatusNotification", {"connectorStatus": "Available"})
        run = play_interrupted("TC_E_06_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("EVDisconnected.1", "G01.FR.01")]
