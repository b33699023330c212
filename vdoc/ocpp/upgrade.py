"""The HTTP upgrade request of a station, read and judged (Part 4, chapter 3; Part 2, A00).

Pure functions over the request target and the headers; whether to answer 401, 404 or 101 is the
caller's, as is comparing identity, user and password with what is expected (A00.FR.207).

Rules kept here:

- The connection URL is the end point's path, a slash, and the percent-encoded identity (3.1.1):
  at most 48 characters, no colon. The characters of identifierString are not enforced, because
  the clause's own example has a space.
- Basic credentials are the base64 of user, colon and password, in UTF-8 (A00.FR.203 to 205).
- The header alone decides the version, never the URL (3.1.2, errata 2025-09, 4.2). When no
  offer is agreed to, the handshake is completed without subprotocol and the connection closed
  (3.2).
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

SUBPROTOCOL = "ocpp2.0.1"
MAX_IDENTITY_CHARACTERS = 48
_SCHEMES = frozenset({"bearer", "digest", "negotiate", "ntlm"})
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Identity:
    """The identity that a connection URL names.

    Attributes:
        text: the identity, decoded; "" when there is none to read.
        problem: what is wrong with it; None when nothing is.
    """

    text: str
    problem: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """User and password of a Basic Authorization header; the repr withholds the password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r}, password=…)"


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade request says.

    Attributes:
        identity: who connects, by the URL.
        authorization: the credentials; a text when they cannot be read; None without header.
        offered: the subprotocols offered, in the station's order of preference.
        subprotocol: the one to agree to; None when OCPP 2.0.1 is not among them.
    """

    identity: Identity
    authorization: Credentials | str | None
    offered: tuple[str, ...]
    subprotocol: str | None


def read_upgrade(
    target: str, headers: Iterable[tuple[str, str]], *, endpoint_path: str = "/"
) -> Upgrade:
    """Return what an upgrade request says. Never raises.

    Args:
        target: the request target, path and query, as received.
        headers: names and values as received; names in any case, possibly repeated.
        endpoint_path: path of the CSMS end point, which the identity is appended to.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    offered = read_subprotocols(values.get("sec-websocket-protocol", ()))
    authorization = values.get("authorization")
    return Upgrade(
        read_identity(target, endpoint_path=endpoint_path),
        None if authorization is None else read_authorization(*authorization),
        offered,
        SUBPROTOCOL if SUBPROTOCOL in offered else None,
    )


def read_identity(target: str, *, endpoint_path: str = "/") -> Identity:
    """Return the identity that a request target names (3.1.1). Never raises."""
    path = target.partition("?")[0]
    prefix = endpoint_path.rstrip("/") + "/"
    if not path.startswith(prefix):
        return Identity("", f"the path {path!r} does not begin with {prefix!r}")
    encoded = path.removeprefix(prefix)
    if "/" in encoded:
        return Identity("", f"the path {path!r} has more than one segment after {prefix!r}")
    if _BAD_ESCAPE.search(encoded):
        return Identity("", f"{encoded!r} is not percent-encoded")
    try:
        identity = unquote_to_bytes(encoded).decode()
    except UnicodeError:
        return Identity("", f"{encoded!r} is not the percent-encoding of a UTF-8 text")
    return Identity(identity, _identity_problem(identity))


def _identity_problem(identity: str) -> str | None:
    if not identity:
        return "the identity is empty"
    if len(identity) > MAX_IDENTITY_CHARACTERS:
        return f"the identity has {len(identity)} characters, at most {MAX_IDENTITY_CHARACTERS}"
    if ":" in identity:
        return "the identity contains a colon"
    if not identity.isprintable():
        return "the identity contains a character that cannot be printed"
    return None


def read_authorization(*values: str) -> Credentials | str:
    """Return the credentials in the Authorization header, or what is wrong with it.

    Args:
        values: the value of each Authorization header of the request; exactly one is right.
    """
    if len(values) != 1:
        return f"{len(values)} Authorization headers, expected one"
    scheme, _, rest = values[0].strip().partition(" ")
    if scheme.lower() != "basic":
        shown = repr(scheme) if scheme.lower() in _SCHEMES else "another"  # it may be a secret
        return f"the authentication scheme is {shown}, expected Basic"
    text = _decode(rest.strip())
    if text is None:
        return "the credentials are not the base64 of a UTF-8 text"
    user, colon, password = text.partition(":")
    if not colon:
        return "the credentials have no colon between user and password"
    return Credentials(user, password)


def _decode(token: str) -> str | None:
    if len(token) % 4:  # which strict mode lets pass
        return None
    try:
        return binascii.a2b_base64(token, strict_mode=True).decode()
    except ValueError:
        return None


def read_subprotocols(values: Iterable[str]) -> tuple[str, ...]:
    """Return the subprotocols in Sec-WebSocket-Protocol headers, in their order (RFC 6455)."""
    names = (name.strip() for value in values for name in value.split(","))
    return tuple(name for name in names if name)
