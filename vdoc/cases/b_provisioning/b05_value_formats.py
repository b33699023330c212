"""Use case B05, set variables: values that have the wrong form for their variable (TC_B_11_CS)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vdoc.bench import Bench
from vdoc.bench.expect import Expectation, equals, one_of
from vdoc.cases import configuration
from vdoc.cases.b_provisioning.results import Results
from vdoc.cases.configuration import Name
from vdoc.cases.registry import case
from vdoc.ocpp.values import render_datetime

_SIGNIFICANCE = Name("SmartChargingCtrlr", "LimitChangeSignificance")
_TRANSITION = Name("ClockCtrlr", "NextTimeOffsetTransitionDateTime")
_UNKNOWN = frozenset({"UnknownComponent", "UnknownVariable"})


@dataclass(frozen=True, slots=True)
class _Form:
    """One variable and what may come of a value.

    Attributes:
        name: the variable.
        step: of the table, at which the DUT answers.
        kinds: of the values that have the right form.
        ranged: a value of the right form may lie outside the range (B05.FR.08).
    """

    name: Name
    step: int
    kinds: frozenset[str]
    ranged: bool = False


@case("TC_B_11_CS")
async def set_badly_formatted_values(bench: Bench) -> None:
    """Values of the wrong form are rejected, those of the right one accepted (B05.FR.07, FR.10).

    Part 6: TC_B_11_CS. Errata: none. The table lets each value be accepted or rejected, "if
    supported"; the data type decides here what is due. A decimal or a moment of the right form may
    also be out of range. The table exchanges the names in the validations of steps 4 and 6: each
    result is judged by its own request. The reason InvalidValue is "not required", and B05.FR.07
    leaves it free: another one is noted. Not applicable without the variable for a date.
    """
    bench.step("prerequisite", "Part 6 TC_B_11_CS")
    answer = await configuration.get(bench, _TRANSITION)
    if answer.get("getVariableResult.0.attributeStatus") in _UNKNOWN:
        bench.not_applicable(f"the DUT has no {_TRANSITION}", answer)
    forms = tuple(_forms(bench))
    for kind, value in _values(bench):  # repeated for each value
        for form in forms:  # 1 to 8
            bench.step(form.step, "B05.FR.10" if kind in form.kinds else "B05.FR.07")
            await _set(bench, form, kind, value)


def _forms(bench: Bench) -> Iterator[_Form]:
    yield _Form(configuration.OFFLINE_THRESHOLD, 2, frozenset({"integer"}))
    if configuration.implemented(bench, _SIGNIFICANCE):
        yield _Form(_SIGNIFICANCE, 4, frozenset({"integer", "decimal"}), ranged=True)
    if configuration.writable(bench, configuration.AUTHORIZE_REMOTE_START):
        yield _Form(configuration.AUTHORIZE_REMOTE_START, 6, frozenset({"boolean"}))
    yield _Form(_TRANSITION, 8, frozenset({"dateTime"}), ranged=True)


def _values(bench: Bench) -> Iterator[tuple[str, str]]:
    threshold_s = bench.settings.values.offline_threshold_s
    yield "integer", str(threshold_s)
    yield "decimal", f"{threshold_s}.1"
    yield "boolean", "true"
    yield "dateTime", render_datetime(bench.now())
    yield "text", "abc"


async def _set(bench: Bench, form: _Form, kind: str, value: str) -> None:
    answer = await configuration.change(bench, form.name, value)
    results = Results(bench, answer, "B05")
    result, what = results.only(), f"{form.name} = {value}"
    right = kind in form.kinds
    status = _status(right=right, ranged=form.ranged)
    bench.check(answer[f"{result}.attributeStatus"], status, what=what)
    bench.check(answer[f"{result}.attributeType"], "Actual", "B05.FR.12", what=what)
    reason = answer.get(f"{result}.attributeStatusInfo.reasonCode")
    if not right and reason not in {None, "InvalidValue"}:
        bench.note(f"{what} is refused with reason {reason}")
    results.check_names(result, form.name)


def _status(*, right: bool, ranged: bool) -> Expectation:
    if not right:
        return equals("Rejected")
    return one_of("Accepted", "Rejected") if ranged else equals("Accepted")
