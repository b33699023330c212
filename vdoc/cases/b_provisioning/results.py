"""Results of GetVariables and SetVariables: how many, which is about which variable, and success.

Owns what B05 and B06 say of every result, and how many variables one request may name. The order
of results is free; a result is recognised by component and variable, whose names compare without
regard to case (Part 2 §4.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.bench.expect import absent_or, same_text
from vdoc.cases.configuration import Name

UseCase = Literal["B05", "B06"]
_FIELD: dict[UseCase, str] = {"B05": "setVariableResult", "B06": "getVariableResult"}
_SUCCESS: dict[UseCase, str] = {"B05": "B05.FR.10", "B06": "B06.FR.10"}
_ACTION: dict[UseCase, str] = {"B05": "SetVariables", "B06": "GetVariables"}
_LIMIT: dict[UseCase, str] = {"B05": "B05.FR.11", "B06": "B06.FR.05"}


@dataclass(frozen=True, slots=True)
class Results:
    """The results in one answer.

    Attributes:
        bench: the bench.
        answer: SetVariablesResponse (B05) or GetVariablesResponse (B06).
        use_case: which of the two.
    """

    bench: Bench
    answer: Message
    use_case: UseCase

    def check_number(self, expected: int) -> None:
        """Check that there is one for every element of the request (B05.FR.01, B06.FR.01)."""
        field = _FIELD[self.use_case]
        fact = Fact(f"number of {field}", len(self.answer.get(field, [])), self.answer.n)
        self.bench.check(fact, expected, f"{self.use_case}.FR.01")

    def only(self) -> str:
        """Return the path of the first result, to be judged as the answer to a single question."""
        return f"{_FIELD[self.use_case]}.0"

    def about(self, name: Name) -> str | None:
        """Return the path of the result about a variable; None, and a failed check, without one."""
        field = _FIELD[self.use_case]
        for index, result in enumerate(self.answer.get(field, [])):
            if _is_about(result, name):
                return f"{field}.{index}"
        fact = Fact(f"{field} about {name}", "absent", self.answer.n)
        self.bench.check(fact, "present", f"{self.use_case}.FR.02")
        return None

    def check_names(self, path: str, name: Name, requirement: str | None = None) -> None:
        """Check that a result names this variable (B05.FR.02, B06.FR.02)."""
        answer, check = self.answer, self.bench.check
        requirement = requirement or f"{self.use_case}.FR.02"
        check(answer[f"{path}.component.name"], same_text(name.component), requirement)
        check(answer[f"{path}.variable.name"], same_text(name.variable), requirement)
        if name.instance is not None:
            check(answer[f"{path}.variable.instance"], same_text(name.instance), requirement)

    def check_success(self, path: str) -> None:
        """Check that a result says Accepted, of the Actual value, without a reason (FR.03, 10)."""
        answer, check, requirement = self.answer, self.bench.check, _SUCCESS[self.use_case]
        check(answer[f"{path}.attributeStatus"], "Accepted", requirement)
        check(answer[f"{path}.attributeType"], "Actual", f"{self.use_case}.FR.03")
        reason = answer[f"{path}.attributeStatusInfo.reasonCode"]
        check(reason, absent_or("NoError"), requirement)


def need_together(bench: Bench, use_case: UseCase, number: int) -> None:
    """See to it that one request may name so many variables (DeviceDataCtrlr.ItemsPerMessage).

    Raises:
        InconclusiveError: the DUT takes fewer, and a CSMS must not send more.
    """
    action = _ACTION[use_case]
    fact = bench.facts.find("DeviceDataCtrlr", "ItemsPerMessage", instance=action)
    told = "" if fact is None else (fact.value or "").strip()
    if told.isdecimal() and 0 < int(told) < number:
        requirement = _LIMIT[use_case]
        raise InconclusiveError(f"one {action}Request may name {told} variables ({requirement})")


def _is_about(result: dict[str, dict[str, str]], name: Name) -> bool:
    found = (result["component"].get("name", ""), result["variable"].get("name", ""))
    return tuple(map(str.casefold, found)) == (name.component.casefold(), name.variable.casefold())
