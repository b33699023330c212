"""Use case E03: an EV that is not ready, and a CSMS that is not to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases.insisting import InsistentCharger, play_insisting
from tests.cases.playing import altering, dropping

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
SUSPENDED = {"transactionInfo.chargingState": "SuspendedEV"}


class _SwitchedOff(InsistentCharger):
    """Neither its cache nor its local list is enabled."""

    def __init__(self, variables: dict[str, str], **station: Any) -> None:
        super().__init__(variables, **station)
        self.answers["ClearCache"] = lambda _payload: {"status": "Rejected"}
        self.answers["SendLocalList"] = lambda _payload: {"status": "Failed"}


class TestTcE38:
    @pytest.mark.parametrize("variant", [LOCAL, REMOTE, {"remote": "Central"}])
    @pytest.mark.parametrize("start", ["Authorized", "EVConnected", "PowerPathClosed"])
    @pytest.mark.parametrize("stop", ["Authorized", "EnergyTransfer"])
    def test_a_sound_station_passes(self, variant: dict[str, str], start: str, stop: str) -> None:
        run = play_insisting("TC_E_38_CS", variant=variant, start=start, stop=stop)
        assert run.verdict == "pass", run.because

    def test_energy_alone_starts(self) -> None:
        run = play_insisting("TC_E_38_CS", variant=LOCAL, start="EnergyTransfer")
        assert run.verdict == "not_applicable"

    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "EVDetected"},
            {"transactionInfo.chargingState": "SuspendedEVSE"},
            {"transactionInfo.chargingState": "Charging"},
            {"eventType": "Ended"},
        ],
    )
    def test_a_wrong_value(self, changes: Mapping[str, Any]) -> None:
        spoil = altering(EVENT, SUSPENDED, changes)
        run = play_insisting("TC_E_38_CS", variant=LOCAL, spoil=spoil)
        assert ("2", "E01.FR.18") in run.failed

    def test_nothing_is_told(self) -> None:
        spoil = dropping(EVENT, SUSPENDED)
        run = play_insisting("TC_E_38_CS", variant=LOCAL, spoil=spoil)
        assert ("2", "E01.FR.18") in run.failed


class TestTcE52:
    @pytest.mark.parametrize("start", ["Authorized", "EVConnected", "EnergyTransfer"])
    @pytest.mark.parametrize("kind", ["ISO14443", "KeyCode", "MacAddress"])
    def test_a_sound_station_passes(self, kind: str, start: str) -> None:
        run = play_insisting("TC_E_52_CS", variant={"local": kind}, start=start)
        assert run.verdict == "pass", run.because

    def test_the_lists_are_emptied(self) -> None:
        claims = {"profiles": ["LocalAuthListManagement"], "C-49": True}
        run = play_insisting("TC_E_52_CS", variant=LOCAL, claims=claims)
        assert run.verdict == "pass", run.because
        assert run.calls("ClearCache")
        assert run.calls("SendLocalList") == [{"versionNumber": 2, "updateType": "Full"}]

    def test_lists_that_are_switched_off_may_refuse(self) -> None:
        claims = {"profiles": ["LocalAuthListManagement"], "C-49": True}
        run = play_insisting("TC_E_52_CS", variant=LOCAL, claims=claims, kind=_SwitchedOff)
        assert run.verdict == "pass", run.because

    def test_the_token_is_accepted_before_the_action_api_answers(self) -> None:
        run = play_insisting("TC_E_52_CS", variant=LOCAL, accepts_unasked=True, lag_s=-0.04)
        assert ("1", "C01.FR.02") in run.failed

    def test_nobody_can_plug_in(self) -> None:
        run = play_insisting("TC_E_52_CS", variant=LOCAL, claims={"AQ-2": True})
        assert (run.verdict, run.actions) == ("pass", ["authorize"])

    def test_the_csms_is_asked(self) -> None:
        run = play_insisting("TC_E_52_CS", variant=LOCAL, asks_anyway=True)
        assert ("1", "C01.FR.02") in run.failed

    @pytest.mark.parametrize(
        ("start", "failed"),
        [("Authorized", ("1", "C01.FR.02")), ("EnergyTransfer", ("3", "C01.FR.01"))],
    )
    def test_the_token_is_accepted(self, start: str, failed: tuple[str, str]) -> None:
        run = play_insisting("TC_E_52_CS", variant=LOCAL, start=start, accepts_unasked=True)
        assert failed in run.failed
