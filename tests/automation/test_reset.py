from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.automation import (
    Action,
    EvEnd,
    EvPlugIn,
    EvPlugOut,
    EvReady,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    RefuseLocalAuthList,
    SetExternalLimit,
    SetFaulted,
    SetUnlockFailed,
)
from vdoc.automation.actions import EvAction, StationAction
from vdoc.automation.reset import after_reboot, reset_actions

TOKEN = PresentToken("T1", "Local", 1, 1)


@pytest.mark.parametrize(
    ("done", "undone"),
    [
        ([], []),
        ([TOKEN, Reboot()], []),
        ([PlugIn(1, 1)], [PlugOut(1, 1)]),
        ([PlugIn(1, 1), PlugOut(1, 1)], []),
        ([PlugIn(1, 1), EvPlugOut(1, 1)], [PlugOut(1, 1, side="station")]),
        ([PlugIn(1, 1), PlugOut(1, 1, side="station")], [EvPlugOut(1, 1)]),
        ([EvPlugIn(1, 1), PlugIn(1, 1, side="station")], [PlugOut(1, 1)]),
        ([PlugIn(1, 1, halfway=True)], [PlugOut(1, 1, side="station")]),
        ([PlugIn(1, 1), PlugIn(2, 1), PlugOut(1, 1)], [PlugOut(2, 1)]),
        ([SetFaulted(True), SetFaulted(False)], []),
        ([SetFaulted(True, 1)], [SetFaulted(False, 1)]),
        ([SetUnlockFailed(True)], [SetUnlockFailed(False)]),
        ([RefuseLocalAuthList(True)], [RefuseLocalAuthList(False)]),
        ([SetExternalLimit("16A"), SetExternalLimit("8A")], [SetExternalLimit(None)]),
        ([EvEnd(1, 1)], [EvReady(True, 1, 1)]),
        ([EvReady(False, 1, 1), EvReady(True, 1, 1)], []),
        (
            [ParkingBay(True, 1), PlugIn(1, 1), TOKEN, SetFaulted(True)],
            [SetFaulted(False), PlugOut(1, 1), ParkingBay(False, 1)],
        ),
    ],
)
def test_only_what_is_still_set_is_undone_in_order(
    done: list[Action], undone: list[Action]
) -> None:
    assert reset_actions(done) == tuple(undone)


def test_what_may_have_been_done_is_undone_and_a_failed_undo_repeated() -> None:
    assert reset_actions([], [PlugIn(1, 1)]) == (PlugOut(1, 1),)
    assert reset_actions([PlugIn(1, 1)], [PlugOut(1, 1)]) == (PlugOut(1, 1),)


@given(st.lists(st.from_type(StationAction | EvAction), max_size=12))  # type: ignore[arg-type]
def test_after_the_reset_nothing_is_left_to_undo(done: list[Action]) -> None:
    assert reset_actions([*done, *reset_actions(done)]) == ()


@pytest.mark.parametrize(
    ("done", "again"),
    [
        ([PlugIn(1, 1)], []),
        ([PlugIn(1, 1), Reboot()], [PlugIn(1, 1)]),
        ([PlugIn(1, 1, side="station"), Reboot()], [PlugIn(1, 1, side="station")]),
        ([EvPlugIn(1, 1), Reboot()], [EvPlugIn(1, 1)]),
        ([PlugIn(1, 1), PlugOut(1, 1), Reboot()], []),
        ([PlugIn(1, 1), Reboot(), PlugOut(1, 1)], []),
        ([PlugIn(1, 1), Reboot(), PlugIn(2, 1)], [PlugIn(1, 1)]),
        ([SetFaulted(True), Reboot()], []),
    ],
)
def test_plugs_in_place_at_the_reboot_are_made_again(
    done: list[Action], again: list[Action]
) -> None:
    assert after_reboot(done) == tuple(again)


def test_places_are_undone_in_their_order() -> None:
    done = [PlugIn(evse, 1, side="both") for evse in (3, 1, 2)]
    assert [each.evse for each in reset_actions(done) if isinstance(each, PlugOut)] == [1, 2, 3]
