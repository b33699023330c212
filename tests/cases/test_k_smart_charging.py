"""TC_K_38 against stations without smart charging."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
REMOTE = {"remote": "ISO14443"}


@pytest.mark.parametrize("start", ["EVConnected", "Authorized", "EnergyTransfer"])
def test_the_profile_is_ignored(play: Play, start: str) -> None:
    run = play("TC_K_38_CS", variant=REMOTE, start=start)
    assert run.verdict == "pass", run.because
    (request,) = run.calls("RequestStartTransaction")
    profile = request["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in profile


def test_a_cable_lock_wants_the_start_first(play: Play) -> None:
    run = play("TC_K_38_CS", variant=REMOTE, start="Authorized", claims={"AQ-2": True})
    assert run.verdict == "pass", run.because
    (request,) = run.calls("RequestStartTransaction")
    assert "chargingProfile" in request


@pytest.mark.parametrize(
    ("settings", "unit", "limit"),
    [
        ({"charging_rate_unit": "A", "number_phases": 1}, "A", 6),
        ({"charging_rate_unit": "W", "number_phases": 1}, "W", 1380),
        ({"charging_rate_unit": "W", "number_phases": 3}, "W", 4140),
    ],
)
def test_the_limit(play: Play, settings: dict[str, Any], unit: str, limit: float) -> None:
    run = play("TC_K_38_CS", variant=REMOTE, tree={"values": settings})
    (schedule,) = run.calls("RequestStartTransaction")[0]["chargingProfile"]["chargingSchedule"]
    assert schedule["chargingRateUnit"] == unit
    assert schedule["chargingSchedulePeriod"][0]["limit"] == limit


def test_a_station_that_rejects_it(play: Play, alter: Play) -> None:
    spoil = alter("RequestStartTransactionResponse", {}, {"status": "Rejected"})
    run = play("TC_K_38_CS", variant=REMOTE, start="Authorized", spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("Authorized.2", "F02.FR.01")])
