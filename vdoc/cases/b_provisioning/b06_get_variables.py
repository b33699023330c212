"""Use case B06, get variables."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.bench.expect import absent, same_text
from vdoc.cases import configuration
from vdoc.cases.b_provisioning.results import Results, need_together
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case

_THRESHOLD = configuration.OFFLINE_THRESHOLD
_OFFLINE = Name("AuthCtrlr", "LocalAuthorizeOffline")
_VALUE = "300"  # what Part 6 has OfflineThreshold set to, in seconds


@case("TC_B_06_CS")
async def get_single_variable(bench: Bench) -> None:
    """One variable is read, and the answer names it (B06.FR.01 to 04, 10, 11).

    Part 6: TC_B_06_CS. Errata: none.
    """
    with bench.before():
        await configuration.ensure(bench, _THRESHOLD, _VALUE)

    bench.step(2, "B06.FR.10")
    answer = await configuration.get(bench, _THRESHOLD, attributeType="Actual")  # 1
    results = Results(bench, answer, "B06")
    results.check_number(1)
    result = results.only()
    results.check_success(result)
    bench.check(answer[f"{result}.attributeValue"], _VALUE, "B06.FR.04")
    results.check_names(result, _THRESHOLD)


@case("TC_B_07_CS")
async def get_multiple_variables(bench: Bench) -> None:
    """Two variables are read at once; the results come in any order (B06.FR.01 to 04, FR.10).

    Part 6: TC_B_07_CS. Errata: none. AuthCtrlr.LocalAuthorizeOffline is called as the DUT does.
    Of a DUT that takes one variable a request, two must not be asked at once (B06.FR.05).
    """
    with bench.before():
        need_together(bench, "B06", 2)
        await configuration.ensure(bench, _THRESHOLD, _VALUE)
        await configuration.ensure(bench, _OFFLINE, "true")

    bench.step(2, "B06.FR.10")
    values = {configuration.as_told(bench, _THRESHOLD): _VALUE}
    values[configuration.as_told(bench, _OFFLINE)] = "true"
    data = [{**name.as_json(), "attributeType": "Actual"} for name in values]
    answer = await bench.call("GetVariables", getVariableData=data)  # 1
    results = Results(bench, answer, "B06")
    results.check_number(2)
    for name, value in values.items():
        result = results.about(name)
        if result is not None:
            results.check_success(result)
            bench.check(answer[f"{result}.attributeValue"], same_text(value), "B06.FR.04")


@case("TC_B_32_CS")
async def get_unknown_component(bench: Bench) -> None:
    """A component that the DUT does not have is UnknownComponent (B06.FR.06).

    Part 6: TC_B_32_CS. Errata: none.
    """
    name = Name("UnknownComponent", _THRESHOLD.variable)
    await _is_refused(bench, name, "UnknownComponent", "B06.FR.06")


@case("TC_B_33_CS")
async def get_unknown_variable(bench: Bench) -> None:
    """A variable that the component does not have is UnknownVariable (B06.FR.07).

    Part 6: TC_B_33_CS. Errata: none.
    """
    name = Name(_THRESHOLD.component, "UnknownVariable")
    await _is_refused(bench, name, "UnknownVariable", "B06.FR.07")


@case("TC_B_34_CS")
async def get_unsupported_attribute_type(bench: Bench) -> None:
    """An attribute type that the variable does not have is not supported (B06.FR.08).

    Part 6: TC_B_34_CS. Errata: none.
    """
    status = "NotSupportedAttributeType"
    await _is_refused(bench, _THRESHOLD, status, "B06.FR.08", attributeType="Target")


async def _is_refused(
    bench: Bench, name: Name, status: str, requirement: str, **attribute: str
) -> None:
    """Steps 1 and 2; the requirements also demand that no value comes with such a result."""
    bench.step(2, requirement)
    answer = await configuration.get(bench, name, **attribute)  # 1
    results = Results(bench, answer, "B06")
    result = results.only()
    bench.check(answer[f"{result}.attributeStatus"], status)
    bench.check(answer[f"{result}.attributeValue"], absent())
    results.check_names(result, name)
    for field, value in attribute.items():
        bench.check(answer[f"{result}.{field}"], value, "B06.FR.03")
