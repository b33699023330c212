"""SetVariables and GetVariables (B05, B06)."""

from typing import Any

import pytest

from vdoc.station import provisioning


def item(component: str, variable: str, **more: Any) -> dict[str, Any]:
    return {"component": {"name": component}, "variable": {"name": variable}, **more}


async def read(csms: Any, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await csms.call("GetVariables", {"getVariableData": list(items)})
    return list(answer["getVariableResult"])


async def write(csms: Any, *items: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await csms.call("SetVariables", {"setVariableData": list(items)})
    return list(answer["setVariableResult"])


THRESHOLD = item("OCPPCommCtrlr", "OfflineThreshold")


class TestGet:
    async def test_value_with_its_attribute_type(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("OCPPCommCtrlr", "OfflineThreshold", "300")
        (result,) = await read(csms, THRESHOLD)
        accepted = {"attributeStatus": "Accepted", "attributeValue": "300"}
        assert result == {**THRESHOLD, **accepted, "attributeType": "Actual"}

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            (item("Nonesuch", "OfflineThreshold"), "UnknownComponent"),
            (item("OCPPCommCtrlr", "Nonesuch"), "UnknownVariable"),
            (item("OCPPCommCtrlr", "MessageTimeout"), "UnknownVariable"),  # B06.FR.15
            ({**THRESHOLD, "attributeType": "Target"}, "NotSupportedAttributeType"),
            (item("SecurityCtrlr", "BasicAuthPassword"), "Rejected"),
        ],
    )
    async def test_what_cannot_be_read(self, desk: Any, asked: Any, status: str) -> None:
        (result,) = await read(await desk(), asked)
        assert result["attributeStatus"] == status
        assert "attributeValue" not in result

    async def test_names_compare_without_case(self, desk: Any) -> None:
        (result,) = await read(await desk(), item("ocppcommctrlr", "OFFLINETHRESHOLD"))
        assert result["attributeStatus"] == "Accepted"

    async def test_too_many(self, desk: Any) -> None:
        csms = await desk()
        answer = await csms.call("GetVariables", {"getVariableData": [THRESHOLD] * 21})
        assert answer == {"error": "OccurrenceConstraintViolation"}


class TestSet:
    @pytest.mark.parametrize("value", ["300.1", "true", "2026-11-24T00:00:00Z", "abc", "-1", ""])
    async def test_refuses_malformed_numbers(self, desk: Any, value: str) -> None:
        csms = await desk()
        assert await csms.set("OCPPCommCtrlr", "OfflineThreshold", value) == "Rejected"

    @pytest.mark.parametrize(
        ("component", "variable", "value"),
        [
            ("TxCtrlr", "TxStartPoint", "EVConnected,Nonesuch"),
            ("TxCtrlr", "StopTxOnInvalidId", "perhaps"),
            ("SecurityCtrlr", "BasicAuthPassword", "x" * 65),
            ("SecurityCtrlr", "SecurityProfile", "1"),
        ],
    )
    async def test_refuses(self, desk: Any, component: str, variable: str, value: str) -> None:
        assert await (await desk()).set(component, variable, value) == "Rejected"

    async def test_several_at_once(self, desk: Any) -> None:
        wanted = [
            {**THRESHOLD, "attributeValue": "300"},
            item("AuthCtrlr", "LocalAuthorizeOffline", attributeValue="true"),
            item("Nonesuch", "X", attributeValue="1"),
        ]
        results = await write(await desk(), *wanted)
        statuses = [each["attributeStatus"] for each in results]
        assert statuses == ["Accepted", "Accepted", "UnknownComponent"]

    async def test_survives_a_power_cut(self, desk: Any) -> None:
        csms = await desk()
        await csms.set("OCPPCommCtrlr", "OfflineThreshold", "301")
        await csms.station.power_cycle()
        await csms.until(lambda: len(csms.of("StatusNotification")) == 2)
        (result,) = await read(csms, THRESHOLD)
        assert result["attributeValue"] == "301"

    async def test_fixed_points_are_read_only(self, desk: Any, claiming: Any) -> None:
        csms = await desk(pics=claiming({"C-51": False, "C-52": False}))
        assert await csms.set("TxCtrlr", "TxStartPoint", "EVConnected") == "Rejected"


class TestDefects:
    @pytest.mark.parametrize(
        ("defect", "field", "expected"),
        [
            (provisioning.GET_WRONG_VALUE, "attributeValue", "61"),
            (provisioning.GET_NO_TYPE, "attributeType", None),
            (provisioning.GET_STATUS_INFO, "attributeStatusInfo", {"reasonCode": "InternalError"}),
            (provisioning.GET_OTHER_VARIABLE, "variable", {"name": "offlinethresholdValue"}),
            (provisioning.GET_UNKNOWN, "attributeStatus", "Rejected"),
        ],
    )
    async def test_when_read(self, desk: Any, defect: Any, field: str, expected: Any) -> None:
        (result,) = await read(await desk(defect), THRESHOLD)
        assert result.get(field) == expected

    @pytest.mark.parametrize(
        ("defect", "field", "expected"),
        [
            (provisioning.SET_REJECTS, "attributeStatus", "Rejected"),
            (provisioning.SET_NO_TYPE, "attributeType", None),
            (provisioning.SET_STATUS_INFO, "attributeStatusInfo", {"reasonCode": "InternalError"}),
            (provisioning.SET_OTHER_COMPONENT, "component", {"name": "ChargingStation"}),
        ],
    )
    async def test_when_written(self, desk: Any, defect: Any, field: str, expected: Any) -> None:
        (result,) = await write(await desk(defect), {**THRESHOLD, "attributeValue": "300"})
        assert result.get(field) == expected

    async def test_one_result_too_many(self, desk: Any) -> None:
        csms = await desk(provisioning.SET_TWICE)
        assert len(await write(csms, {**THRESHOLD, "attributeValue": "300"})) == 2

    @pytest.mark.parametrize(
        ("defect", "status", "value"),
        [
            (None, "Accepted", "300"),
            (provisioning.CUSTOM_REJECTED, "Rejected", "60"),
            (provisioning.CUSTOM_NOT_SET, "Accepted", "60"),
        ],
    )
    async def test_custom_data(
        self, desk: Any, defect: str | None, status: str, value: str
    ) -> None:
        csms = await (desk() if defect is None else desk(defect))
        custom = {"customData": {"vendorId": "org.example"}}
        (result,) = await write(csms, {**THRESHOLD, **custom, "attributeValue": "300"})
        assert result["attributeStatus"] == status
        assert (await read(csms, THRESHOLD))[0]["attributeValue"] == value
