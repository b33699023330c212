"""Files by SFTP.

Clients read and write many blocks at once, so that they come out of order; the shelf puts them in
order again. Whoever has no business here sees an empty folder.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.constants import FXF_READ, FXF_WRITE

from vdoc.run.file_server.address import Address
from vdoc.run.file_server.shelf import Download, RefusedError, Shelf, Upload, Why

_KEYS = ("ssh-ed25519", "ecdsa-sha2-nistp256")

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


class _Login(asyncssh.SSHServer):
    """Who may log in."""

    def __init__(self, address: Address, shelf: Shelf) -> None:
        self._address, self._shelf = address, shelf
        self._client = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._client = conn.get_extra_info("peername")[0]

    def begin_auth(self, username: str) -> bool:
        del username
        return self._address.credentials is not None

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        credentials = self._address.credentials
        if credentials is None or credentials.fit(username, password):
            return True
        self._shelf.refused("", self._client, Why.PASSWORD)
        return False


class _Files(asyncssh.SFTPServer):
    """The shelf as the file system that a client sees; everything else is an empty folder."""

    def __init__(
        self, channel: Any, *, address: Address, shelf: Shelf, nothing: bytes  # noqa: ANN401
    ) -> None:  # fmt: skip
        super().__init__(channel, chroot=nothing)
        self._address, self._shelf = address, shelf
        self._client = self.connection.get_extra_info("peername")[0]
        self._closed: list[Upload] = []

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        del attrs
        where = path.decode("utf-8", "replace").lstrip("/")
        given = (where, self._client, self._address.location(where))
        try:
            if pflags & FXF_WRITE:
                return self._shelf.upload(*given)
            if pflags & FXF_READ:
                return self._shelf.download(*given)
        except RefusedError as refused:
            raise _as_sftp(refused) from refused
        raise asyncssh.SFTPPermissionDenied("only reading and writing")

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        if not isinstance(file_obj, Download):
            raise asyncssh.SFTPPermissionDenied("not opened for reading")
        if file_obj.is_last(size, offset):
            await self._shelf.until_released()
        if file_obj.over or self.channel.is_closing():
            raise asyncssh.SFTPFailure("nobody is there any more")
        return file_obj.read(size, offset)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        if not isinstance(file_obj, Upload):
            raise asyncssh.SFTPPermissionDenied("not opened for writing")
        file_obj.write(data, offset)
        return len(data)

    async def close(self, file_obj: object) -> None:
        if isinstance(file_obj, Download):
            file_obj.close()
        elif isinstance(file_obj, Upload):
            await self._shelf.until_released()
            if self.channel.is_closing():
                file_obj.abort()
                return
            self._closed.append(file_obj)
            asyncio.get_running_loop().call_soon(self._finish, file_obj)

    def _finish(self, upload: Upload) -> None:
        if upload in self._closed:
            self._closed.remove(upload)
            upload.finish()

    def exit(self) -> None:
        """The session ends; what is closed in the same breath the client has not closed itself."""
        for upload in self._closed:
            upload.abort()
        self._closed.clear()

    def _attributes(self, path: bytes) -> asyncssh.SFTPAttrs:
        try:
            size = self._shelf.look(path.decode("utf-8", "replace").strip("/"), self._client)
        except RefusedError as refused:
            raise _as_sftp(refused) from refused
        if size is None:
            return asyncssh.SFTPAttrs(permissions=0o040555)
        return asyncssh.SFTPAttrs(size=size, permissions=0o100444)

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return self._attributes(path)

    def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        return self._attributes(path)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        size = file_obj.total_bytes if isinstance(file_obj, Download) else 0
        return asyncssh.SFTPAttrs(size=size, permissions=0o100444)

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None: ...

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None: ...


def _as_sftp(refused: RefusedError) -> asyncssh.SFTPError:
    missing = refused.why in {Why.MISSING, Why.OUTSIDE}
    return (asyncssh.SFTPNoSuchFile if missing else asyncssh.SFTPPermissionDenied)(str(refused))


@dataclass(slots=True)
class SftpServer:
    """An SFTP server.

    Args:
        address: where it listens.
        shelf: what it serves.
        key_directory: where its host keys are kept, so that a DUT may know them.
    """

    address: Address
    shelf: Shelf
    key_directory: Path
    _listener: asyncssh.SSHAcceptor | None = None
    _nothing: tempfile.TemporaryDirectory[str] | None = field(default=None)

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be bound.
        """
        self.key_directory.mkdir(mode=0o700, exist_ok=True)
        self._nothing = tempfile.TemporaryDirectory(prefix="vdoc-sftp-")
        files = partial(
            _Files, address=self.address, shelf=self.shelf, nothing=self._nothing.name.encode()
        )
        self._listener = await asyncssh.listen(
            self.address.host,
            self.address.port,
            server_host_keys=[self._host_key(kind) for kind in _KEYS],
            server_factory=lambda: _Login(self.address, self.shelf),
            sftp_factory=files,
            allow_scp=False,
        )
        self.address.port = self._listener.get_port()

    async def stop(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()
        if self._nothing is not None:
            self._nothing.cleanup()

    def _host_key(self, kind: str) -> asyncssh.SSHKey:
        file = self.key_directory / f"sftp-host-{kind}"
        if not file.exists():
            key = asyncssh.generate_private_key(kind)
            file.touch(mode=0o600)
            key.write_private_key(str(file))
        return asyncssh.read_private_key(str(file))
