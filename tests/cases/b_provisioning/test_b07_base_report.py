"""Base reports: their parts, and what must be in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.restarting import Quirks, run_case

Make = Callable[..., Any]
PART = "NotifyReport"
MUTABILITY = "variableAttribute.0.mutability"
DATA_TYPE = "variableCharacteristics.dataType"
REPORTS = pytest.mark.parametrize("case", ["TC_B_12_CS", "TC_B_13_CS", "TC_B_14_CS", "TC_B_53_CS"])


@REPORTS
@pytest.mark.parametrize("part_size", [1, 30, 1000])
def test_a_whole_report_in_any_number_of_parts(case: str, part_size: int) -> None:
    assert run_case(case, quirks=Quirks(part_size=part_size)).verdict == "pass"


@REPORTS
@pytest.mark.parametrize(
    ("message", "where", "changes", "requirement"),
    [
        ("GetBaseReportResponse", {}, {"status": "EmptyResultSet"}, "B07.FR.01"),
        ("GetBaseReportResponse", {}, {"statusInfo": {"reasonCode": "X"}}, "B07.FR.01"),
        (PART, {"seqNo": 1}, {"requestId": 1}, "B07.FR.04"),
        (PART, {"seqNo": 0}, {"seqNo": 1}, "B07.FR.10"),
        (PART, {"seqNo": 1}, {"seqNo": 0}, "B07.FR.10"),
        (PART, {"seqNo": 0}, {"generatedAt": "2020-01-01T00:00:00Z"}, "B07.FR.03"),
    ],
)
def test_a_part_that_is_wrong(
    case: str,
    alter: Make,
    message: str,
    where: dict[str, Any],
    changes: dict[str, Any],
    requirement: str,
) -> None:
    run = run_case(case, spoil=alter(message, where, changes), quirks=Quirks(part_size=1))
    assert (run.verdict, run.failed) == ("fail", [("2+3", requirement)])


@REPORTS
def test_a_part_is_lost(case: str, drop: Make) -> None:
    run = run_case(case, spoil=drop(PART, {"seqNo": 1}), quirks=Quirks(part_size=1))
    assert run.verdict == "fail"
    assert run.failed[0] == ("2+3", "B07.FR.10")


@REPORTS
def test_the_report_does_not_end(case: str, alter: Make) -> None:
    assert run_case(case, spoil=alter(PART, {"tbc": False}, {"tbc": True})).verdict == "fail"


def first_that(
    has: Callable[[dict[str, Any]], bool], change: Callable[[dict[str, Any]], object]
) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Change the first variable of a report that is of this kind."""
    done = False

    def spoil(action: str, payload: dict[str, Any]) -> dict[str, Any]:
        nonlocal done
        for data in payload.get("reportData", []) if action == PART else []:
            if not done and has(data):
                change(data)
                done = True
        return payload

    return spoil


def is_list(data: dict[str, Any]) -> bool:
    return "valuesList" in data.get("variableCharacteristics", {})


def is_named(component: str, variable: str) -> Callable[[dict[str, Any]], bool]:
    return lambda data: (
        (data["component"]["name"], data["variable"]["name"])
        == (
            component,
            variable,
        )
    )


@pytest.mark.parametrize(
    ("case", "step"), [("TC_B_12_CS", "2+3"), ("TC_B_13_CS", "2+3"), ("TC_B_14_CS", "post")]
)
def test_a_list_without_its_values(case: str, step: str) -> None:
    spoil = first_that(is_list, lambda data: data["variableCharacteristics"].pop("valuesList"))
    run = run_case(case, spoil=spoil)
    assert run.verdict == "fail"
    assert {failed[0] for failed in run.failed} == {step}


@pytest.mark.parametrize("case", ["TC_B_12_CS", "TC_B_13_CS", "TC_B_14_CS"])
def test_a_variable_without_its_characteristics(case: str) -> None:
    run = run_case(case, spoil=first_that(is_list, lambda d: d.pop("variableCharacteristics")))
    assert run.verdict == "fail"
    assert {failed[0] for failed in run.failed} == {"post"}


@pytest.mark.parametrize(
    ("case", "name"),
    [
        ("TC_B_12_CS", "OCPPCommCtrlr.OfflineThreshold"),
        ("TC_B_12_CS", "OCPPCommCtrlr.MessageAttempts[TransactionEvent]"),
        ("TC_B_13_CS", "OCPPCommCtrlr.OfflineThreshold"),
        ("TC_B_13_CS", "EVSE(1).Power"),
        ("TC_B_13_CS", "Connector(1/1).ConnectorType"),
        ("TC_B_14_CS", "ChargingStation.AvailabilityState"),
        ("TC_B_14_CS", "EVSE(1).AvailabilityState"),
        ("TC_B_53_CS", "Connector(1/1).ConnectorType"),
    ],
)
def test_a_required_variable_is_missing(case: str, name: str) -> None:
    run = run_case(case, quirks=Quirks(lacking=frozenset({name})))
    assert run.verdict == "fail"
    assert [check.what for check in run.result.failures] == [name]


