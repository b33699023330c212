"""Charging stations that reset as they must, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cases.resetting import Resets, run_reset
from tests.reference_runs import ROOT

if TYPE_CHECKING:
    from tests.reference_runs import ReferenceRuns

Make = Callable[..., Any]
VARIANTS = pytest.mark.parametrize("variant", [{"local": "ISO14443"}, {"remote": "Central"}])


class TestTcB21:
    @VARIANTS
    @pytest.mark.parametrize(
        ("stop", "actions"),
        [
            ("Authorized", []),
            ("PowerPathClosed,EVConnected", []),
            ("EVConnected", ["plugout"]),
        ],
    )
    def test_it_resets_when_the_transaction_has_ended(
        self, variant: dict[str, str], stop: str, actions: list[str]
    ) -> None:
        run = run_reset("TC_B_21_CS", stop=stop, variant=variant)
        assert run.verdict == "pass"
        assert [action for action in run.actions if action == "plugout"] == actions

    @pytest.mark.parametrize(
        ("message", "changes", "failed"),
        [
            ("ResetResponse", {"status": "Accepted"}, ("2", "B12.FR.01")),
            ("BootNotification", {"reason": "RemoteReset"}, ("7", "B01.FR.09")),
            (
                "SecurityEventNotification",
                {"type": "MaintenanceLoginAccepted"},
                ("11", "A04.FR.01"),
            ),
        ],
    )
    def test_a_wrong_word(
        self, alter: Make, message: str, changes: dict[str, Any], failed: tuple[str, str]
    ) -> None:
        run = run_reset("TC_B_21_CS", spoil=alter(message, {}, changes))
        assert (run.verdict, run.failed) == ("fail", [failed])

    def test_the_connector_is_not_told_to_be_occupied(self) -> None:
        run = run_reset("TC_B_21_CS", spoil=available_after_boot())
        assert (run.verdict, run.failed) == ("fail", [("9", "B01.FR.05")])

    def test_it_forgets(self) -> None:
        run = run_reset("TC_B_21_CS", resets=Resets(does=False))
        assert (run.verdict, run.failed) == ("fail", [("7", "B12.FR.03")])


def available_after_boot() -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Every connector is told to be Available once the station has booted."""
    booted = False

    def spoil(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal booted
        booted |= action == "BootNotification"
        if booted and action == "StatusNotification":
            return {**payload, "connectorStatus": "Available"}
        return payload

    return spoil


IMMEDIATE = pytest.mark.parametrize(
    ("case", "requirement"), [("TC_B_22_CS", "B12.FR.04"), ("TC_B_27_CS", "B12.FR.08")]
)


class TestImmediate:
    """TC_B_22_CS and TC_B_27_CS."""

    @VARIANTS
    @IMMEDIATE
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
    def test_it_ends_the_transaction(
        self, case: str, requirement: str, stop: str, variant: dict[str, str]
    ) -> None:
        del requirement
        assert run_reset(case, stop=stop, variant=variant).verdict == "pass"

    @IMMEDIATE
    @pytest.mark.parametrize(
        "changes",
        [
            {"triggerReason": "StopAuthorized"},
            {"transactionInfo.chargingState": "Charging"},
            {"transactionInfo.chargingState": ...},
            {"transactionInfo.stoppedReason": "Reboot"},
        ],
    )
    def test_it_ends_otherwise(
        self, alter: Make, case: str, requirement: str, changes: dict[str, Any]
    ) -> None:
        spoil = alter("TransactionEvent", {"triggerReason": "ResetCommand"}, changes)
        run = run_reset(case, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("3", requirement)])

    @IMMEDIATE
    def test_it_does_not_end(self, drop: Make, case: str, requirement: str) -> None:
        spoil = drop("TransactionEvent", {"triggerReason": "ResetCommand"})
        run = run_reset(case, spoil=spoil)
        assert run.verdict == "fail"
        assert run.failed[0] == ("3", requirement)

    @IMMEDIATE
    def test_it_refuses(self, alter: Make, case: str, requirement: str) -> None:
        del requirement
        run = run_reset(case, spoil=alter("ResetResponse", {}, {"status": "Scheduled"}))
        assert (run.verdict, run.failed) == ("fail", [("2", "B12.FR.02")])

    @pytest.mark.parametrize("resets", [Resets(early=False), Resets(names_token=True)])
    def test_it_tells_the_end_late_or_with_a_token(self, resets: Resets) -> None:
        run = run_reset("TC_B_22_CS", resets=resets)
        assert (run.verdict, run.failed) == ("fail", [("3", "B12.FR.04")])

    def test_it_boots_for_another_reason(self, alter: Make) -> None:
        run = run_reset("TC_B_22_CS", spoil=alter("BootNotification", {}, {"reason": "PowerUp"}))
        assert (run.verdict, run.failed) == ("fail", [("5", "B01.FR.09")])

    def test_the_connector_is_not_told_to_be_occupied(self) -> None:
        run = run_reset("TC_B_22_CS", spoil=available_after_boot())
        assert (run.verdict, run.failed) == ("fail", [("7", "B01.FR.05")])


