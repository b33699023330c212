"""TC_F_15 to TC_F_19: triggered messages about transfers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.steering import nth

LOG, FIRMWARE = "LogStatusNotification", "FirmwareStatusNotification"
IDLE = {
    "TC_F_15_CS": (LOG, "F06.FR.15"),
    "TC_F_17_CS": (FIRMWARE, "F06.FR.03"),
    "TC_F_18_CS": (FIRMWARE, "F06.FR.16"),
}
BUSY = {
    "TC_F_16_CS": (LOG, "GetLog", "N01.FR.01", "N01.FR.08", "F06.FR.14"),
    "TC_F_19_CS": (FIRMWARE, "UpdateFirmware", "L01.FR.21", "L01.FR.01", "L01.FR.26"),
}
Play = Callable[..., Any]


@pytest.mark.parametrize("case", IDLE)
class TestIdle:
    def test_it_goes_by_the_table(self, transfer: Play, case: str) -> None:
        run = transfer(case)
        assert run.verdict == "pass"
        evse = {"id": 1} if case == "TC_F_17_CS" else None
        assert run.calls("TriggerMessage")[0].get("evse") == evse

    def test_a_wrong_status(self, transfer: Play, alter: Play, case: str) -> None:
        message, requirement = IDLE[case]
        other = "Uploaded" if message == LOG else "Installed"
        run = transfer(case, spoil=alter(message, {}, {"status": other}))
        assert (run.verdict, run.failed) == ("fail", [("3", requirement)])

    def test_it_is_rejected(self, transfer: Play, alter: Play, case: str) -> None:
        spoil = alter("TriggerMessageResponse", {}, {"status": "Rejected"})
        expected = "F06.FR.03" if case == "TC_F_17_CS" else "F06.FR.05"
        assert transfer(case, spoil=spoil).failed == [("2", expected)]

    def test_it_is_not_sent(self, transfer: Play, drop: Play, case: str) -> None:
        message, requirement = IDLE[case]
        assert transfer(case, spoil=drop(message, {})).failed == [("3", requirement)]


@pytest.mark.parametrize("case", BUSY)
class TestBusy:
    def test_it_goes_by_the_table(self, transfer: Play, case: str) -> None:
        run = transfer(case)
        assert run.verdict == "pass"
        asked = run.calls(BUSY[case][1])[0]
        assert "installDateTime" not in asked.get("firmware", {})

    def test_the_transfer_is_refused(self, transfer: Play, alter: Play, case: str) -> None:
        _, action, requirement, _, _ = BUSY[case]
        spoil = alter(f"{action}Response", {}, {"status": "Rejected"})
        assert transfer(case, spoil=spoil).failed == [("2", requirement)]

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_wrong_status(self, transfer: Play, alter: Play, case: str, number: int) -> None:
        message, _, _, began, told = BUSY[case]
        spoil = nth(number, alter(message, {}, {"status": "Idle"}), message)
        expected = ("3", began) if number == 1 else ("7", told)
        assert transfer(case, spoil=spoil).failed == [expected]

    @pytest.mark.parametrize("number", [1, 2])
    def test_another_transfer_is_told_of(
        self, transfer: Play, alter: Play, case: str, number: int
    ) -> None:
        message = BUSY[case][0]
        spoil = nth(number, alter(message, {}, {"requestId": 1}), message)
        expected = "N01.FR.13" if message == LOG else "L01.FR.10, L01.FR.20"
        assert transfer(case, spoil=spoil).failed == [("3" if number == 1 else "7", expected)]

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_status_is_not_sent(self, transfer: Play, drop: Play, case: str, number: int) -> None:
        message, _, _, began, told = BUSY[case]
        run = transfer(case, spoil=nth(number, drop(message, {}), message))
        assert run.verdict == "fail"
        assert run.failed[0] in {("3", began), ("7", told)}

    def test_the_trigger_is_rejected(self, transfer: Play, alter: Play, case: str) -> None:
        spoil = alter("TriggerMessageResponse", {}, {"status": "Rejected"})
        assert transfer(case, spoil=spoil).failed == [("6", "F06.FR.05")]

    def test_what_comes_afterwards_is_not_judged(
        self, transfer: Play, drop: Play, case: str
    ) -> None:
        message = BUSY[case][0]
        spoil = nth(3, drop(message, {}), message)
        assert transfer(case, spoil=spoil).verdict == "pass"
        spoil = drop("SecurityEventNotification", {})
        assert transfer(case, spoil=spoil).verdict == "pass"
