"""Parts of intake, against scripted stations: what is wrong is listed, not only the first of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import pytest

from tests.cases.playing import Payload, Played, Scripted, pics, settings
from vdoc.bench import Bench, CaseStart, DutState, Facts, Password, VariableFact
from vdoc.bench.context import RunContext
from vdoc.bench.start import OpenConnection
from vdoc.cases import intake

LOCAL_PRE_AUTHORIZE = VariableFact(
    component="AuthCtrlr", variable="LocalPreAuthorize", value="true"
)  # fmt: skip


def play(
    case: Callable[[Bench], Coroutine[Any, Any, Any]], station: Scripted, facts: Facts | None = None
) -> Played:
    state = DutState(password=Password(name="p1", text="0123456789abcdef"))
    start = CaseStart("intake", {}, 1, 7, state, connection=OpenConnection(1, {"connection": 1}))
    return Played(case, RunContext(pics(), settings(), facts or Facts()), start, station)


class Telling(Scripted):
    """A station that tells something by and by."""

    def _tell(self, action: str, payload: Payload) -> None:
        self.says(action, payload)


class Reporting(Telling):
    """A station whose report has parts of these numbers."""

    def __init__(self, numbers: Iterable[int], *, component: str = "C") -> None:
        super().__init__()
        self.numbers, self.component = list(numbers), component
        self.answers["GetBaseReport"] = self._report

    def _report(self, payload: Payload) -> Payload:
        for place, number in enumerate(self.numbers, start=1):
            part = {
                "requestId": payload["requestId"],
                "generatedAt": self.now(),
                "seqNo": number,
                "tbc": place < len(self.numbers),
                "reportData": [
                    {
                        "component": {"name": self.component},
                        "variable": {"name": f"V{place}" if self.component == "C" else "Enabled"},
                        "variableAttribute": [{"value": "1"}],
                    }
                ],
            }
            self.run.later(0.1 * place, partial(self._tell, "NotifyReport", part))
        return {"status": "Accepted"}


@pytest.mark.parametrize(
    ("numbers", "wrong"), [((0, 1, 2), ()), ((1, 2, 3), (0, 1, 2)), ((0, 0, 2), (1,)), ((5,), (0,))]
)
def test_every_wrong_number_of_a_report_is_listed(
    numbers: tuple[int, ...], wrong: tuple[int, ...]
) -> None:
    run = play(intake.inventory, Reporting(numbers))
    assert tuple(int(each.expected) for each in run.result.failures) == wrong
    assert [each.variable for each in run.timeline.value] == ["V1", "V2", "V3"][: len(numbers)]


class Settable(Telling):
    """A station that answers SetVariables with this status, and can be reset."""

    def __init__(self, status: str) -> None:
        super().__init__()
        self.status = status
        self.answers = {"SetVariables": self._set, "Reset": self._reset}

    def _set(self, payload: Payload) -> Payload:
        (data,) = payload["setVariableData"]
        named = {key: data[key] for key in ("component", "variable")}
        return {"setVariableResult": [{**named, "attributeStatus": self.status}]}

    def _reset(self, _payload: Payload) -> Payload:
        boot = {
            "reason": "RemoteReset", "chargingStation": {"model": "M", "vendorName": "V"},
        }  # fmt: skip
        self.run.later(1, partial(self._tell, "BootNotification", boot))
        return {"status": "Accepted"}


def basic(fact: VariableFact) -> Callable[[Bench], Coroutine[Any, Any, Any]]:
    return lambda bench: intake.basic_settings(bench, (fact,))


@pytest.mark.parametrize(
    ("status", "value", "wrong"),
    [("Accepted", "false", 0), ("RebootRequired", "false", 0), ("Rejected", "true", 1)],
)
def test_local_pre_authorize_is_switched_off(status: str, value: str, wrong: int) -> None:
    run = play(basic(LOCAL_PRE_AUTHORIZE), Settable(status))
    assert len(run.result.failures) == wrong
    assert run.timeline.value[0].value == value
    assert bool(run.calls("Reset")) == (status == "RebootRequired")


@pytest.mark.parametrize("changes", [{"value": "False"}, {"mutability": "ReadOnly"}])
def test_it_is_left_where_it_cannot_or_need_not_be_set(changes: dict[str, str]) -> None:
    fact = LOCAL_PRE_AUTHORIZE.model_copy(update=changes)
    run = play(basic(fact), Settable("Accepted"))
    assert not run.calls("SetVariables")
    assert run.timeline.value == (fact,)


class Reader(Scripted):
    """A station whose reader reads cards backwards."""

    def acted(self, action: Payload) -> None:
        token = {"idToken": action["id_token"][::-1], "type": action["type"]}
        self.says("Authorize", {"idToken": token})


def test_the_reader_shows_every_card_that_is_presented() -> None:
    run = play(intake.readers_report, Reader())
    assert run.timeline.value["ISO14-1"] == "1-41OSI"
    assert run.timeline.value["invalid"] == "dilavni"
    answers = [frame[2] for frame in run.sent if frame[0] == 3]
    assert {each["idTokenInfo"]["status"] for each in answers} == {"Invalid"}


@pytest.mark.parametrize(
    ("component", "variable", "before", "wrong"),
    [
        ("MonitoringCtrlr", "Enabled", "1", ()),
        ("MonitoringCtrlr", "Enabled", "0", ("monitoringctrlr.enabled value",)),
        ("MonitoringCtrlr", "Enabled", None, ()),
        ("C", "V1", "0", ()),
    ],
)
def test_a_standard_variable_must_have_the_value_again_that_it_had(
    component: str, variable: str, before: str | None, wrong: tuple[str, ...]
) -> None:
    fact = VariableFact(component=component, variable=variable, value=before)
    run = play(intake.closing, Reporting([0], component=component), Facts(variables=(fact,)))
    assert tuple(each.what for each in run.result.failures) == wrong
