"""The file server: what was transferred is what is told."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from vdoc.run.file_server import FileServer

Told = list[dict[str, Any]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
async def server(told: Told, tmp_path: Path) -> AsyncIterator[FileServer]:
    image = tmp_path / "image.bin"
    image.write_bytes(b"x" * 200_000)
    made = FileServer("127.0.0.1", 0, "localhost", told.append, files={"image.bin": image})
    await made.start()
    yield made
    await made.stop()


async def test_a_download_tells_the_digest_of_its_bytes(server: FileServer, told: Told) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.get(server.location("files/image.bin"))
    assert reply.content == b"x" * 200_000
    assert told[0]["sha256"] == hashlib.sha256(reply.content).hexdigest()
    assert told[0]["complete"] is True
    assert told[0]["location"] == server.location("files/image.bin")


async def test_a_broken_off_download_is_not_complete(server: FileServer, told: Told) -> None:
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("HEAD", server.location("files/image.bin")) as reply,
    ):
        assert reply.headers["content-length"] == "200000"
    assert told == []


async def test_a_missing_file_is_told(server: FileServer, told: Told) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        reply = await client.get(server.location("files/none"))
    assert reply.status_code == 404
    assert told[0]["what"] == "file_missing"


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_an_upload_is_told(server: FileServer, told: Told, method: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        url = server.location("uploads/abc/log.txt")
        reply = await client.request(method, url, content=b"a log")
    assert reply.status_code == 201
    assert told[0]["name"] == "log.txt"
    assert told[0]["bytes"] == 5
    assert told[0]["location"] == url


@pytest.mark.parametrize(("method", "path"), [("GET", "files/image.bin"), ("PUT", "uploads/a/log")])
async def test_a_transfer_is_held_until_released(
    server: FileServer, told: Told, method: str, path: str
) -> None:
    server.hold()
    async with httpx.AsyncClient(trust_env=False) as client:
        content = b"a log" if method == "PUT" else None
        transfer = asyncio.create_task(
            client.request(method, server.location(path), content=content)
        )
        done, _ = await asyncio.wait((transfer,), timeout=0.2)
        assert (done, told) == (set(), [])
        server.release()
        assert (await transfer).is_success
    await server.stop()
    assert len(told) == 1
