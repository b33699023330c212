"""Use case E08 against stations that tell an offline stop afterwards, and stations that do not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases.insisting import GroupCharger, play_insisting
from tests.cases.playing import altering, dropping

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
ENDED = {"eventType": "Ended"}
STOPPED = {"triggerReason": "StopAuthorized"}
LISTS = {"profiles": ["LocalAuthListManagement"]}
STOPS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy")
CASES = ("TC_E_44_CS", "TC_E_45_CS")


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("separate_stop", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_a_sound_station_passes(case: str, stop: str, separate_stop: bool) -> None:
    run = play_insisting(
        case, variant=LOCAL, kind=GroupCharger, stop=stop, separate_stop=separate_stop
    )
    assert run.verdict == "pass", run.because


def test_the_group_is_known_to_the_station() -> None:
    run = play_insisting("TC_E_45_CS", variant=LOCAL, kind=GroupCharger, claims=LISTS)
    assert run.verdict == "pass", run.because
    entry = run.calls("SendLocalList")[0]["localAuthorizationList"][0]
    assert entry["idToken"]["idToken"] == "ISO14-2"
    assert entry["idTokenInfo"]["groupIdToken"] == {"idToken": "Group1", "type": "Central"}


def test_without_token_the_cable_is_the_stop() -> None:
    run = play_insisting(
        "TC_E_44_CS",
        variant={"local": "NoAuthorization"},
        stop="EVConnected",
        variables={"AuthCtrlr.Enabled": "false"},
        read_only=("AuthCtrlr.Enabled",),
        plug_and_go=True,
    )
    assert (run.verdict, run.actions) == ("pass", ["plugin", "plugout"]), run.because


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(
    ("where", "changes", "failed"),
    [
        (STOPPED, {"offline": ...}, ("3", "E08.FR.07")),
        (STOPPED, {"offline": False}, ("3", "E08.FR.07")),
        ({"eventType": "Ended", "offline": True}, {"eventType": "Updated"}, ("3", "E08.FR.04")),
        ({"eventType": "Ended", "offline": True}, {"seqNo": 99}, ("general", "E01.FR.07")),
    ],
)
def test_a_wrong_value(
    case: str, where: Mapping[str, Any], changes: Mapping[str, Any], failed: tuple[str, str]
) -> None:
    spoil = altering(EVENT, where, changes)
    run = play_insisting(
        case, variant=LOCAL, kind=GroupCharger, claims={"C-49": False}, spoil=spoil
    )
    assert failed in run.failed


@pytest.mark.parametrize("case", CASES)
def test_the_end_is_lost(case: str) -> None:
    spoil = dropping(EVENT, {"eventType": "Ended", "offline": True})
    run = play_insisting(case, variant=LOCAL, kind=GroupCharger, spoil=spoil)
    assert run.verdict == "fail"
