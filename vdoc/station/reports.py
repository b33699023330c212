"""GetBaseReport and GetReport with their NotifyReports (B07, B08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import render_datetime
from vdoc.station.defects import declare
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.model import Component, Variable
from vdoc.station.seams import Payload, RefuseCall, Reply

if TYPE_CHECKING:
    from vdoc.station.station import Station

_BOTH = ("TC_B_12_CS", "TC_B_13_CS")
_ALL = (*_BOTH, "TC_B_14_CS", "TC_B_53_CS")
REFUSED = declare(
    "report-not-supported", "answers NotSupported to every base report", "B07.FR.12", *_ALL
)
SEQ_FROM_ONE = declare(
    "report-seqno-from-one", "seqNo of the first NotifyReport is 1", "B07.FR.10", *_ALL
)
SEQ_REPEATED = declare(
    "report-seqno-repeated",
    "every NotifyReport has seqNo 0, and a report has at least two parts",
    "B07.FR.10",
    *_ALL,
)
OTHER_REQUEST = declare(
    "report-other-request-id", "NotifyReport carries another requestId", "B07.FR.04", *_ALL
)
NO_VALUES_LIST = declare(
    "report-lacks-values-list", "lists are reported without valuesList", "B07.FR.07", *_ALL
)
NO_CHARACTERISTICS = declare(
    "report-lacks-characteristics",
    "variables are reported without variableCharacteristics",
    "B07.FR.08",
    *_BOTH,
    "TC_B_14_CS",
)
OLD = declare(
    "report-generated-yesterday", "generatedAt lies a day in the past", "B07.FR.03", *_ALL
)
READ_ONLY_TOO = declare(
    "report-configuration-read-only",
    "ConfigurationInventory reports read-only variables too",
    "B07.FR.07",
    "TC_B_12_CS",
)
LACKS_OPTIONAL = declare(
    "report-configuration-lacks-optional",
    "ConfigurationInventory leaves out HeartbeatInterval, which is optional and can be set",
    "B07.FR.07",
    "TC_B_12_CS",
)
NO_CONNECTORS = declare(
    "report-lacks-connectors",
    "FullInventory reports no Connector component",
    "B07.FR.08",
    "TC_B_13_CS",
    "TC_B_53_CS",
)
SUMMARY_ACCEPTED = declare(
    "summary-report-accepted",
    "accepts a SummaryInventory that it does not support, and sends one",
    "B07.FR.02",
    "TC_B_15_CS",
)
SUMMARY_SENT = declare(
    "summary-report-refused-yet-sent",
    "answers NotSupported to a SummaryInventory that it does not support, and sends one",
    "B07.FR.05",
    "TC_B_15_CS",
)
SUMMARY_REASON = declare(
    "summary-report-wrong-reason",
    "refuses a SummaryInventory with reasonCode InternalError",
    "B07.FR.02",
    "TC_B_15_CS",
)
SUMMARY_NO_EVSES = declare(
    "summary-report-lacks-evses",
    "SummaryInventory tells nothing of EVSEs",
    "B07.FR.09",
    "TC_B_14_CS",
)
NO_VALUES = declare(
    "report-lacks-values",
    "variables of DeviceDataCtrlr are reported without value",
    "B07.FR.08",
    "TC_B_53_CS",
)
SECRETS = declare(
    "report-tells-write-only",
    "WriteOnly variables are reported with a value",
    "B07.FR.03",
    "TC_B_53_CS",
)
UNLISTED = declare(
    "report-unlisted-value",
    "TxStartPoint is reported with a value that is not in its valuesList",
    "B07.FR.08",
    "TC_B_53_CS",
)
NO_POWER_LIMIT = declare(
    "report-lacks-power-limit",
    "EVSE.Power is reported without maxLimit",
    "B07.FR.08",
    "TC_B_53_CS",
)
WRONG_MUTABILITY = declare(
    "report-wrong-mutability",
    "OfflineThreshold is reported as ReadOnly",
    "B07.FR.08",
    "TC_B_53_CS",
)
WRONG_TYPE = declare(
    "report-wrong-data-type",
    "OfflineThreshold is reported with dataType string",
    "B07.FR.08",
    "TC_B_53_CS",
)
PENDING_NO_REPORT = declare(
    "report-never-comes",
    "accepts a base report and sends none",
    "B07.FR.03",
    *_BOTH,
    "TC_B_02_CS",
)

_SUMMARY = frozenset({"AvailabilityState", "Problem"})


class Reports:
    """Reports the device model."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._model = station.software.model
        station.handle("GetBaseReport", self._base_report)
        station.handle("GetReport", self._custom_report)

    async def _base_report(self, payload: Payload) -> Reply:
        base = payload["reportBase"]
        supported = base != "SummaryInventory" or self._station.pics.claims("C-56")
        variables = [each for each in self._model if self._belongs(each, base)]
        if self._station.has(REFUSED):
            return Reply({"status": "NotSupported"})
        if not supported and not self._station.has(SUMMARY_ACCEPTED):
            return self._unsupported(variables, payload["requestId"])
        return self._accepted(variables, payload["requestId"])

    def _unsupported(self, variables: Sequence[Variable], request_id: int) -> Reply:
        """B07.FR.02, FR.05: refused, and nothing sent."""
        answer: Payload = {"status": "NotSupported"}
        if self._station.has(SUMMARY_REASON):
            answer["statusInfo"] = {"reasonCode": "InternalError"}
        sends = self._station.has(SUMMARY_SENT)
        return Reply(answer, self._send(variables, request_id) if sends else None)

    def _belongs(self, variable: Variable, base: str) -> bool:
        if base == "ConfigurationInventory":
            lacking = self._station.has(LACKS_OPTIONAL) and variable.name == "HeartbeatInterval"
            return not lacking and (
                variable.mutability != "ReadOnly" or self._station.has(READ_ONLY_TOO)
            )
        if base == "SummaryInventory":
            lacking = self._station.has(SUMMARY_NO_EVSES) and variable.component.name == "EVSE"
            return variable.name in _SUMMARY and not lacking
        return variable.component.name != "Connector" or not self._station.has(NO_CONNECTORS)

    async def _custom_report(self, payload: Payload) -> Reply:
        wanted = payload.get("componentVariable") or []
        most = self._model.integer("DeviceDataCtrlr", "ItemsPerMessage", "GetReport")
        if len(wanted) > most:
            raise RefuseCall("OccurrenceConstraintViolation", "more elements than ItemsPerMessage")
        criteria = payload.get("componentCriteria") or []
        variables = [
            each
            for each in self._model
            if self._meets(each, criteria, wanted) and (not wanted or _selected(each, wanted))
        ]
        if not variables:
            return Reply({"status": "EmptyResultSet"})  # B08.FR.15
        return self._accepted(variables, payload["requestId"])

    def _meets(
        self, variable: Variable, criteria: Sequence[str], wanted: Sequence[dict[str, Any]]
    ) -> bool:
        """B08.FR.07 to FR.10, FR.13: alone, criteria select the flags that are true."""
        if not criteria:
            return True
        if wanted:
            return any(self._holds(variable.component, criterion) for criterion in criteria)
        return variable.name in criteria and variable.actual.casefold() == "true"

    def _holds(self, component: Component, criterion: str) -> bool:
        flag = self._model.find(component, criterion)
        if flag is None:
            return criterion != "Problem"
        return flag.actual.casefold() == "true"

    def _accepted(self, variables: Sequence[Variable], request_id: int) -> Reply:
        if self._station.has(PENDING_NO_REPORT):
            return Reply({"status": "Accepted"})
        return Reply({"status": "Accepted"}, self._send(variables, request_id))

    async def _send(self, variables: Sequence[Variable], request_id: int) -> None:
        has = self._station.has
        items = [self._item(variable) for variable in variables]
        parts = self._parts(items)
        for number, part in enumerate(parts):
            seq_no = 0 if has(SEQ_REPEATED) else number + int(has(SEQ_FROM_ONE))
            generated = self._station.now() - timedelta(days=int(has(OLD)))
            payload = {
                "requestId": request_id + int(has(OTHER_REQUEST)),
                "generatedAt": render_datetime(generated),
                "seqNo": seq_no,
                "tbc": number < len(parts) - 1,
                "reportData": part,
            }
            try:
                await self._station.call("NotifyReport", payload, while_pending=True)
            except (OfflineError, CallFailedError, CallTimeoutError):
                return  # a report is not kept; the CSMS asks again

    def _parts(self, items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        announced = self._model.integer("DeviceDataCtrlr", "ItemsPerMessage", "GetReport")
        size = self._station.style.report_items or announced
        if self._station.has(SEQ_REPEATED):
            size = min(size, max(1, len(items) // 2))
        return [items[start : start + size] for start in range(0, len(items), size)]

    def _item(self, variable: Variable) -> dict[str, Any]:
        attribute: dict[str, Any] = {
            "type": "Actual",
            "mutability": variable.mutability,
            "persistent": variable.mutability != "ReadOnly",
            "constant": False,
        }
        if variable.mutability != "WriteOnly" or self._station.has(SECRETS):
            attribute["value"] = variable.actual  # errata 2.10
        self._spoil(variable, attribute)
        characteristics = variable.characteristics()
        if self._station.has(NO_VALUES_LIST):
            characteristics.pop("valuesList", None)
        if self._station.has(NO_POWER_LIMIT) and variable.name == "Power":
            characteristics.pop("maxLimit", None)
        if self._station.has(WRONG_TYPE) and variable.name == "OfflineThreshold":
            characteristics["dataType"] = "string"
        item = {
            "component": variable.component.as_json(),
            "variable": variable.variable_json(),
            "variableAttribute": [attribute],
            "variableCharacteristics": characteristics,
        }
        if self._station.has(NO_CHARACTERISTICS):
            del item["variableCharacteristics"]
        return item

    def _spoil(self, variable: Variable, attribute: dict[str, Any]) -> None:
        """Tell of a value what a defect makes of it."""
        if self._station.has(NO_VALUES) and variable.component.name == "DeviceDataCtrlr":
            attribute.pop("value", None)
        if self._station.has(UNLISTED) and variable.name == "TxStartPoint":
            attribute["value"] = "Whenever"
        if self._station.has(WRONG_MUTABILITY) and variable.name == "OfflineThreshold":
            attribute["mutability"] = "ReadOnly"


def _selected(variable: Variable, wanted: Iterable[dict[str, Any]]) -> bool:
    """B08.FR.11, FR.20 to FR.25: an absent field of the filter matches anything."""
    return any(_fits(variable, each) for each in wanted)


def _fits(variable: Variable, wanted: dict[str, Any]) -> bool:
    component, asked = variable.component, Component.of(wanted["component"])
    if component.name.casefold() != asked.name.casefold():
        return False
    for own, theirs in (
        (component.evse, asked.evse),
        (component.connector, asked.connector),
        (component.instance, asked.instance),
    ):
        if theirs is not None and own != theirs:
            return False
    named = wanted.get("variable")
    if named is None:
        return True
    instance = named.get("instance")
    same = named["name"].casefold() == variable.name.casefold()
    return same and instance in (None, "", variable.instance)
