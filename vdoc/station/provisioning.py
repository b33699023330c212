"""SetVariables and GetVariables (B05, B06)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.model import Component, Variable
from vdoc.station.seams import Payload, RefuseCall, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

GET_WRONG_VALUE = declare(
    "get-wrong-value",
    "GetVariables returns a number that is one too high",
    "B06.FR.10",
    "TC_B_06_CS",
    "TC_B_07_CS",
)
GET_NO_TYPE = declare(
    "get-omits-attribute-type",
    "GetVariables results have no attributeType",
    "B06.FR.03",
    "TC_B_06_CS",
    "TC_B_07_CS",
    "TC_B_34_CS",
)
GET_STATUS_INFO = declare(
    "get-explains-success",
    "accepted GetVariables results carry a reasonCode other than NoError",
    "B06.FR.10",
    "TC_B_06_CS",
    "TC_B_07_CS",
)
GET_OTHER_VARIABLE = declare(
    "get-names-other-variable",
    "GetVariables results name the variable in lower case with a suffix",
    "B06.FR.02",
    *("TC_B_06_CS", "TC_B_07_CS", "TC_B_32_CS", "TC_B_33_CS", "TC_B_34_CS"),
)
GET_UNKNOWN = declare(
    "get-rejects",
    "GetVariables rejects every readable variable",
    "B06.FR.10",
    "TC_B_06_CS",
    "TC_B_07_CS",
    "TC_B_02_CS",
)
SET_REJECTS = declare(
    "set-rejects",
    "SetVariables rejects every value",
    "B05.FR.10",
    *("TC_B_09_CS", "TC_B_10_CS", "TC_B_11_CS", "TC_B_02_CS"),
)
SET_NO_TYPE = declare(
    "set-omits-attribute-type",
    "SetVariables results have no attributeType",
    "B05.FR.03",
    *("TC_B_09_CS", "TC_B_10_CS", "TC_B_11_CS", "TC_B_37_CS"),
)
SET_OTHER_COMPONENT = declare(
    "set-names-other-component",
    "SetVariables results name component ChargingStation",
    "B05.FR.02",
    *("TC_B_09_CS", "TC_B_10_CS", "TC_B_11_CS"),
    *("TC_B_35_CS", "TC_B_36_CS", "TC_B_37_CS", "TC_B_39_CS"),
)
SET_STATUS_INFO = declare(
    "set-explains-success",
    "accepted SetVariables results carry a reasonCode other than NoError",
    "B05.FR.10",
    "TC_B_09_CS",
    "TC_B_10_CS",
)
SET_TWICE = declare(
    "set-extra-result",
    "SetVariables answers with one result too many",
    "B05.FR.01",
    "TC_B_09_CS",
    "TC_B_10_CS",
)
FIRST_ONLY = declare(
    "variables-first-only",
    "answers only the first element of GetVariables and SetVariables",
    "B06.FR.01",
    "TC_B_07_CS",
    "TC_B_10_CS",
)
UNKNOWN_COMPONENT = declare(
    "unknown-component-as-variable",
    "says UnknownVariable of a component that it does not have",
    "B06.FR.06",
    "TC_B_32_CS",
    "TC_B_35_CS",
)
UNKNOWN_VARIABLE = declare(
    "unknown-variable-rejected",
    "says Rejected of a variable that it does not have",
    "B06.FR.07",
    "TC_B_33_CS",
    "TC_B_36_CS",
)
ANY_ATTRIBUTE = declare(
    "attribute-type-ignored",
    "takes every attributeType for Actual",
    "B06.FR.08",
    "TC_B_34_CS",
    "TC_B_37_CS",
)
REFUSAL_VALUE = declare(
    "get-refusal-with-value",
    "GetVariables results that say no have an attributeValue",
    "B06.FR.06",
    *("TC_B_32_CS", "TC_B_33_CS", "TC_B_34_CS"),
)
SET_ANY_FORMAT = declare(
    "set-accepts-any-format",
    "says Accepted to values of the wrong form, and does not set them",
    "B05.FR.07",
    "TC_B_11_CS",
)
SET_READ_ONLY = declare(
    "set-read-only-accepted",
    "says Accepted to setting a ReadOnly variable, and does not set it",
    "B05.FR.09",
    "TC_B_39_CS",
)

CUSTOM_REFUSED = declare(
    "custom-data-refused",
    "answers SetVariables with a CALLERROR when there is custom data in it",
    "Part 4, CustomData Extension",
    "TC_P_03_CS",
)
CUSTOM_REJECTED = declare(
    "custom-data-rejected",
    "rejects a variable that comes with custom data",
    "Part 4, CustomData Extension",
    "TC_P_03_CS",
)
CUSTOM_NOT_SET = declare(
    "custom-data-not-set",
    "accepts a variable that comes with custom data, and does not set it",
    "B05.FR.10",
    "TC_P_03_CS",
)

_ACTUAL = "Actual"
_Item = dict[str, Any]
_LETS_PASS = {"InvalidValue": SET_ANY_FORMAT, "ReadOnly": SET_READ_ONLY}


class Provisioning:
    """Lets the CSMS read and write the device model."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._model = station.software.model
        station.handle("SetVariables", self._set_variables)
        station.handle("GetVariables", self._get_variables)
        model = self._model
        model.bind("ClockCtrlr", "DateTime", lambda: station.now().isoformat(timespec="seconds"))
        model.bind("SecurityCtrlr", "Identity", lambda: station.config.identity)

    def _check_size(self, action: str, items: list[_Item], payload: Payload) -> None:
        """B06.FR.16, FR.17: more than the model announces is refused."""
        if len(items) > self._model.integer("DeviceDataCtrlr", "ItemsPerMessage", action):
            raise RefuseCall("OccurrenceConstraintViolation", "more elements than ItemsPerMessage")
        limit = self._model.integer("DeviceDataCtrlr", "BytesPerMessage", action)
        if limit and len(json.dumps(payload)) > limit:
            raise RefuseCall("FormatViolation", "more bytes than BytesPerMessage")

    # ---- B06 -----------------------------------------------------------------------------------

    async def _get_variables(self, payload: Payload) -> Reply:
        items = payload["getVariableData"]
        self._check_size("GetVariables", items, payload)
        return Reply({"getVariableResult": [self._get(item) for item in self._answered(items)]})

    def _answered(self, items: list[_Item]) -> list[_Item]:
        return items[:1] if self._station.has(FIRST_ONLY) else items

    def _get(self, item: _Item) -> _Item:
        has = self._station.has
        status, variable = self._look_up(item)
        result = {**_echo(item), "attributeStatus": status}
        if variable is not None:
            if variable.mutability == "WriteOnly" or has(GET_UNKNOWN):
                result["attributeStatus"] = "Rejected"  # B06.FR.09
            else:
                result["attributeValue"] = self._readable(variable)
                if has(GET_STATUS_INFO):
                    result["attributeStatusInfo"] = {"reasonCode": "InternalError"}
        elif has(REFUSAL_VALUE):
            result["attributeValue"] = ""
        if has(GET_NO_TYPE):
            del result["attributeType"]
        if has(GET_OTHER_VARIABLE):
            result["variable"] = {"name": item["variable"]["name"].lower() + "Value"}
        return result

    def _readable(self, variable: Variable) -> str:
        value = variable.actual
        wrong = self._station.has(GET_WRONG_VALUE) and variable.data_type == "integer"
        return str(int(value) + 1) if wrong else value

    def _look_up(self, item: _Item) -> tuple[str, Variable | None]:
        has = self._station.has
        component = Component.of(item["component"])
        if not self._model.knows(component):
            return "UnknownVariable" if has(UNKNOWN_COMPONENT) else "UnknownComponent", None
        variable = self._model.find(
            component, item["variable"]["name"], item["variable"].get("instance")
        )
        if variable is None:
            return "Rejected" if has(UNKNOWN_VARIABLE) else "UnknownVariable", None
        if item.get("attributeType", _ACTUAL) != _ACTUAL and not has(ANY_ATTRIBUTE):
            return "NotSupportedAttributeType", None
        return "Accepted", variable

    # ---- B05 -----------------------------------------------------------------------------------

    async def _set_variables(self, payload: Payload) -> Reply:
        items = payload["setVariableData"]
        self._check_size("SetVariables", items, payload)
        if "customData" in payload and self._station.has(CUSTOM_REFUSED):
            raise RefuseCall("FormatViolation", "customData is not known")
        results = [self._set(item) for item in self._answered(items)]
        if self._station.has(SET_TWICE):
            results.append(results[0])
        return Reply({"setVariableResult": results})

    def _set(self, item: _Item) -> _Item:
        has = self._station.has
        status, variable = self._look_up(item)
        result = {**_echo(item), "attributeStatus": status}
        if variable is not None:
            result["attributeStatus"], reason = self._apply(item, variable)
            if reason is not None:
                result["attributeStatusInfo"] = {"reasonCode": reason}
        if has(SET_NO_TYPE):
            del result["attributeType"]
        if has(SET_OTHER_COMPONENT):
            result["component"] = {"name": "ChargingStation"}
        return result

    def _apply(self, item: _Item, variable: Variable) -> tuple[str, str | None]:
        """Set a variable; returns attributeStatus and reasonCode (B05.FR.07 to FR.10)."""
        has, value, custom = self._station.has, item["attributeValue"], "customData" in item
        rejects = has(SET_REJECTS) or (custom and has(CUSTOM_REJECTED))
        reason = "NotEnabled" if rejects else variable.refusal(value)
        if reason in _LETS_PASS and has(_LETS_PASS[reason]):
            return "Accepted", None
        if reason is not None:
            return "Rejected", reason
        left = custom and has(CUSTOM_NOT_SET)
        status = "Accepted" if left else self._model.set(variable, value)
        return status, "InternalError" if has(SET_STATUS_INFO) else None


def _echo(item: _Item) -> _Item:
    """What every result repeats of its request (B05.FR.02, FR.12, B06.FR.02, FR.11)."""
    return {
        "attributeType": item.get("attributeType", _ACTUAL),
        "component": item["component"],
        "variable": item["variable"],
    }
