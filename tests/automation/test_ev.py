from __future__ import annotations

from typing import TypeAlias

import httpx
import pytest

from api_clients.action_http import ActionHttp
from api_clients.ev import EvClient
from vdoc.automation import Action, EvEnd, EvIso15118, EvPlugIn, EvPlugOut, EvReady, Reboot
from vdoc.automation.ev import EvDriver

Apis: TypeAlias = tuple[list[str], dict[str, int], httpx.ASGITransport]


def driver(apis: Apis, **iso15118: str) -> EvDriver:
    return EvDriver(EvClient(ActionHttp("http://car", transport=apis[2]), iso15118))


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        (EvPlugIn(1, 1), "plugin"),
        (EvPlugOut(1, 1), "plugout"),
        (EvEnd(1, 1), "end"),
        (EvReady(True, 1, 1), "state?ready=true"),
        (EvReady(False, 1, 1), "state?ready=false"),
        (EvIso15118("pnc", 1, 1, (("contract", "2"),)), "auth?method=PnC&contract=2"),
    ],
)
async def test_each_action_is_its_exact_call(apis: Apis, action: Action, asked: str) -> None:
    ev = driver(apis, pnc="auth?method=PnC")
    assert ev.supports(action)
    assert (await ev.perform(action, limit_s=5)).status == "done"
    await ev.close()
    assert apis[0] == [f"car/{asked}"]


async def test_an_unbound_deed_is_unsupported(apis: Apis) -> None:
    ev = driver(apis)
    action = EvIso15118("ev_cert_update", 1, 1)
    assert not ev.supports(action)
    outcome = await ev.perform(action, limit_s=5)
    assert outcome.status == "unsupported"
    assert apis[0] == []


async def test_a_station_action_is_not_its_business(apis: Apis) -> None:
    ev = driver(apis)
    assert not ev.supports(Reboot())
    with pytest.raises(TypeError, match="reboot"):
        await ev.perform(Reboot(), limit_s=1)
