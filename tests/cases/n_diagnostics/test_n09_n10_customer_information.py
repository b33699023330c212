"""N09 and N10 against stations that tell what they store, and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.customers import NOTIFY, play_keeping

Make = Callable[..., Any]
Payload = dict[str, Any]
STEPS = {
    "TC_N_27_CS": ("N09.FR.02", "N09.FR.05"),
    "TC_N_28_CS": ("N09.FR.02", "N09.FR.06"),
    "TC_N_30_CS": ("N10.FR.01", "N10.FR.03"),
    "TC_N_31_CS": ("N10.FR.01", "N10.FR.04"),
    "TC_N_32_CS": ("N10.FR.01", "N10.FR.06"),
    "TC_N_62_CS": ("N10.FR.01", "N10.FR.03"),
}
"""What the response and the report of each case rest on."""
CACHE_ONLY = {"C-49": True}
LIST_ONLY = {"profiles": ["LocalAuthListManagement"]}


def asked(run: Any) -> list[tuple[bool, bool]]:
    """(report, clear) of each question about the customer."""
    return [(c["report"], c["clear"]) for c in run.calls("CustomerInformation")]


@pytest.mark.parametrize("case", STEPS)
class TestEveryCase:
    @pytest.mark.parametrize("nothing", ["", "no data found", "no data of {customer}"])
    def test_it_passes(self, case: str, nothing: str) -> None:
        run = play_keeping(case, nothing=nothing)
        assert run.verdict == "pass", run.because

    @pytest.mark.parametrize("status", ["Rejected", "Invalid"])
    def test_it_is_not_accepted(self, case: str, alter: Make, status: str) -> None:
        spoil = alter("CustomerInformationResponse", {}, {"status": status})
        assert play_keeping(case, spoil=spoil).failed == [("2", STEPS[case][0])]

    def test_no_message_comes(self, case: str) -> None:
        assert play_keeping(case, odd="says nothing").failed == [("3", STEPS[case][1])]

    @pytest.mark.parametrize("changes", [{"requestId": 1}, {"seqNo": 7}])
    def test_a_message_of_something_else(self, case: str, alter: Make, changes: Payload) -> None:
        run = play_keeping(case, spoil=alter(NOTIFY, {}, changes))
        assert run.failed[0] == ("3", STEPS[case][1])

    def test_more_is_promised_than_comes(self, case: str, alter: Make) -> None:
        run = play_keeping(case, spoil=alter(NOTIFY, {}, {"tbc": True}))
        assert ("3", STEPS[case][1]) in run.failed


@pytest.mark.parametrize("case", ["TC_N_27_CS", "TC_N_30_CS"])
class TestOfAKnownToken:
    @pytest.mark.parametrize("claims", [CACHE_ONLY, LIST_ONLY])
    def test_whoever_knows_it(self, case: str, claims: Payload) -> None:
        run = play_keeping(case, claims=claims)
        assert run.verdict == "pass", run.because

    def test_in_parts(self, case: str) -> None:
        run = play_keeping(case, part_length=8) if case == "TC_N_27_CS" else play_keeping(case)
        assert run.verdict == "pass", run.because

    def test_nothing_is_told(self, case: str) -> None:
        assert ("3", STEPS[case][1]) in play_keeping(case, odd="tells nothing").failed

    def test_it_may_say_nothing_of_the_kind_of_information(self, case: str, alter: Make) -> None:
        spoil = alter(NOTIFY, {}, {"tbc": ...})
        assert play_keeping(case, spoil=spoil).verdict == "pass"


class TestTcN27:
    def test_it_reports_and_does_not_clear(self) -> None:
        calls = play_keeping("TC_N_27_CS").calls("CustomerInformation")
        mine = [c for c in calls if c["idToken"] == calls[0]["idToken"]]
        assert [(c["report"], c["clear"]) for c in mine] == [(True, False)]

    def test_whom_it_knew_before_does_not_matter(self) -> None:
        assert asked(play_keeping("TC_N_27_CS"))[1:] == [(False, True), (True, False)]

    @pytest.mark.parametrize("text", ["not to be told", "no data of {customer}"])
    def test_it_says_the_same_of_everybody(self, text: str) -> None:
        run = play_keeping("TC_N_27_CS", odd="tells the same", nothing=text)
        assert run.failed == [("post", "N09.FR.05")]


@pytest.mark.parametrize(("case", "clears"), [("TC_N_28_CS", False), ("TC_N_31_CS", True)])
class TestOfAnUnknownToken:
    def test_it_clears_before(self, case: str, clears: bool) -> None:
        run = play_keeping(case)
        assert asked(run) == [(False, True), (True, clears)]
        assert len(run.calls("ClearCache")) == len(run.calls("SendLocalList")) == 1


class TestTcN30:
    def test_it_asks_again(self) -> None:
        run = play_keeping("TC_N_30_CS")
        assert asked(run) == [(True, True), (True, False)]

    def test_the_second_question_may_be_rejected(self) -> None:
        answers: list[Payload] = []

        def spoil(action: str, payload: Payload) -> Payload:
            if action == "CustomerInformationResponse":
                answers.append(payload)
            late = action == "CustomerInformationResponse" and len(answers) > 1
            return {"status": "Rejected"} if late else payload

        assert play_keeping("TC_N_30_CS", spoil=spoil).failed == []

    def test_the_cache_keeps_the_token(self) -> None:
        run = play_keeping("TC_N_30_CS", odd="keeps all")
        assert run.failed == [("Authorized.1", "N10.FR.03")]


class TestTcN62:
    def test_it_is_stored_by_hand(self) -> None:
        run = play_keeping("TC_N_62_CS")
        assert run.actions == ["store_customer_identifier"]
        assert asked(run) == [(True, True), (True, False)]

    @pytest.mark.parametrize("odd", ["keeps all", "tells the same"])
    @pytest.mark.parametrize("nothing", ["no data found", "no data of {customer}"])
    def test_it_is_not_cleared(self, odd: str, nothing: str) -> None:
        run = play_keeping("TC_N_62_CS", odd=odd, nothing=nothing)
        assert run.failed == [("7", "N10.FR.03")]

    def test_nothing_is_told(self) -> None:
        assert play_keeping("TC_N_62_CS", odd="tells nothing").failed == [("3", "N10.FR.03")]
