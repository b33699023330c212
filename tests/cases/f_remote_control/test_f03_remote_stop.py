"""TC_F_08, TC_F_09: a remote stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

REMOTE = {"remote": "ISO14443"}
EVENT = "TransactionEvent"
STOPPED = {"triggerReason": "RemoteStop"}
Play = Callable[..., Any]
Changes = Mapping[str, Any]


class TestTcF08:
    def test_it_goes_by_the_table(self, play: Play) -> None:
        run = play("TC_F_08_CS", variant={"local": "ISO14443"})
        assert (run.verdict, run.actions) == ("pass", ["authorize", "plugin"])
        assert run.calls("RequestStopTransaction") == [{"transactionId": "tx-1"}]

    @pytest.mark.parametrize(
        ("stop", "changes"),
        [
            ("Authorized", {"triggerReason": "StopAuthorized"}),
            ("Authorized", {"transactionInfo.stoppedReason": "Local"}),
            ("Authorized", {"transactionInfo.stoppedReason": ...}),
            ("Authorized", {"eventType": "Updated"}),
            ("EVConnected", {"eventType": "Ended"}),
        ],
    )
    def test_a_wrong_value(self, play: Play, alter: Play, stop: str, changes: Changes) -> None:
        spoil = alter(EVENT, STOPPED, changes)
        run = play("TC_F_08_CS", variant=REMOTE, stop=stop, spoil=spoil)
        assert run.verdict == "fail"
        assert run.failed[0][0] in {"StopAuthorized.3", "StopAuthorized.5"}

    @pytest.mark.parametrize(
        "changes",
        [
            {"transactionInfo.chargingState": "Charging"},
            {"triggerReason": "ChargingRateChanged"},
            {"transactionInfo.stoppedReason": "PowerLoss"},
        ],
    )
    def test_a_wrong_second_event(self, play: Play, alter: Play, changes: Changes) -> None:
        spoil = alter(EVENT, {"eventType": "Ended"}, changes)
        run = play("TC_F_08_CS", variant=REMOTE, separate_stop=True, spoil=spoil)
        assert run.failed == [("StopAuthorized.5", "F03.FR.03")]

    def test_a_refused_stop(self, play: Play, alter: Play) -> None:
        spoil = alter("RequestStopTransactionResponse", {}, {"status": "Rejected"})
        run = play("TC_F_08_CS", variant=REMOTE, spoil=spoil)
        assert run.failed == [("StopAuthorized.2", "F03.FR.07")]

    def test_the_stop_goes_unreported(self, play: Play, drop: Play) -> None:
        run = play("TC_F_08_CS", variant=REMOTE, spoil=drop(EVENT, STOPPED))
        assert run.failed[0] == ("StopAuthorized.3", "F03.FR.03")


class TestTcF09:
    def test_it_goes_by_the_table(self, steer: Play) -> None:
        run = steer("TC_F_09_CS", variant={"local": "ISO14443"})
        assert (run.verdict, run.actions) == ("pass", ["authorize", "plugin"])
        assert run.calls("RequestStopTransaction")[0]["transactionId"] != "tx-1"

    def test_an_unknown_transaction_is_accepted(self, steer: Play, alter: Play) -> None:
        spoil = alter("RequestStopTransactionResponse", {}, {"status": "Accepted"})
        run = steer("TC_F_09_CS", variant=REMOTE, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "F03.FR.08")])

    def test_no_answer(self, steer: Play, drop: Play) -> None:
        spoil = drop("RequestStopTransactionResponse", {})
        run = steer("TC_F_09_CS", variant=REMOTE, spoil=spoil)
        assert run.failed == [("2", "F03.FR.08")]
