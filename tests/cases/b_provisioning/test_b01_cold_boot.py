"""Boots of stations that are accepted at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]


@pytest.mark.parametrize("style", ["StatusNotification", "NotifyEvent"])
def test_a_sound_boot(style: str) -> None:
    assert run_case("TC_B_01_CS", quirks=Quirks(style=style)).verdict == "pass"


@pytest.mark.parametrize(
    ("message", "changes", "failed"),
    [
        ("ResetResponse", {"status": "Rejected"}, ("Booted.2", "B11.FR.01")),
        ("BootNotification", {"reason": "PowerUp"}, ("Booted.3", "B01.FR.09")),
        ("StatusNotification", {"connectorStatus": "Occupied"}, ("Booted.5", "B01.FR.05")),
        ("StatusNotification", {"connectorId": 0}, ("Booted.5", "B01.FR.05")),
        (
            "SecurityEventNotification",
            {"type": "MaintenanceLoginAccepted"},
            ("Booted.7", "A04.FR.01"),
        ),
    ],
)
def test_a_wrong_word(
    alter: Make, message: str, changes: dict[str, Any], failed: tuple[str, str]
) -> None:
    run = run_case("TC_B_01_CS", spoil=alter(message, {}, changes))
    assert (run.verdict, run.failed) == ("fail", [failed])


def test_it_does_not_restart() -> None:
    run = run_case("TC_B_01_CS", quirks=Quirks(reboots=False))
    assert (run.verdict, run.failed) == ("fail", [("Booted.3", "B01.FR.03")])
