"""How the DUT is found again after a case that changed how it is reached."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.playing import Payload
from tests.cases.restarting import Run
from tests.cases.roaming import CSMS, PASSWORDS, Habits, Installed, Roamer, roam
from vdoc.bench import Bench, DutState, Fact, Password
from vdoc.cases import reaching
from vdoc.cases.reaching import possible_states

KNOWN = DutState(password=Password(name="p1", text=PASSWORDS["p1"]), profile=2)
NEW_PASSWORD = {"password": {"name": "p2", "text": PASSWORDS["p2"]}}
MOVED = {"profile": 2, "slot": 2, "spare_slot": 1, "endpoint": 2}


async def find(bench: Bench) -> DutState:
    found = await reaching.found(bench)
    bench.check(Fact("connection", bench.connection.number is not None, None), True)
    return found


def look(*journal: Payload, rebooting: bool = False, **others: Any) -> Run:
    extra = {"journal": list(journal), "rebooting": rebooting}
    return roam("restore", function=find, extra=extra, **others)


class TestPossibleStates:
    def test_without_a_change_there_is_one(self) -> None:
        assert possible_states(KNOWN, []) == [KNOWN]

    def test_each_change_may_have_happened_or_not(self) -> None:
        states = possible_states(KNOWN, [{"root": "root2"}, MOVED])
        assert [(s.endpoint, s.root) for s in states] == [
            (1, "root1"),
            (1, "root2"),
            (2, "root1"),
            (2, "root2"),
        ]

    def test_what_is_no_field_of_the_state_is_nothing(self) -> None:
        assert possible_states(KNOWN, [{"installed": "x"}, {"root": "root1"}]) == [KNOWN]


class TestFound:
    def test_nothing_is_done_when_nothing_was_changed(self) -> None:
        run = look()
        assert run.verdict == "pass"
        assert run.timeline.value.password.name == "p1"
        assert not [line for line in run.lines if line.kind.value in {"gate", "drop"}]

    @pytest.mark.parametrize("used", ["p1", "p2"])
    def test_the_password_that_is_in_use(self, used: str) -> None:
        class Changed(Roamer):
            def __post_init__(self) -> None:
                super().__post_init__()
                self.password = used

        run = look(NEW_PASSWORD, make=Changed)
        assert (run.verdict, run.timeline.value.password.name) == ("pass", used)

    @pytest.mark.parametrize(("slot", "endpoint"), [(1, 1), (2, 2)])
    @pytest.mark.parametrize("root", ["root1", "root2"])
    def test_the_place_and_the_root(self, slot: int, endpoint: int, root: str) -> None:
        class Moved(Roamer):
            def __post_init__(self) -> None:
                super().__post_init__()
                self.slots[2] = (2, 2)
                self.home, self.route = slot, [slot]

        habits = Habits(profile=2, installed=(Installed(CSMS, root),), falls_back=frozenset())
        run = look({"root": "root2"}, MOVED, make=Moved, habits=habits, rebooting=True)
        state = run.timeline.value
        assert run.verdict == "pass"
        assert (state.slot, state.endpoint, state.root) == (slot, endpoint, root)

    def test_nobody_comes(self) -> None:
        habits = Habits(profile=2, installed=(Installed(CSMS, "root3"),))
        run = look({"root": "root2"}, habits=habits, rebooting=True)
        assert run.verdict == "inconc"
