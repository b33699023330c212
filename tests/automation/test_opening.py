from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TypeAlias

import httpx
import pytest
from websockets.asyncio.client import connect

from api_clients.action_errors import ConfigurationError
from vdoc.automation import EvIso15118, PlugIn
from vdoc.automation.opening import open_router
from vdoc.automation.wiring import EvWiring, RelayWiring, Transport, Wiring

Apis: TypeAlias = tuple[list[str], dict[str, int], httpx.ASGITransport]


def clock() -> datetime:
    return datetime(2026, 1, 5, tzinfo=UTC)


async def test_over_http_each_api_has_its_own_base(apis: Apis) -> None:
    wiring = Wiring(
        url="http://station",
        outlets={(1, 1): "car"},
        evs={"car": EvWiring("http://car", iso15118={"pnc": "auth"})},
    )
    router = await open_router(wiring, clock=clock, session="s", transport=apis[2])
    await router.perform(PlugIn(1, 1))
    await router.perform(EvIso15118("pnc", 1, 1))
    await router.close()
    assert apis[0] == ["car/plugin", "station/plugin?evse_id=1&connector_id=1", "car/auth"]


@pytest.mark.parametrize(
    ("transport", "operations"),
    [
        ("relay-mo", ["plugin", "plugin"]),
        ("relay-can", ["plugin", "plugin?evse_id=1&connector_id=1"]),
    ],
)
async def test_over_the_relay_both_sides_share_one_connection(
    transport: Transport, operations: list[str]
) -> None:
    wiring = Wiring(
        transport=transport,
        url="http://station",
        token="r3lay",
        outlets={(1, 1): "car"},
        evs={"car": EvWiring("http://car")},
        relay=RelayWiring("127.0.0.1", 0),
    )
    router = await open_router(wiring, clock=clock, session="s")
    assert router.relay is not None
    asked = []
    headers = {"Authorization": "Bearer r3lay"}
    url = f"ws://127.0.0.1:{router.relay.port}/ws_api"
    async with connect(url, additional_headers=headers, proxy=None) as bench:
        call = router.perform(PlugIn(1, 1))

        async def serve() -> None:
            for _ in operations:
                frame = json.loads(await bench.recv())
                asked.append((frame["type"], frame["operation"], frame["url"]))
                await bench.send(json.dumps({"id": frame["id"], "status": "Ok"}))

        outcome, _ = await asyncio.gather(call, serve())
    await router.close()
    assert outcome.status == "done"
    assert asked == [
        ("ev_emulator", operations[0], "http://car/api/v1/"),
        ("sut", operations[1], "http://station/api/v1/"),
    ]


async def test_an_unusable_address_is_said_when_opening() -> None:
    with pytest.raises(ConfigurationError, match="http"):
        await open_router(Wiring(url="station"), clock=clock, session="s")
