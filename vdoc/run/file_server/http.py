"""Files by HTTP and HTTPS.

Owns the methods: GET and HEAD of a file, PUT of a log under a name, POST of one whose name stands
in its Content-Disposition (N01.FR.18, N01.FR.19). Credentials, when asked for, come as Basic.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.message import Message
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from vdoc.run.file_server.address import Address
from vdoc.run.file_server.shelf import Download, RefusedError, Shelf, Why
from vdoc.tls.context import server_context
from vdoc.tls.pki import ServerCredentials

_CHUNK_BYTES = 64 * 1024
_BAD_REQUEST, _CREATED = 400, 201
_STATUSES = {Why.OUTSIDE: 404, Why.MISSING: 404, Why.SECOND_CLIENT: 403, Why.PASSWORD: 401}
_ASKS = {"www-authenticate": 'Basic realm="files"'}


def _context(credentials: ServerCredentials, *_: object) -> ssl.SSLContext:
    return server_context(credentials)  # with the suites of Part 6, which uvicorn's own lacks


class _Server(uvicorn.Server):
    """uvicorn that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class HttpServer:
    """An HTTP server, or an HTTPS server when it has a certificate.

    Args:
        address: where it listens.
        shelf: what it serves.
        tls: its certificate.
    """

    address: Address
    shelf: Shelf
    tls: ServerCredentials | None = None
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be bound.
        """
        listener = socket.create_server((self.address.host, self.address.port))
        self.address.port = listener.getsockname()[1]
        methods = ["GET", "HEAD", "PUT", "POST"]
        config = uvicorn.Config(
            Starlette(routes=[Route("/{path:path}", self._answer, methods=methods)]),
            lifespan="off",
            log_level="critical",
            access_log=False,
            ssl_context_factory=None if self.tls is None else partial(_context, self.tls),
        )
        self._server = _Server(config)
        self._task = asyncio.get_running_loop().create_task(self._server.serve([listener]))

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            self._server.force_exit = True
            await self._task

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"]
        client = "" if request.client is None else request.client.host
        if self.address.credentials is not None and "authorization" not in request.headers:
            return PlainTextResponse("who are you?", _STATUSES[Why.PASSWORD], headers=_ASKS)
        try:
            if not self._comes_in(request):
                raise self.shelf.refused(path, client, Why.PASSWORD)
            if request.method in {"PUT", "POST"}:
                return await self._upload(request, path, client)
            return self._download(request, path, client)
        except RefusedError as refused:
            asks = (
                {"www-authenticate": 'Basic realm="files"'} if refused.why is Why.PASSWORD else {}
            )
            return PlainTextResponse(str(refused), _STATUSES[refused.why], headers=asks)

    def _comes_in(self, request: Request) -> bool:
        credentials = self.address.credentials
        if credentials is None:
            return True
        scheme, _, word = request.headers.get("authorization", "").partition(" ")
        try:
            text = base64.b64decode(word, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        username, _, password = text.partition(":")
        return scheme.lower() == "basic" and credentials.fit(username, password)

    def _download(self, request: Request, path: str, client: str) -> Response:
        size = self.shelf.size_bytes(path)
        if request.method == "HEAD" and size is not None:
            return Response(headers={"content-length": str(size)})
        download = self.shelf.download(path, client, self.address.location(path))
        return StreamingResponse(
            self._served(download),
            headers={"content-length": str(download.total_bytes)},
            media_type="application/octet-stream",
        )

    async def _served(self, download: Download) -> AsyncIterator[bytes]:
        try:
            left = download.total_bytes
            while left > 0:
                if download.is_last(_CHUNK_BYTES):
                    await self.shelf.until_released()
                chunk = await asyncio.to_thread(download.read, min(left, _CHUNK_BYTES))
                left -= len(chunk)
                yield chunk
        except BaseException:
            download.spoilt = True  # the last chunk may never have left
            raise
        finally:
            download.close()

    async def _upload(self, request: Request, path: str, client: str) -> Response:
        name = _file_name(request.headers.get("content-disposition", ""))
        upload = self.shelf.upload(path, client, self.address.location(path), name)
        try:
            async for chunk in request.stream():
                upload.write(chunk)
            await self.shelf.until_released()
            upload.finish()
        except ClientDisconnect:
            return PlainTextResponse("cut short", _BAD_REQUEST)
        finally:
            upload.abort()
        return PlainTextResponse("taken", _CREATED)


def _file_name(disposition: str) -> str | None:
    """Return the file name of a Content-Disposition header (N01.FR.19)."""
    message = Message()
    message["content-disposition"] = disposition
    return message.get_filename() if disposition else None
