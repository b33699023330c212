"""TC_G_11, TC_G_14, TC_G_17: what becomes inoperative after the transaction that uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

STATUS = "StatusNotification"
EVENT = "TransactionEvent"
ANSWER = "ChangeAvailabilityResponse"
STOPS = ("Authorized", "EnergyTransfer", "EVConnected", "ParkingBayOccupancy", "PowerPathClosed")
CASES = {
    "TC_G_11_CS": ({"evse": {"id": 1}}, "G03.FR.05", 4),
    "TC_G_14_CS": ({}, "G04.FR.06", 6),
    "TC_G_17_CS": ({"evse": {"id": 1, "connectorId": 1}}, "G03.FR.05", 4),
}
Play = Callable[..., Any]


@pytest.mark.parametrize("lag_s", [0.1, -0.04])
@pytest.mark.parametrize("by_table", [False, True])
@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("case", CASES)
def test_a_sound_station(change: Play, case: str, stop: str, by_table: bool, lag_s: float) -> None:
    run = change(case, stop=stop, by_table=by_table, connectors=2, second_evse=True, lag_s=lag_s)
    assert run.verdict == "pass", run.because
    asked = {"operationalStatus": "Inoperative", **CASES[case][0]}
    assert run.calls("ChangeAvailability") == [asked]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("variant", [{"local": "KeyCode"}, {"remote": "Central"}])
def test_every_way_to_stop(change: Play, case: str, variant: dict[str, str]) -> None:
    assert change(case, variant=variant, notify_event=True).verdict == "pass"


@pytest.mark.parametrize("case", CASES)
class TestRefused:
    @pytest.mark.parametrize("status", ["Accepted", "Rejected"])
    def test_the_answer(self, change: Play, alter: Play, case: str, status: str) -> None:
        run = change(case, spoil=alter(ANSWER, {}, {"status": status}))
        assert (run.verdict, run.failed) == ("fail", [("2", CASES[case][1])])

    def test_it_is_forgotten(self, change: Play, case: str) -> None:
        _, requirement, step = CASES[case]
        run = change(case, forgets=True)
        assert (run.verdict, run.failed) == ("fail", [(str(step), requirement)])

    def test_it_does_not_wait(self, change: Play, case: str) -> None:
        _, requirement, step = CASES[case]
        run = change(case, early=True)
        assert run.verdict == "fail"
        assert run.failed[0] == (str(step), requirement)
        assert "while its transaction runs" in run.because

    @pytest.mark.parametrize(("stop", "later"), [("EVConnected", 6), ("ParkingBayOccupancy", 9)])
    def test_it_stays_available(
        self, change: Play, drop: Play, case: str, stop: str, later: int
    ) -> None:
        _, requirement, step = CASES[case]
        spoil = drop(STATUS, {"connectorStatus": "Unavailable", "evseId": 1})
        run = change(case, stop=stop, by_table=True, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [(str(step + later), requirement)])

    def test_it_is_told_otherwise_in_the_end(self, change: Play, case: str) -> None:
        told: list[str] = []

        def spoil(action: str, payload: Any) -> Any:
            if action != STATUS or payload["connectorStatus"] != "Unavailable":
                return payload
            told.append(action)
            return payload if len(told) == 1 else {**payload, "connectorStatus": "Available"}

        run = change(case, repeats_after_stop=True, spoil=spoil)
        requirement = "G04.FR.05" if case == "TC_G_14_CS" else "G03.FR.04"
        assert run.verdict == "fail"
        assert run.failed == [("EVDisconnected.1", "G01.FR.05"), ("post", requirement)]


def test_the_other_evse_has_to_follow_at_once(change: Play, drop: Play) -> None:
    run = change("TC_G_14_CS", second_evse=True, spoil=drop(STATUS, {"evseId": 2}))
    assert (run.verdict, run.failed) == ("fail", [("3", "G04.FR.07")])


def test_the_other_connector_has_to_follow(change: Play, drop: Play) -> None:
    run = change("TC_G_11_CS", connectors=2, spoil=drop(STATUS, {"connectorId": 2}))
    assert (run.verdict, run.failed) == ("fail", [("4", "G03.FR.05")])


@pytest.mark.parametrize("state", ["Reserved", "Faulted"])
def test_an_odd_state_when_the_ev_leaves(change: Play, alter: Play, state: str) -> None:
    spoil = alter(STATUS, {"connectorStatus": "Available"}, {"connectorStatus": state})
    run = change("TC_G_11_CS", stop="ParkingBayOccupancy", by_table=True, spoil=spoil)
    assert run.failed == [("EVDisconnected.1", "G01.FR.05")]


def test_energy_does_not_flow_before(change: Play, drop: Play) -> None:
    run = change("TC_G_11_CS", spoil=drop(EVENT, {"transactionInfo.chargingState": "Charging"}))
    assert run.verdict == "inconc"
