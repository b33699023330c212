"""Base reports: asking for one, collecting its parts, and what must be in it.

Owns B07: the parts of a report (requestId, seqNo, generatedAt), the characteristics and values of
each variable, and the mandatory variables of the claimed profiles. A list of variables is judged
part by part, so that the report of a failure names the evidence line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal

from vdoc.bench import Bench, Fact, Message, VariableFact
from vdoc.bench.expect import Expectation, absent_or, that
from vdoc.catalogue.components import ComponentRow, RequiredVariable, component_rows
from vdoc.catalogue.spelling import canonical
from vdoc.ocpp.values import parse_datetime

ReportBase = Literal["ConfigurationInventory", "FullInventory", "SummaryInventory"]

_LISTS = frozenset({"OptionList", "SequenceList", "MemberList"})
_WRITABLE = frozenset({"ReadWrite", "WriteOnly"})
_POWER = ("evse", "power")
_TEXTS = {"identifierString": "string", "passwordString": "string"}
"""Data types of Part 2 that a report can only call by the name of another (Part 2 §3.26)."""
_NONE: Expectation = that("none", lambda found: found == [])


@dataclass(frozen=True, slots=True)
class Report:
    """The parts of one report, in the order of their arrival."""

    parts: tuple[Message, ...]

    @property
    def last(self) -> Message:
        """The part that ended it."""
        return self.parts[-1]

    @property
    def data(self) -> Iterator[dict[str, Any]]:
        """The ReportData of every variable, in the order of their arrival."""
        for part in self.parts:
            yield from _data(part)


async def base_report(bench: Bench, base: ReportBase) -> Report:
    """Ask for a base report and collect it to its end (B07.FR.01, 03, 04, 10).

    Raises:
        StepFailedError: it is not accepted, or a part does not come in time.
    """
    request_id = bench.fresh_int()
    asked = bench.now()
    answer = await bench.call("GetBaseReport", requestId=request_id, reportBase=base)
    bench.require(answer["status"], "Accepted", "B07.FR.01")
    bench.check(answer["statusInfo.reasonCode"], absent_or("NoError"), "B07.FR.01")

    def judge(part: Message) -> None:
        bench.check(part["requestId"], request_id, "B07.FR.04")
        bench.check(part["generatedAt"], _between(bench, asked, part.at), "B07.FR.03")

    return await _parts(bench, lambda _part: True, judge)


async def whole_inventory(bench: Bench) -> Report:
    """Read the FullInventory and judge no more than that it can be read (B07.FR.08, 10).

    Raises:
        StepFailedError: it is not accepted, or a part does not come in time.
    """
    request_id = bench.fresh_int()
    answer = await bench.call("GetBaseReport", requestId=request_id, reportBase="FullInventory")
    bench.require(answer["status"], "Accepted")
    return await _parts(bench, lambda part: part.get("requestId") == request_id, lambda _part: None)


async def _parts(
    bench: Bench, is_part: Callable[[Message], bool], judge: Callable[[Message], None]
) -> Report:
    parts: list[Message] = []
    while not parts or parts[-1].get("tbc", False):
        what = f"part {len(parts)} of the report"
        part = await bench.receive("NotifyReport", where=is_part, what=what)
        judge(part)
        bench.check(part["seqNo"], len(parts), "B07.FR.10")
        parts.append(part)
    return Report(tuple(parts))


def _between(bench: Bench, first: datetime, last: datetime) -> Expectation:
    margin = timedelta(seconds=bench.settings.values.max_time_deviation_s)
    words = f"a time from request to arrival ({first:%H:%M:%S} to {last:%H:%M:%S}), with deviation"
    return that(words, lambda text: first - margin <= parse_datetime(text) <= last + margin)


def check_values_lists(bench: Bench, report: Report, requirement: str = "B07.FR.03") -> None:
    """Each variable of a list type comes with its valuesList (TC_B_12_CS and TC_B_13_CS step 3)."""
    _check_each(bench, report, "list types without valuesList", _lacks_values_list, requirement)


def check_listed_values(bench: Bench, report: Report) -> None:
    """What a variable of a list type says is among its valuesList (TC_B_53_CS)."""
    what = "values that are not in their valuesList"
    _check_each(bench, report, what, _is_unlisted, "Part 6 TC_B_53_CS")


def check_write_only(bench: Bench, report: Report) -> None:
    """No value of a WriteOnly variable is told (B07.FR.03 by errata 2.10)."""
    what = "WriteOnly variables with their value"
    _check_each(bench, report, what, _tells_secret, "B07.FR.03")


def check_values_given(bench: Bench, report: Report) -> None:
    """Each standardized variable that can be read has a value, but EVSE.Power (errata 6.2.19)."""
    what = "standardized variables without value"
    _check_each(bench, report, what, _lacks_value, "errata 6.2.19")


def check_power_limits(bench: Bench, report: Report) -> None:
    """EVSE.Power has a maxLimit (errata 6.2.19)."""
    _check_each(bench, report, "EVSE.Power without maxLimit", _lacks_limit, "errata 6.2.19")


def check_mutability(bench: Bench, report: Report) -> None:
    """Each standardized variable has a mutability that Part 2 allows for it (Part 2 §2)."""
    what = "standardized variables of another mutability"
    _check_each(bench, report, what, _has_other_mutability, "errata 6.2.19")


def check_data_types(bench: Bench, report: Report) -> None:
    """Each standardized variable has the data type of Part 2 (Part 2 §2)."""
    what = "standardized variables of another data type"
    _check_each(bench, report, what, _has_other_type, "errata 6.2.19")


def check_characteristics(bench: Bench, report: Report, requirement: str) -> None:
    """Each variable comes with its characteristics (B07.FR.07, B07.FR.08)."""
    what = "variables without variableCharacteristics"
    _check_each(bench, report, what, _lacks_characteristics, requirement)


def check_writable(bench: Bench, report: Report) -> None:
    """Each variable of a ConfigurationInventory can be set (B07.FR.07)."""
    _check_each(bench, report, "variables that cannot be set", _read_only, "B07.FR.07")


def check_configurable(bench: Bench, report: Report) -> None:
    """Whatever intake saw that can be set is in a ConfigurationInventory (B07.FR.07)."""
    reported = {_key_of(data) for data in report.data}
    left_out = [
        f"{fact.component}.{fact.variable}"
        for fact in bench.facts.variables
        if _can_be_set(fact) and _key_of_fact(fact) not in reported
    ]
    fact = Fact("variables that can be set and are not reported", left_out, report.last.n)
    bench.check(fact, _NONE, "B07.FR.07")


def check_required(
    bench: Bench, report: Report, required: Iterable[RequiredVariable], requirement: str
) -> None:
    """Each of these variables is in the report; one check each."""
    reported = {_key_of(data) for part in report.parts for data in _data(part)}
    for variable in required:
        found = "reported" if _key(variable) in reported else "not reported"
        bench.check(Fact(str(variable), found, report.last.n), "reported", requirement)


def availability_states(evses: Iterable[int]) -> list[RequiredVariable]:
    """Return what a SummaryInventory has to tell of the station and its EVSEs (B07.FR.09)."""
    name, kind = "AvailabilityState", "OptionList"
    owed = [RequiredVariable("ChargingStation", name, None, None, None, (), kind)]
    return owed + [RequiredVariable("EVSE", name, None, evse, None, (), kind) for evse in evses]


def _check_each(
    bench: Bench,
    report: Report,
    what: str,
    wrong: Callable[[dict[str, Any]], bool],
    requirement: str,
) -> None:
    for part in report.parts:
        found = [_label(data) for data in _data(part) if wrong(data)]
        fact = Fact(f"{part.name} {part.get('seqNo')}: {what}", found, part.n)
        bench.check(fact, _NONE, requirement)


def _lacks_characteristics(data: dict[str, Any]) -> bool:
    return "variableCharacteristics" not in data


def _lacks_values_list(data: dict[str, Any]) -> bool:
    characteristics = data.get("variableCharacteristics", {})
    return characteristics.get("dataType") in _LISTS and not characteristics.get("valuesList")


def _read_only(data: dict[str, Any]) -> bool:
    """Tell whether no attribute can be set; an absent mutability means ReadWrite."""
    attributes = data.get("variableAttribute", [])
    return not any(each.get("mutability", "ReadWrite") in _WRITABLE for each in attributes)


def _can_be_set(fact: VariableFact) -> bool:
    """Tell whether the FullInventory says so; without a value it may be of no Actual attribute."""
    written = fact.mutability == "ReadWrite" and fact.value is not None
    return written or fact.mutability == "WriteOnly"


def _is_unlisted(data: dict[str, Any]) -> bool:
    """Tell whether a value is not allowed; what is not set, as a Target may be, is not judged."""
    characteristics = data.get("variableCharacteristics", {})
    kind = characteristics.get("dataType")
    if kind not in _LISTS:
        return False
    allowed = _split(characteristics.get("valuesList", ""))
    values = [each["value"] for each in data["variableAttribute"] if each.get("value")]
    chosen = [[value.strip()] if kind == "OptionList" else _split(value) for value in values]
    return any(not set(each) <= set(allowed) for each in chosen)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _tells_secret(data: dict[str, Any]) -> bool:
    attributes = data["variableAttribute"]
    return any(each.get("mutability") == "WriteOnly" and "value" in each for each in attributes)


def _lacks_value(data: dict[str, Any]) -> bool:
    name = _name_of(data)
    if name not in _standardized() or name == _POWER:
        return False
    actual = (a for a in data["variableAttribute"] if a.get("type", "Actual") == "Actual")
    return any("value" not in each and each.get("mutability") != "WriteOnly" for each in actual)


def _lacks_limit(data: dict[str, Any]) -> bool:
    lacks = "maxLimit" not in data.get("variableCharacteristics", {})
    return _name_of(data) == _POWER and lacks


def _has_other_mutability(data: dict[str, Any]) -> bool:
    """Tell whether the Actual value can be set otherwise; absent means ReadWrite."""
    allowed = {word for row in _rows_of(data) for word in row.mutability}
    actual = (a for a in data["variableAttribute"] if a.get("type", "Actual") == "Actual")
    return any(each.get("mutability", "ReadWrite") not in allowed for each in actual if allowed)


def _has_other_type(data: dict[str, Any]) -> bool:
    allowed = {_TEXTS.get(row.datatype, row.datatype) for row in _rows_of(data) if row.mutability}
    told = data.get("variableCharacteristics", {}).get("dataType")
    return bool(allowed) and told not in allowed


def _rows_of(data: dict[str, Any]) -> tuple[ComponentRow, ...]:
    name = (*_name_of(data), canonical(data["variable"].get("instance") or ""))
    return _rows_by_name().get(name, ())


@cache
def _rows_by_name() -> dict[tuple[str, ...], tuple[ComponentRow, ...]]:
    found: dict[tuple[str, ...], tuple[ComponentRow, ...]] = {}
    for row in component_rows():
        name = _folded(row.component, row.variable, row.instance)
        found[name] = (*found.get(name, ()), row)
    return found


@cache
def _standardized() -> frozenset[tuple[str, ...]]:
    return frozenset(_folded(row.component, row.variable) for row in component_rows())


def _name_of(data: dict[str, Any]) -> tuple[str, ...]:
    return _folded(data["component"].get("name"), data["variable"].get("name"))


def _data(part: Message) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = part.get("reportData", [])
    return found


def _label(data: dict[str, Any]) -> str:
    return f"{data['component'].get('name')}.{data['variable'].get('name')}"


def _key_of(data: dict[str, Any]) -> tuple[Any, ...]:
    component, variable = data["component"], data["variable"]
    evse = component.get("evse", {})
    names = _folded(component.get("name"), variable.get("name"), variable.get("instance"))
    return (*names, evse.get("id"), evse.get("connectorId"))


def _key_of_fact(fact: VariableFact) -> tuple[Any, ...]:
    names = _folded(fact.component, fact.variable, fact.instance)
    return (*names, fact.evse, fact.connector)


def _key(variable: RequiredVariable) -> tuple[Any, ...]:
    names = _folded(variable.component, variable.variable, variable.instance)
    return (*names, variable.evse, variable.connector)


def _folded(*names: str | None) -> tuple[str, ...]:
    """Return names as they compare (Part 2, part 1 §4.2; vdoc.catalogue.spelling)."""
    return tuple(canonical(name or "") for name in names)
