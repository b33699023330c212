"""What a client of FTP and FTPS can do: pyftpdlib's handlers on top of the shelf.

FTPS is taken both ways: a client that begins with a TLS handshake gets implicit
TLS, one that waits for the greeting may ask for AUTH TLS (RFC 4217). Passive mode is served, active
mode too. A held transfer is one that does not begin. Only what is transferred in binary and from
the beginning counts as a whole file.
"""

from __future__ import annotations

import logging
import socket
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyftpdlib.ioloop  # noqa: F401  # before its handlers: it imports asyncore without a warning

# isort: split
from pyftpdlib.exceptions import AuthenticationFailed, FilesystemError
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import FTPHandler, TLS_FTPHandler

from vdoc.run.file_server.address import Address
from vdoc.run.file_server.shelf import Download, RefusedError, Shelf, Upload, Why

_POLL_S = 0.05  # how soon the thread sees that it is to stop, and that a transfer is released
_WHO_SPEAKS_FIRST_S = 0.3
_REFUSED_LOGIN_S = 0.2
_RIGHTS = frozenset("elrw")  # change folder, list, retrieve, store
_TLS_HANDSHAKE = b"\x16"
_KINDS = {"rb": Download, "wb": Upload}

_LOG = logging.getLogger("pyftpdlib")
_LOG.setLevel(logging.CRITICAL)
_LOG.addHandler(logging.NullHandler())  # with no handler pyftpdlib changes logging altogether


class _Transfer:
    """A download or upload as the file object that pyftpdlib reads or writes."""

    def __init__(self, transfer: Download | Upload, name: str, *, binary: bool) -> None:
        self._transfer = transfer
        self.name = name
        self.closed = False
        if not binary:
            transfer.spoilt = True

    def read(self, size_bytes: int) -> bytes:
        assert isinstance(self._transfer, Download)  # noqa: S101  # opened to be read
        return self._transfer.read(size_bytes)

    def write(self, data: bytes) -> None:
        assert isinstance(self._transfer, Upload)  # noqa: S101  # opened to be written
        self._transfer.write(data)

    def seek(self, position: int) -> None:
        if position:
            self._transfer.spoilt = True  # a part of a file is no file

    def close(self) -> None:
        self.closed = True

    def end(self, *, whole: bool) -> None:
        """The last byte has gone, or no more will."""
        if isinstance(self._transfer, Download):
            self._transfer.spoilt = self._transfer.spoilt or not whole
            self._transfer.close()
        elif whole:
            self._transfer.finish()
        else:
            self._transfer.abort()


class _Files(AbstractedFS):  # type: ignore[misc]  # pyftpdlib has no types
    """The shelf as the file system that a client sees."""

    cmd_channel: Any

    def open(self, filename: str, mode: str) -> _Transfer:
        """Begin a transfer.

        Raises:
            FilesystemError: it is refused.
        """
        handler, path = self.cmd_channel, filename.lstrip("/")
        shelf, client = handler.shelf, handler.remote_ip
        location = handler.address.location(path)
        try:
            if _KINDS.get(mode) is Download:
                transfer: Download | Upload = shelf.download(path, client, location)
            elif _KINDS.get(mode) is Upload:
                transfer = shelf.upload(path, client, location)
            else:
                raise shelf.refused(path, client, Why.OUTSIDE)
        except RefusedError as refused:
            raise FilesystemError(str(refused)) from refused
        handler.transfer = _Transfer(transfer, filename, binary=handler.is_binary)
        return handler.transfer  # type: ignore[no-any-return]

    def validpath(self, path: str) -> bool:  # noqa: ARG002  # what is outside is found on opening
        return True

    def ftp2fs(self, ftppath: str) -> str:
        return str(self.ftpnorm(ftppath))

    def fs2ftp(self, fspath: str) -> str:
        return fspath

    def chdir(self, path: str) -> None:
        """Change the folder.

        Raises:
            FilesystemError: nothing lies there.
        """
        if not self.isdir(path):
            handler = self.cmd_channel
            raise FilesystemError(
                str(handler.shelf.refused(path.lstrip("/"), handler.remote_ip, Why.OUTSIDE))
            )
        self._cwd = path

    def isdir(self, path: str) -> bool:
        return bool(self.cmd_channel.shelf.is_folder(path.strip("/")))

    def isfile(self, path: str) -> bool:
        return self.cmd_channel.shelf.size_bytes(path.lstrip("/")) is not None

    def lexists(self, path: str) -> bool:
        return self.isfile(path) or self.isdir(path)

    def getsize(self, path: str) -> int:
        return int(self.cmd_channel.shelf.size_bytes(path.lstrip("/")) or 0)

    def realpath(self, path: str) -> str:
        return path

    def listdir(self, path: str) -> list[str]:  # noqa: ARG002  # nobody needs to find a path
        return []

    listdirinfo = listdir

    def _nothing(self, path: str, *others: object) -> None:
        """Nothing else can be done with a path.

        Raises:
            FilesystemError: always.
        """
        del others
        raise FilesystemError(f"{PurePosixPath(path).name}: not served")

    stat = lstat = mkdir = rmdir = remove = rename = chmod = utime = getmtime = _nothing


