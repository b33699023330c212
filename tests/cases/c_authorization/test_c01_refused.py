"""TC_C_04 to TC_C_07 and TC_C_56 against stations that behave, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Play = Callable[..., Any]
_SOCKET = [{"id": 1, "connectorType": "sType2"}]
EVSES = {"HFS-8": 2, "evse": [{"id": n, "connectors": _SOCKET} for n in (1, 2)]}
REFUSED = ["TC_C_05_CS", "TC_C_06_CS", "TC_C_07_CS", "TC_C_56_CS"]


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("start", ["EVConnected,Authorized", "PowerPathClosed"])
def test_a_refused_token_starts_nothing(remember: Play, case: str, start: str) -> None:
    run = remember(case, start=start)
    assert run.verdict == "pass", run.because


def test_where_the_cable_comes_first(remember: Play) -> None:
    assert remember("TC_C_05_CS").actions == ["authorize"]
    assert remember("TC_C_06_CS").actions == ["plugin", "authorize"]
    assert remember("TC_C_56_CS", claims={"AQ-2": True}).actions == ["authorize"]


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_token_starts(remember: Play, case: str) -> None:
    run = remember(case, odd="accepts all")
    assert (run.verdict, run.failed) == ("fail", [("after 2", "E02.FR.20")])


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_starts_before_the_question(remember: Play, case: str) -> None:
    run = remember(case, odd="asks afterwards")
    assert (run.verdict, run.failed[0]) == ("fail", ("after 2", "E02.FR.20"))


@pytest.mark.parametrize("case", [*REFUSED, "TC_C_04_CS"])
def test_the_csms_is_not_asked(remember: Play, drop: Play, case: str) -> None:
    started = {"TC_C_04_CS": {"idToken.idToken": "ISO14-2"}}
    run = remember(case, spoil=drop("Authorize", started.get(case, {})))
    assert (run.verdict, run.failed) == ("fail", [("1", "C01.FR.02")])


class TestTcC04:
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
    def test_another_token_stops_nothing(self, remember: Play, stop: str) -> None:
        run = remember("TC_C_04_CS", stop=stop)
        assert run.verdict == "pass", run.because

    def test_an_event_of_another_transaction(self, remember: Play, alter: Play) -> None:
        where = {"transactionInfo.chargingState": "Charging"}
        spoil = alter("TransactionEvent", where, {"transactionInfo.transactionId": "other"})
        run = remember("TC_C_04_CS", spoil=spoil, claims=EVSES)
        assert run.verdict == "fail"

    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
    def test_another_token_stops(self, remember: Play, stop: str) -> None:
        run = remember("TC_C_04_CS", odd="mixes groups", stop=stop)
        assert (run.verdict, run.failed[0]) == ("fail", ("after 2", "C01.FR.03"))
