"""B09, B10 and Part 4 §5.3 against stations that migrate, fall back and reconnect, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.roaming import WAIT_S, Habits, roam

Make = Callable[..., Any]

STRICT = Habits(profile=2, replaces_roots=True)


def strict(**habits: Any) -> Habits:
    return Habits(profile=2, replaces_roots=True, **habits)


@pytest.mark.parametrize("profile", [1, 2])
@pytest.mark.parametrize("case", ["TC_B_43_CS", "TC_B_45_CS", "TC_B_46_CS", "TC_B_49_CS"])
def test_a_sound_station(case: str, profile: int) -> None:
    assert roam(case, habits=Habits(profile=profile)).verdict == "pass"


@pytest.mark.parametrize(
    ("case", "message", "changes", "failed"),
    [
        ("TC_B_43_CS", "SetNetworkProfileResponse", {"status": "Accepted"}, ("2", "B09.FR.02")),
        ("TC_B_43_CS", "SetNetworkProfileResponse", {"status": "Failed"}, ("2", "B09.FR.02")),
        *(
            (case, message, changes, failed)
            for case in ("TC_B_45_CS", "TC_B_46_CS", "TC_B_49_CS", "TC_B_50_CS")
            for message, changes, failed in (
                ("SetNetworkProfileResponse", {"status": "Rejected"}, ("2", "B09.FR.01")),
                (
                    "SetVariablesResponse",
                    {"setVariableResult.0.attributeStatus": "Rejected"},
                    ("4", "B10.FR.01"),
                ),
                ("ResetResponse", {"status": "Scheduled"}, ("6", "B11.FR.01")),
            )
        ),
    ],
)
def test_a_wrong_answer(
    alter: Make, case: str, message: str, changes: dict[str, Any], failed: tuple[str, str]
) -> None:
    where = {"setVariableResult.0.variable.name": "NetworkConfigurationPriority"}
    spoil = alter(message, where if message == "SetVariablesResponse" else {}, changes)
    run = roam(case, spoil=spoil, habits=Habits(profile=2))
    assert (run.verdict, run.failed) == ("fail", [failed])


class TestTcB45:
    def test_the_inactive_slot_is_used_from_then_on(self) -> None:
        run = roam("TC_B_45_CS")
        state = run.timeline.value
        assert (state.slot, state.spare_slot, state.endpoint) == (2, 1, 2)
        assert [call["configurationSlot"] for call in run.calls("SetNetworkProfile")] == [2]
        assert [call["type"] for call in run.calls("Reset")] == ["OnIdle"]

    def test_it_stays_where_it_was(self, alter: Make) -> None:
        run = roam("TC_B_45_CS", spoil=alter("opened", {"endpoint": 2}, {"endpoint": 1}))
        assert ("7", "B10.FR.04") in run.failed

    @pytest.mark.parametrize("action", ["BootNotification", "SecurityEventNotification"])
    def test_a_boot_that_is_not_whole(self, drop: Make, action: str) -> None:
        assert roam("TC_B_45_CS", spoil=drop(action, {})).verdict == "fail"


class TestTcB46:
    @pytest.mark.parametrize(
        ("habits", "failed"),
        [
            (Habits(attempts=1), ("7", "B10.FR.03")),
            (Habits(attempts=3), ("8", "B10.FR.03")),
            (Habits(slots_tried=1, forgets_home=True), ("8", "B10.FR.03")),
        ],
    )
    def test_other_attempts(self, habits: Habits, failed: tuple[str, str]) -> None:
        run = roam("TC_B_46_CS", habits=habits)
        assert (run.verdict, run.failed) == ("fail", [failed])


class TestTcB47:
    def test_the_former_root_is_used_at_home_only(self) -> None:
        assert roam("TC_B_47_CS", habits=STRICT).verdict == "pass"

    @pytest.mark.parametrize(
        ("habits", "failed"),
        [
            (strict(falls_back=frozenset()), ("9", "M05.FR.16")),
            (strict(falls_back=frozenset({"home", "abroad"})), ("9", "M05.FR.15")),
            (strict(slots_tried=1, forgets_home=True), ("9", "M05.FR.16")),
        ],
    )
    def test_another_root(self, habits: Habits, failed: tuple[str, str]) -> None:
        run = roam("TC_B_47_CS", habits=habits)
        assert (run.verdict, run.failed) == ("fail", [failed])

    @pytest.mark.parametrize("gone", ["status", "chain"])
    def test_the_former_root_is_not_listed(self, gone: str) -> None:
        listings = 0

        def spoil(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            nonlocal listings
            listings += action == "GetInstalledCertificateIdsResponse"
            if action != "GetInstalledCertificateIdsResponse" or listings < 2:
                return payload
            chain = payload["certificateHashDataChain"][1:]
            listed = {"status": "Accepted", "certificateHashDataChain": chain}
            return {"status": "NotFound"} if gone == "status" else listed

        run = roam("TC_B_47_CS", spoil=spoil, habits=STRICT)
        assert run.verdict == "fail"
        assert run.failed[0][0] == "12"


class TestTcB49:
    @pytest.mark.parametrize(
        ("habits", "failed"),
        [
            (Habits(forgets_home=True), ("11", "B10.FR.07")),
            (Habits(slots_tried=1, forgets_home=True), ("9", "B10.FR.03")),
            (Habits(back_off=(0.1,)), ("11", "B10.FR.07")),
        ],
    )
    def test_another_way_back(self, habits: Habits, failed: tuple[str, str]) -> None:
        run = roam("TC_B_49_CS", habits=habits)
        assert (run.verdict, run.failed) == ("fail", [failed])


class TestTcB50:
    @pytest.mark.parametrize("replaces", [False, True])
    def test_the_new_root_is_trusted(self, *, replaces: bool) -> None:
        run = roam("TC_B_50_CS", habits=Habits(profile=2, replaces_roots=replaces))
        assert run.verdict == "pass"
        assert (run.timeline.value.root, run.timeline.value.endpoint) == ("root2", 2)

    def test_it_is_not(self) -> None:
        run = roam("TC_B_50_CS", habits=Habits(profile=2, trusts_oldest_only=True))
        assert (run.verdict, run.failed) == ("fail", [("7", "M05.FR.13")])


class TestTcB57:
    @pytest.mark.parametrize("profile", [1, 2])
    def test_the_wait_doubles(self, profile: int) -> None:
        assert roam("TC_B_57_CS", habits=Habits(profile=profile)).verdict == "pass"

    def test_a_wait_may_look_a_little_shorter(self) -> None:
        early = 3.5 / WAIT_S  # 4 s is the deviation
        assert roam("TC_B_57_CS", habits=Habits(back_off=(1 - early, 2 - early))).verdict == "pass"

    def test_it_may_notice_a_little_late(self) -> None:
        late = 1 + 3.5 / WAIT_S
        assert roam("TC_B_57_CS", habits=Habits(back_off=(late, 2.0))).verdict == "pass"

    @pytest.mark.parametrize(
        ("back_off", "step"),
        [((0.1, 1.0), "2"), ((1.0, 1.0), "7"), ((1.0, 1.5), "7"), ((3.0, 3.0), "7")],
    )
    def test_another_wait(self, back_off: tuple[float, ...], step: str) -> None:
        run = roam("TC_B_57_CS", habits=Habits(back_off=back_off))
        assert (run.verdict, run.failed[0]) == ("fail", (step, "Part 4 §5.3"))
