from __future__ import annotations

from typing import TypeAlias

import httpx
import pytest

from api_clients.action_http import ActionHttp
from api_clients.station_action import StationActionClient
from vdoc.automation import (
    Action,
    EvEnd,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    RefuseLocalAuthList,
    SetExternalLimit,
    SetFaulted,
    SetUnlockFailed,
)
from vdoc.automation.station import StationDriver

Apis: TypeAlias = tuple[list[str], dict[str, int], httpx.ASGITransport]


def driver(apis: Apis) -> StationDriver:
    return StationDriver(StationActionClient(ActionHttp("http://station", transport=apis[2])))


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        (PlugIn(1, 2), "plugin?evse_id=1&connector_id=2"),
        (PlugIn(1, 2, halfway=True), "plugin?halfway=true&evse_id=1&connector_id=2"),
        (PlugOut(1, 2), "plugout?evse_id=1&connector_id=2"),
        (
            PresentToken("A B", "KeyCode", 0, 1),
            "authorize?id=A%20B&type=KeyCode&evse_id=0&connector_id=1",
        ),
        (Reboot(), "reboot"),
        (SetFaulted(True), "state?faulted=true"),
        (SetFaulted(False, 1, 2), "state?faulted=false&evse_id=1&connector_id=2"),
        (SetUnlockFailed(True, 1, 2), "state?unlock_failed=true&evse_id=1&connector_id=2"),
        (RefuseLocalAuthList(True), "state?refused_local_auth_list=true"),
        (SetExternalLimit("16A", 1), "state?charging_limit=16A&evse_id=1"),
        (SetExternalLimit(None), "state?charging_limit="),
        (ParkingBay(True, 1), "parkingbay?occupied=true"),
        (ParkingBay(False, 1), "parkingbay?occupied=false"),
        (ParkingBay(True, 2), "parkingbay?occupied=true&evse_id=2"),
    ],
)
async def test_each_action_is_its_exact_call(apis: Apis, action: Action, asked: str) -> None:
    station = driver(apis)
    assert station.supports(action)
    outcome = await station.perform(action, limit_s=5)
    await station.close()
    assert apis[0] == [f"station/{asked}"]
    assert (outcome.status, outcome.http_status) == ("done", 200)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, "refused"),
        (401, "refused"),
        (404, "unsupported"),
        (405, "unsupported"),
        (500, "fault"),
        (501, "unsupported"),
    ],
)
async def test_a_refusal_is_an_outcome_that_says_what_to_do(
    apis: Apis, status: int, expected: str
) -> None:
    apis[1]["station/reboot"] = status
    outcome = await driver(apis).perform(Reboot(), limit_s=5)
    assert (outcome.status, outcome.http_status) == (expected, status)
    assert "Remedy: " in outcome.detail
    assert outcome.sent == "POST http://station/api/v1/reboot"


async def test_an_ev_action_is_not_its_business(apis: Apis) -> None:
    station = driver(apis)
    assert not station.supports(EvEnd(1, 1))
    with pytest.raises(TypeError, match="suspend_ev"):
        await station.perform(EvEnd(1, 1), limit_s=1)
