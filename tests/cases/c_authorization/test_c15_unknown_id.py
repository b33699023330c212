"""TC_C_26 against stations that start an unknown token offline, or do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
CASE = "TC_C_26_CS"
UNKNOWN_ID = "AuthCtrlr.OfflineTxForUnknownIdEnabled"


@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed"])
@pytest.mark.parametrize("stop", ["Authorized", "EVConnected", "EnergyTransfer"])
def test_it_starts_and_is_suspended(remember: Play, start: str, stop: str) -> None:
    run = remember(CASE, start=start, stop=stop)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("odd", "failed"),
    [("refuses unknown", ("1", "C15.FR.08")), ("goes on", ("1", "C15.FR.06"))],
)
def test_a_station_that_errs(remember: Play, odd: str, failed: tuple[str, str]) -> None:
    run = remember(CASE, odd=odd)
    assert run.verdict == "fail"
    assert run.failed[0] == failed


def test_it_goes_on_to_say_suspended(remember: Play, drop: Play) -> None:
    where = {
        "triggerReason": "ChargingStateChanged",
        "transactionInfo.chargingState": "EVConnected",
    }
    run = remember(CASE, stop="EVConnected", spoil=drop("TransactionEvent", where))
    assert run.verdict == "pass", run.because


def test_where_nothing_starts_a_transaction(remember: Play) -> None:
    assert remember(CASE, start="DataSigned").verdict == "inconc"


def test_it_says_suspended_otherwise(remember: Play, alter: Play) -> None:
    where = {"transactionInfo.chargingState": "SuspendedEVSE"}
    changes = {"transactionInfo.chargingState": "SuspendedEV"}
    run = remember(CASE, spoil=alter("TransactionEvent", where, changes))
    assert (run.verdict, run.failed[0]) == ("fail", ("1", "C15.FR.06"))


def test_it_does_not_say_offline(remember: Play, alter: Play) -> None:
    run = remember(CASE, spoil=alter("TransactionEvent", {"offline": True}, {"offline": ...}))
    assert (run.verdict, run.failed[0][1]) == ("fail", "E12.FR.02")


def test_it_reports_another_connector_state(remember: Play, alter: Play) -> None:
    where = {"connectorStatus": "Occupied"}
    run = remember(CASE, spoil=alter("StatusNotification", where, {"connectorStatus": "Faulted"}))
    assert (run.verdict, run.failed[0][1]) == ("fail", "B04.FR.02")


def test_it_reports_no_connector(remember: Play, drop: Play) -> None:
    run = remember(CASE, spoil=drop("StatusNotification", {"connectorStatus": "Occupied"}))
    assert (run.verdict, run.failed) == ("fail", [("1", "B04.FR.02")])


def test_it_tells_the_suspension_as_something_else(remember: Play, alter: Play) -> None:
    where = {"transactionInfo.chargingState": "SuspendedEVSE"}
    run = remember(CASE, spoil=alter("TransactionEvent", where, {"triggerReason": "Deauthorized"}))
    assert (run.verdict, run.failed) == ("fail", [("1", "C15.FR.06")])


def test_what_was_suspended_offline_is_not_it(remember: Play, alter: Play) -> None:
    where = {"triggerReason": "CablePluggedIn", "offline": True}
    changes = {"transactionInfo.chargingState": "SuspendedEVSE"}
    run = remember(CASE, odd="goes on", spoil=alter("TransactionEvent", where, changes))
    assert (run.verdict, run.failed[0]) == ("fail", ("1", "C15.FR.06"))


def test_a_station_without_the_variable(remember: Play) -> None:
    assert remember(CASE, absent=(UNKNOWN_ID,)).verdict == "not_applicable"
