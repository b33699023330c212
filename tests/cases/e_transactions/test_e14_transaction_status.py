"""Use case E14 against stations that tell the status of a transaction, and stations that err."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases.insisting import play_insisting
from tests.cases.playing import altering, dropping

LOCAL = {"local": "ISO14443"}
REMOTE = {"remote": "ISO14443"}
STATUS = "GetTransactionStatusResponse"
EVENT = "TransactionEvent"
Changes = Mapping[str, Any]

QUEUED = ("TC_E_29_CS", "TC_E_31_CS", "TC_E_33_CS")
QUIET = ("TC_E_28_CS", "TC_E_30_CS", "TC_E_32_CS", "TC_E_34_CS")


@pytest.mark.parametrize("variant", [LOCAL, REMOTE])
@pytest.mark.parametrize("case", [*QUEUED, *QUIET])
def test_a_sound_station_passes(case: str, variant: dict[str, str]) -> None:
    run = play_insisting(case, variant=variant)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize("stop", ["EVConnected", "PowerPathClosed", "EnergyTransfer"])
@pytest.mark.parametrize("case", ["TC_E_31_CS", "TC_E_32_CS"])
def test_any_stop_point_will_do(case: str, stop: str) -> None:
    run = play_insisting(case, variant=LOCAL, stop=stop)
    assert run.verdict == "pass", run.because


@pytest.mark.parametrize(
    ("case", "changes", "failed"),
    [
        ("TC_E_28_CS", {"ongoingIndicator": True}, ("2", "E14.FR.01")),
        ("TC_E_28_CS", {"messagesInQueue": True}, ("2", "E14.FR.01")),
        ("TC_E_29_CS", {"ongoingIndicator": False}, ("4", "E14.FR.02")),
        ("TC_E_29_CS", {"messagesInQueue": False}, ("4", "E14.FR.04")),
        ("TC_E_30_CS", {"ongoingIndicator": ...}, ("2", "E14.FR.02")),
        ("TC_E_30_CS", {"messagesInQueue": True}, ("2", "E14.FR.05")),
        ("TC_E_31_CS", {"ongoingIndicator": True}, ("2", "E14.FR.03")),
        ("TC_E_31_CS", {"messagesInQueue": False}, ("2", "E14.FR.04")),
        ("TC_E_32_CS", {"ongoingIndicator": True}, ("2", "E14.FR.03")),
        ("TC_E_32_CS", {"messagesInQueue": True}, ("2", "E14.FR.05")),
        ("TC_E_33_CS", {"ongoingIndicator": True}, ("4", "E14.FR.06")),
        ("TC_E_33_CS", {"messagesInQueue": False}, ("4", "E14.FR.07")),
        ("TC_E_34_CS", {"ongoingIndicator": False}, ("2", "E14.FR.06")),
        ("TC_E_34_CS", {"messagesInQueue": True}, ("2", "E14.FR.08")),
    ],
)
def test_a_wrong_status(case: str, changes: Changes, failed: tuple[str, str]) -> None:
    run = play_insisting(case, variant=LOCAL, spoil=altering(STATUS, {}, changes))
    assert (run.verdict, run.failed) == ("fail", [failed])


@pytest.mark.parametrize("case", ["TC_E_29_CS", "TC_E_33_CS"])
def test_a_queued_sample_is_not_marked(case: str) -> None:
    spoil = altering(EVENT, {"offline": True}, {"offline": ...})
    assert ("5", "E11.FR.02") in play_insisting(case, variant=LOCAL, spoil=spoil).failed


def test_the_stop_is_not_told() -> None:
    spoil = dropping(EVENT, {"triggerReason": "StopAuthorized"})
    run = play_insisting("TC_E_31_CS", variant=LOCAL, spoil=spoil)
    assert ("3", "E14.FR.04") in run.failed


OTHER_TOKEN = {"idToken": "OTHER", "type": "Central"}


@pytest.mark.parametrize(
    ("where", "changes", "requirement"),
    [
        ({"triggerReason": "StopAuthorized"}, {"idToken": OTHER_TOKEN}, "E14.FR.04"),
        ({"eventType": "Ended"}, {"transactionInfo.stoppedReason": "PowerLoss"}, "E06.FR.03"),
    ],
)
def test_the_stop_is_told_wrongly(where: Changes, changes: Changes, requirement: str) -> None:
    spoil = altering(EVENT, where, changes)
    run = play_insisting("TC_E_31_CS", variant=LOCAL, spoil=spoil)
    assert ("3", requirement) in run.failed


def test_the_reason_of_a_local_stop_may_be_left_out() -> None:
    spoil = altering(EVENT, {"eventType": "Ended"}, {"transactionInfo.stoppedReason": ...})
    run = play_insisting("TC_E_31_CS", variant=LOCAL, spoil=spoil)
    assert run.verdict == "pass", run.because


def test_a_message_may_be_on_its_way() -> None:
    run = play_insisting(
        "TC_E_30_CS", variant=LOCAL, variables={"SampledDataCtrlr.TxUpdatedInterval": "1"},
        lag_s=0.0,
    )  # fmt: skip
    assert run.verdict == "pass", run.because
