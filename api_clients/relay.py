"""The relay for benches that cannot be reached: the bench dials in, we ask, it answers.

octt-interfaces section C; here we are the cloud's side. Frames are the business of `relay_frames`.
Answers are matched by `id` and taken only from the connection that was asked; all else is kept as a
stray. Nothing is sent again after a reconnect: a request whose connection went away has an unknown
effect. The newest bench that dials in with the right token replaces the one before it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from api_clients.action_errors import ConfigurationError, UnreachableError
from api_clients.action_http import DEFAULT_LIMIT_S, Accepted, Query
from api_clients.relay_frames import Dialect, RelayRequest, Side

PING_INTERVAL_S = 20.0
_MAX_FRAME_BYTES = 64 * 1024
_STRAYS_KEPT = 50


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """Where the bench dials in and how it is spoken to.

    Attributes:
        host: address to bind.
        port: 0 = the system chooses; read it back from `RelayServer.port`.
        token: what the bench must send as `Authorization: Bearer`.
        dialect: who carries the parameters (see the module).
        path: what the bench must dial; a query after it is not looked at.
        tls: server context for wss; None = plain.
        ping_interval_s: seconds between WebSocket pings, also the limit for the pong.
    """

    host: str
    port: int
    token: str = field(repr=False)
    dialect: Dialect
    path: str = "/ws_api"
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    ping_interval_s: float = PING_INTERVAL_S


class RelayServer:
    """Waits for the bench and puts requests to it, any number at a time."""

    def __init__(
        self, settings: RelaySettings, *, clock: Callable[[], datetime], session: str
    ) -> None:
        """Prepare; nothing listens yet.

        Args:
            settings: see there.
            clock: aware UTC now, for `time` in requests.
            session: begins every id; another for each server, so that an answer to an earlier
                run cannot match.

        Raises:
            ConfigurationError: the token is empty, which would let anyone move the contactors.
        """
        if not settings.token:
            raise ConfigurationError(
                "the relay has no token.",
                remedy="enter the bearer token that the bench's agent sends (settings, token).",
                sent="(nothing sent)",
            )
        self._settings = settings
        self._clock = clock
        self._session = session
        self._count = 0
        self._server: Server | None = None
        self._bench: ServerConnection | None = None
        self._arrived = asyncio.Event()
        self._waiting: dict[
            str, tuple[ServerConnection, asyncio.Future[dict[str, Any] | None]]
        ] = {}
        self.strays: deque[str] = deque(maxlen=_STRAYS_KEPT)
        """The last frames that answered nothing, cut to 200 characters."""

    def __repr__(self) -> str:
        return f"RelayServer({self._settings!r})"

    @property
    def port(self) -> int:
        """The port in use.

        Raises:
            RuntimeError: not started.
        """
        if self._server is None:
            raise RuntimeError("the relay is not started")
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    @property
    def connected(self) -> bool:
        """Whether a bench is dialled in now."""
        return self._bench is not None

    async def start(self) -> None:
        """Listen.

        Raises:
            UnreachableError: the address cannot be bound.
        """
        settings = self._settings
        try:
            self._server = await serve(
                self._serve_bench,
                settings.host,
                settings.port,
                ssl=settings.tls,
                process_request=self._admit,
                ping_interval=settings.ping_interval_s,
                ping_timeout=settings.ping_interval_s,
                max_size=_MAX_FRAME_BYTES,
            )
        except OSError as error:
            raise UnreachableError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror or error}).",
                remedy="end the program that has this port, or choose another in the settings.",
                sent="(relay)",
            ) from error

    async def close(self) -> None:
        """Hang up and stop listening; who still waits gets a `FaultError`."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def wait_connected(self, limit_s: float) -> None:
        """Return once a bench is dialled in.

        Raises:
            UnreachableError: none was within `limit_s` seconds.
        """
        try:
            async with asyncio.timeout(limit_s):
                await self._arrived.wait()
        except TimeoutError as error:
            raise self._nobody(limit_s) from error

    async def call(
        self,
        operation: str,
        query: Query,
        *,
        side: Side,
        url: str,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Accepted:
        """Put one request, once, waiting for the bench to dial in first if it must.

        Args:
            operation: its name.
            query: parameters in order.
            side: station or EV emulator.
            url: base address behind the agent that a CAN agent forwards to.
            limit_s: seconds for all of it.

        Raises:
            UnreachableError: no bench dialled in; nothing was sent.
            NoReplyError: silence, which is also how agents answer what they cannot read.
            ConfigurationError: the bench answered Nok, which gives no reason.
            FaultError: it hung up, or answered neither Ok nor Nok.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + limit_s
        await self.wait_connected(limit_s)
        bench = self._bench
        if bench is None:  # came and went while we waited
            raise self._nobody(limit_s)
        self._count += 1
        request_id = f"{self._session}-{self._count}"
        asked = RelayRequest(request_id, operation, tuple(query), side, url, self._clock())
        frame = asked.frame(self._settings.dialect)
        answer: asyncio.Future[dict[str, Any] | None] = loop.create_future()
        self._waiting[request_id] = (bench, answer)
        try:
            async with asyncio.timeout_at(end):
                await bench.send(frame)
                reply = await answer
        except TimeoutError as error:
            raise asked.silent(limit_s) from error
        except ConnectionClosed as error:
            raise asked.hung_up() from error
        finally:
            self._waiting.pop(request_id, None)
            answer.cancel()
        if reply is None:
            raise asked.hung_up()
        return asked.judge(reply)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Let in only the agreed path with the agreed token."""
        if request.path.partition("?")[0].rstrip("/") != self._settings.path.rstrip("/"):
            return connection.respond(HTTPStatus.NOT_FOUND, f"dial {self._settings.path}\n")
        given = request.headers.get_all("Authorization")
        expected = f"Bearer {self._settings.token}"
        if len(given) != 1 or not compare_digest(given[0].encode(), expected.encode()):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "bearer token missing or wrong\n")
        return None

    def _nobody(self, limit_s: float) -> UnreachableError:
        return UnreachableError(
            f"no bench dialled in within {limit_s:g} s.",
            remedy=f"start the bench's relay agent; it must dial path {self._settings.path}"
            " of this host with the right token (a wrong one gets 401).",
            sent="(relay)",
        )

    async def _serve_bench(self, connection: ServerConnection) -> None:
        previous, self._bench = self._bench, connection
        self._arrived.set()
        if previous is not None:
            self._drop_waiting(previous)
            await previous.close(1012, "another bench dialled in")
        try:
            async for frame in connection:
                self._take(connection, frame)
        except ConnectionClosed:
            pass  # a pong that did not come, or a broken line: same end as a clean one
        finally:
            self._drop_waiting(connection)
            if self._bench is connection:
                self._bench = None
                self._arrived.clear()

    def _take(self, connection: ServerConnection, frame: str | bytes) -> None:
        """Give an answer to who waits for it; all else is kept as a stray, never guessed at."""
        try:
            answer = json.loads(frame)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict) and isinstance(answer.get("id"), str):
            asked, future = self._waiting.get(answer["id"], (None, None))
            if asked is connection and future is not None and not future.done():
                future.set_result(answer)
                return
        self.strays.append(repr(frame)[:200])

    def _drop_waiting(self, connection: ServerConnection) -> None:
        for asked, answer in self._waiting.values():
            if asked is connection and not answer.done():
                answer.set_result(None)


@dataclass(frozen=True, slots=True)
class RelayCarrier:
    """A relay's connection seen as the carrier of one API; closing it leaves the relay open.

    Attributes:
        server: the relay.
        side: station or EV emulator.
        url: base address behind the agent that a CAN agent forwards to.
    """

    server: RelayServer
    side: Side
    url: str

    async def call(
        self, operation: str, query: Query = (), *, limit_s: float = DEFAULT_LIMIT_S
    ) -> Accepted:
        """As `RelayServer.call`."""
        return await self.server.call(
            operation.lstrip("/"), query, side=self.side, url=self.url, limit_s=limit_s
        )

    async def close(self) -> None:
        """Nothing: the relay is shared and closed by who started it."""
