"""What the drivers need of the bench settings: who performs what, reached how.

The one place here that reads `BenchSettings`. A frozen value, checked when built, with its secrets
kept out of every text.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from api_clients.action_address import DEFAULT_PATH, Basic, Bearer, Credentials
from api_clients.action_errors import ConfigurationError
from api_clients.action_http import DEFAULT_LIMIT_S
from vdoc.pics import BenchSettings, Secret

Transport: TypeAlias = Literal["http", "relay-mo", "relay-can"]
Outlet: TypeAlias = tuple[int, int]
"""(EVSE id, connector id)."""
_PROGRAM_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class EvWiring:
    """One EV API.

    Attributes:
        url: base address; over the relay, the one behind the agent.
        token: bearer token, or `Basic user:password`; None = none.
        path: appended to the base unless present.
        iso15118: ISO 15118 deed to operation of this API.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    path: str = DEFAULT_PATH
    iso15118: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class RelayWiring:
    """Where the bench dials in when it cannot be reached."""

    host: str
    port: int
    path: str = "/ws_api"
    tls: ssl.SSLContext | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wiring:
    """Everything that is bound on this bench.

    Attributes:
        transport: how both APIs are carried.
        url: base address of the station action API; None = there is none.
        token: bearer token, or `Basic user:password`; over the relay what the bench must show.
        path: appended to the base unless present.
        tls: client context for https; None = the system's trust.
        limit_s: seconds that one action may take where nothing else is said.
        outlets: what each outlet's EV side is driven by; None = nothing. Empty = any outlet, no EV.
        evs: EV APIs by name.
        program: the `[observe]` command; empty = none.
        program_limit_s: seconds that it may take where nothing else is said.
        relay: where to listen; needed by the relay transports.
    """

    transport: Transport = "http"
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    path: str = DEFAULT_PATH
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    limit_s: float = DEFAULT_LIMIT_S
    outlets: Mapping[Outlet, str | None] = field(default_factory=lambda: MappingProxyType({}))
    evs: Mapping[str, EvWiring] = field(default_factory=lambda: MappingProxyType({}))
    program: tuple[str, ...] = ()
    program_limit_s: float = _PROGRAM_LIMIT_S
    relay: RelayWiring | None = None

    def __post_init__(self) -> None:
        missing = sorted({name for name in self.outlets.values() if name} - set(self.evs))
        if missing:
            raise ConfigurationError(
                f"an outlet names the EV API {', '.join(missing)}, which is not there.",
                remedy=f"add [ev_api.{missing[0]}] to the settings, or correct ev_api.",
                sent="(nothing sent)",
            )
        if self.transport != "http" and (self.relay is None or not self.token):
            raise ConfigurationError(
                f"transport {self.transport} needs an address to listen on and a token.",
                remedy="set url and token in [action_api].",
                sent="(nothing sent)",
            )

    def knows(self, outlet: Outlet) -> bool:
        """Whether the station side of an outlet is driven at all."""
        return self.url is not None and (not self.outlets or outlet in self.outlets)

    def ev_of(self, outlet: Outlet) -> EvWiring | None:
        """The EV API at an outlet."""
        name = self.outlets.get(outlet)
        return None if name is None else self.evs[name]


def credentials_of(token: str | None) -> Credentials | None:
    """A settings token as credentials: `Basic user:password`, `Bearer x`, or the bearer token."""
    if token is None:
        return None
    scheme, _, rest = token.partition(" ")
    if scheme == "Basic":
        user, _, password = rest.partition(":")
        return Basic(user, password)
    return Bearer(rest if scheme == "Bearer" else token)


def wiring_of(settings: BenchSettings, *, relay_tls: ssl.SSLContext | None = None) -> Wiring:
    """What the settings bind.

    Args:
        settings: with their secrets, not a public copy.
        relay_tls: server context for a relay at a wss URL; not used otherwise.

    Raises:
        ConfigurationError: something that is bound cannot be used.
        ValueError: the secrets are withheld.
    """
    api = settings.action_api
    http = api.transport == "http"
    return Wiring(
        transport=api.transport,
        url=api.url if http else api.forward_url or _NO_FORWARD_URL,
        token=_revealed(api.token),
        path=api.path,
        tls=_client_context(api.ca_certificate),
        limit_s=api.timeout_s,
        outlets={(outlet.evse, outlet.connector): outlet.ev_api for outlet in api.outlet},
        evs={
            name: EvWiring(ev.url, _revealed(ev.token), ev.path, ev.iso15118)
            for name, ev in settings.ev_api.items()
        },
        program=() if settings.observe is None else settings.observe.command,
        program_limit_s=_PROGRAM_LIMIT_S
        if settings.observe is None
        else settings.observe.timeout_s,
        relay=None if http else _relay_of(api.url, relay_tls),
    )


_NO_FORWARD_URL = "http://localhost"
"""What a relay without forward_url is told; only a CAN agent looks at it."""


def _relay_of(url: str, tls: ssl.SSLContext | None) -> RelayWiring:
    parts = urlsplit(url)
    secure = parts.scheme == "wss"
    if secure and tls is None:
        raise ConfigurationError(
            "the relay's url is wss, but there is no server certificate for it.",
            remedy="create the bench's PKI (vdoc keys pki), or use ws on a closed network.",
            sent="(nothing sent)",
        )
    port = parts.port or (443 if secure else 80)
    return RelayWiring(parts.hostname or "", port, parts.path or "/", tls if secure else None)


def _client_context(ca_certificate: Path | None) -> ssl.SSLContext | None:
    if ca_certificate is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_certificate)
    except OSError as error:  # a certificate that cannot be read is an ssl.SSLError, also one
        raise ConfigurationError(
            f"{ca_certificate} is no certificate file ({error.strerror or error}).",
            remedy="set ca_certificate in [action_api] to the PEM file of the API's CA.",
            sent="(nothing sent)",
        ) from error


def _revealed(token: Secret | None) -> str | None:
    return None if token is None else token.reveal()