class Gatekeeper:
    """Who may log in, and what they may do then: pyftpdlib's authorizer."""

    def __init__(self, address: Address) -> None:
        self._credentials = address.credentials

    def validate_authentication(self, username: str, password: str, _handler: object) -> None:
        """Let somebody in.

        Raises:
            AuthenticationFailed: user name or password is wrong.
        """
        if self._credentials is not None and not self._credentials.fit(username, password):
            raise AuthenticationFailed("wrong user name or password")

    def has_perm(self, _username: str, perm: str, _path: str | None = None) -> bool:
        """Tell what everybody may do."""
        return perm in _RIGHTS

    def get_home_dir(self, _username: str) -> str:
        """Everybody begins at the top."""
        return "/"

    def get_msg_login(self, _username: str) -> str:
        """Greet whoever has logged in."""
        return "Welcome."

    def get_msg_quit(self, _username: str) -> str:
        """Take leave."""
        return "Goodbye."

    def impersonate_user(self, _username: str, _password: str) -> None:
        """Nobody here is a user of the system."""

    def terminate_impersonation(self, _username: str) -> None:
        """Nobody here is a user of the system."""


class _Session:
    """What both handlers add to pyftpdlib's."""

    shelf: Shelf
    address: Address
    transfer: _Transfer | None = None
    abstracted_fs = _Files
    use_sendfile = False  # every byte passes the digest
    auth_failed_timeout = _REFUSED_LOGIN_S
    banner = "vdoc file server"

    if TYPE_CHECKING:  # the rest is pyftpdlib's, which has no types

        def __getattr__(self, name: str) -> Any: ...  # noqa: ANN401

    @property
    def is_binary(self) -> bool:
        """The client has asked for TYPE I."""
        return bool(self._current_type != "a")

    def ftp_RETR(self, file: str) -> Any:  # noqa: ANN401, N802
        return self._when_released(super().ftp_RETR, file)  # type: ignore[misc]

    def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # noqa: ANN401, N802
        return self._when_released(super().ftp_STOR, file, mode)  # type: ignore[misc]

    def _when_released(self, begin: Any, *arguments: str) -> Any:  # noqa: ANN401
        if self._closed:
            return None
        if self.shelf.held:
            again = (self._when_released, begin, *arguments)
            self.ioloop.call_later(_POLL_S, *again, _errback=self.handle_error)
            return arguments[0]
        return begin(*arguments)

    def on_login_failed(self, _username: str, _password: str) -> None:
        self.shelf.refused("", self.remote_ip, Why.PASSWORD)

    def on_file_sent(self, _file: str) -> None:
        self._over(whole=True)

    def on_file_received(self, _file: str) -> None:
        self._over(whole=True)

    def on_incomplete_file_sent(self, _file: str) -> None:
        self._over(whole=False)

    def on_incomplete_file_received(self, _file: str) -> None:
        self._over(whole=False)

    def on_disconnect(self) -> None:
        self._over(whole=False)

    def _over(self, *, whole: bool) -> None:
        transfer, self.transfer = self.transfer, None
        if transfer is not None:
            transfer.end(whole=whole)


class Plain(_Session, FTPHandler):  # type: ignore[misc]  # pyftpdlib has no types
    """FTP."""


class Secured(_Session, TLS_FTPHandler):  # type: ignore[misc]  # pyftpdlib has no types
    """FTPS; nobody logs in without TLS."""

    tls_control_required = True
    greeted = False

    def handle(self) -> None:
        """Find out whether the client begins with a handshake (implicit TLS)."""
        self.del_channel()
        self.ioloop.call_later(_WHO_SPEAKS_FIRST_S, self._begin, _errback=self.handle_error)

    def _begin(self) -> None:
        if self._closed:
            return
        self.add_channel()
        try:
            first = self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            first = b""
        if first == _TLS_HANDSHAKE:
            self.secure_connection(self.ssl_context)
        else:
            self._greet()

    def _greet(self) -> None:
        if not self.greeted:
            self.greeted = True
            super().handle()

    def handle_ssl_established(self) -> None:
        """Greet a client that began with the handshake."""
        self._greet()
