from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.automation import (
    Action,
    EvIso15118,
    EvReady,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    SetExternalLimit,
    SetFaulted,
    from_json,
)
from vdoc.automation.actions import EvAction, ProgramAction, StationAction
from vdoc.automation.tokens import BINDINGS

KINDS = get_args(StationAction) + get_args(EvAction) + get_args(ProgramAction)
actions = st.one_of([st.from_type(kind) for kind in KINDS])


@given(actions)
def test_every_action_survives_its_json(action: Action) -> None:
    assert from_json(json.loads(json.dumps(action.as_json()))) == action


@given(actions)
def test_actions_are_values(action: Action) -> None:
    assert len({action, from_json(action.as_json())}) == 1


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        (PlugIn(1, 1), "plugin"),
        (PlugIn(1, 1, side="station"), "plugin_evse_side"),
        (PlugIn(1, 1, halfway=True), "plugin_halfway"),
        (PlugOut(1, 1), "plugout"),
        (PlugOut(1, 1, side="station"), "plugout_evse_side"),
        (ParkingBay(True, 1), "parking_in"),
        (ParkingBay(False, 1), "parking_out"),
        (SetFaulted(True), "set_faulted"),
        (SetFaulted(False), "clear_faulted"),
        (EvReady(False, 1, 1), "ev_not_ready"),
        (EvIso15118("pnc", 1, 1), "pnc"),
    ],
)
def test_an_action_has_the_name_of_its_catalogue_token(action: Action, operation: str) -> None:
    assert action.operation == operation
    assert operation in BINDINGS


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (PlugIn, {"evse": 0, "connector": 1}),
        (PlugIn, {"evse": "1", "connector": 1}),
        (PresentToken, {"id_token": "x" * 37, "type": "Local", "evse": 1, "connector": 1}),
        (PresentToken, {"id_token": "x", "type": "local", "evse": 1, "connector": 1}),
        (SetExternalLimit, {"limit": ""}),
        (SetExternalLimit, {"limit": "16 A"}),
        (EvIso15118, {"iso15118": "dance", "evse": 1, "connector": 1}),
        (Reboot, {"evse": 1}),
    ],
)
def test_illegal_content_is_refused_when_built(
    kind: type[Action], fields: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match=kind.__name__):
        kind(**fields)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"action": "Dance"}, "unknown action 'Dance'"),
        ({"operation": "plugout"}, "'plugout' is not 'plugin'"),
        ({"evse": None}, "evse"),
        ({"more": 1}, "more"),
    ],
)
def test_altered_evidence_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        from_json(PlugIn(1, 1).as_json() | change)
