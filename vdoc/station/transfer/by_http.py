"""HTTP and HTTPS; user name and password of the URL go as Basic."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from urllib.parse import quote

import httpx

from vdoc.station.transfer.outcome import LIMIT_S, TransferError, UploadStatus

_STATUSES: dict[int, UploadStatus] = {
    400: "BadMessage",
    401: "PermissionDenied",
    403: "PermissionDenied",
    405: "NotSupportedOperation",
    501: "NotSupportedOperation",
}


async def fetch(url: str, into: Path, trust: ssl.SSLContext) -> None:
    """Write the file at `url` to `into`.

    Raises:
        TransferError: it cannot be had.
    """
    try:
        async with _client(trust) as client, client.stream("GET", url) as response:
            response.raise_for_status()
            with into.open("wb") as file:
                async for chunk in response.aiter_bytes():
                    await asyncio.to_thread(file.write, chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TransferError(f"{url}: {error!r}") from error


async def upload(
    url: str, name: str, content: bytes, *, method: str, trust: ssl.SSLContext
) -> UploadStatus:
    """Put a file under `url`; see the package."""
    target = f"{url}{quote(name)}" if url.endswith("/") and method == "PUT" else url
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'form-data; name="uploadfile"; filename="{name}"',
    }
    try:
        async with _client(trust) as client:
            response = await client.request(method, target, content=content, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return "UploadFailure"
    if response.is_success:
        return "Uploaded"
    return _STATUSES.get(response.status_code, "UploadFailure")


def _client(trust: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=True, timeout=LIMIT_S)
