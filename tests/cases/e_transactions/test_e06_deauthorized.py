"""Use case E06, scenario 3, against stations that err."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases.interrupting import play_interrupted
from tests.cases.steering import Habits

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
REFUSED = {"triggerReason": "Deauthorized"}
LOST = {"triggerReason": "EVCommunicationLost"}
LATE = {"triggerReason": "EVConnectTimeout"}
REASON = "transactionInfo.stoppedReason"
FIXED = ("TxCtrlr.TxStopPoint",)
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcE16:
    @pytest.mark.parametrize("stop", ["Authorized", "PowerPathClosed", "EnergyTransfer"])
    def test_it_goes_by_the_table(self, stop: str) -> None:
        run = play_interrupted("TC_E_16_CS", variant=LOCAL, stop=stop)
        assert run.verdict == "pass", run.because
        assert run.actions == ["authorize", "plugin"]

    def test_the_token_is_known_where_it_can_be(self) -> None:
        claims = {"profiles": ["LocalAuthListManagement"], "C-49": True}
        run = play_interrupted("TC_E_16_CS", variant=LOCAL, claims=claims)
        assert run.verdict == "pass", run.because
        assert len(run.calls("SendLocalList")) == 1
        assert run.actions.count("plugin") == 2

    def test_energy_transfer_that_is_fixed(self) -> None:
        run = play_interrupted(
            "TC_E_16_CS", variant=LOCAL, stop="Authorized,EnergyTransfer", read_only=FIXED
        )
        assert run.verdict == "not_applicable"

    @pytest.mark.parametrize(
        ("where", "changes", "failed"),
        [
            (REFUSED, {"eventType": "Updated"}, ("3", "E06.FR.04")),
            (REFUSED, {"triggerReason": "StopAuthorized"}, ("3", "E06.FR.04")),
            (REFUSED, {REASON: "Local"}, ("3", "E06.FR.04")),
            (REFUSED, {"transactionInfo.chargingState": "Charging"}, ("3", "E06.FR.04")),
            ({"offline": True}, {"offline": ...}, ("1", "C15.FR.02")),
        ],
    )
    def test_a_wrong_value(
        self, alter: Play, where: Changes, changes: Changes, failed: tuple[str, str]
    ) -> None:
        run = play_interrupted("TC_E_16_CS", variant=LOCAL, spoil=alter(EVENT, where, changes))
        assert run.verdict == "fail"
        assert failed in run.failed

    def test_it_charges_on(self, drop: Play) -> None:
        run = play_interrupted("TC_E_16_CS", variant=LOCAL, spoil=drop(EVENT, REFUSED))
        assert run.failed[0] == ("3", "E06.FR.04")


class TestTcE17:
    def test_a_socket_lets_go_after_the_token(self) -> None:
        run = play_interrupted("TC_E_17_CS", variant=LOCAL)
        assert run.verdict == "pass", run.because
        assert run.actions[-3:] == ["plugout_ev_side", "authorize", "plugout_evse_side"]

    def test_the_csms_unlocks_what_it_started(self) -> None:
        run = play_interrupted("TC_E_17_CS", variant=REMOTE)
        assert run.verdict == "pass", run.because
        assert run.calls("UnlockConnector") == [{"evseId": 1, "connectorId": 1}]

    @pytest.mark.parametrize(
        "changes",
        [
            {"eventType": "Updated"},
            {REASON: "StoppedByEV"},
            {"triggerReason": "Deauthorized"},
            {"transactionInfo.chargingState": "SuspendedEV"},
        ],
    )
    def test_a_wrong_value(self, alter: Play, changes: Changes) -> None:
        run = play_interrupted("TC_E_17_CS", variant=LOCAL, spoil=alter(EVENT, LOST, changes))
        assert run.verdict == "fail"
        assert ("1", "E06.FR.04") in run.failed

    def test_the_connector_stays_occupied(self, alter: Play) -> None:
        spoil = alter("StatusNotification", {"connectorStatus": "Available"},
                      {"connectorStatus": "Occupied"})  # fmt: skip
        run = play_interrupted("TC_E_17_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("3", "G01.FR.01")]


class TestTcE39:
    @pytest.mark.parametrize("start", ["Authorized", "EVConnected", "EnergyTransfer"])
    def test_no_energy_flows(self, start: str) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, start=start)
        assert run.verdict == "pass", run.because
        assert run.actions == ["authorize", "plugin"]

    def test_nobody_opens_a_lock(self) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, claims={"AQ-2": True})
        assert (run.verdict, run.actions) == ("pass", ["authorize"])

    def test_authorized_is_never_a_stop_point(self) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, stop="EVConnected", read_only=FIXED)
        assert run.verdict == "not_applicable"

    @pytest.mark.parametrize(
        "changes", [{"eventType": "Updated"}, {"triggerReason": "Deauthorized"}, {REASON: "Other"}]
    )
    def test_a_wrong_value(self, alter: Play, changes: Changes) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, spoil=alter(EVENT, LATE, changes))
        assert run.verdict == "fail"
        assert ("1", "E03.FR.05") in run.failed

    @pytest.mark.parametrize(
        ("traits", "step"),
        [
            ({"habits": Habits(gives_up_after=0.25)}, "1"),
            ({"habits": Habits(gives_up_after=9.0)}, "1"),
            ({"habits": Habits(keeps_evse=True)}, "5"),
        ],
    )
    def test_a_station_that_errs(self, traits: Changes, step: str) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, **traits)
        assert run.verdict == "fail"
        assert run.failed[0][0] == step

    def test_the_cable_is_told_as_a_mere_change(self, alter: Play) -> None:
        plugged = {"triggerReason": "CablePluggedIn"}
        spoil = alter(EVENT, plugged, {"triggerReason": "ChargingStateChanged"})
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, start="EVConnected", spoil=spoil)
        assert run.failed[0] == ("5", "E01.FR.02")

    def test_the_cable_is_not_reported(self, drop: Play) -> None:
        run = play_interrupted("TC_E_39_CS", variant=LOCAL, spoil=drop("StatusNotification", {}))
        assert run.failed == [("3", "E02.FR.05")]
