"""Use case B05, set variables."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration
from vdoc.cases.b_provisioning.results import Results, need_together
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case

_THRESHOLD = configuration.OFFLINE_THRESHOLD
_OFFLINE = Name("AuthCtrlr", "LocalAuthorizeOffline")
_READ_ONLY = Name("OCPPCommCtrlr", "MessageTimeout", "Default")
_VALUE = "300"  # what Part 6 sets OfflineThreshold to, in seconds; right for every integer here


@case("TC_B_09_CS")
async def set_single_variable(bench: Bench) -> None:
    """One variable is set, and the answer names it (B05.FR.01 to 03, 10, 12).

    Part 6: TC_B_09_CS. Errata: none.
    """
    bench.step(2, "B05.FR.10")
    answer = await configuration.change(bench, _THRESHOLD, _VALUE, attributeType="Actual")  # 1
    results = Results(bench, answer, "B05")
    results.check_number(1)
    results.check_success(results.only())
    results.check_names(results.only(), _THRESHOLD)


@case("TC_B_10_CS")
async def set_multiple_variables(bench: Bench) -> None:
    """Two variables are set at once; the results come in any order (B05.FR.01 to 03, 10, 12).

    Part 6: TC_B_10_CS, which means the attributeType of both elements to be Actual. Errata: none.
    AuthCtrlr.LocalAuthorizeOffline is called as the DUT does. Of a DUT that takes one variable a
    request, two must not be set at once (B05.FR.11).
    """
    with bench.before():
        need_together(bench, "B05", 2)

    bench.step(2, "B05.FR.10")
    values = {configuration.as_told(bench, _THRESHOLD): _VALUE}
    values[configuration.as_told(bench, _OFFLINE)] = "true"
    data = [
        {**name.as_json(), "attributeValue": value, "attributeType": "Actual"}
        for name, value in values.items()
    ]
    answer = await bench.call("SetVariables", setVariableData=data)  # 1
    results = Results(bench, answer, "B05")
    results.check_number(2)
    for name in values:
        result = results.about(name)
        if result is not None:
            results.check_success(result)


@case("TC_B_35_CS")
async def set_unknown_component(bench: Bench) -> None:
    """A component that the DUT does not have is UnknownComponent (B05.FR.04).

    Part 6: TC_B_35_CS. Errata: none.
    """
    name = Name("UnknownComponent", _THRESHOLD.variable)
    await _is_refused(bench, name, "UnknownComponent", "B05.FR.04")


@case("TC_B_36_CS")
async def set_unknown_variable(bench: Bench) -> None:
    """A variable that the component does not have is UnknownVariable (B05.FR.05).

    Part 6: TC_B_36_CS. Errata: none.
    """
    name = Name(_THRESHOLD.component, "UnknownVariable")
    await _is_refused(bench, name, "UnknownVariable", "B05.FR.05")


@case("TC_B_37_CS")
async def set_unsupported_attribute_type(bench: Bench) -> None:
    """An attribute type that the variable does not have is not supported (B05.FR.06).

    Part 6: TC_B_37_CS. Errata: none.
    """
    status = "NotSupportedAttributeType"
    await _is_refused(bench, _THRESHOLD, status, "B05.FR.06", attributeType="Target")


@case("TC_B_39_CS")
async def set_read_only_variable(bench: Bench) -> None:
    """A ReadOnly variable cannot be set (B05.FR.09).

    Part 6: TC_B_39_CS, which leaves the value open; it is one that any integer could have. Errata:
    none.
    """
    await _is_refused(bench, _READ_ONLY, "Rejected", "B05.FR.09")


async def _is_refused(
    bench: Bench, name: Name, status: str, requirement: str, **attribute: str
) -> None:
    """Steps 1 and 2."""
    bench.step(2, requirement)
    answer = await configuration.change(bench, name, _VALUE, **attribute)  # 1
    results = Results(bench, answer, "B05")
    result = results.only()
    bench.check(answer[f"{result}.attributeStatus"], status)
    results.check_names(result, name)
    for field, value in attribute.items():
        bench.check(answer[f"{result}.{field}"], value, "B05.FR.03")
