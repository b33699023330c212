"""Change of availability of a connector; its transaction is `test_scheduled`'s business."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STATUS = "StatusNotification"
ANSWER = "ChangeAvailabilityResponse"
CONNECTOR = {"evse": {"id": 1, "connectorId": 1}}
ON = {"operationalStatus": "Operative"} | CONNECTOR
OFF = {"operationalStatus": "Inoperative"} | CONNECTOR
Play = Callable[..., Any]


@pytest.mark.parametrize("notify_event", [False, True])
@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ("TC_G_07_CS", [OFF]),
        ("TC_G_08_CS", [OFF, ON]),
        ("TC_G_15_CS", [ON]),
        ("TC_G_16_CS", [OFF, OFF]),
        ("TC_G_19_CS", [OFF]),
    ],
)
@pytest.mark.parametrize("repeats", [False, True])
def test_a_sound_station(
    change: Play, case: str, asked: list[Any], notify_event: bool, repeats: bool
) -> None:
    run = change(case, connectors=2, second_evse=True, notify_event=notify_event, repeats=repeats)
    assert run.verdict == "pass"
    assert run.calls("ChangeAvailability") == asked


def test_it_becomes_unavailable_unreported(change: Play, drop: Play) -> None:
    run = change("TC_G_07_CS", spoil=drop(STATUS, {}))
    assert (run.verdict, run.failed) == ("fail", [("Unavailable.3", "G03.FR.02")])


def test_it_becomes_available_unreported(change: Play, drop: Play) -> None:
    run = change("TC_G_08_CS", spoil=drop(STATUS, {"connectorStatus": "Available"}))
    assert (run.verdict, run.failed) == ("fail", [("3", "G03.FR.04")])


@pytest.mark.parametrize("case", ["TC_G_15_CS", "TC_G_16_CS"])
def test_no_change_is_refused(change: Play, case: str) -> None:
    count = {"TC_G_15_CS": 1, "TC_G_16_CS": 2}[case]
    answers = iter(["Accepted"] * (count - 1) + ["Rejected"])

    def spoil(action: str, payload: Any) -> Any:
        return {"status": next(answers)} if action == ANSWER else payload

    run = change(case, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("2", "G03.FR.03")])


def test_an_operative_one_is_told_to_be_unavailable(change: Play, alter: Play) -> None:
    spoil = alter(STATUS, {}, {"connectorStatus": "Unavailable"})
    run = change("TC_G_15_CS", repeats=True, spoil=spoil)
    assert (run.verdict, run.failed) == ("fail", [("post", "G03.FR.04")])


def test_an_inoperative_one_becomes_operative(change: Play) -> None:
    run = change("TC_G_16_CS", revives=True)
    assert (run.verdict, run.failed) == ("fail", [("post", "G03.FR.04")])


class TestTcG19:
    def test_it_is_lost(self, change: Play) -> None:
        run = change("TC_G_19_CS", loses=True)
        assert (run.verdict, run.failed) == ("fail", [("4", "G03.FR.08")])

    @pytest.mark.parametrize("where", [{"evseId": 2}, {"connectorId": 2}])
    def test_it_spreads(self, change: Play, alter: Play, where: dict[str, int]) -> None:
        spoil = alter(STATUS, where, {"connectorStatus": "Unavailable"})
        run = change("TC_G_19_CS", connectors=2, second_evse=True, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("4", "G03.FR.08")])

    @pytest.mark.parametrize(
        ("message", "changes", "failed"),
        [
            ("ResetResponse", {"status": "Rejected"}, ("Booting.2", "B11.FR.01")),
            ("BootNotification", {"reason": "Triggered"}, ("2", "B01.FR.09")),
            ("SecurityEventNotification", {"type": "FirmwareUpdated"}, ("6", "A04.FR.01")),
        ],
    )
    def test_a_wrong_start(
        self, change: Play, alter: Play, message: str, changes: Any, failed: Any
    ) -> None:
        run = change("TC_G_19_CS", spoil=alter(message, {}, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])
