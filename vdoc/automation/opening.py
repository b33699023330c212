"""Builds a bench's drivers from its wiring; connects to nothing, but starts the relay if needed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import httpx

from api_clients.action_address import operation_base
from api_clients.action_http import ActionHttp
from api_clients.ev import EvClient
from api_clients.relay import RelayCarrier, RelayServer, RelaySettings
from api_clients.relay_frames import Side
from api_clients.station_action import Carrier, StationActionClient
from vdoc.automation.ev import EvDriver
from vdoc.automation.observe import ProgramDriver
from vdoc.automation.router import Router
from vdoc.automation.station import StationDriver
from vdoc.automation.wiring import Wiring, credentials_of


async def open_router(
    wiring: Wiring,
    *,
    clock: Callable[[], datetime],
    session: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Router:
    """A router over the drivers that the wiring names.

    Args:
        wiring: what is bound.
        clock: aware UTC now, for the relay's requests.
        session: begins every id on the relay; another for each run.
        transport: another way to carry HTTP, for tests.

    Raises:
        ActionError: an address or token cannot be used, or the relay's address cannot be bound.
    """
    relay = relay_of(wiring, clock=clock, session=session)
    carriers = Carriers(wiring, relay, transport)
    router = Router(
        wiring,
        station=None
        if wiring.url is None
        else StationDriver(StationActionClient(carriers.station(wiring.url))),
        evs={
            name: EvDriver(EvClient(carriers.ev(name), ev.iso15118))
            for name, ev in wiring.evs.items()
        },
        program=ProgramDriver(wiring.program) if wiring.program else None,
        relay=relay,
    )
    if relay is not None:
        await relay.start()
    return router


class Carriers:
    """Makes the carrier of each API: all over HTTP, or all over the one relay."""

    def __init__(
        self,
        wiring: Wiring,
        relay: RelayServer | None,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._wiring = wiring
        self._relay = relay
        self._transport = transport

    def station(self, url: str) -> Carrier:
        """The carrier of the station API at this base address."""
        return self._carrier(url, self._wiring.path, self._wiring.token, side="sut")

    def ev(self, name: str) -> Carrier:
        """The carrier of the EV API of this name."""
        ev = self._wiring.evs[name]
        return self._carrier(ev.url, ev.path, ev.token, side="ev_emulator")

    def _carrier(self, url: str, path: str, token: str | None, *, side: Side) -> Carrier:
        if self._relay is not None:
            return RelayCarrier(self._relay, side, operation_base(url, path))
        return ActionHttp(
            url,
            path=path,
            credentials=credentials_of(token),
            tls=self._wiring.tls,
            transport=self._transport,
        )


def relay_of(wiring: Wiring, *, clock: Callable[[], datetime], session: str) -> RelayServer | None:
    """The relay that the wiring asks for, not yet started; None = HTTP.

    Raises:
        ConfigurationError: it has no token.
    """
    if wiring.relay is None or wiring.transport == "http":
        return None
    settings = RelaySettings(
        host=wiring.relay.host,
        port=wiring.relay.port,
        token=wiring.token or "",
        dialect="can" if wiring.transport == "relay-can" else "mos",
        path=wiring.relay.path,
        tls=wiring.relay.tls,
    )
    return RelayServer(settings, clock=clock, session=session)
