"""One end point of the tester: TCP, TLS, HTTP upgrade, WebSocket; from bytes to observations.

Owns the sockets of the CSMS side. Each accepted connection is looked at under the gate in force: it
is refused at once, or its ClientHello is read before the certificate is chosen, its Basic password
compared, its subprotocol agreed (Part 4 §3). Everything that happens is told to the `Listener`; no
OCPP is understood here. WebSocket itself is the `websockets` library's, without its I/O, so that a
frame is stamped in the very read that completed it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from vdoc.bench.gate import Gate
from vdoc.ocpp.upgrade import SUBPROTOCOL, Credentials, Upgrade, read_upgrade
from vdoc.tls.facts import Tunnel
from vdoc.tls.hello import ClientHello
from vdoc.tls.old_version import OldVersionTunnel
from vdoc.tls.pki import ServerCredentials
from vdoc.tls.tunnel import ServerTunnel

_CALL = re.compile(r"\s*\[\s*2\s*,")
MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_HTTP_SWITCHING, _HTTP_UNAUTHORIZED, _HTTP_NOT_FOUND = 101, 401, 404

LINGER_S = 0.05
"""Seconds from writing to a connection to cutting it: time for the DUT to read what was written."""


class Listener(Protocol):
    """Who is told what happens at an end point."""

    def opened(self, connection: Connection, data: dict[str, Any]) -> None:
        """Take a WebSocket connection that was accepted."""

    def received(self, connection: Connection, frame: str, *, together: bool) -> None:
        """Take a frame; `together` for a CALL when the same read had another CALL before it."""

    def closed(self, data: dict[str, Any]) -> None:
        """Take the end of a connection that had been opened."""

    def refused(self, data: dict[str, Any]) -> None:
        """Take a connection attempt that came to nothing."""

    def tls(self, data: dict[str, Any]) -> None:
        """Take the facts of a TLS handshake that ended, completed or failed."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What an end point needs to serve: contexts by gate, passwords by name, who may connect."""

    identity: str
    context: Callable[[Gate, ClientHello], ssl.SSLContext]
    credentials: Callable[[Gate], ServerCredentials]
    password_name: Callable[[str], str | None]
    password_text: Callable[[str], dict[str, Any]]


@dataclass(slots=True)
class Endpoint:
    """A listening address under a gate.

    Args:
        number: 1 or 2.
        host: address to bind.
        port: port to bind; 0 lets the system choose.
        path: path of the end point; the identity follows it.
        gate: in force until it is replaced.
    """

    number: int
    host: str
    port: int
    path: str
    gate: Gate
    trust: Trust
    listener: Listener
    connections: set[Connection] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    async def start(self, numbers: Callable[[], int]) -> None:
        """Begin to listen; `numbers` gives each connection of the run its number.

        Raises:
            OSError: the address cannot be bound.
        """
        self._numbers = numbers
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        if self._server is not None:
            await self._server.wait_closed()

    def next_number(self) -> int:
        """Return the number of the next WebSocket connection."""
        return self._numbers()