class TestEvseOnIdle:
    """TC_B_26_CS."""

    @VARIANTS
    @pytest.mark.parametrize("stop", ["Authorized", "EVConnected"])
    def test_the_session_ends_as_ever(self, stop: str, variant: dict[str, str]) -> None:
        run = run_reset("TC_B_26_CS", stop=stop, variant=variant)
        assert run.verdict == "pass"
        assert run.actions[-1] == "plugout"
        assert run.calls("Reset") == [{"type": "OnIdle", "evseId": 1}]

    def test_it_resets_at_once(self, alter: Make) -> None:
        run = run_reset("TC_B_26_CS", spoil=alter("ResetResponse", {}, {"status": "Accepted"}))
        assert (run.verdict, run.failed) == ("fail", [("2", "B12.FR.01")])

    def test_the_stop_is_not_told(self, drop: Make) -> None:
        spoil = drop("TransactionEvent", {"triggerReason": "StopAuthorized"})
        run = run_reset("TC_B_26_CS", spoil=spoil)
        assert run.verdict == "fail"
        assert run.failed[0][0] == "StopAuthorized.1"


@pytest.mark.parametrize("case", ["TC_B_21_CS", "TC_B_22_CS", "TC_B_26_CS", "TC_B_27_CS"])
def test_another_transaction_may_begin_after_the_restart(case: str) -> None:
    run = run_reset(case, start="EVConnected", resets=Resets(begins_anew=True))
    assert run.verdict == "pass"


class TestEvseNotSupported:
    """TC_B_29_CS."""

    @VARIANTS
    def test_it_says_so(self, variant: dict[str, str]) -> None:
        run = run_reset("TC_B_29_CS", resets=Resets(evse_alone=False), variant=variant)
        assert run.verdict == "pass"

    def test_it_schedules_one(self) -> None:
        run = run_reset("TC_B_29_CS")
        assert (run.verdict, run.failed) == ("fail", [("2", "B12.FR.09")])


class TestTwoTransactions:
    """TC_B_41_CS, on the reference station, which has two EVSEs."""

    PICS = "pics/ac-pole-keycode.toml"

    def test_it_waits_for_both(self, reference_run: ReferenceRuns) -> None:
        run = reference_run(self.PICS, only=("TC_B_41_CS",))
        assert {result.verdict.value for result in run.results} == {"pass"}

    def test_each_evse_has_a_bay_and_a_fixed_cable_beside(
        self, reference_run: ReferenceRuns, tmp_path: Path
    ) -> None:
        text = (ROOT / self.PICS).read_text(encoding="utf-8")
        for former, new in (
            ("C-09.2 = true", "C-09.4 = true"),
            ("C-10.2 = true", "C-10.5 = true"),
            ("HFS-1 = true", "HFS-1 = true\nHFS-2 = true"),
            ('"sType2" }]', '"sType2" }, { id = 2, connectorType = "cType2" }]'),
        ):
            text = text.replace(former, new, 1)
        odd = tmp_path / "odd.toml"
        odd.write_text(text, encoding="utf-8")
        run = reference_run(str(odd), only=("TC_B_41_CS",))
        assert {result.verdict.value for result in run.results} == {"pass"}

    def test_it_waits_for_one_only(self, reference_run: ReferenceRuns) -> None:
        defects = ("reset-after-first-transaction",)
        run = reference_run(self.PICS, only=("TC_B_41_CS",), defects=defects)
        assert run.results[0].verdict.value == "fail"
