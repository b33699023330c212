"""SFTP, with user name and password. The host key of the server is not known beforehand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncssh

from vdoc.station.transfer.outcome import LIMIT_S, TransferError, UploadStatus

_PORT = 22

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


async def fetch(url: str, into: Path) -> None:
    """Write the file at `url` to `into`.

    Raises:
        TransferError: it cannot be had.
    """
    try:
        async with await _connect(url) as connection:
            await _or_abort(connection, _get(connection, _path(url), into))
    except (OSError, asyncssh.Error) as error:
        raise TransferError(f"{_path(url)}: {error!r}") from error


async def upload(url: str, name: str, content: bytes) -> UploadStatus:
    """Put a file under `url`; see the package."""
    target = f"{_path(url)}{name}" if url.endswith("/") else _path(url)
    try:
        async with await _connect(url) as connection:
            await _or_abort(connection, _put(connection, target, content))
    except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSuchFile):
        return "PermissionDenied"
    except asyncssh.SFTPOpUnsupported:
        return "NotSupportedOperation"
    except (OSError, asyncssh.Error):
        return "UploadFailure"
    return "Uploaded"


async def _get(connection: asyncssh.SSHClientConnection, path: str, into: Path) -> None:
    async with connection.start_sftp_client() as client:
        await client.get(path, into)


async def _put(connection: asyncssh.SSHClientConnection, path: str, content: bytes) -> None:
    async with connection.start_sftp_client() as client, client.open(path, "wb") as file:
        await file.write(content)


async def _or_abort(
    connection: asyncssh.SSHClientConnection, transfer: Coroutine[Any, Any, None]
) -> None:
    """Do a transfer; one that is given up takes the connection with it, and waits for nothing."""
    task = asyncio.ensure_future(transfer)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        connection.abort()
        await asyncio.gather(task, return_exceptions=True)
        raise


async def _connect(url: str) -> asyncssh.SSHClientConnection:
    parts = urlsplit(url)
    return await asyncssh.connect(
        parts.hostname or "",
        parts.port or _PORT,
        username=unquote(parts.username or "anonymous"),
        password=unquote(parts.password or ""),
        known_hosts=None,
        client_keys=None,
        agent_path=None,
        config=None,
        connect_timeout=LIMIT_S,
        login_timeout=LIMIT_S,
    )


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)
