"""The interfaces between the station's software and what it stands on: link, storage, modules.

The station's software is built anew at every boot (`wiring.build`) and thrown away at a reboot,
so that only what `Storage` holds survives, as on a real board. Link and modules belong to one
boot; `Storage`, the physical side and the configuration outlive it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

Payload = dict[str, Any]


class Registration(Enum):
    """What the last BootNotificationResponse of this boot said (B01, B02, B03)."""

    NONE = "None"
    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers; `after` starts once the response has been written."""

    payload: Payload
    after: Coroutine[Any, Any, None] | None = None


Handler = Callable[[Payload], Awaitable[Reply]]


class RefuseCall(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """Raised by a handler to answer with a CALLERROR."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(code, description)
        self.code = code
        self.description = description


class Transport(Protocol):
    """One open WebSocket connection to a CSMS, or what stands for it in a test."""

    async def send(self, text: str) -> None:
        """Write one frame; returns once written, in order of the calls. No error when closed."""

    async def close(self) -> None:
        """Close the connection; `LinkListener.closed` follows."""


class LinkListener(Protocol):
    """What the link tells; the station implements it. Called on the event loop, never blocks."""

    def opened(self, transport: Transport) -> None:
        """A connection stands (the WebSocket upgrade was accepted)."""

    def received(self, text: str) -> None:
        """A text frame arrived on the connection opened last."""

    def closed(self, transport: Transport) -> None:
        """That connection is gone; the link reconnects by itself."""


class Link(Protocol):
    """Connects, reconnects with back-off, and knows the network connection profiles."""

    async def run(self, listener: LinkListener) -> None:
        """Keep one connection open, for ever; cancelled at reboot (it then closes it)."""

    def set_profile(self, slot: int, data: Payload) -> tuple[str, str | None]:
        """Answer SetNetworkProfile (B09): its status and a reasonCode, persisted if accepted."""

    async def reconnect(self) -> None:
        """Close the connection and connect again at once (A01, A02.FR.08)."""


class Storage(Protocol):
    """What survives a power cycle: named JSON documents, written atomically."""

    def get(self, name: str) -> Any:  # noqa: ANN401  # any JSON document
        """Return the document saved last under `name`, or None."""

    def put(self, name: str, value: object) -> None:
        """Save a JSON document durably before returning."""
