"""Where an action API is and what proves who we are: both checked before anything is sent.

Owns the tolerance for base addresses (octt-interfaces section A, rule 1) and keeps every secret out
of `repr`, logs and errors. Opens no connection.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from api_clients.action_errors import ConfigurationError

DEFAULT_PATH = "/api/v1"


@dataclass(frozen=True, slots=True)
class Bearer:
    """A bearer token, kept out of every text."""

    token: str = field(repr=False)

    def header(self) -> str:
        """The Authorization header."""
        return f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class Basic:
    """User name and password; the password is kept out of every text."""

    user: str
    password: str = field(repr=False)

    def header(self) -> str:
        """The Authorization header (RFC 7617, UTF-8)."""
        return "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")


Credentials: TypeAlias = Bearer | Basic


def operation_base(url: str, path: str = DEFAULT_PATH) -> str:
    """The address that operations are appended to: prefix kept, `path` appended unless present.

    Args:
        url: host and port, with or without a prefix and with or without `path`.
        path: `/api/v1`; others were seen (`/api`, `/api/sut`); "" appends nothing.

    Raises:
        ConfigurationError: not an http(s) address, or one with a user, query or fragment in it.
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, or a broken IPv6 address
        raise _unusable("an address that cannot be read") from None
    if not usable or parts.username is not None or parts.query or parts.fragment:
        raise _unusable("an address that is not plain http(s)://host[:port][/prefix]")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    suffix = "/" + path.strip("/") if path.strip("/") else ""
    return base if base.endswith(suffix) else base + suffix


def authorization(credentials: Credentials) -> str:
    """The header's value, checked before anything is sent.

    Raises:
        ConfigurationError: it holds a character that no header can carry.
    """
    header = credentials.header()
    if not header.isascii() or not header.isprintable():
        raise ConfigurationError(
            "the token holds a line break or another character that no HTTP header can carry.",
            remedy="enter the token on one line, without quotes or trailing newline.",
            sent="(nothing sent)",
        )
    return header


def _unusable(what: str) -> ConfigurationError:
    # the address itself is not repeated: a password may stand in it
    return ConfigurationError(
        f"{what}.",
        remedy="write url as http(s)://host[:port][/prefix]; credentials belong in token.",
        sent="(nothing sent)",
    )
