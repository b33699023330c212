from __future__ import annotations

import httpx
import pytest

from api_clients.action_errors import UnsupportedError
from api_clients.action_http import ActionHttp
from api_clients.ev import EvClient


def client(seen: list[str], **iso15118: str) -> EvClient:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path.decode())
        return httpx.Response(200)

    return EvClient(ActionHttp("http://ev", transport=httpx.MockTransport(answer)), iso15118)


async def test_each_operation_has_its_exact_query() -> None:
    seen: list[str] = []
    ev = client(seen)
    await ev.plugin()
    await ev.plugout()
    await ev.end()
    await ev.state(ready=True)
    await ev.state(ready=False)
    await ev.close()
    paths = ["plugin", "plugout", "end", "state?ready=true", "state?ready=false"]
    assert seen == [f"/api/v1/{path}" for path in paths]


async def test_a_bound_iso15118_deed_calls_its_operation() -> None:
    seen: list[str] = []
    ev = client(seen, pnc="auth?method=PnC", eim="auth?method=EIM", ev_renegotiate="reneg")
    await ev.iso15118("pnc")
    await ev.iso15118("ev_renegotiate", [("limit", "5 kW")])
    await ev.close()
    assert seen == ["/api/v1/auth?method=PnC", "/api/v1/reneg?limit=5%20kW"]
    assert ev.deeds == {"pnc", "eim", "ev_renegotiate"}


async def test_an_unbound_deed_is_unsupported_and_nothing_is_sent() -> None:
    seen: list[str] = []
    ev = client(seen, pnc="auth")
    with pytest.raises(UnsupportedError, match=r"bound: pnc.*bind ev_cert_install"):
        await ev.iso15118("ev_cert_install")
    await ev.close()
    assert seen == []
