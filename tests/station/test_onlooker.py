"""The person at the station: what it can do, and what it says of the rest."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from typing import Any

import pytest

from vdoc.station import onlooker
from vdoc.station.action_api import ActionApi
from vdoc.station.process import Listening, serving

SELECT = {"action": "Stimulate", "operation": "ui_select", "stimulus": "ui_select"}
NOBODY = "http://127.0.0.1:9"


class Station:
    """Notes what is chosen at its screen."""

    def __init__(self) -> None:
        self.chosen: list[int | None] = []
        self.stored: list[str] = []

    async def store_customer(self, identifier: str) -> None:
        self.stored.append(identifier)

    async def select_session(self, evse: int | None) -> None:
        self.chosen.append(evse)


class Machine:
    """As much of a machine as the action API needs to know EVSE 1."""

    def __init__(self, pics: Any) -> None:
        self.station = Station()
        self.config = type("Config", (), {"pics": pics})


@pytest.mark.parametrize(("evse", "chosen"), [("all", None), ("1", 1)])
async def test_it_chooses_at_the_screen(product: Any, evse: str, chosen: int | None) -> None:
    machine: Any = Machine(product("ac-wallbox-detachable"))
    api = ActionApi(machine, timing="after-effect", token=None)
    question = {**SELECT, "params": [["evse", evse]]}
    async with serving(api, Listening()) as address:
        assert await asyncio.to_thread(onlooker.answer, question, address) == onlooker.DONE
    assert machine.station.chosen == [chosen]


async def test_it_stores_data_about_a_customer(product: Any) -> None:
    machine: Any = Machine(product("ac-wallbox-detachable"))
    api = ActionApi(machine, timing="after-effect", token=None)
    question = {
        "action": "Stimulate",
        "operation": "store_customer_identifier",
        "stimulus": "store_customer_identifier",
        "params": [["customerIdentifier", "anna & co"]],
    }
    async with serving(api, Listening()) as address:
        assert await asyncio.to_thread(onlooker.answer, question, address) == onlooker.DONE
    assert machine.station.stored == ["anna & co"]


def test_it_sees_nothing_and_crosses_no_monitor() -> None:
    display = {"action": "Observe", "operation": "observe_display", "what": "display"}
    assert onlooker.answer(display, NOBODY) == onlooker.NOT_SEEN
    monitor = {"action": "Stimulate", "operation": "trigger_monitor", "stimulus": "trigger_monitor"}
    assert onlooker.answer(monitor, NOBODY) == onlooker.CANNOT


def test_the_question_is_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    question = json.dumps({"action": "Observe"})
    monkeypatch.setattr(sys, "stdin", io.StringIO(question))
    monkeypatch.setattr(sys, "argv", ["onlooker", "--station", NOBODY])
    assert onlooker.main() == onlooker.NOT_SEEN
