"""TC_F_02 to TC_F_04: a remote start before the cable is plugged in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.steering import Habits, nth

POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy")
REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
GIVEN_UP = {"triggerReason": "EVConnectTimeout"}
BAY = {"C-09.6": True}
ASKS = "AuthCtrlr.AuthorizeRemoteStart"
Play = Callable[..., Any]
Changes = Mapping[str, Any]

_points = st.lists(st.sampled_from(POINTS), min_size=1, max_size=3, unique=True).map(",".join)
_kinds = st.sampled_from(["ISO14443", "ISO15693", "Central", "NoAuthorization"])


@pytest.mark.parametrize("case", ["TC_F_02_CS", "TC_F_03_CS", "TC_F_04_CS"])
def test_every_conforming_station_passes(steer: Play, case: str) -> None:
    @settings(max_examples=30, deadline=None, derandomize=True)
    @given(_kinds, _points, _points)
    def passes(kind: str, start: str, stop: str) -> None:
        run = steer(case, variant={"remote": kind}, start=start, stop=stop, claims=BAY)
        assert run.verdict == "pass", run.because

    passes()


class TestTcF02:
    def test_it_goes_by_the_table(self, steer: Play) -> None:
        run = steer("TC_F_02_CS", variant=REMOTE, variables={ASKS: "false"})
        assert (run.verdict, run.actions) == ("pass", ["plugin"])
        assert [c["setVariableData"][0]["attributeValue"] for c in run.calls("SetVariables")] == [
            "true"
        ]

    def test_the_csms_is_not_asked(self, steer: Play, drop: Play) -> None:
        run = steer("TC_F_02_CS", variant=REMOTE, spoil=drop("Authorize", {}))
        assert run.failed == [("Authorized.3", "F01.FR.01")]

    @pytest.mark.parametrize("path", ["idToken.idToken", "idToken.type"])
    def test_the_csms_is_asked_about_another_token(
        self, steer: Play, alter: Play, path: str
    ) -> None:
        spoil = alter("Authorize", {}, {path: "Central"})
        run = steer("TC_F_02_CS", variant=REMOTE, spoil=spoil)
        assert ("Authorized.3", "F01.FR.01") in run.failed

    @pytest.mark.parametrize("name", [ASKS, "AuthCtrlr.Enabled"])
    def test_a_station_that_never_asks_is_not_concerned(self, steer: Play, name: str) -> None:
        run = steer("TC_F_02_CS", variant=REMOTE, variables={name: "false"}, read_only=(name,))
        assert run.verdict == "not_applicable"
        assert run.because.startswith(f"{name} is ReadOnly and not true")

    def test_it_does_not_say_whether_it_asks(self, steer: Play, alter: Play) -> None:
        named = {"getVariableResult.0.variable.name": "AuthorizeRemoteStart"}
        unknown = {
            "getVariableResult.0.attributeStatus": "UnknownVariable",
            "getVariableResult.0.attributeValue": ...,
        }
        run = steer(
            "TC_F_02_CS", variant=REMOTE, spoil=alter("GetVariablesResponse", named, unknown)
        )
        assert run.verdict == "inconc"

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"triggerReason": "Authorized"}, ("Authorized.5", "E01.FR.03")),
            ({"idToken": ...}, ("Authorized.5", "E01.FR.10")),
            ({"transactionInfo.remoteStartId": ...}, ("general", "F01.FR.25")),
        ],
    )
    def test_a_wrong_event(
        self, steer: Play, alter: Play, changes: Changes, failed: tuple[str, str]
    ) -> None:
        spoil = alter(EVENT, {"triggerReason": "RemoteStart"}, changes)
        run = steer("TC_F_02_CS", variant=REMOTE, spoil=spoil)
        assert run.verdict == "fail"
        assert failed in run.failed


class TestTcF03:
    def test_it_goes_by_the_table(self, steer: Play) -> None:
        run = steer("TC_F_03_CS", variant=REMOTE)
        assert (run.verdict, run.actions) == ("pass", ["plugin"])

    def test_somebody_is_asked(self, steer: Play) -> None:
        run = steer("TC_F_03_CS", variant=REMOTE, habits=Habits(asks_anyway=True))
        assert (run.verdict, run.failed) == ("fail", [("1", "F01.FR.02")])

    def test_a_station_that_always_asks_is_not_concerned(self, steer: Play) -> None:
        run = steer("TC_F_03_CS", variant=REMOTE, variables={ASKS: "true"}, read_only=(ASKS,))
        assert run.verdict == "not_applicable"

    def test_it_is_rejected(self, steer: Play, alter: Play) -> None:
        spoil = alter("RequestStartTransactionResponse", {}, {"status": "Rejected"})
        run = steer("TC_F_03_CS", variant=REMOTE, spoil=spoil)
        assert run.failed == [("Authorized.2", "F02.FR.01")]


class TestTcF04:
    def test_it_goes_by_the_table(self, steer: Play) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, claims={"C-49": False})
        assert (run.verdict, run.actions) == ("pass", [])
        assert len(run.calls("RequestStartTransaction")) == 2

    def test_the_start_point_is_set_where_it_must_be(self, steer: Play) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, start="EVConnected")
        values = [c["setVariableData"][0]["attributeValue"] for c in run.calls("SetVariables")]
        assert (run.verdict, values[-1]) == ("pass", "Authorized")

    def test_without_a_transaction_the_evse_is_free_all_the_same(self, steer: Play) -> None:
        point = "TxCtrlr.TxStartPoint"
        fixed = {"start": "EVConnected", "read_only": (point,)}
        assert steer("TC_F_04_CS", variant=REMOTE, **fixed).verdict == "pass"
        run = steer("TC_F_04_CS", variant=REMOTE, habits=Habits(keeps_evse=True), **fixed)
        assert run.failed == [("Authorized.2", "F02.FR.01")]

    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "StopAuthorized"},
            {"triggerReason": "TimeLimitReached"},
            {"eventType": "Updated"},
            {"transactionInfo.stoppedReason": "Local"},
            {"transactionInfo.stoppedReason": ...},
        ],
    )
    def test_a_wrong_value(self, steer: Play, alter: Play, changes: Changes) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, spoil=alter(EVENT, GIVEN_UP, changes))
        assert run.verdict == "fail"
        assert run.failed[0] == ("1", "F02.FR.07")

    def test_it_waits_for_ever(self, steer: Play) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, habits=Habits(gives_up_after=100.0))
        assert run.failed == [("1", "F02.FR.07")]

    def test_it_gives_up_too_early(self, steer: Play) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, habits=Habits(gives_up_after=0.5))
        assert run.failed == [("1", "F02.FR.07")]

    @pytest.mark.parametrize(("stop", "verdict"), [("Authorized", "fail"), ("EVConnected", "fail")])
    def test_the_transaction_goes_on(self, steer: Play, stop: str, verdict: str) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, stop=stop, habits=Habits(goes_on=True))
        assert run.verdict == verdict
        assert run.failed[0] == ("1", "F02.FR.07")

    def test_only_the_parking_bay_lets_it_go_on(self, steer: Play) -> None:
        stop = "ParkingBayOccupancy"
        run = steer("TC_F_04_CS", variant=REMOTE, stop=stop, claims=BAY)
        assert run.verdict == "pass"

    @pytest.mark.parametrize(
        ("pre_authorizes", "missed"), [("false", True), ("true", False), (None, False)]
    )
    def test_the_second_start_is_not_asked_for(
        self, steer: Play, drop: Play, pre_authorizes: str | None, missed: bool
    ) -> None:
        known = {} if pre_authorizes is None else {"AuthCtrlr.LocalPreAuthorize": pre_authorizes}
        spoil = nth(2, drop("Authorize", {}), "Authorize")
        claims = {"C-49": True}
        run = steer("TC_F_04_CS", variant=REMOTE, claims=claims, variables=known, spoil=spoil)
        assert (("Authorized.3", "F01.FR.01") in run.failed) is missed

    def test_the_evse_is_kept(self, steer: Play) -> None:
        run = steer("TC_F_04_CS", variant=REMOTE, habits=Habits(keeps_evse=True))
        assert run.failed == [("Authorized.2", "F02.FR.01")]
