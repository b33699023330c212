"""FTP and FTPS (AUTH TLS, RFC 4217), passive and binary.

ftplib blocks, so a transfer has a thread; a transfer that is given up shuts its sockets, which ends
the thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from vdoc.station.transfer.outcome import LIMIT_S, TransferError, UploadStatus

_NO_SUCH_COMMAND = ("500", "502")
_Result = TypeVar("_Result")


class _Session:
    """One session with a server; `with` opens and closes it.

    Args:
        url: names server, user and path.
        trust: for FTPS.
    """

    def __init__(self, url: str, trust: ssl.SSLContext) -> None:
        self.url: SplitResult = urlsplit(url)
        secured = self.url.scheme == "ftps"
        self._ftp = (
            ftplib.FTP_TLS(timeout=LIMIT_S, context=trust)  # noqa: S321  # the protocol asked for
            if secured
            else ftplib.FTP(timeout=LIMIT_S)  # noqa: S321
        )

    def __enter__(self) -> ftplib.FTP:
        try:
            self._log_in()
        except BaseException:
            self._ftp.close()
            raise
        return self._ftp

    def _log_in(self) -> None:
        user, password = self.url.username or "anonymous", self.url.password or ""
        self._ftp.connect(self.url.hostname or "", self.url.port or ftplib.FTP_PORT)
        self._ftp.login(unquote(user), unquote(password))
        if isinstance(self._ftp, ftplib.FTP_TLS):
            self._ftp.prot_p()

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, EOFError, ftplib.Error):
            self._ftp.quit()
        self._ftp.close()

    @property
    def path(self) -> str:
        """The path, from the folder of the login on (RFC 1738 §3.2.2)."""
        return unquote(self.url.path).lstrip("/")

    def give_up(self) -> None:
        """End it, from another thread."""
        if self._ftp.sock is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._ftp.sock, socket.SHUT_RDWR)


async def fetch(url: str, into: Path, trust: ssl.SSLContext) -> None:
    """Write the file at `url` to `into`.

    Raises:
        TransferError: it cannot be had.
    """
    session = _Session(url, trust)

    def work() -> None:
        with session as ftp, into.open("wb") as file:
            ftp.retrbinary(f"RETR {session.path}", file.write)

    try:
        await _in_thread(session, work)
    except (OSError, EOFError, ftplib.Error) as error:
        raise TransferError(f"{session.path}: {error!r}") from error


async def upload(url: str, name: str, content: bytes, trust: ssl.SSLContext) -> UploadStatus:
    """Put a file under `url`; see the package."""
    session = _Session(url, trust)
    target = f"{session.path}{name}" if url.endswith("/") else session.path

    def work() -> None:
        with session as ftp:
            ftp.storbinary(f"STOR {target}", io.BytesIO(content))

    try:
        await _in_thread(session, work)
    except ftplib.error_perm as refused:
        unknown = str(refused).startswith(_NO_SUCH_COMMAND)
        return "NotSupportedOperation" if unknown else "PermissionDenied"
    except (OSError, EOFError, ftplib.Error):
        return "UploadFailure"
    return "Uploaded"


async def _in_thread(session: _Session, work: Callable[[], _Result]) -> _Result:
    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        session.give_up()
        raise
