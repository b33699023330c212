"""Memory states, as TC_E_43_CS uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LOCAL = {"local": "ISO14443"}
Play = Callable[..., Any]


def test_a_token_is_cached_by_a_whole_session(play: Play) -> None:
    run = play("TC_E_43_CS", variant=LOCAL, claims={"C-49": True})
    first, second = run.actions[:4], run.actions[4:]
    assert first == ["authorize", "plugin", "authorize", "plugout"]
    assert second == ["plugin", "authorize", "authorize", "plugout"]


def test_the_local_list_has_the_token(play: Play) -> None:
    run = play("TC_E_43_CS", variant=LOCAL, claims={"profiles": ["LocalAuthListManagement"]})
    (request,) = run.calls("SendLocalList")
    (entry,) = request["localAuthorizationList"]
    assert request["updateType"] == "Full"
    assert entry["idToken"] == {"idToken": "ISO14-1", "type": "ISO14443"}


def test_a_refused_list_makes_the_case_inconclusive(play: Play, alter: Play) -> None:
    spoil = alter("SendLocalListResponse", {}, {"status": "Failed"})
    claims = {"profiles": ["LocalAuthListManagement"]}
    run = play("TC_E_43_CS", variant=LOCAL, claims=claims, spoil=spoil)
    assert run.verdict == "inconc"
    label = "Before.TransactionEventsInQueueEnded.IdTokenLocalAuthList.2"
    assert run.failed == [(label, "D01.FR.01")]


def test_the_bay_is_used_where_it_can_start_a_transaction(play: Play) -> None:
    run = play("TC_E_43_CS", variant=LOCAL, start="ParkingBayOccupancy", stop="EVConnected")
    assert run.verdict == "pass"
    assert (run.actions[0], run.actions[-1]) == ("parking_in", "parking_out")
