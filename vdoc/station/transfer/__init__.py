"""File transfer of the station: fetching firmware and putting logs.

Owns what a failure means; when to transfer and how often to retry is decided by `firmware` and
`logs`. The protocol is that of the URL, of those that the product has (FileTransferProtocols); user
name and password stand in it. Over TLS the station trusts the CSMS roots (N01.FR.15) and the usual
CAs (N01.FR.16). A fetched file goes to disk as it comes, so that its size does not matter.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from vdoc.station.transfer import by_ftp, by_http, by_sftp
from vdoc.station.transfer.outcome import TransferError, UploadStatus

__all__ = ["PROTOCOLS", "TransferError", "UploadStatus", "fetch", "trusting", "upload"]

PROTOCOLS = ("http", "https", "ftp", "ftps", "sftp")


def trusting(roots: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """A TLS context that trusts `roots` beside the usual CAs."""
    context = ssl.create_default_context()
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    for root in roots:
        context.load_verify_locations(cadata=root.public_bytes(Encoding.PEM).decode("ascii"))
    return context


async def fetch(url: str, into: Path, roots: Sequence[x509.Certificate]) -> None:
    """Write the file at `url` to `into`.

    Raises:
        TransferError: it cannot be had.
    """
    match _scheme(url):
        case "http" | "https":
            await by_http.fetch(url, into, trusting(roots))
        case "ftp" | "ftps":
            await by_ftp.fetch(url, into, trusting(roots))
        case "sftp":
            await by_sftp.fetch(url, into)
        case _:
            raise TransferError(f"{url}: no address of {', '.join(PROTOCOLS)}")


async def upload(
    url: str, name: str, content: bytes, *, method: str, roots: Sequence[x509.Certificate]
) -> UploadStatus:
    """Put a file under `url`; return the status of a LogStatusNotification that says how it went.

    Args:
        url: remoteLocation; ends with "/" when it is a folder.
        name: name of the file.
        content: its content.
        method: of HTTP: PUT, or POST with the headers of N01.FR.19.
        roots: CSMS roots.
    """
    match _scheme(url):
        case "http" | "https":
            return await by_http.upload(url, name, content, method=method, trust=trusting(roots))
        case "ftp" | "ftps":
            return await by_ftp.upload(url, name, content, trusting(roots))
        case "sftp":
            return await by_sftp.upload(url, name, content)
        case _:
            return "NotSupportedOperation"


def _scheme(url: str) -> str:
    try:
        parts = urlsplit(url)
        return parts.scheme if parts.hostname and (parts.port is None or parts.port) else ""
    except ValueError:  # no port, or no host, that can be one
        return ""
