from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdoc.ocpp.actions import ACTIONS
from vdoc.ocpp.frames import ERROR_CODES
from vdoc.ocpp.schemas import MAX_VIOLATIONS, Violation, violations

PROFILE: dict[str, Any] = {
    "evseId": 1,
    "chargingProfile": {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [
            {
                "id": 1,
                "startSchedule": "2024-01-01T00:00:00Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
            }
        ],
    },
}


def only(found: tuple[Violation, ...]) -> tuple[str, str]:
    [violation] = found
    assert violation.message
    return violation.path, violation.code


def judged(**changes: Any) -> tuple[str, str]:
    payload = copy.deepcopy(PROFILE)
    payload["chargingProfile"]["chargingSchedule"][0] |= changes
    return only(violations("SetChargingProfile", "Request", payload))


SCHEDULE = "chargingProfile.chargingSchedule.0"


class TestValid:
    def test_a_valid_payload_has_none(self) -> None:
        assert violations("SetChargingProfile", "Request", PROFILE) == ()

    def test_custom_data_may_hold_anything(self) -> None:
        payload = {"customData": {"vendorId": "v", "more": {"a": [1, None]}}}
        assert violations("Heartbeat", "Request", payload) == ()

    def test_request_and_response_are_told_apart(self) -> None:
        payload = {"currentTime": "2024-01-01T00:00:00Z"}
        assert violations("Heartbeat", "Response", payload) == ()
        assert only(violations("Heartbeat", "Request", payload)) == (
            "currentTime",
            "ProtocolError",
        )


class TestCodes:
    """Part 4, table 8, and the path to the field."""

    def test_an_unknown_field(self) -> None:
        assert judged(extra=1) == (f"{SCHEDULE}.extra", "ProtocolError")

    def test_a_missing_field(self) -> None:
        found = violations("Reset", "Request", {})
        assert only(found) == ("type", "OccurrenceConstraintViolation")

    def test_an_empty_list(self) -> None:
        assert judged(chargingSchedulePeriod=[]) == (
            f"{SCHEDULE}.chargingSchedulePeriod",
            "OccurrenceConstraintViolation",
        )

    def test_a_list_that_is_too_long(self) -> None:
        payload = {"evseId": 1, "chargingProfile": copy.deepcopy(PROFILE["chargingProfile"])}
        payload["chargingProfile"]["chargingSchedule"] *= 4
        assert only(violations("SetChargingProfile", "Request", payload)) == (
            "chargingProfile.chargingSchedule",
            "OccurrenceConstraintViolation",
        )

    @pytest.mark.parametrize("value", ["1", None, 1.5, [1], True])
    def test_a_wrong_type(self, value: object) -> None:
        assert judged(id=value) == (f"{SCHEDULE}.id", "TypeConstraintViolation")

    @pytest.mark.parametrize("value", ["now", "2024-01-01", "2024-01-01T00:00:00", "2024-02-30"])
    def test_a_wrong_date_time(self, value: str) -> None:
        assert judged(startSchedule=value) == (
            f"{SCHEDULE}.startSchedule",
            "TypeConstraintViolation",
        )

    def test_a_value_outside_its_enumeration(self) -> None:
        assert judged(chargingRateUnit="kW") == (
            f"{SCHEDULE}.chargingRateUnit",
            "PropertyConstraintViolation",
        )

    def test_a_string_that_is_too_long(self) -> None:
        found = violations("DataTransfer", "Request", {"vendorId": "x" * 256})
        assert only(found) == ("vendorId", "PropertyConstraintViolation")

    @pytest.mark.parametrize("value", [-1, 101])
    def test_a_number_beyond_its_bound(self, value: int) -> None:
        needs = {
            "requestedEnergyTransfer": "DC",
            "dcChargingParameters": {
                "evMaxCurrent": 1,
                "evMaxVoltage": 1,
                "stateOfCharge": value,
            },
        }
        payload = {"evseId": 1, "chargingNeeds": needs}
        assert only(violations("NotifyEVChargingNeeds", "Request", payload)) == (
            "chargingNeeds.dcChargingParameters.stateOfCharge",
            "PropertyConstraintViolation",
        )

    def test_every_one_is_reported(self) -> None:
        found = violations("BootNotification", "Request", {"a": 1, "b": 2})
        assert {violation.path for violation in found} == {"a", "b", "chargingStation", "reason"}


class TestCorrection:
    """Part 2 and Part 3 against the packaged schema."""

    @pytest.mark.parametrize(("length", "count"), [(5600, 0), (5601, 1)])
    def test_exi_response_has_at_most_5600_characters(self, length: int, count: int) -> None:
        payload = {"status": "Accepted", "exiResponse": "x" * length}
        assert len(violations("Get15118EVCertificate", "Response", payload)) == count


class TestAnything:
    def test_each_schema_compiles_and_refuses_an_unknown_field(self) -> None:
        for action in ACTIONS:
            for found in (
                violations(action, "Request", {"?": 1}),
                violations(action, "Response", {"?": 1}),
            ):
                assert ("?", "ProtocolError") in {(v.path, v.code) for v in found}
                assert {violation.code for violation in found} <= ERROR_CODES

    def test_an_unknown_action_is_our_mistake(self) -> None:
        with pytest.raises(ValueError, match="no action 'Boot'"):
            violations("Boot", "Request", {})

    def test_no_more_than_the_limit_are_reported(self) -> None:
        payload = {"generatedAt": "x", "seqNo": 0, "eventData": [{}] * 100}
        assert len(violations("NotifyEvent", "Request", payload)) == MAX_VIOLATIONS

    def test_of_a_large_payload_the_first_is_reported(self) -> None:
        payload = {"generatedAt": "x", "seqNo": 0, "eventData": [{}] * 6000}
        assert len(violations("NotifyEvent", "Request", payload)) == 1

    def test_a_message_never_carries_a_megabyte(self) -> None:
        [found] = violations("DataTransfer", "Request", {"vendorId": "x" * 1_000_000})
        assert len(found.message) <= 300

    @pytest.mark.parametrize("payload", [[], None, 1, "x", {1: 2}])
    def test_what_is_no_payload_is_a_violation(self, payload: object) -> None:
        assert violations("DataTransfer", "Request", payload)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_any_value_is_judged(self, value: object) -> None:
        violations("TransactionEvent", "Request", {"transactionInfo": value, "offline": value})
