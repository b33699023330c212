"""Where a file server listens, what the DUT is told of it, and who may come in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password, as the URL carries them."""

    username: str
    password: str

    def fit(self, username: str, password: str) -> bool:
        """Tell whether somebody gave the right ones; takes the same time either way."""
        given, wanted = f"{username}\0{password}", f"{self.username}\0{self.password}"
        return secrets.compare_digest(given.encode(), wanted.encode())

    @property
    def in_url(self) -> str:
        """`user:password@`, percent-encoded (RFC 3986 §3.2.1)."""
        return f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@"


@dataclass(slots=True)
class Address:
    """Where a server listens and how it is reached.

    Attributes:
        scheme: of its URLs, in lower case.
        host: address to bind.
        port: port to bind; 0 lets the system choose, and is replaced by what it chose.
        advertised_host: name that the DUT is told.
        advertised_port: port that the DUT is told; None: the bound one.
        credentials: who may come in; None: anybody.
    """

    scheme: str
    host: str
    port: int
    advertised_host: str
    advertised_port: int | None = None
    credentials: Credentials | None = None

    def location(self, path: str) -> str:
        """Return the URL of a path as the DUT is told it, credentials included."""
        user = "" if self.credentials is None else self.credentials.in_url
        port = self.advertised_port or self.port
        return f"{self.scheme}://{user}{self.advertised_host}:{port}/{quote(path.lstrip('/'))}"


class FileServer(Protocol):
    """A server of one protocol."""

    @property
    def address(self) -> Address:
        """Where it listens."""

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the address cannot be bound.
        """

    async def stop(self) -> None:
        """Stop listening, and end what is under way."""
