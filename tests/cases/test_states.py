"""Reusable states that no case of this session has as its subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

LOCAL = {"local": "ISO14443"}
CACHE = {"C-49": True}
EVENT = "TransactionEvent"
LABEL = "Before.TransactionEventsInQueueEnded.IdTokenCached."
Play = Callable[..., Any]


@pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "ParkingBayOccupancy"])
def test_a_session_is_gone_through_to_its_end(play: Play, stop: str) -> None:
    run = play("TC_E_43_CS", variant=LOCAL, claims=CACHE, stop=stop)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("stop", "where", "changes", "step"),
    [
        ("Authorized", {"triggerReason": "StopAuthorized"}, {"idToken": {"idToken": "x",
         "type": "ISO14443"}}, "StopAuthorized.3"),
        ("EVConnected", {"triggerReason": "ChargingStateChanged", "seqNo": 4},
         {"transactionInfo.chargingState": "Charging"}, "EVConnectedPostSession.1"),
        ("EVConnected", {"eventType": "Ended"}, {"triggerReason": "EVDeparted"},
         "EVDisconnected.3"),
        ("EVConnected", {"eventType": "Ended"}, {"transactionInfo.stoppedReason": "Other"},
         "EVDisconnected.3"),
        ("ParkingBayOccupancy", {"eventType": "Ended"}, {"triggerReason": "EVDetected"},
         "ParkingBayUnoccupied.1"),
    ],
)  # fmt: skip
def test_the_end_is_told_wrongly(
    play: Play, alter: Play, stop: str, where: Mapping[str, Any], changes: Any, step: str
) -> None:
    spoil = alter(EVENT, where, changes)
    run = play("TC_E_43_CS", variant=LOCAL, claims=CACHE, stop=stop, spoil=spoil)
    assert run.verdict == "inconc"
    assert LABEL + step in {failed for failed, _ in run.failed}


def test_the_cable_comes_out_unreported(play: Play, drop: Play) -> None:
    spoil = drop("StatusNotification", {"connectorStatus": "Available"})
    run = play("TC_E_43_CS", variant=LOCAL, claims=CACHE, spoil=spoil)
    assert run.failed == [(f"{LABEL}EVDisconnected.1", "G01.FR.01")]


def test_a_bay_that_starts_is_told_wrongly(play: Play, alter: Play) -> None:
    spoil = alter(EVENT, {"triggerReason": "EVDetected"}, {"triggerReason": "Trigger"})
    run = play("TC_G_01_CS", start="ParkingBayOccupancy", spoil=spoil)
    assert run.failed[0] == ("ParkingBayOccupied.1", "E01.FR.01")


def test_a_start_point_that_cannot_be_reached(play: Play) -> None:
    run = play("TC_E_04_CS", variant=LOCAL, start="DataSigned")
    assert run.verdict == "inconc"
    assert "no transaction starts here" in run.because


@pytest.mark.parametrize("case", ["TC_G_01_CS", "TC_E_09_CS", "TC_E_43_CS"])
def test_a_cable_lock_wants_the_token_first(play: Play, case: str) -> None:
    run = play(case, variant=LOCAL, claims={"AQ-2": True})
    assert (run.verdict, run.actions[:2]) == ("pass", ["authorize", "plugin"]), run.because
