"""A scripted station of variables, which it keeps by the rules of B05 and B06.

`run_variables(case_id, spoil=…, lacking=…, read_only=…)` plays a case with it. `spoil` sees the
answers of Before too; `nth` lets it see one answer only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.cases.playing import Payload, Played, Scripted, Spoil, play_against
from vdoc.bench import Facts, VariableFact

OFFLINE = "AuthCtrlr.LocalAuthorizeOffline"
MODEL = {
    "OCPPCommCtrlr.OfflineThreshold": ("integer", "60"),
    "OCPPCommCtrlr.MessageTimeout": ("integer", "30"),
    OFFLINE: ("boolean", "false"),
    "AuthCtrlr.AuthorizeRemoteStart": ("boolean", "false"),
    "SmartChargingCtrlr.LimitChangeSignificance": ("decimal", "1"),
    "ClockCtrlr.NextTimeOffsetTransitionDateTime": ("dateTime", ""),
}
READ_ONLY = frozenset({"OCPPCommCtrlr.MessageTimeout"})
_FORMS = {
    "integer": r"\d+",
    "decimal": r"\d+(\.\d+)?",
    "boolean": r"true|false",
    "dateTime": r"\d{4}-\d\d-\d\dT.*Z",
}


class Shelf(Scripted):
    """Answers GetVariables and SetVariables; `reversed_results` turns their order round."""

    def __init__(
        self,
        model: dict[str, tuple[str, str]],
        read_only: frozenset[str],
        spoil: Spoil | None,
        *,
        reversed_results: bool,
    ) -> None:
        super().__init__(spoil)
        self.model, self.read_only = model, read_only
        self.step = -1 if reversed_results else 1
        self.answers = {"GetVariables": self._get_all, "SetVariables": self._set_all}

    def _get_all(self, payload: Payload) -> Payload:
        results = [self._result(data, self._get) for data in payload["getVariableData"]]
        return {"getVariableResult": results[:: self.step]}

    def _set_all(self, payload: Payload) -> Payload:
        results = [self._result(data, self._set) for data in payload["setVariableData"]]
        return {"setVariableResult": results[:: self.step]}

    def _result(self, data: Payload, found: Callable[[str, Payload], Payload]) -> Payload:
        component, variable = data["component"]["name"], data["variable"]["name"]
        name, kind = f"{component}.{variable}", data.get("attributeType", "Actual")
        echo = {"attributeType": kind, "component": data["component"], "variable": data["variable"]}
        if name in self.model:
            supported = kind == "Actual"
            told = found(name, data) if supported else _status("NotSupportedAttributeType")
        else:
            known = any(each.startswith(f"{component}.") for each in self.model)
            told = _status("UnknownVariable" if known else "UnknownComponent")
        return echo | told

    def _get(self, name: str, _data: Payload) -> Payload:
        return _status("Accepted") | {"attributeValue": self.model[name][1]}

    def _set(self, name: str, data: Payload) -> Payload:
        kind, value = self.model[name][0], data["attributeValue"]
        if name in self.read_only:
            return _status("Rejected")
        if not re.fullmatch(_FORMS[kind], value):
            return _status("Rejected") | {"attributeStatusInfo": {"reasonCode": "InvalidValue"}}
        self.model[name] = (kind, value)
        return _status("Accepted")


def _status(status: str) -> Payload:
    return {"attributeStatus": status}


def run_variables(
    case_id: str,
    *,
    spoil: Spoil | None = None,
    lacking: frozenset[str] = frozenset(),
    read_only: frozenset[str] = READ_ONLY,
    reversed_results: bool = False,
    spelling: str = OFFLINE,
    together: str | None = None,
) -> Played:
    """Run a case about variables; `together` is how many the station says a request may name."""
    model = {name: each for name, each in MODEL.items() if name not in lacking}
    model[spelling] = model.pop(OFFLINE)
    seen = tuple(_fact(name, read_only) for name in model)
    if together is not None:
        seen += tuple(_limit(action, together) for action in ("GetVariables", "SetVariables"))

    def make() -> Shelf:
        return Shelf(dict(model), read_only, spoil, reversed_results=reversed_results)

    return play_against(case_id, make, seen=Facts(variables=seen))


def _fact(name: str, read_only: frozenset[str]) -> VariableFact:
    component, _, variable = name.partition(".")
    mutability = "ReadOnly" if name in read_only else "ReadWrite"
    return VariableFact(component=component, variable=variable, mutability=mutability)


def nth(spoil: Callable[..., Any], action: str, number: int) -> Spoil:
    """Spoil the `number`-th answer to an action only, so that what Before reads stays sound."""
    count = 0

    def later(named: str, payload: Payload) -> Payload | None:
        nonlocal count
        if named != f"{action}Response":
            return payload
        count += 1
        spoilt: Payload | None = spoil(named, payload) if count == number else payload
        return spoilt

    return later


def _limit(action: str, value: str) -> VariableFact:
    name = {"component": "DeviceDataCtrlr", "variable": "ItemsPerMessage", "instance": action}
    return VariableFact(**name, mutability="ReadOnly", value=value)
