"""Block P against stations that refuse what they do not know, and one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import run_case

Make = Callable[..., Any]


class TestTcP01:
    @pytest.mark.parametrize("status", ["UnknownVendorId", "UnknownMessageId", "Rejected"])
    def test_it_is_refused(self, alter: Make, status: str) -> None:
        spoil = alter("DataTransferResponse", {}, {"status": status})
        assert run_case("TC_P_01_CS", spoil=spoil).verdict == "pass"

    def test_it_is_accepted(self, alter: Make) -> None:
        spoil = alter("DataTransferResponse", {}, {"status": "Accepted"})
        run = run_case("TC_P_01_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "P01.FR.05, P01.FR.06")])

    def test_no_answer(self, drop: Make) -> None:
        assert run_case("TC_P_01_CS", spoil=drop("DataTransferResponse", {})).verdict == "fail"


class TestTcP03:
    def test_it_goes_by_the_table(self) -> None:
        run = run_case("TC_P_03_CS")
        assert (run.verdict, len(run.result.checks)) == ("pass", 4)
        item = run.calls("SetVariables")[0]["setVariableData"][0]
        assert (item["attributeValue"], item["attributeType"]) == ("200", "Actual")
        assert (
            item["customData"]["vendorId"] == run.calls("SetVariables")[0]["customData"]["vendorId"]
        )

    def test_the_type_may_be_left_out(self, alter: Make) -> None:
        spoil = alter("GetVariablesResponse", {}, {"getVariableResult.0.attributeType": ...})
        assert run_case("TC_P_03_CS", spoil=spoil).verdict == "pass"

    @pytest.mark.parametrize("status", ["Rejected", "RebootRequired", "UnknownVariable"])
    def test_it_is_not_set(self, alter: Make, status: str) -> None:
        spoil = alter("SetVariablesResponse", {}, {"setVariableResult.0.attributeStatus": status})
        run = run_case("TC_P_03_CS", spoil=spoil)
        assert (run.verdict, run.failed) == ("fail", [("2", "B05.FR.10")])

    @pytest.mark.parametrize(
        "changes",
        [
            {"getVariableResult.0.attributeStatus": "Rejected"},
            {"getVariableResult.0.attributeType": "Target"},
            {"getVariableResult.0.attributeValue": "60"},
            {"getVariableResult.0.attributeValue": ...},
        ],
    )
    def test_it_is_not_read_back(self, alter: Make, changes: dict[str, Any]) -> None:
        run = run_case("TC_P_03_CS", spoil=alter("GetVariablesResponse", {}, changes))
        assert (run.verdict, run.failed) == ("fail", [("4", "B06.FR.10")])

    @pytest.mark.parametrize("action", ["SetVariables", "GetVariables"])
    def test_no_answer(self, drop: Make, action: str) -> None:
        assert run_case("TC_P_03_CS", spoil=drop(f"{action}Response", {})).verdict == "fail"