class Connection(asyncio.Protocol):
    """One accepted TCP connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.number = 0
        self._gate = endpoint.gate
        self._transport: asyncio.Transport | None = None
        self._tunnel: Tunnel | None = None
        self._tls_told = False
        self._over = False
        self._told_refused = False
        self._fragments: list[bytes] = []
        self._written_s = 0.0
        self._websocket = ServerProtocol(
            subprotocols=None,
            extensions=[ServerPerMessageDeflateFactory()],
            max_size=MAX_MESSAGE_BYTES,
        )

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or refuse it when the gate is shut."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # what create_server gives
        self._transport = transport
        self._gate = self.endpoint.gate
        self.endpoint.connections.add(self)
        if not self._gate.accept:
            self._refuse("gate")
            self.abort()
        elif self._gate.profile > 1:
            self._tunnel = self._new_tunnel()

    def data_received(self, data: bytes) -> None:
        """Take what one read gave."""
        if self._over:
            return
        plain = data
        if self._tunnel is not None:
            plain = self._tunnel.receive(data)
            self._flush()
            self._tell_tls()
        if plain:
            self._websocket.receive_data(plain)
            self._take_events()
            self._flush()
        if self._tunnel is not None and self._tunnel.over:
            self._end()

    def eof_received(self) -> bool:
        """Note that the station has finished sending."""
        if self._tunnel is not None:
            self._tunnel.receive_eof()
            self._tell_tls()
        self._websocket.receive_eof()
        self._flush()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Tell the end of the connection, once."""
        self.endpoint.connections.discard(self)
        if self._tunnel is not None:
            self._tunnel.receive_eof()
            self._tell_tls()
        self._over = True
        self._websocket.receive_eof()  # only then does it tell the code of the closing
        if self.number:
            self.endpoint.listener.closed(self._close_facts())
        elif self._tunnel is None or self._tunnel.facts.handshake_done:
            self._refuse("gone before the HTTP upgrade")

    # --- what the shell does with it ---

    def send(self, frame: str) -> None:
        """Send a text frame; a connection that has ended drops it."""
        if not self._over and self._websocket.state is State.OPEN:
            self._websocket.send_text(frame.encode())
            self._flush()

    def close(self, code: int, reason: str) -> None:
        """Close in order."""
        if not self._over and self._websocket.state is State.OPEN:
            self._websocket.send_close(code, reason)
            self._flush()

    def drop(self) -> float:
        """Cut the connection as a network failure does, but let the DUT read what it was sent.

        An answer that goes down with the connection keeps the DUT waiting for it on the next one.

        Returns:
            When it is cut, in seconds of the loop's clock.
        """
        self._over = True
        loop = asyncio.get_running_loop()
        cut_s = max(loop.time(), self._written_s + LINGER_S)
        loop.call_at(cut_s, self.abort)
        return cut_s

    def abort(self) -> None:
        """Cut the connection at once."""
        self._over = True
        if self._transport is not None:
            self._transport.abort()

    # --- inside ---

    def _new_tunnel(self) -> Tunnel:
        trust, gate = self.endpoint.trust, self._gate
        if gate.tls == "old":
            return OldVersionTunnel(trust.credentials(gate))
        return ServerTunnel(lambda hello: trust.context(gate, hello))

    def _tell_tls(self) -> None:
        tunnel = self._tunnel
        if tunnel is None or self._tls_told:
            return
        facts = tunnel.facts
        if facts.handshake_done or facts.failure is not None or facts.client_continued:
            self._tls_told = True
            self.endpoint.listener.tls(self._tls_data(tunnel))

    def _tls_data(self, tunnel: Tunnel) -> dict[str, Any]:
        return {
            "endpoint": self.endpoint.number,
            "outcome": "completed" if tunnel.facts.handshake_done else "failed",
            "served": {
                "key": self._gate.key,
                "root": self._gate.root,
                "flavour": self._gate.flavour,
                "tls": self._gate.tls,
            },
            **tunnel.facts.as_json(),
        }

    def _flush(self) -> None:
        if self._transport is None or self._over:
            return
        for data in self._websocket.data_to_send():
            if not data:
                self._end()
                return
            self._written_s = asyncio.get_running_loop().time()
            if self._tunnel is None:
                self._transport.write(data)
            elif self._tunnel.facts.handshake_done:
                self._tunnel.write(data)
        if self._tunnel is not None:
            out = self._tunnel.outgoing()
            if out:
                self._transport.write(out)

    def _end(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            if self._tunnel is not None:
                self._tunnel.close()
                self._transport.write(self._tunnel.outgoing())
            self._transport.close()

    def _take_events(self) -> None:
        together = False
        for event in self._websocket.events_received():
            if isinstance(event, Request):
                self._upgrade(event)
            elif isinstance(event, Frame) and self.number:  # even after a drop in the same read
                text = self._text(event)
                if text is not None:
                    call = _CALL.match(text) is not None
                    self.endpoint.listener.received(self, text, together=together and call)
                    together = together or call
        if self._websocket.handshake_exc is not None and not self.number:
            self._refuse("no WebSocket upgrade", error=str(self._websocket.handshake_exc))

    def _text(self, frame: Frame) -> str | None:
        if frame.opcode not in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
            return None
        whole = bytes(frame.data)
        if self._fragments or not frame.fin:
            self._fragments.append(whole)
            if not frame.fin:
                return None
            whole, self._fragments = b"".join(self._fragments), []
        return whole.decode("utf-8", "surrogateescape")

    def _upgrade(self, request: Request) -> None:
        upgrade = read_upgrade(
            request.path, request.headers.raw_items(), endpoint_path=self.endpoint.path
        )
        why = self._objection(upgrade)
        if why is None:
            self._accept(request, upgrade)
            return
        status, words = why
        if status == _HTTP_SWITCHING:
            self._websocket.send_response(self._websocket.accept(request))
            if self._websocket.state is State.OPEN:  # else the request was no WebSocket upgrade
                self._websocket.send_close(CloseCode.PROTOCOL_ERROR, words)
        else:
            response = self._websocket.reject(status, words)
            if status == _HTTP_UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
            self._websocket.send_response(response)
        self._refuse(words, **self._upgrade_facts(request, upgrade))

    def _objection(self, upgrade: Upgrade) -> tuple[int, str] | None:
        """Return the HTTP status and the words to refuse with.

        Without a common subprotocol the handshake is completed, then closed (Part 4 §3.2).
        """
        if upgrade.identity.text != self.endpoint.trust.identity:
            return _HTTP_NOT_FOUND, "unknown identity"
        if self._gate.profile < 3 and not self._password_is_right(upgrade):  # noqa: PLR2004
            return _HTTP_UNAUTHORIZED, "user name or password is wrong"
        if upgrade.subprotocol is None:
            return _HTTP_SWITCHING, "no common subprotocol"
        return None

    def _password_is_right(self, upgrade: Upgrade) -> bool:
        credentials = upgrade.authorization
        if not isinstance(credentials, Credentials):
            return False
        name = self.endpoint.trust.password_name(credentials.password)
        return credentials.user == self.endpoint.trust.identity and name in self._gate.passwords

    def _accept(self, request: Request, upgrade: Upgrade) -> None:
        response = self._websocket.accept(request)
        if response.status_code != _HTTP_SWITCHING:
            self._websocket.send_response(response)
            self._refuse("no WebSocket upgrade", **self._upgrade_facts(request, upgrade))
            return
        response.headers["Sec-WebSocket-Protocol"] = SUBPROTOCOL
        self._websocket.send_response(response)
        self._flush()
        self.number = self.endpoint.next_number()
        facts = self._upgrade_facts(request, upgrade)
        data = {"connection": self.number, "subprotocol": SUBPROTOCOL, **facts}
        self.endpoint.listener.opened(self, data)

    def _upgrade_facts(self, request: Request, upgrade: Upgrade) -> dict[str, Any]:
        return {
            "endpoint": self.endpoint.number,
            "profile": self._gate.profile,
            "root": None if self._tunnel is None else self._gate.root,
            "path": request.path,
            "identity": upgrade.identity.text,
            "offered": list(upgrade.offered),
            "authorization": self._authorization_facts(upgrade),
            "tls": None if self._tunnel is None else self._tunnel.facts.as_json(),
        }

    def _authorization_facts(self, upgrade: Upgrade) -> dict[str, Any] | None:
        credentials = upgrade.authorization
        if credentials is None:
            return None
        if isinstance(credentials, str):
            return {"problem": credentials}
        password = self.endpoint.trust.password_text(credentials.password)
        return {"scheme": "Basic", "user": credentials.user, **password}

    def _close_facts(self) -> dict[str, Any]:
        return {
            "connection": self.number,
            "endpoint": self.endpoint.number,
            "code": self._websocket.close_code,
            "reason": self._websocket.close_reason,
        }

    def _refuse(self, why: str, **facts: Any) -> None:  # noqa: ANN401
        if not self._told_refused:
            self._told_refused = True
            data = {"endpoint": self.endpoint.number, "why": why, **facts}
            self.endpoint.listener.refused(data)
