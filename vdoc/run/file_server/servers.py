"""The file servers of a bench: which there are, started when one is needed.

Owns the choice: of the protocols that the settings have a server for, those that the DUT claims
(FileTransferProtocols) take turns, so that a run uses each of them. A server of TLS shows a
certificate of the root that the DUT trusts at the time (N01.FR.15).
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

from vdoc.errors import InputError, Problem
from vdoc.pics import FileServer as Table
from vdoc.run.file_server.address import Address, Credentials, FileServer
from vdoc.run.file_server.ftp import FtpServer
from vdoc.run.file_server.http import HttpServer
from vdoc.run.file_server.sftp import SftpServer
from vdoc.run.file_server.shelf import Shelf
from vdoc.tls.pki import ServerCredentials

SERVED_PROTOCOLS = frozenset({"HTTP", "HTTPS", "FTP", "FTPS", "SFTP"})
"""What the bench serves files by: all of FileTransferProtocols."""

_OVER_TLS = frozenset({"HTTPS", "FTPS"})
_PASSWORD_BYTES = 12

Certificate = Callable[[str], ServerCredentials]
"""The bench's certificate under a root."""


@dataclass(slots=True)
class FileServers:
    """The servers, by protocol.

    Args:
        tables: of the settings.
        claimed: protocols of the DUT; empty when it is not declared.
        host: name that the DUT is told where a table names none.
        certificate: for the servers of TLS.
        keys: directory for the host keys of SFTP.

    Attributes:
        root: the root of the certificates that the DUT trusts now.
        shelf: what is served and taken in.

    Raises:
        InputError: no table speaks a protocol that the DUT claims.
    """

    tables: Sequence[Table]
    claimed: Collection[str]
    host: str
    certificate: Certificate
    keys: Path
    root: str = "root1"
    shelf: Shelf = field(init=False)
    _told: Callable[[dict[str, Any]], None] = field(default=lambda _: None)
    _running: dict[str, FileServer] = field(default_factory=dict)
    _roots: dict[str, str] = field(default_factory=dict)
    _chosen: dict[str, Table] = field(default_factory=dict)
    _out: Iterator[Table] = field(init=False)
    _in: Iterator[Table] = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self._tell)
        for table in self.tables:
            if not self.claimed or table.protocol in self.claimed:
                self._chosen.setdefault(table.protocol, table)
        if not self._chosen:
            wanted = " or ".join(self.claimed) or "any protocol"
            message = f"none speaks {wanted}."
            remedy = "add one: firmware is served and logs are taken by it."
            raise InputError(Problem("bench settings", None, "[[file_server]]", message, remedy))
        self._out, self._in = cycle(self._chosen.values()), cycle(self._chosen.values())

    # --- what is told ---

    def tell(self, told: Callable[[dict[str, Any]], None]) -> None:
        """Have everything told to `told`, in the loop that runs now."""
        loop = asyncio.get_running_loop()

        def hand_over(data: dict[str, Any]) -> None:
            loop.call_soon_threadsafe(told, data)

        self._told = hand_over

    def _tell(self, data: dict[str, Any]) -> None:
        self._told(data)

    # --- locations ---

    async def offer(self, file: Path) -> str:
        """Return a URL at which the DUT can fetch a file.

        Raises:
            OSError: the server's address cannot be bound.
        """
        server = await self.running(next(self._out))
        return server.address.location(self.shelf.offer(file))

    async def offer_missing(self, file: Path) -> str:
        """Return a URL like that of a file, at which there is none."""
        server = await self.running(next(self._out))
        return server.address.location(self.shelf.offer_missing(file))

    async def open_folder(self, *, kept_bytes: int = 0) -> str:
        """Return the URL of a folder in which the DUT can put a file; ends with a slash.

        Args:
            kept_bytes: how much of the file is told as text.
        """
        server = await self.running(next(self._in))
        return server.address.location(self.shelf.open_folder(kept_bytes=kept_bytes))

    # --- servers ---

    def check(self) -> None:
        """See that the configured ports are free, before any of them is needed.

        Raises:
            OSError: one cannot be bound.
        """
        for table in self._chosen.values():
            if table.bind_port:
                socket.create_server((table.bind_host, table.bind_port)).close()

    async def running(self, table: Table) -> FileServer:
        """Return the server of a table, started if need be.

        Raises:
            OSError: its address cannot be bound.
        """
        protocol = table.protocol
        former = self._running.get(protocol)
        if former is not None and (protocol not in _OVER_TLS or self._roots[protocol] == self.root):
            return former
        if former is not None:
            await former.stop()
        server = self._server(table, None if former is None else former.address)
        await server.start()
        self._running[protocol], self._roots[protocol] = server, self.root
        return server

    async def stop(self) -> None:
        """Stop all of them."""
        self.shelf.release()
        for server in self._running.values():
            await server.stop()
        self._running.clear()

    def _server(self, table: Table, address: Address | None) -> FileServer:
        address = address or self._address(table)
        tls = self.certificate(self.root) if table.protocol in _OVER_TLS else None
        match table.protocol:
            case "HTTP" | "HTTPS":
                return HttpServer(address, self.shelf, tls)
            case "FTP" | "FTPS":
                masquerade = None if table.advertised_host is None else _ip(table.advertised_host)
                return FtpServer(address, self.shelf, tls, table.passive_ports, masquerade)
            case "SFTP":
                return SftpServer(address, self.shelf, self.keys)

    def _address(self, table: Table) -> Address:
        return Address(
            table.protocol.lower(),
            table.bind_host,
            table.bind_port,
            table.advertised_host or self.host,
            table.advertised_port,
            _credentials(table),
        )


def _credentials(table: Table) -> Credentials | None:
    """Return who may come in; the password is made for this run, because evidence holds URLs."""
    if table.username is None:
        return None
    return Credentials(table.username, secrets.token_urlsafe(_PASSWORD_BYTES))


def _ip(host: str) -> str:
    """Return the IPv4 address of a name: FTP's passive mode knows no names."""
    return socket.gethostbyname(host)
