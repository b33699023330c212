"""Setting variables of stations that know what may be set and stations that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.shelf import run_variables

Make = Callable[..., Any]
RESULT = "setVariableResult.0"
ANSWER = "SetVariablesResponse"

ACCEPTED = [
    ("attributeStatus", "RebootRequired", "B05.FR.10"),
    ("attributeType", "Target", "B05.FR.03"),
    ("attributeType", ..., "B05.FR.03"),
    ("component.name", "TxCtrlr", "B05.FR.02"),
    ("variable.name", "ResetRetries", "B05.FR.02"),
    ("attributeStatusInfo", {"reasonCode": "InternalError"}, "B05.FR.10"),
]


class TestAccepted:
    @pytest.mark.parametrize("case", ["TC_B_09_CS", "TC_B_10_CS"])
    @pytest.mark.parametrize("reversed_results", [False, True])
    def test_a_sound_answer(self, case: str, *, reversed_results: bool) -> None:
        assert run_variables(case, reversed_results=reversed_results).verdict == "pass"

    @pytest.mark.parametrize(("field", "value", "requirement"), ACCEPTED)
    @pytest.mark.parametrize("case", ["TC_B_09_CS", "TC_B_10_CS"])
    def test_a_wrong_answer(
        self, alter: Make, case: str, field: str, value: Any, requirement: str
    ) -> None:
        run = run_variables(case, spoil=alter(ANSWER, {}, {f"{RESULT}.{field}": value}))
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])

    @pytest.mark.parametrize("case", ["TC_B_09_CS", "TC_B_10_CS"])
    def test_a_result_too_many(self, case: str) -> None:
        def spoil(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            if action != ANSWER:
                return payload
            results = payload["setVariableResult"]
            return {"setVariableResult": [*results, results[0]]}

        run = run_variables(case, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.01")])


REFUSED = pytest.mark.parametrize(
    ("case", "requirement"),
    [
        ("TC_B_35_CS", "B05.FR.04"),
        ("TC_B_36_CS", "B05.FR.05"),
        ("TC_B_37_CS", "B05.FR.06"),
        ("TC_B_39_CS", "B05.FR.09"),
    ],
)


class TestRefused:
    @REFUSED
    def test_it_says_so(self, case: str, requirement: str) -> None:
        del requirement
        assert run_variables(case).verdict == "pass"

    @REFUSED
    def test_it_accepts(self, alter: Make, case: str, requirement: str) -> None:
        spoil = alter(ANSWER, {}, {f"{RESULT}.attributeStatus": "Accepted"})
        run = run_variables(case, spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", requirement)])

    @REFUSED
    def test_it_names_another_component(self, alter: Make, case: str, requirement: str) -> None:
        del requirement
        run = run_variables(case, spoil=alter(ANSWER, {}, {f"{RESULT}.component.name": "TxCtrlr"}))
        assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.02")])

    def test_it_names_another_instance(self, alter: Make) -> None:
        spoil = alter(ANSWER, {}, {f"{RESULT}.variable.instance": ...})
        run = run_variables("TC_B_39_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.02")])
