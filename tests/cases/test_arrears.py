"""What a station has still to tell: reports of connectors, and what every restart owes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.playing import EPOCH
from vdoc.bench import Message
from vdoc.cases.arrears import Arrears
from vdoc.cases.connectors import Place

PLACES = (Place(1, 1), Place(1, 2))
STARTUP = ("SecurityEventNotification", {"type": "StartupOfTheDevice"})

Told = tuple[str, Mapping[str, Any]]


def status(connector: int, state: str) -> Told:
    return "StatusNotification", {
        "evseId": 1, "connectorId": connector, "connectorStatus": state,
    }  # fmt: skip


def boot(reason: str) -> Told:
    return "BootNotification", {"reason": reason}


def after(*told: Told) -> Arrears:
    arrears = Arrears()
    for action, payload in told:
        arrears.feed(Message(action, "Request", dict(payload), "i", 1, 1, EPOCH, 1))
    return arrears


@pytest.mark.parametrize(
    ("told", "owed"),
    [
        ([], ()),
        ([status(1, "Occupied")], PLACES[:1]),
        ([status(1, "Occupied"), status(1, "Available")], ()),
        ([boot("PowerUp")], PLACES),
        ([boot("PowerUp"), status(2, "Available")], PLACES[:1]),
        ([status(1, "Occupied"), boot("Triggered")], PLACES[:1]),
    ],
)
def test_which_connectors_are_owed(told: list[Told], owed: tuple[Place, ...]) -> None:
    assert tuple(after(*told).untold(PLACES)) == owed


def test_a_restart_owes_its_security_event() -> None:
    told = [boot("PowerUp"), status(1, "Available"), status(2, "Available")]
    assert not after(*told).all_told(PLACES)
    assert after(*told, STARTUP).all_told(PLACES)


_told = st.one_of(
    st.builds(status, st.integers(0, 2), st.sampled_from(["Available", "Occupied"])),
    st.builds(boot, st.sampled_from(["PowerUp", "Triggered"])),
    st.just(STARTUP),
)


@given(st.lists(_told, max_size=8))
def test_it_is_the_same_when_read_back(told: list[Told]) -> None:
    arrears = after(*told)
    assert Arrears.from_json(arrears.as_json()) == arrears
