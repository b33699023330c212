from __future__ import annotations

import asyncio

import pytest

from vdoc.automation import (
    Action,
    EvEnd,
    EvIso15118,
    EvPlugIn,
    EvPlugOut,
    Observe,
    Outcome,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
)
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Status
from vdoc.automation.router import Router
from vdoc.automation.wiring import EvWiring, Wiring


class Noting(Driver):
    """Notes what it is given in a list that drivers share."""

    def __init__(self, name: str, log: list[str], status: Status = "done") -> None:
        self.name = name
        self.log = log
        self.status = status
        self.limits_s: list[float] = []

    def supports(self, action: Action) -> bool:
        return not isinstance(action, EvIso15118)

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:
        self.log.append(f"{self.name} {action.operation}")
        self.limits_s.append(limit_s)
        return Outcome(self.status, "said", f"{self.name}.{action.operation}")

    async def close(self) -> None:
        self.log.append(f"{self.name} closed")


WIRING = Wiring(
    url="http://station",
    limit_s=40,
    outlets={(1, 1): "car", (2, 1): None},
    evs={"car": EvWiring("http://car")},
    program=("look",),
    program_limit_s=7,
)


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def router(log: list[str]) -> Router:
    return Router(
        WIRING,
        station=Noting("station", log),
        evs={"car": Noting("car", log)},
        program=Noting("program", log),
    )


@pytest.mark.parametrize(
    ("action", "steps"),
    [
        (PlugIn(1, 1), ["car plugin_ev_side", "station plugin"]),
        (PlugOut(1, 1), ["station plugout", "car plugout_ev_side"]),
        (PlugIn(1, 1, side="station"), ["station plugin_evse_side"]),
        (PlugOut(1, 1, side="station"), ["station plugout_evse_side"]),
        (PlugIn(1, 1, halfway=True), ["station plugin_halfway"]),
        (PlugIn(2, 1), ["station plugin"]),
        (EvPlugOut(1, 1), ["car plugout_ev_side"]),
        (PresentToken("T", "Local", 2, 1), ["station authorize"]),
        (Reboot(), ["station reboot"]),
        (Observe("display", "Hi"), ["program observe_display"]),
    ],
)
async def test_an_action_goes_to_whom_it_is_bound(
    router: Router, log: list[str], action: Action, steps: list[str]
) -> None:
    assert router.supports(action)
    assert (await router.perform(action)).status == "done"
    assert log == steps


@pytest.mark.parametrize(
    ("action", "bind"),
    [
        (PlugIn(3, 1), "evse = 3, connector = 1"),
        (EvEnd(2, 1), "ev_api = NAME"),
        (EvIso15118("pnc", 1, 1), "pnc in [ev_api.NAME.iso15118]"),
    ],
)
async def test_what_nothing_is_bound_to_is_unsupported_and_says_what_to_bind(
    router: Router, log: list[str], action: Action, bind: str
) -> None:
    outcome = await router.perform(action)
    assert (outcome.status, outcome.sent) == ("unsupported", "(nothing sent)")
    assert bind in outcome.detail
    assert not router.supports(action)
    assert log == []


async def test_without_drivers_everything_is_unsupported() -> None:
    router = Router(Wiring(), station=None, evs={}, program=None)
    for action in (Reboot(), PlugIn(1, 1), EvPlugIn(1, 1), Observe("display", "Hi")):
        assert (await router.perform(action)).status == "unsupported"


async def test_a_whole_connection_is_one_outcome(router: Router) -> None:
    outcome = await router.perform(PlugIn(1, 1))
    assert outcome.sent == "car.plugin_ev_side; then station.plugin"


async def test_the_second_step_waits_for_the_first_to_be_done(log: list[str]) -> None:
    car = Noting("car", log, "fault")
    router = Router(WIRING, station=Noting("station", log), evs={"car": car}, program=None)
    outcome = await router.perform(PlugIn(1, 1))
    assert (outcome.status, outcome.sent) == ("fault", "car.plugin_ev_side")
    assert log == ["car plugin_ev_side"]


async def test_both_steps_share_one_limit(log: list[str]) -> None:
    class Slow(Noting):
        async def perform(self, action: Action, *, limit_s: float) -> Outcome:
            await asyncio.sleep(0.02)
            return await super().perform(action, limit_s=limit_s)

    station = Noting("station", log)
    router = Router(WIRING, station=station, evs={"car": Slow("car", log)}, program=None)
    await router.perform(PlugIn(1, 1), limit_s=1)
    assert 0 < station.limits_s[0] <= 0.98


def test_limits_are_those_of_the_settings(router: Router) -> None:
    assert router.limit_s(Reboot()) == 40
    assert router.limit_s(Observe("display", "Hi")) == 7


async def test_closing_closes_all(router: Router, log: list[str]) -> None:
    await router.close()
    assert log == ["station closed", "car closed", "program closed"]