def test_a_configuration_inventory_holds_nothing_that_cannot_be_set(alter: Make) -> None:
    changes = {"reportData.0.variableAttribute.0.mutability": "ReadOnly"}
    run = run_case("TC_B_12_CS", spoil=alter(PART, {"seqNo": 0}, changes))
    assert (run.verdict, run.failed) == ("fail", [("post", "B07.FR.07")])


@pytest.mark.parametrize(("case", "verdict"), [("TC_B_12_CS", "fail"), ("TC_B_13_CS", "pass")])
def test_a_configuration_inventory_holds_all_that_can_be_set(case: str, verdict: str) -> None:
    run = run_case(case, quirks=Quirks(settable="OCPPCommCtrlr.HeartbeatInterval"))
    assert run.verdict == verdict
    assert run.failed == ([("post", "B07.FR.07")] if verdict == "fail" else [])


class TestValues:
    """TC_B_53_CS."""

    @pytest.mark.parametrize(
        ("component", "variable", "path", "value", "requirement"),
        [
            ("TxCtrlr", "TxStartPoint", "variableAttribute.0.value", "C", "Part 6 TC_B_53_CS"),
            ("TxCtrlr", "TxStartPoint", "variableCharacteristics.valuesList", ..., "B07.FR.08"),
            ("SecurityCtrlr", "BasicAuthPassword", "variableAttribute.0.value", "x", "B07.FR.03"),
            ("OCPPCommCtrlr", "OfflineThreshold", "variableAttribute.0.value", ..., "6.2.19"),
            ("EVSE", "Power", "variableCharacteristics.maxLimit", ..., "6.2.19"),
            ("TxCtrlr", "EVConnectionTimeOut", MUTABILITY, "ReadOnly", "6.2.19"),
            ("ClockCtrlr", "DateTime", MUTABILITY, ..., "6.2.19"),
            ("OCPPCommCtrlr", "OfflineThreshold", DATA_TYPE, "string", "6.2.19"),
        ],
    )
    def test_a_value_that_is_wrong(
        self, alter: Make, component: str, variable: str, path: str, value: Any, requirement: str
    ) -> None:
        def change(data: dict[str, Any]) -> None:
            altered = alter(PART, {}, {path: value})(PART, data)
            data.update(altered)

        run = run_case("TC_B_53_CS", spoil=first_that(is_named(component, variable), change))
        assert run.verdict == "fail"
        assert run.failed[0][1].endswith(requirement)

    @pytest.mark.parametrize("mutability", ["ReadOnly", "ReadWrite", ...])
    def test_a_mutability_that_part_2_leaves_open(self, alter: Make, mutability: Any) -> None:
        def change(data: dict[str, Any]) -> None:
            data.update(alter(PART, {}, {MUTABILITY: mutability})(PART, data))

        run = run_case("TC_B_53_CS", spoil=first_that(is_named("TxCtrlr", "TxStartPoint"), change))
        assert run.verdict == "pass"

    def test_a_target_that_is_not_set(self) -> None:
        def change(data: dict[str, Any]) -> None:
            data["variableAttribute"].append({"type": "Target", "mutability": "ReadWrite"})

        run = run_case("TC_B_53_CS", spoil=first_that(is_list, change))
        assert run.verdict == "pass"


class TestNotSupported:
    """TC_B_15_CS."""

    def test_it_says_so_and_sends_nothing(self) -> None:
        assert run_case("TC_B_15_CS", quirks=Quirks(summary=False)).verdict == "pass"

    def test_it_sends_one_anyway(self) -> None:
        run = run_case("TC_B_15_CS", quirks=Quirks(summary=False, sends_summary_anyway=True))
        assert (run.verdict, run.failed) == ("fail", [("2, note", "B07.FR.05")])

    def test_it_sends_another_one(self, alter: Make) -> None:
        quirks = Quirks(summary=False, sends_summary_anyway=True)
        run = run_case("TC_B_15_CS", spoil=alter(PART, {}, {"requestId": 1}), quirks=quirks)
        assert (run.verdict, run.failed) == ("fail", [("2, note", "B07.FR.05")])

    @pytest.mark.parametrize(
        "changes", [{"status": "Rejected"}, {"statusInfo": {"reasonCode": "NotEnabled"}}]
    )
    def test_a_wrong_word(self, alter: Make, changes: dict[str, Any]) -> None:
        spoil = alter("GetBaseReportResponse", {}, changes)
        run = run_case("TC_B_15_CS", spoil=spoil, quirks=Quirks(summary=False))
        assert (run.verdict, run.failed) == ("fail", [("2", "B07.FR.02")])
