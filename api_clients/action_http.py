"""One operation of an action API over HTTP: address, request, and what the reply means.

Owns the wire form that the station's and the EV's API share (octt-interfaces sections A and B):
POST, an empty body, parameters percent-encoded in the query, the reply's body ignored. Each call
has its own connection, because one left over from before a reboot looks like a fault; nothing is
ever sent twice here, and redirects are not followed. Does not know which operations exist.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import quote, urlencode

import httpx

from api_clients.action_address import DEFAULT_PATH, Credentials, authorization, operation_base
from api_clients.action_errors import (
    ActionError,
    ConfigurationError,
    CredentialsError,
    FaultError,
    NoReplyError,
    TlsError,
    UnreachableError,
    UnsupportedError,
)

DEFAULT_LIMIT_S = 40.0
CONNECT_LIMIT_S = 5.0
_EXCERPT_BYTES = 400
_EXCERPT_LIMIT_S = 2.0

Query: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The other side took the operation; the effect is proven only by what the station then sends.

    Attributes:
        sent: method, address and query.
        http_status: the 2xx; None over the relay.
    """

    sent: str
    http_status: int | None


class ActionHttp:
    """Calls operations below one base address."""

    def __init__(
        self,
        url: str,
        *,
        path: str = DEFAULT_PATH,
        credentials: Credentials | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: see `operation_base`.
            path: see `operation_base`.
            credentials: none by default, as the OCTT sends none.
            tls: a context with the trust to use for https; None = the system's.
            transport: another way to carry requests, for tests.

        Raises:
            ConfigurationError: the address or the credentials cannot be used.
        """
        self.base = operation_base(url, path)
        headers = {"Accept-Encoding": "identity"}
        if credentials is not None:
            headers["Authorization"] = authorization(credentials)
        self._client = httpx.AsyncClient(
            verify=tls if tls is not None else _system_trust(self.base),
            headers=headers,
            follow_redirects=False,
            trust_env=False,  # a proxy variable must not carry bench traffic elsewhere
            limits=httpx.Limits(max_keepalive_connections=0),
            transport=transport,
        )

    def __repr__(self) -> str:
        return f"ActionHttp({self.base!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Release sockets."""
        await self._client.aclose()

    async def call(
        self, operation: str, query: Query = (), *, limit_s: float = DEFAULT_LIMIT_S
    ) -> Accepted:
        """POST one operation, once.

        Args:
            operation: its name, with or without a leading slash.
            query: parameters in order.
            limit_s: seconds from start to reply, all phases together.

        Raises:
            ActionError: one subclass per reason (see `action_errors`).
        """
        text = urlencode(list(query), quote_via=quote, safe="")
        address = f"{self.base}/{operation.lstrip('/')}" + (f"?{text}" if text else "")
        sent = f"POST {address}"
        request = self._client.build_request(
            "POST",
            address,
            timeout=httpx.Timeout(limit_s, connect=min(limit_s, CONNECT_LIMIT_S)),
        )
        loop = asyncio.get_running_loop()
        end = loop.time() + limit_s
        try:
            async with asyncio.timeout_at(end):
                response = await self._client.send(request, stream=True)
        except TimeoutError as error:
            raise _silent(sent, limit_s) from error
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _failed(error, sent, limit_s) from error
        try:
            excerpt = await _excerpt(response, min(end, loop.time() + _EXCERPT_LIMIT_S))
        finally:
            await response.aclose()
        return _judge(response.status_code, excerpt, sent)


def _system_trust(base: str) -> ssl.SSLContext:
    """The system's certificates; none are loaded for plain http, which takes 20 ms."""
    if base.startswith("https:"):
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _judge(status: int, excerpt: str, sent: str) -> Accepted:
    """Rule 3 of octt-interfaces: the status decides, the body is only quoted."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Accepted(sent, status)
    said = f"answered {status}" + (f' saying "{excerpt}".' if excerpt else ".")
    kind, remedy = _MEANING.get(status, (FaultError, _REMEDY_FAULT))
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        kind, remedy = FaultError, "enter the final address in the settings; redirects are a fault."
    raise kind(said, remedy=remedy, sent=sent, http_status=status)


_REMEDY_VALUE = "compare the address and values above with the API's description (settings)."
_REMEDY_ACCESS = "enter the token or user:password that this API expects (settings, token)."
_REMEDY_ABSENT = "check the url and path in the settings; else the API lacks this operation."
_REMEDY_FAULT = "read the log of the action API at this time; restart it; repeat the run."
_MEANING: dict[int, tuple[type[ActionError], str]] = {
    400: (ConfigurationError, _REMEDY_VALUE),
    422: (ConfigurationError, _REMEDY_VALUE),
    401: (CredentialsError, _REMEDY_ACCESS),
    403: (CredentialsError, _REMEDY_ACCESS),
    407: (CredentialsError, _REMEDY_ACCESS),
    404: (UnsupportedError, _REMEDY_ABSENT),
    405: (UnsupportedError, _REMEDY_ABSENT),
    501: (UnsupportedError, _REMEDY_ABSENT),
}


def _failed(error: Exception, sent: str, limit_s: float) -> ActionError:
    """What a failure of httpx means: was the request delivered, and whose fault is it."""
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return TlsError(
            f"TLS failed ({_last(causes)}).",
            remedy="name the API's CA certificate and host name in the settings; see its clock.",
            sent=sent,
        )
    if isinstance(error, httpx.ConnectTimeout):
        return UnreachableError(
            f"no connection within {min(limit_s, CONNECT_LIMIT_S):g} s.",
            remedy="check power, cable, firewall and address of the action API.",
            sent=sent,
        )
    if isinstance(error, httpx.ConnectError):
        return UnreachableError(
            f"no connection ({_last(causes)}).",
            remedy="start the action API; check host name and port in the settings.",
            sent=sent,
            refused=any(isinstance(cause, ConnectionRefusedError) for cause in causes),
        )
    if isinstance(error, httpx.TimeoutException):
        return _silent(sent, limit_s)
    return FaultError(
        f"the reply was broken off or is not HTTP ({type(error).__name__}: {_last(causes)}).",
        remedy=_REMEDY_FAULT,
        sent=sent,
    )


def _silent(sent: str, limit_s: float) -> NoReplyError:
    return NoReplyError(
        f"no reply within {limit_s:g} s; whether it was done is unknown.",
        remedy="look whether the action API hangs; raise timeout_s if it is only slow.",
        sent=sent,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, groups opened: anyio raises one for a host of two addresses."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        waiting += [current.__context__, current.__cause__, *inner]


def _last(causes: Sequence[BaseException]) -> str:
    """The words of the innermost cause that has any."""
    texts = [str(cause) for cause in causes if str(cause)]
    return texts[-1] if texts else type(causes[0]).__name__


async def _excerpt(response: httpx.Response, until: float) -> str:
    """At most 400 bytes of the body as one line; a body that breaks off or hangs is no matter."""
    taken = b""
    try:
        async with asyncio.timeout_at(until):
            async for chunk in response.aiter_bytes():
                taken += chunk
                if len(taken) >= _EXCERPT_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # the status line has already decided
    text = taken[:_EXCERPT_BYTES].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
