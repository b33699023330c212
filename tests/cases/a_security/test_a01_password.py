"""A00 and A01: stations that show the right password, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case
from tests.cases.roaming import Habits, roam

Make = Callable[..., Any]


class TestTcA01:
    @pytest.mark.parametrize("profile", [1, 2])
    def test_the_right_credentials(self, profile: int) -> None:
        assert run_case("TC_A_01_CS", quirks=Quirks(profile=profile)).verdict == "pass"

    @pytest.mark.parametrize(
        ("changes", "requirement"),
        [
            ({"authorization": None}, "A00.FR.202"),
            ({"authorization.scheme": "Bearer"}, "A00.FR.202"),
            ({"authorization.user": "other"}, "A00.FR.204"),
            ({"path": "/other"}, "A00.FR.204"),
            ({"authorization.password": "another-password-1"}, "A00.FR.205"),
            ({"authorization.password": "short"}, "A00.FR.205"),
        ],
    )
    def test_other_credentials(
        self, alter: Make, changes: dict[str, Any], requirement: str
    ) -> None:
        run = run_case("TC_A_01_CS", spoil=alter("opened", {}, changes))
        assert run.verdict == "fail"
        assert ("1", requirement) in run.failed

    def test_a_start_up_that_is_not_told(self, drop: Make) -> None:
        spoil = drop("SecurityEventNotification", {"type": "StartupOfTheDevice"})
        run = run_case("TC_A_01_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("Booted.7", "A04.FR.01")])


class TestTcA09:
    @pytest.mark.parametrize("reboots", [False, True])
    @pytest.mark.parametrize("profile", [1, 2])
    def test_the_new_password_is_used(self, profile: int, *, reboots: bool) -> None:
        habits = Habits(profile=profile, reboots_for_password=reboots)
        run = roam("TC_A_09_CS", habits=habits)
        assert run.verdict == "pass"
        assert run.timeline.value.password.name == "p2"

    def test_the_old_one_is_refused(self) -> None:
        run = roam("TC_A_09_CS", habits=Habits(uses_password="p1"))
        assert (run.verdict, set(run.failed)) == ("fail", {("3", "A01.FR.01")})

    @pytest.mark.parametrize("status", ["Rejected", "UnknownVariable"])
    def test_it_is_not_taken(self, alter: Make, status: str) -> None:
        changes = {"setVariableResult.0.attributeStatus": status}
        run = roam("TC_A_09_CS", spoil=alter("SetVariablesResponse", {}, changes))
        assert (run.verdict, run.failed) == ("fail", [("2", "A01.FR.01")])

    @pytest.mark.parametrize(
        ("action", "failed"),
        [("BootNotification", ("5", "B01.FR.01")), ("StatusNotification", ("7", "B01.FR.05"))],
    )
    def test_a_reboot_that_is_not_whole(
        self, drop: Make, action: str, failed: tuple[str, str]
    ) -> None:
        habits = Habits(reboots_for_password=True)
        run = roam("TC_A_09_CS", spoil=drop(action, {}), habits=habits)
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_it_is_journalled_before_it_is_sent(self) -> None:
        run = roam("TC_A_09_CS")
        journalled = next(line.n for line in run.lines if line.data.get("what") == "journal")
        sent = next(line.n for line in run.lines if "SetVariables" in str(line.data.get("frame")))
        assert journalled < sent


class TestTcA10:
    @pytest.mark.parametrize("profile", [1, 2])
    def test_the_old_password_is_kept(self, profile: int) -> None:
        assert roam("TC_A_10_CS", habits=Habits(profile=profile)).verdict == "pass"

    @pytest.mark.parametrize("status", ["Accepted", "RebootRequired"])
    def test_it_is_taken(self, alter: Make, status: str) -> None:
        changes = {"setVariableResult.0.attributeStatus": status}
        run = roam("TC_A_10_CS", spoil=alter("SetVariablesResponse", {}, changes))
        assert (run.verdict, run.failed) == ("fail", [("2", "A01.FR.01")])

    def test_it_is_used_nevertheless(self) -> None:
        run = roam("TC_A_10_CS", habits=Habits(uses_password="short"))
        assert (run.verdict, run.failed) == ("fail", [("3", "A01.FR.01")])

    def test_the_answer_is_about_something_else(self, alter: Make) -> None:
        changes = {"setVariableResult.0.component.name": "OCPPCommCtrlr"}
        run = roam("TC_A_10_CS", spoil=alter("SetVariablesResponse", {}, changes))
        assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.02")])
