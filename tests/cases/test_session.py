"""How a session waits, and what it says when it waits in vain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.charging import Charger
from tests.cases.playing import VARIABLES, Payload, facts, play_against

LOCAL = {"local": "ISO14443"}
EVENT = "TransactionEvent"
CHARGING = {"transactionInfo.chargingState": "Charging"}
Play = Callable[..., Any]


def test_the_report_names_what_came_instead(play: Play, alter: Play) -> None:
    changes = {"transactionInfo.chargingState": "SuspendedEV"}
    run = play("TC_E_03_CS", variant=LOCAL, spoil=alter(EVENT, CHARGING, changes))
    wrong, missing = run.result.failures
    assert (wrong.expected, wrong.actual) == ("'Charging'", "'SuspendedEV'")
    assert "energy begins to flow" in missing.what
    assert "2: Updated/ChargingStateChanged/SuspendedEV" in missing.actual
    assert missing.n == wrong.n


def test_extra_events_do_no_harm(play: Play) -> None:
    run = play("TC_E_03_CS", variant=LOCAL, suspended_first=True)
    assert run.verdict == "pass"


def test_an_event_that_was_overtaken_is_waited_for(play: Play) -> None:
    run = play("TC_F_08_CS", variant=LOCAL, separate_stop=True, delays={"RemoteStop": 2.0})
    assert run.verdict == "pass", run.because


def test_the_reader_may_tell_the_token_in_upper_case(play: Play, alter: Play) -> None:
    spoil = alter(EVENT, {"triggerReason": "Authorized"}, {"idToken.idToken": "iso14-1"})
    assert play("TC_E_03_CS", variant=LOCAL, spoil=spoil).verdict == "pass"


def test_a_type_that_no_token_has(play: Play) -> None:
    run = play("TC_E_03_CS", variant={"local": "eMAID"})
    assert run.verdict == "inconc"
    assert "no token of type eMAID" in run.because


def test_the_mode_follows_the_settings_when_no_variant_says(play: Play) -> None:
    run = play("TC_F_08_CS", tree={"dut": {"start_stop_mode": "remote"}})
    assert run.verdict == "pass"
    assert len(run.calls("RequestStartTransaction")) == 1


class TestOneMomentToldTwice:
    """One event may tell two deeds; one that tells a deed of its own must say so itself."""

    def test_an_event_of_its_own(self, play: Play, alter: Play) -> None:
        spoil = alter(EVENT, CHARGING, {"triggerReason": "CablePluggedIn"})
        run = play("TC_E_03_CS", variant=LOCAL, spoil=spoil)
        assert run.failed == [("EnergyTransferStarted.9", "E02.FR.13")]

    def test_an_event_that_tells_both(self, play: Play) -> None:
        def merged(action: str, payload: Any) -> Any:
            if action == EVENT and payload["triggerReason"] == "Authorized":
                info = {**payload["transactionInfo"], "chargingState": "Charging"}
                return {**payload, "transactionInfo": info}
            charging = payload.get("triggerReason") == "ChargingStateChanged"
            return None if charging else payload

        run = play("TC_E_03_CS", variant=LOCAL, spoil=merged)
        assert run.verdict == "pass", run.because

    def test_the_end_that_follows_the_stop(self, play: Play, alter: Play) -> None:
        end = {"eventType": "Ended"}
        spoil = alter(EVENT, end, {"triggerReason": "RemoteStop"})
        run = play("TC_F_08_CS", variant=LOCAL, separate_stop=True, spoil=spoil)
        assert run.failed == [("StopAuthorized.5", "F03.FR.03")]


class Late(Charger):
    """A station that tells the end of an earlier transaction when the EV is connected."""

    def acted(self, action: Payload) -> None:
        if action["operation"] == "plugin":
            info = {"transactionId": "tx-0", "stoppedReason": "Remote"}
            event = {"eventType": "Ended", "triggerReason": "RemoteStop", "seqNo": 17}
            self.says(EVENT, {**event, "timestamp": self.now(), "transactionInfo": info})
        super().acted(action)


@pytest.mark.parametrize(("past", "verdict"), [(["tx-0"], "pass"), ([], "fail")])
@pytest.mark.parametrize("start", ["EVConnected", "Authorized"])
def test_what_an_earlier_transaction_tells_late(start: str, past: list[str], verdict: str) -> None:
    values = {**VARIABLES, "TxCtrlr.TxStartPoint": start}
    run = play_against(
        "TC_F_01_CS",
        lambda: Late(dict(values)),
        variant={"remote": "ISO14443"},
        seen=facts(values, (), 1),
        extra={"past": past},
    )
    assert run.verdict == verdict, run.because


def test_an_id_that_is_used_again_is_this_sessions(alter: Play) -> None:
    again = alter(EVENT, {}, {"transactionInfo.transactionId": "tx-0"})
    values = {**VARIABLES, "TxCtrlr.TxStartPoint": "EVConnected"}
    run = play_against(
        "TC_F_01_CS",
        lambda: Charger(dict(values), spoil=again),
        variant={"remote": "ISO14443"},
        seen=facts(values, (), 1),
        extra={"past": ["tx-0"]},
    )
    assert run.failed[0] == ("Authorized.2", "F01.FR.13")  # it is found, and judged
