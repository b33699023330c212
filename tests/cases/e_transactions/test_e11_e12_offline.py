"""Use cases E11 and E12 against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
PLUGGED = {"triggerReason": "CablePluggedIn"}
AUTHORIZED = {"triggerReason": "Authorized"}
OFFLINE = {"offline": True}
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcE40:
    def test_the_queue_is_told(self, play: Play) -> None:
        run = play("TC_E_40_CS", variant=LOCAL)
        assert run.verdict == "pass"
        settings = [c["setVariableData"][0]["attributeValue"] for c in run.calls("SetVariables")]
        assert settings == ["Energy.Active.Import.Register", "10", "75", "15", "0"]

    @pytest.mark.parametrize(
        ("changes", "failed"),
        [
            ({"offline": False}, ("3", "E11.FR.02")),
            ({"offline": ...}, ("3", "E11.FR.02")),
            ({"meterValue": ...}, ("3", "E11.FR.03")),
            ({"eventType": "Ended"}, ("3", "E11.FR.01")),
        ],
    )
    def test_a_wrong_value(
        self, play: Play, alter: Play, changes: Changes, failed: tuple[str, str]
    ) -> None:
        run = play("TC_E_40_CS", variant=LOCAL, spoil=alter(EVENT, OFFLINE, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    @pytest.mark.parametrize(("after_s", "verdict"), [(3, "pass"), (5, "fail")])
    def test_the_cut_need_not_be_noticed_at_once(
        self, play: Play, after_s: float, verdict: str
    ) -> None:
        cut: list[datetime] = []

        def late_to_notice(action: str, payload: Any) -> Any:
            if action != EVENT or not payload.get("offline"):
                return payload
            occurred = datetime.fromisoformat(payload["timestamp"])
            cut.append(occurred)
            early = (occurred - cut[0]).total_seconds() < after_s
            return {k: v for k, v in payload.items() if k != "offline" or not early}

        variables = {"SampledDataCtrlr.TxUpdatedInterval": "1"}
        tree = {"values": {"transaction_update_interval_s": 1}}
        run = play(
            "TC_E_40_CS", variant=LOCAL, variables=variables, tree=tree, spoil=late_to_notice
        )
        assert run.verdict == verdict, run.because
        assert set(run.failed) <= {("3", "E11.FR.02")}

    def test_nothing_is_queued(self, play: Play, drop: Play) -> None:
        run = play("TC_E_40_CS", variant=LOCAL, spoil=drop(EVENT, OFFLINE))
        assert run.failed[0] == ("3", "E11.FR.01")

    def test_the_station_stays_away(self, play: Play) -> None:
        run = play("TC_E_40_CS", variant=LOCAL, retry_s=1000.0)
        assert run.failed == [("2", "E11.FR.01")]


class TestTcE43:
    @pytest.mark.parametrize(
        "claims", [{}, {"C-49": True}, {"profiles": ["LocalAuthListManagement"], "C-49": True}]
    )
    def test_the_token_is_made_known_where_it_can_be(self, play: Play, claims: Changes) -> None:
        run = play("TC_E_43_CS", variant=LOCAL, claims=claims)
        assert run.verdict == "pass"
        assert len(run.calls("SendLocalList")) == int("profiles" in claims)
        assert run.actions.count("plugin") == 1 + int("C-49" in claims)

    @pytest.mark.parametrize(
        ("where", "changes", "failed"),
        [
            (OFFLINE, {"offline": ...}, ("1", "E12.FR.02")),
            ({"eventType": "Started"}, {"eventType": "Updated"}, ("1", "E12.FR.01")),
            ({"eventType": "Ended"}, {"eventType": "Updated"}, ("1", "E12.FR.01")),
            (PLUGGED, {"evse": ...}, ("general", "E01.FR.16")),
            (AUTHORIZED, {"idToken": ...}, ("general", "E01.FR.10")),
            (AUTHORIZED, {"idToken.idToken": "other"}, ("general", "E01.FR.10")),
            (AUTHORIZED, {"seqNo": 7}, ("general", "E01.FR.07")),
        ],
    )
    def test_a_wrong_value(
        self, play: Play, alter: Play, where: Changes, changes: Changes, failed: tuple[str, str]
    ) -> None:
        run = play("TC_E_43_CS", variant=LOCAL, spoil=alter(EVENT, where, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_nothing_is_queued(self, play: Play, drop: Play) -> None:
        run = play("TC_E_43_CS", variant=LOCAL, spoil=drop(EVENT, {}))
        assert run.failed == [("1", "E12.FR.01")]
