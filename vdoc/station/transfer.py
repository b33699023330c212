"""File transfer of the station: fetching firmware and putting logs, over HTTP and HTTPS.

Owns the protocol and what a failure means; when to transfer and how often to retry is decided by
`firmware` and `logs`. For HTTPS it trusts the CSMS roots (N01.FR.15) and the usual CAs (N01.FR.16).
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Literal
from urllib.parse import quote, urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

PROTOCOLS = ("http", "https")
UploadStatus = Literal[
    "Uploaded", "UploadFailure", "BadMessage", "PermissionDenied", "NotSupportedOperation"
]
_LIMIT_S = 30.0
_STATUSES: dict[int, UploadStatus] = {
    400: "BadMessage",
    401: "PermissionDenied",
    403: "PermissionDenied",
    405: "NotSupportedOperation",
    501: "NotSupportedOperation",
}


class TransferError(Exception):
    """A file could not be fetched."""


def trusting(roots: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """A TLS context that trusts `roots` beside the usual CAs."""
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    for root in roots:
        context.load_verify_locations(cadata=root.public_bytes(Encoding.PEM).decode("ascii"))
    return context


async def fetch(url: str, roots: Sequence[x509.Certificate]) -> bytes:
    """Return the file at `url`.

    Raises:
        TransferError: it cannot be had.
    """
    if urlsplit(url).scheme not in PROTOCOLS:
        raise TransferError(f"{url}: not an HTTP address")
    try:
        async with _client(roots) as client:
            response = await client.get(url)
            return response.raise_for_status().content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TransferError(f"{url}: {error!r}") from error


async def upload(
    url: str, name: str, content: bytes, *, method: str, roots: Sequence[x509.Certificate]
) -> UploadStatus:
    """Put a file under `url`; return the status of a LogStatusNotification that says how it went.

    Args:
        url: remoteLocation; ends with "/" when it is a folder.
        name: name of the file.
        content: its content.
        method: PUT, or POST with the headers of N01.FR.19.
        roots: CSMS roots.
    """
    if urlsplit(url).scheme not in PROTOCOLS:
        return "NotSupportedOperation"
    target = f"{url}{quote(name)}" if url.endswith("/") and method == "PUT" else url
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'form-data; name="uploadfile"; filename="{name}"',
    }
    try:
        async with _client(roots) as client:
            response = await client.request(method, target, content=content, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return "UploadFailure"
    if response.is_success:
        return "Uploaded"
    return _STATUSES.get(response.status_code, "UploadFailure")


def _client(roots: Sequence[x509.Certificate]) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trusting(roots), trust_env=False, follow_redirects=True, timeout=_LIMIT_S
    )
