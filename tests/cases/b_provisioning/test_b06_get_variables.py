"""Getting variables, from stations that know their own and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.shelf import nth, run_variables

Make = Callable[..., Any]
RESULT = "getVariableResult.0"
ANSWER = "GetVariablesResponse"


class TestSingle:
    def test_a_sound_answer(self) -> None:
        assert run_variables("TC_B_06_CS").verdict == "pass"

    @pytest.mark.parametrize(
        ("field", "value", "requirement"),
        [
            ("attributeStatus", "Rejected", "B06.FR.10"),
            ("attributeType", "Target", "B06.FR.03"),
            ("attributeType", ..., "B06.FR.03"),
            ("attributeValue", "301", "B06.FR.04"),
            ("component.name", "TxCtrlr", "B06.FR.02"),
            ("variable.name", "ResetRetries", "B06.FR.02"),
            ("attributeStatusInfo", {"reasonCode": "InternalError"}, "B06.FR.10"),
        ],
    )
    def test_a_wrong_answer(self, alter: Make, field: str, value: Any, requirement: str) -> None:
        spoil = nth(alter(ANSWER, {}, {f"{RESULT}.{field}": value}), "GetVariables", 2)
        run = run_variables("TC_B_06_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])


class TestMultiple:
    @pytest.mark.parametrize("reversed_results", [False, True])
    def test_two_answers_in_any_order(self, *, reversed_results: bool) -> None:
        run = run_variables("TC_B_07_CS", reversed_results=reversed_results)
        assert run.verdict == "pass"

    @pytest.mark.parametrize(("together", "verdict"), [("1", "inconc"), ("2", "pass")])
    @pytest.mark.parametrize("case", ["TC_B_07_CS", "TC_B_10_CS"])
    def test_no_more_than_a_request_may_hold(self, case: str, together: str, verdict: str) -> None:
        run = run_variables(case, together=together)
        assert run.verdict == verdict
        asked = run.calls("GetVariables") + run.calls("SetVariables")
        assert bool(asked) is (verdict == "pass")

    @pytest.mark.parametrize("case", ["TC_B_07_CS", "TC_B_10_CS"])
    def test_a_variable_that_is_spelt_otherwise(self, case: str) -> None:
        run = run_variables(case, spelling="AuthCtrlr.LocalAuthorizationOffline")
        assert run.verdict == "pass"

    @pytest.mark.parametrize(
        ("field", "value", "requirement"),
        [
            ("attributeStatus", "Rejected", "B06.FR.10"),
            ("attributeType", ..., "B06.FR.03"),
            ("attributeValue", "false", "B06.FR.04"),
            ("variable.name", "Enabled", "B06.FR.02"),
            ("attributeStatusInfo", {"reasonCode": "InternalError"}, "B06.FR.10"),
        ],
    )
    def test_a_wrong_second(self, alter: Make, field: str, value: Any, requirement: str) -> None:
        spoil = nth(alter(ANSWER, {}, {f"getVariableResult.1.{field}": value}), "GetVariables", 3)
        run = run_variables("TC_B_07_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])

    def test_only_one_answer(self) -> None:
        def first_only(_named: str, payload: dict[str, Any]) -> dict[str, Any]:
            return {"getVariableResult": payload["getVariableResult"][:1]}

        run = run_variables("TC_B_07_CS", spoil=nth(first_only, "GetVariables", 3))
        assert run.verdict == "fail"
        assert ("2", "B06.FR.01") in run.failed


UNKNOWN = pytest.mark.parametrize(
    ("case", "requirement"),
    [
        ("TC_B_32_CS", "B06.FR.06"),
        ("TC_B_33_CS", "B06.FR.07"),
        ("TC_B_34_CS", "B06.FR.08"),
    ],
)


class TestUnknown:
    @UNKNOWN
    def test_it_says_so(self, case: str, requirement: str) -> None:
        del requirement
        assert run_variables(case).verdict == "pass"

    @UNKNOWN
    @pytest.mark.parametrize(
        ("field", "value"), [("attributeStatus", "Rejected"), ("attributeValue", "1")]
    )
    def test_it_says_something_else(
        self, alter: Make, case: str, requirement: str, field: str, value: str
    ) -> None:
        run = run_variables(case, spoil=alter(ANSWER, {}, {f"{RESULT}.{field}": value}))
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])

    @UNKNOWN
    def test_it_names_another_variable(self, alter: Make, case: str, requirement: str) -> None:
        del requirement
        spoil = alter(ANSWER, {}, {f"{RESULT}.variable.name": "Enabled"})
        run = run_variables(case, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B06.FR.02")])

    def test_it_names_another_attribute(self, alter: Make) -> None:
        spoil = alter(ANSWER, {}, {f"{RESULT}.attributeType": "Actual"})
        run = run_variables("TC_B_34_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B06.FR.03")])
