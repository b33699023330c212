"""TC_C_02_CS against stations that behave, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LOCAL = {"local": "ISO14443"}
Play = Callable[..., Any]


class TestTcC02:
    @pytest.mark.parametrize("kind", ["ISO14443", "ISO15693", "KeyCode"])
    @pytest.mark.parametrize("start", ["EVConnected", "Authorized", "PowerPathClosed"])
    def test_a_refused_token_starts_nothing(self, play: Play, kind: str, start: str) -> None:
        run = play("TC_C_02_CS", variant={"local": kind}, start=start)
        assert run.verdict == "pass"
        assert run.actions == ["plugin", "authorize"]

    def test_samples_of_a_running_transaction_may_come(self, play: Play) -> None:
        interval = {"SampledDataCtrlr.TxUpdatedInterval": "7"}
        assert play("TC_C_02_CS", variant=LOCAL, variables=interval).verdict == "pass"

    def test_a_station_that_charges_all_the_same(self, play: Play) -> None:
        run = play("TC_C_02_CS", variant=LOCAL, decides=False)
        assert run.verdict == "fail"
        assert run.failed == [("after 2", "E02.FR.20")]

    @pytest.mark.parametrize("field", ["idToken", "type"])
    def test_another_token_is_asked_for(self, play: Play, alter: Play, field: str) -> None:
        spoil = alter("Authorize", {}, {f"idToken.{field}": "Central"})
        run = play("TC_C_02_CS", variant=LOCAL, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("1", "C01.FR.02")])

    def test_the_csms_is_not_asked(self, play: Play, drop: Play) -> None:
        run = play("TC_C_02_CS", variant=LOCAL, spoil=drop("Authorize", {}))
        assert (run.verdict, run.failed) == ("fail", [("1", "C01.FR.02")])

    def test_plugging_in_goes_unreported(self, play: Play, drop: Play) -> None:
        run = play("TC_C_02_CS", variant=LOCAL, spoil=drop("StatusNotification", {}))
        assert run.verdict == "inconc"
        assert run.failed == [("Before.EVConnectedPreSession.1", "E02.FR.05")]
