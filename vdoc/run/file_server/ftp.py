"""Files by FTP and FTPS.

pyftpdlib has a loop of its own, so each server lives in a thread; what it has to tell is handed to
the bench's loop by the shelf. What a client can do, `ftp_session` says.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from OpenSSL import SSL
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from vdoc.run.file_server.address import Address
from vdoc.run.file_server.ftp_session import Gatekeeper, Plain, Secured
from vdoc.run.file_server.shelf import Shelf
from vdoc.tls.context import openssl_ciphers
from vdoc.tls.pki import ServerCredentials

_POLL_S = 0.05  # how soon the thread sees that it is to stop


@dataclass(slots=True)
class FtpServer:
    """An FTP server, or an FTPS server when it has a certificate.

    Args:
        address: where it listens.
        shelf: what it serves; its `told` must not mind being called from another thread.
        tls: its certificate.
        passive_ports: first and last port for data connections; None lets the system choose.
        masquerade: IP address that the DUT is told for data connections; None: the local one.
    """

    address: Address
    shelf: Shelf
    tls: ServerCredentials | None = None
    passive_ports: tuple[int, int] | None = None
    masquerade: str | None = None
    _thread: Thread | None = None
    _stopped: Event | None = None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be bound.
        """
        listener = socket.create_server((self.address.host, self.address.port))
        self.address.port = listener.getsockname()[1]
        self._stopped = Event()
        name = f"{self.address.scheme}-server"
        self._thread = Thread(target=self._serve, args=(listener,), name=name, daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Stop listening."""
        if self._stopped is not None and self._thread is not None:
            self._stopped.set()
            await asyncio.to_thread(self._thread.join)

    def _serve(self, listener: socket.socket) -> None:
        assert self._stopped is not None  # noqa: S101  # `start` made it
        server = FTPServer(listener, self._handler(), ioloop=IOLoop())
        while not self._stopped.is_set():
            server.ioloop.loop(_POLL_S, blocking=False)
        server.close_all()

    def _handler(self) -> type[Any]:
        """A class of its own for this server, since pyftpdlib keeps its settings in classes."""
        ports = self.passive_ports
        settings: dict[str, Any] = {
            "shelf": self.shelf,
            "address": self.address,
            "authorizer": Gatekeeper(self.address),
            "masquerade_address": self.masquerade,
            "passive_ports": None if ports is None else range(ports[0], ports[1] + 1),
        }
        if self.tls is None:
            return type("Handler", (Plain,), settings)
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(SSL.TLS1_2_VERSION)
        context.set_cipher_list(openssl_ciphers().encode("ascii"))
        context.use_certificate_chain_file(str(self.tls.certificate_file))
        context.use_privatekey_file(str(self.tls.key_file))
        return type("Handler", (Secured,), settings | {"ssl_context": context})
