"""A05: stations that raise their security profile, and stations that should not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case
from tests.cases.roaming import CSMS, Habits, Installed, roam

Make = Callable[..., Any]


def only(**quirks: Any) -> Quirks:
    return Quirks(profile=2, **quirks)


class TestTcA19:
    def test_from_profile_1_to_2(self) -> None:
        run = run_case("TC_A_19_CS")
        assert run.verdict == "pass"
        state = run.timeline.value
        assert (state.profile, state.slot, state.spare_slot, state.endpoint) == (2, 2, 1, 2)
        assert state.roots_installed == ("root1",)

    @pytest.mark.parametrize("reconnects", [True, False])
    def test_from_profile_2_to_3(self, *, reconnects: bool) -> None:
        run = run_case("TC_A_19_CS", quirks=only(reconnects_with_certificate=reconnects))
        assert run.verdict == "pass"
        assert (run.timeline.value.profile, run.timeline.value.client_certificate) == (3, True)

    def test_what_changes_is_journalled_before_it_is_sent(self) -> None:
        run = run_case("TC_A_19_CS")
        kinds = [
            line.data.get("what") or line.data["frame"].split('"')[3]
            for line in run.lines
            if line.kind.value == "ask" or (line.kind.value == "sent" and "[2," in str(line.data))
        ]
        assert kinds.index("journal") < kinds.index("SetVariables")

    def test_the_active_slot_is_not_written(self) -> None:
        run = run_case("TC_A_19_CS")
        assert [call["configurationSlot"] for call in run.calls("SetNetworkProfile")] == [2]

    def test_a_root_that_must_be_signed_by_the_one_before(self) -> None:
        run = run_case("TC_A_19_CS", quirks=Quirks(additional_root_check=True))
        assert run.verdict == "pass"
        assert run.timeline.value.root == "root2"

    def test_it_goes_back(self) -> None:
        run = run_case("TC_A_19_CS", quirks=Quirks(goes_back=True))
        assert (run.verdict, run.failed) == ("fail", [("16", "A05.FR.06")])

    def test_the_slot_of_the_lower_profile_stays(self) -> None:
        run = run_case("TC_A_19_CS", quirks=Quirks(keeps_slot=True))
        assert (run.verdict, run.failed) == ("fail", [("14", "A05.FR.06")])

    @pytest.mark.parametrize(
        ("message", "changes", "step"),
        [
            ("SetNetworkProfileResponse", {"status": "Failed"}, "2"),
            ("SetVariablesResponse", {"setVariableResult.0.attributeStatus": "Rejected"}, "4"),
            ("ResetResponse", {"status": "Scheduled"}, "6"),
            ("opened", {"tls": None}, "8"),
        ],
    )
    def test_a_step_that_fails(
        self, alter: Make, message: str, changes: dict[str, Any], step: str
    ) -> None:
        run = run_case("TC_A_19_CS", spoil=alter(message, {}, changes))
        assert run.verdict == "fail"
        assert run.failed[0][0] == step

    def test_the_security_profile_stays_as_it_was(self, alter: Make) -> None:
        profile = {"getVariableResult.0.variable.name": "SecurityProfile"}
        told = {"getVariableResult.0.attributeValue": "1"}
        run = run_case("TC_A_19_CS", spoil=alter("GetVariablesResponse", profile, told))
        assert (run.verdict, run.failed) == ("fail", [("12", "A05.FR.06")])


class TestTcA20:
    @pytest.mark.parametrize("installed", [(), (Installed(CSMS, "root1"),)])
    def test_the_upgrade_is_rejected(self, installed: tuple[Installed, ...]) -> None:
        assert roam("TC_A_20_CS", habits=Habits(installed=installed)).verdict == "pass"

    def test_the_profile_may_be_rejected_already(self, alter: Make) -> None:
        spoil = alter("SetNetworkProfileResponse", {}, {"status": "Rejected"})
        assert roam("TC_A_20_CS", spoil=spoil).verdict == "pass"

    def test_the_profile_may_not_fail(self, alter: Make) -> None:
        spoil = alter("SetNetworkProfileResponse", {}, {"status": "Failed"})
        run = roam("TC_A_20_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B09.FR.01")])

    def test_the_upgrade_is_accepted(self) -> None:
        run = roam("TC_A_20_CS", habits=Habits(needs_no_root=True))
        assert (run.verdict, run.failed) == ("fail", [("4", "A05.FR.02")])

    def test_the_answer_is_about_something_else(self, alter: Make) -> None:
        where = {"setVariableResult.0.attributeStatus": "Rejected"}
        changes = {"setVariableResult.0.component.name": "SecurityCtrlr"}
        run = roam("TC_A_20_CS", spoil=alter("SetVariablesResponse", where, changes))
        assert (run.verdict, run.failed) == ("fail", [("4", "B05.FR.02")])

    def test_it_goes_there_all_the_same(self) -> None:
        run = roam("TC_A_20_CS", habits=Habits(moves_anyway=True))
        assert (run.verdict, run.failed) == ("fail", [("4", "A05.FR.02")])

    def test_a_root_that_stays_is_inconclusive(self) -> None:
        assert roam("TC_A_20_CS", habits=Habits(keeps_deleted=True)).verdict == "inconc"


class TestTcA22:
    @pytest.mark.parametrize("profile", [2, 3])
    def test_the_downgrade_is_rejected(self, profile: int) -> None:
        run = roam("TC_A_22_CS", habits=Habits(profile=profile))
        assert run.verdict == "pass"
        (call,) = run.calls("SetNetworkProfile")
        assert (call["configurationSlot"], call["connectionData"]["securityProfile"]) == (2, 1)

    @pytest.mark.parametrize("status", ["Accepted", "Failed"])
    def test_it_is_not(self, alter: Make, status: str) -> None:
        spoil = alter("SetNetworkProfileResponse", {}, {"status": status})
        run = roam("TC_A_22_CS", spoil=spoil, habits=Habits(profile=2))
        assert (run.verdict, run.failed) == ("fail", [("2", "B09.FR.04")])


class TestTcA21:
    def test_it_needs_a_certificate(self, alter: Make) -> None:
        rejected = {"setVariableResult.0.attributeStatus": "Rejected"}
        spoil = alter("SetVariablesResponse", {}, rejected)
        run = run_case("TC_A_21_CS", quirks=only(), spoil=spoil)
        assert run.verdict == "pass"
        (profile,) = run.calls("SetNetworkProfile")
        assert profile["connectionData"]["securityProfile"] == 3

    def test_it_needs_none(self) -> None:
        assert run_case("TC_A_21_CS", quirks=only()).failed == [("4", "A05.FR.03")]
