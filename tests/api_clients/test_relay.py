"""The relay against a bench that dials in over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedOK, InvalidStatus

from api_clients.action_errors import (
    ConfigurationError,
    FaultError,
    NoReplyError,
    UnreachableError,
)
from api_clients.action_http import Accepted
from api_clients.relay import RelayCarrier, RelayServer, RelaySettings
from api_clients.relay_frames import Dialect

TOKEN = "r3lay"


def server(dialect: Dialect = "mos") -> RelayServer:
    settings = RelaySettings("127.0.0.1", 0, TOKEN, dialect)
    return RelayServer(settings, clock=lambda: datetime.now(UTC), session="s")


@pytest.fixture
async def relay() -> AsyncIterator[RelayServer]:
    started = server()
    await started.start()
    yield started
    await started.close()


@asynccontextmanager
async def dial(
    relay: RelayServer, *, token: str = TOKEN, path: str = "/ws_api"
) -> AsyncIterator[ClientConnection]:
    url = f"ws://127.0.0.1:{relay.port}{path}"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(url, additional_headers=headers, proxy=None) as bench:
        yield bench


async def asked(bench: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await bench.recv())
    return frame


def ask(relay: RelayServer, *, limit_s: float = 5) -> asyncio.Task[Accepted]:
    carrier = RelayCarrier(relay, "sut", "http://bench/api/v1")
    return asyncio.create_task(carrier.call("/plugin", [("evse_id", "1")], limit_s=limit_s))


async def test_an_answer_is_matched_by_its_id(relay: RelayServer) -> None:
    async with dial(relay) as bench:
        first, second = ask(relay), ask(relay)
        ids = [(await asked(bench))["id"] for _ in range(2)]
        await bench.send(json.dumps({"id": ids[1], "status": "Nok"}))
        await bench.send(json.dumps({"id": ids[0], "status": "OK"}))
        assert (await first).sent == "relay sut plugin?evse_id=1"
        with pytest.raises(ConfigurationError):
            await second


@pytest.mark.parametrize(("dialect", "operation"), [("mos", "plugin"), ("can", "plugin?evse_id=1")])
async def test_both_dialects_are_spoken(dialect: Dialect, operation: str) -> None:
    relay = server(dialect)
    await relay.start()
    async with dial(relay) as bench:
        call = ask(relay)
        frame = await asked(bench)
        await bench.send(json.dumps({"id": frame["id"], "status": "Ok"}))
        await call
    await relay.close()
    assert (frame["operation"], frame["type"], frame["url"]) == (
        operation,
        "sut",
        "http://bench/api/v1/",
    )


async def test_silence_is_a_timeout_and_a_late_answer_a_stray(relay: RelayServer) -> None:
    async with dial(relay) as bench:
        with pytest.raises(NoReplyError, match=r"silent for 0\.05 s"):
            await ask(relay, limit_s=0.05)
        late = {"id": (await asked(bench))["id"], "status": "Ok"}
        await bench.send(json.dumps(late))
        call = ask(relay)
        await bench.send(json.dumps({"id": (await asked(bench))["id"], "status": "Ok"}))
        await call
    assert relay.strays[0] == repr(json.dumps(late))


@pytest.mark.parametrize("frame", ['{"id":"other","status":"Ok"}', "[]", "?", b"\xff", '{"id":1}'])
async def test_what_answers_nothing_is_kept_and_not_guessed_at(
    relay: RelayServer, frame: str | bytes
) -> None:
    async with dial(relay) as bench:
        call = ask(relay, limit_s=0.1)
        await asked(bench)
        await bench.send(frame)
        with pytest.raises(NoReplyError):
            await call
    assert list(relay.strays) == [repr(frame)]


async def test_nobody_dialled_in_is_unreachable(relay: RelayServer) -> None:
    assert not relay.connected
    with pytest.raises(UnreachableError, match="must dial path /ws_api"):
        await ask(relay, limit_s=0.05)


async def test_a_call_waits_for_the_bench_to_dial_in(relay: RelayServer) -> None:
    call = ask(relay)
    async with dial(relay) as bench:
        await bench.send(json.dumps({"id": (await asked(bench))["id"], "status": "Ok"}))
        await call


async def test_nothing_is_sent_again_after_a_reconnect(relay: RelayServer) -> None:
    async with dial(relay) as bench:
        call = ask(relay)
        await asked(bench)
    with pytest.raises(FaultError, match="not sent again"):
        await call
    async with dial(relay) as again:
        fresh = ask(relay)
        frame = await asked(again)
        assert frame["id"] == "s-2"
        await again.send(json.dumps({"id": "s-2", "status": "Ok"}))
        await fresh


async def test_the_newest_bench_replaces_the_one_before(relay: RelayServer) -> None:
    async with dial(relay) as old:
        call = ask(relay)
        await asked(old)
        async with dial(relay) as new:
            with pytest.raises(FaultError):
                await call
            fresh = ask(relay)
            await new.send(json.dumps({"id": (await asked(new))["id"], "status": "Ok"}))
            await fresh
            with pytest.raises(Exception, match="1012"):
                await old.recv()


@pytest.mark.parametrize(
    ("token", "path", "status"), [("wrong", "/ws_api", 401), (TOKEN, "/other", 404)]
)
async def test_a_wrong_token_or_path_is_turned_away(
    relay: RelayServer, token: str, path: str, status: int
) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with dial(relay, token=token, path=path):
            pass
    assert refusal.value.response.status_code == status
    assert not relay.connected


async def test_closing_ends_who_waits(relay: RelayServer) -> None:
    async with dial(relay) as bench:
        call = ask(relay)
        await asked(bench)
        await relay.close()
        with pytest.raises(FaultError):
            await call
        with pytest.raises(ConnectionClosedOK):
            await bench.recv()


async def test_a_port_in_use_is_said(relay: RelayServer) -> None:
    second = RelayServer(
        RelaySettings("127.0.0.1", relay.port, TOKEN, "mos"),
        clock=lambda: datetime.now(UTC),
        session="t",
    )
    with pytest.raises(UnreachableError, match="cannot listen on 127"):
        await second.start()


def test_a_relay_without_a_token_is_refused_and_no_token_is_shown() -> None:
    with pytest.raises(ConfigurationError, match="bearer token"):
        RelayServer(
            RelaySettings("127.0.0.1", 0, "", "mos"), clock=lambda: datetime.now(UTC), session="s"
        )
    assert TOKEN not in repr(server())
