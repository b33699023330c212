"""The connection to the CSMS: a WebSocket client with the three security profiles.

Owns the connection while it lasts, the pings (Part 4 §5.2), and the security events of failures
(A00.FR.310, 316, 323). What is sent over the connection is not its business. When an attempt is
made `attempts` knows; how, is spread over `upgrade_request` (address, password), `trials` (which
certificates), `tls_client` (TLS) and `network` (slots).
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from cryptography import x509
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from vdoc.station.attempts import Attempt, Attempts
from vdoc.station.defects import declare
from vdoc.station.network import NetworkProfiles, Profile, provisioned
from vdoc.station.seams import LinkListener, Payload, Reply
from vdoc.station.storage import FileStorage, files_of
from vdoc.station.tls_client import CsmsCertificateError, TlsPolicy, security_event
from vdoc.station.trials import Trial, Trials
from vdoc.station.upgrade_request import (
    KEEPS_OLD_PASSWORD,
    USES_REJECTED_PASSWORD,
    connection_url,
    credentials,
    password_refusal,
)

if TYPE_CHECKING:
    from vdoc.station.model import DeviceModel, SetStatus
    from vdoc.station.station import Station

PASSWORD = "basic-auth-password"  # noqa: S105  # the name of a secret
SUBPROTOCOL = Subprotocol("ocpp2.0.1")
_OPEN_LIMIT_S = 10.0
_CLOSE_LIMIT_S = 1.0
_LEAST_WAIT_S = 0.1
_PING_RESOLUTION_S = 1.0
_SOON_S = 0.2
_UNAUTHORIZED = 401
_CALLRESULT = "[3"
_FAILURES = (OSError, EOFError, WebSocketException, CsmsCertificateError)

NO_CERTIFICATE_EVENT = declare(
    "no-invalid-csms-certificate-event",
    "does not report that the certificate of the CSMS was invalid",
    "A00.FR.310",
    "TC_A_05_CS",
)
MOVES_ANYWAY = declare(
    "rejected-priority-counts",
    "rejects a NetworkConfigurationPriority, and connects by it nevertheless",
    "A05.FR.02",
    "TC_A_20_CS",
)


class SocketTransport:
    """An open connection as `seams.Transport`.

    Args:
        socket: the connection.
        sent: is told of each frame that was written.
    """

    def __init__(self, socket: ClientConnection, sent: Callable[[str], None]) -> None:
        self._socket = socket
        self._sent = sent

    async def send(self, text: str) -> None:
        """Write one frame; nothing happens when the connection is closed."""
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(text)
            self._sent(text)

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()


class WebSocketLink:
    """Keeps one connection to the CSMS open; implements `seams.Link`."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._storage: FileStorage = files_of(station.storage)
        supported = station.pics.security_profiles
        if self._storage.get("network") is None:
            secured = urlsplit(station.config.csms_url).scheme == "wss"
            lowest = min((each for each in supported if (each > 1) == secured), default=1)
            self._storage.put("network", provisioned(station.config.csms_url, lowest))
        self.profiles = NetworkProfiles(self._storage, supported, station.has)
        self._trials = Trials(
            self._storage,
            self.profiles,
            replaces_roots=station.pics.claims("AS-2"),
            has=station.has,
        )
        self._attempts = Attempts(self.profiles, self._number, station.has)
        self._tls = TlsPolicy(station.pics.tls_key_types, station.has)
        self._socket: ClientConnection | None = None
        self._at_once = asyncio.Event()
        self._renew_after_result = False
        self._reported: set[str] = set()
        self.failed_attempts = 0
        self._bind(station.software.model)
        if "SetNetworkProfile" not in station.handlers:
            station.handle("SetNetworkProfile", self._on_set_network_profile)

    def _bind(self, model: DeviceModel) -> None:
        profiles = self.profiles
        model.bind("OCPPCommCtrlr", "ActiveNetworkProfile", lambda: str(profiles.active_slot))
        model.bind("OCPPCommCtrlr", "NetworkConfigurationPriority", lambda: profiles.priority_csv)
        model.guard("OCPPCommCtrlr", "NetworkConfigurationPriority", self._check_priority)
        model.on_set("OCPPCommCtrlr", "NetworkConfigurationPriority", self._set_priority)
        model.bind("SecurityCtrlr", "SecurityProfile", lambda: str(profiles.security_profile))
        model.guard("SecurityCtrlr", "BasicAuthPassword", self._check_password)
        model.on_set("SecurityCtrlr", "BasicAuthPassword", self._set_password)

    def _check_priority(self, csv: str) -> str | None:
        reason = self.profiles.check_priority(csv)
        if reason is not None and self._station.has(MOVES_ANYWAY):
            self.profiles.set_priority(csv)
            self._station.spawn(self._restart_soon())
        return reason

    async def _restart_soon(self) -> None:
        await asyncio.sleep(_SOON_S)
        await self._station.reboot("LocalReset")

    def _set_priority(self, csv: str) -> SetStatus:
        self.profiles.set_priority(csv)
        return "RebootRequired"  # B10.FR.01, 04

    def _check_password(self, password: str) -> str | None:
        reason = password_refusal(password, self._station.has)
        if reason is not None and self._station.has(USES_REJECTED_PASSWORD):
            self._storage.put_secret(PASSWORD, password)
        return reason

    def _set_password(self, password: str) -> SetStatus:
        if not self._station.has(KEEPS_OLD_PASSWORD):
            self._storage.put_secret(PASSWORD, password)
        self._event("ReconfigurationOfSecurityParameters", "BasicAuthPassword")  # A01.FR.11
        self._renew_after_result = True
        return "Accepted"

    def _sent(self, text: str) -> None:
        if self._renew_after_result and text.startswith(_CALLRESULT):
            self._renew_after_result = False
            self._station.spawn(self.reconnect())  # A01: the new password counts from now

    async def _on_set_network_profile(self, payload: Payload) -> Reply:
        status, reason = self.set_profile(payload["configurationSlot"], payload["connectionData"])
        answer: Payload = {"status": status}
        if reason is not None:
            answer["statusInfo"] = {"reasonCode": reason}
        return Reply(answer)

    def set_profile(self, slot: int, data: Payload) -> tuple[str, str | None]:
        """Answer SetNetworkProfile; see `NetworkProfiles.set_profile`."""
        return self.profiles.set_profile(slot, data)

    async def reconnect(self) -> None:
        """Close the connection and connect again without back-off (A01, A02.FR.08)."""
        self._at_once.set()
        if self._socket is not None:
            await self._socket.close()

    async def run(self, listener: LinkListener) -> NoReturn:
        """Keep one connection open, for ever; cancelled at a reboot."""
        profile, socket = await self._connect(self._attempts.after_boot())
        slot = profile.slot
        while True:
            if profile.slot != slot:
                slot = profile.slot
                self._station.forget_registration()  # B10: another CSMS, as far as we know
            home = self.profiles.connected(profile)
            await self._converse(socket, listener)
            profile, socket = await self._connect(self._attempts.reconnecting((home,)))

    # -- when to connect

    async def _connect(self, attempts: Iterator[Attempt]) -> tuple[Profile, ClientConnection]:
        for each in attempts:
            if each.wait_s is not None:
                await self._pause(each.wait_s)
            socket = await self._attempt(each.profile, alternate=each.alternate)
            if socket is not None:
                return each.profile, socket
        raise AssertionError("attempts have no end")

    async def _pause(self, wait_s: float) -> None:
        """Wait, unless told to hurry."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(wait_s, _LEAST_WAIT_S)):
                await self._at_once.wait()
        self._at_once.clear()

    # -- one attempt

    async def _attempt(self, profile: Profile, *, alternate: bool) -> ClientConnection | None:
        failure: BaseException | None = None
        for trial in self._trials.of(profile, alternate=alternate):
            try:
                socket = await self._open(trial)
            except _FAILURES as error:
                failure = error
                if not isinstance(error, ssl.SSLCertVerificationError | CsmsCertificateError):
                    break
            else:
                self._succeeded(trial)
                return socket
        self.failed_attempts += 1
        self._report(failure)
        return None

    async def _open(self, trial: Trial) -> ClientConnection:
        profile = trial.profile
        socket = await connect(
            connection_url(profile, self._station.config.identity, self._station.has),
            subprotocols=[SUBPROTOCOL],
            compression=None,
            additional_headers=self._credentials(profile),
            user_agent_header=None,
            proxy=None,
            open_timeout=_OPEN_LIMIT_S,
            ping_interval=None,
            close_timeout=_CLOSE_LIMIT_S,
            max_size=None,
            create_connection=self._connection_class(trial),
            ssl=self._context(trial),
        )
        if socket.subprotocol != SUBPROTOCOL:
            await socket.close()
            raise WebSocketException(f"CSMS chose subprotocol {socket.subprotocol}")
        return socket

    def _context(self, trial: Trial) -> ssl.SSLContext | None:
        if trial.profile.security_profile == 1:
            return None
        return self._tls.context(trial.anchors, self._trials.client(trial))

    def _credentials(self, profile: Profile) -> dict[str, str]:
        password = self._storage.secret(PASSWORD) or ""
        return credentials(profile, self._station.config.identity, password, self._station.has)

    def _connection_class(self, trial: Trial) -> type[ClientConnection]:
        host = urlsplit(trial.profile.url).hostname or ""

        def check(tls: ssl.SSLObject | None) -> None:
            der = tls.getpeercert(binary_form=True) if tls is not None else None
            if der is not None:
                self._tls.check(
                    x509.load_der_x509_certificate(der),
                    trial.anchors,
                    host,
                    self._station.now(),
                    wildcards=self._wildcards,
                )

        return _checked(check)

    @property
    def _wildcards(self) -> bool:
        return bool(self._station.software.model.boolean("SecurityCtrlr", "AllowCSMSTLSWildcards"))

    def _succeeded(self, trial: Trial) -> None:
        self._reported.clear()
        if self._trials.succeeded(trial):
            self._event("DiscardedRenewedClientCertificate", "connected with the former one")

    def _report(self, failure: BaseException | None) -> None:
        """Raise the security event of a failed attempt, once until a connection succeeds."""
        if isinstance(failure, InvalidStatus) and failure.response.status_code == _UNAUTHORIZED:
            self._event("FailedToAuthenticateAtCsms", "HTTP 401")
            return
        found = None if failure is None else security_event(failure)
        if found is None or found[0] in self._reported:
            return
        self._reported.add(found[0])
        if found[0] == "InvalidCsmsCertificate" and self._station.has(NO_CERTIFICATE_EVENT):
            return
        self._event(*found)

    def _event(self, kind: str, detail: str) -> None:
        self._station.software.security_events.report(kind, detail)

    # -- an open connection

    async def _converse(self, socket: ClientConnection, listener: LinkListener) -> None:
        """Hand frames to the listener until the connection is gone."""
        transport = SocketTransport(socket, self._sent)
        self._socket = socket
        listener.opened(transport)
        pinging = asyncio.create_task(self._ping(socket))
        try:
            with contextlib.suppress(ConnectionClosed):
                async for frame in socket:
                    if isinstance(frame, str):
                        listener.received(frame)
        finally:
            self._socket = None
            pinging.cancel()
            await socket.close(code=1001)
        listener.closed(transport)

    async def _ping(self, socket: ClientConnection) -> None:
        """Ping every WebSocketPingInterval; drop the connection when a pong stays away."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        with contextlib.suppress(ConnectionClosed):
            while True:
                interval_s = self._number("WebSocketPingInterval")
                if interval_s > 0 and loop.time() - last >= interval_s:
                    last = loop.time()
                    if not await _answered(socket, interval_s):
                        socket.transport.abort()
                        return
                await asyncio.sleep(_PING_RESOLUTION_S)

    def _number(self, variable: str) -> int:
        return int(self._station.software.model.integer("OCPPCommCtrlr", variable))


async def _answered(socket: ClientConnection, limit_s: float) -> bool:
    try:
        async with asyncio.timeout(limit_s):
            await (await socket.ping())
    except TimeoutError:
        return False
    return True


def _checked(check: Callable[[ssl.SSLObject | None], None]) -> type[ClientConnection]:
    """A connection that checks the CSMS between the TLS handshake and the HTTP request."""

    class CheckedConnection(ClientConnection):
        async def handshake(
            self,
            additional_headers: object = None,
            user_agent_header: str | None = None,
        ) -> None:
            check(self.transport.get_extra_info("ssl_object"))
            await super().handshake(additional_headers, user_agent_header)  # type: ignore[arg-type]  # passed on

    return CheckedConnection
