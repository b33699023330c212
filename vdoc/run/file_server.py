"""The HTTP(S) file server of the bench: firmware out, logs in.

Owns what was really transferred: every download and upload becomes an observation with the SHA-256
of the bytes on the wire, since the firmware hash of a declaration rests on it (TC_L_01_CS) and a
log that is announced but never uploaded must be noticed (TC_N_25_CS). A transfer can be held open,
for cases that ask what the DUT is doing while it goes on (TC_F_16_CS, TC_F_19_CS).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

_CHUNK_BYTES = 64 * 1024
_NOT_FOUND, _BAD_REQUEST, _CREATED = 404, 400, 201
_HOLD_LIMIT_S = 90.0  # two message time-outs and some; most clients wait for a byte that long

Told = Callable[[dict[str, Any]], None]


class _Server(uvicorn.Server):
    """uvicorn that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class FileServer:
    """One HTTP server; `files` maps a name to the file that is served under it.

    Args:
        host: address to bind.
        port: port to bind; 0 lets the system choose.
        advertised: host name and port that the DUT is told; the port may be None.
        told: takes what was transferred, as the data of a `made` line.
        tls: certificate and key file for HTTPS.
    """

    host: str
    port: int
    advertised_host: str
    told: Told
    advertised_port: int | None = None
    tls: tuple[Path, Path] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    _released: asyncio.Event | None = None
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be bound.
        """
        listener = socket.create_server((self.host, self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._application(),
            lifespan="off",
            log_level="critical",
            access_log=False,
            ssl_certfile=None if self.tls is None else self.tls[0],
            ssl_keyfile=None if self.tls is None else self.tls[1],
        )
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve([listener]))

    def hold(self) -> None:
        """Let no transfer end before `release`, or before 90 s have passed."""
        self._released = asyncio.Event()
        asyncio.get_running_loop().call_later(_HOLD_LIMIT_S, self._released.set)

    def release(self) -> None:
        """Let transfers end, those that were held included."""
        if self._released is not None:
            self._released.set()

    async def _until_released(self) -> None:
        if self._released is not None:
            await self._released.wait()

    async def stop(self) -> None:
        """Stop listening."""
        self.release()
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            await self._task

    def location(self, path: str) -> str:
        """Return the URL of a path as the DUT is told it."""
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://{self.advertised_host}:{self.advertised_port or self.port}/{path}"

    def _application(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/files/{name}", self._download, methods=["GET", "HEAD"]),
                Route("/uploads/{path:path}", self._upload, methods=["PUT", "POST"]),
            ]
        )

    async def _download(self, request: Request) -> Response:
        name = request.path_params["name"]
        file = self.files.get(name)
        if file is None:
            self.told({"what": "file_missing", "path": request.url.path})
            return PlainTextResponse("no such file", _NOT_FOUND)
        size = file.stat().st_size
        headers = {"content-length": str(size)}
        if request.method == "HEAD":
            return Response(headers=headers)
        body = self._served(file, size, request.url.path)
        return StreamingResponse(body, headers=headers, media_type="application/octet-stream")

    async def _served(self, file: Path, size: int, path: str) -> AsyncIterator[bytes]:
        digest, sent = hashlib.sha256(), 0
        try:
            with file.open("rb") as source:
                while chunk := await asyncio.to_thread(source.read, _CHUNK_BYTES):
                    if sent + len(chunk) >= size:
                        await self._until_released()
                    yield chunk
                    digest.update(chunk)
                    sent += len(chunk)
        finally:
            self.told(
                {
                    "what": "file_served",
                    "path": path,
                    "location": self.location(path.lstrip("/")),
                    "bytes": sent,
                    "sha256": digest.hexdigest(),
                    "complete": sent == size,
                }
            )

    async def _upload(self, request: Request) -> Response:
        digest, received = hashlib.sha256(), 0
        try:
            async for chunk in request.stream():
                digest.update(chunk)
                received += len(chunk)
        except ClientDisconnect:
            self.told({"what": "upload_broken", "path": request.url.path, "bytes": received})
            return PlainTextResponse("cut short", _BAD_REQUEST)
        await self._until_released()
        path = request.url.path
        self.told(
            {
                "what": "file_received",
                "path": path,
                "location": self.location(path.lstrip("/")),
                "name": path.rsplit("/", 1)[-1],
                "bytes": received,
                "sha256": digest.hexdigest(),
            }
        )
        return PlainTextResponse("taken", _CREATED)
