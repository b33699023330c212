"""TC_F_01: a remote start where the cable is plugged in already; what holds for TC_F_08 as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

POINTS = ("EVConnected", "Authorized", "PowerPathClosed", "EnergyTransfer", "ParkingBayOccupancy")
STYLES = ("notify_event", "status_last", "separate_stop", "suspended_first")
REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
STARTED = {"triggerReason": "RemoteStart"}
Play = Callable[..., Any]
Changes = Mapping[str, Any]

_points = st.lists(st.sampled_from(POINTS), min_size=1, max_size=3, unique=True).map(",".join)
_style = st.fixed_dictionaries({name: st.booleans() for name in STYLES})
_asks = st.sampled_from(["true", "false"])


@pytest.mark.parametrize("case", ["TC_F_01_CS", "TC_F_08_CS"])
def test_every_conforming_station_passes(play: Play, case: str) -> None:
    kinds = st.sampled_from(["ISO14443", "ISO15693", "Central", "NoAuthorization"])

    @settings(max_examples=30, deadline=None, derandomize=True)
    @given(kinds, _points, _points, _style, _asks)
    def passes(kind: str, start: str, stop: str, style: dict[str, bool], asks: str) -> None:
        run = play(
            case,
            variant={"remote": kind},
            start=start,
            stop=stop,
            variables={"AuthCtrlr.AuthorizeRemoteStart": asks},
            **style,
        )
        assert run.verdict == "pass", run.because

    passes()


class TestTcF01:
    def test_it_goes_by_the_table(self, play: Play) -> None:
        run = play("TC_F_01_CS", variant=REMOTE)
        assert (run.verdict, run.actions) == ("pass", ["plugin"])
        request = run.calls("RequestStartTransaction")[0]
        assert request["idToken"] == {"idToken": "ISO14-1", "type": "ISO14443"}
        assert request["evseId"] == 1

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"triggerReason": "Authorized"}, ("Authorized.5", "F01.FR.19")),
            ({"eventType": "Ended"}, ("Authorized.5", "F01.FR.19")),
            ({"idToken.idToken": "other"}, ("Authorized.5", "E01.FR.10")),
            ({"idToken": ...}, ("Authorized.5", "E01.FR.10")),
            ({"transactionInfo.remoteStartId": ...}, ("general", "F01.FR.25")),
            ({"transactionInfo.remoteStartId": 1}, ("general", "F01.FR.25")),
        ],
    )
    def test_a_wrong_value(
        self, play: Play, alter: Play, changes: Changes, failed: tuple[str, str]
    ) -> None:
        run = play("TC_F_01_CS", variant=REMOTE, spoil=alter(EVENT, STARTED, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"status": "Rejected"}, ("Authorized.2", "F01.FR.13")),
            ({"transactionId": ...}, ("Authorized.2", "F01.FR.13")),
            ({"transactionId": "other"}, ("Authorized.2", "F01.FR.13")),
        ],
    )
    def test_a_wrong_response(
        self, play: Play, alter: Play, changes: Changes, failed: tuple[str, str]
    ) -> None:
        spoil = alter("RequestStartTransactionResponse", {}, changes)
        run = play("TC_F_01_CS", variant=REMOTE, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_the_csms_is_not_asked(self, play: Play, drop: Play) -> None:
        run = play("TC_F_01_CS", variant=REMOTE, spoil=drop("Authorize", {}))
        assert run.failed == [("Authorized.3", "F01.FR.01")]

    @pytest.mark.parametrize("start", ["EnergyTransfer", "PowerPathClosed"])
    def test_a_later_start_says_remote_start_too(self, play: Play, alter: Play, start: str) -> None:
        spoil = alter(EVENT, STARTED, {"triggerReason": "ChargingStateChanged"})
        run = play("TC_F_01_CS", variant=REMOTE, start=start, spoil=spoil)
        assert run.verdict == "fail"
        assert ("general", "F01.FR.19") in run.failed
