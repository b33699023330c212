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
    assert run.verdict == "pass", run.because


def test_a_station_without_the_variable(remember: Play) -> None:
    assert remember(CASE, absent=(UNKNOWN_ID,)).verdict == "not_applicable"
