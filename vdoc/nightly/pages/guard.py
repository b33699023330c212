"""Who may read the pages, and what a browser may do with them.

Owns the token and the headers. On a loopback address anybody on the machine may read, asked for
under a name of this machine (so that a foreign site cannot have its own name point here). Elsewhere
a token is required: in the `Authorization` header, or once in a form, which is answered with a
cookie that is not the token. The token stands in no address, and so in no log and no history.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vdoc.errors import InputError, Problem
from vdoc.nightly.pages.rendering import ASSETS, POLICY, render

COOKIE = "vdoc_session"
LEAST_TOKEN_CHARACTERS = 16
_MOST_BODY_BYTES = 4096
_LOGIN = "/login"
_PLACE_HERE = re.compile(r"/(?!/)[\w./?=&%+-]*", re.ASCII)
_HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def check_reach(host: str, token: str | None) -> None:
    """Refuse to serve beyond this machine without a token.

    Raises:
        InputError: there is none, or one that is too short to keep anybody out.
    """
    if token is not None and len(token) < LEAST_TOKEN_CHARACTERS:
        raise _refused(f"the token has {len(token)} signs, expected at least 16.")
    if token is None and not _loopback(host):
        raise _refused(f"{host} can be reached from elsewhere, which needs a token.")


@dataclass(frozen=True, slots=True)
class Hardened:
    """Adds the headers that keep a page to itself to every answer."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, as ASGI has it."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, add)


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets only those pass who may read.

    Args:
        app: what they may read.
        token: what they must know; None lets everybody on this machine read.
    """

    app: ASGIApp
    token: str | None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await self._answer(request)
        if answer is None:
            await self.app(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """Return what to answer instead of a page; None lets the request pass."""
        if self.token is None:
            return None if _asked_here(request.headers) else _misdirected()
        if request.url.path == _LOGIN and request.method == "POST":
            return await self._login(request, self.token)
        if request.url.path.removeprefix("/") in ASSETS or self._known(request, self.token):
            return None
        return _form(_wanted(request), wrong=False)

    def _known(self, request: Request, token: str) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer":
            return _same(given.strip(), token)
        return _same(request.cookies.get(COOKIE, ""), _session(token))

    async def _login(self, request: Request, token: str) -> Response:
        fields = parse_qs((await _body(request)).decode(errors="replace"))
        after = fields.get("next", ["/"])[0]
        after = after if _PLACE_HERE.fullmatch(after) else "/"
        if not _same(fields.get("token", [""])[0], token):
            return _form(after, wrong=True)
        answer = RedirectResponse(after, 303)
        answer.set_cookie(
            COOKIE, _session(token), httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer


def _form(after: str, *, wrong: bool) -> Response:
    page = render(
        "login", title="A token is required", root="/", served=True, after=after, wrong=wrong
    )
    return HTMLResponse(page, 401, headers={"WWW-Authenticate": "Bearer"})


def _wanted(request: Request) -> str:
    """Return the address to go on to after the form."""
    if request.method != "GET":
        return "/"
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path) + query


async def _body(request: Request) -> bytes:
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > _MOST_BODY_BYTES:
            return b""
    return found


def _session(token: str) -> str:
    """Return what the cookie holds: who sees it does not learn the token."""
    return hmac.new(token.encode(), b"vdoc nightly pages", hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


def _asked_here(headers: Headers) -> bool:
    name = headers.get("host", "")
    return _loopback(re.sub(r":\d*$", "", name).strip("[]"))


def _misdirected() -> Response:
    return PlainTextResponse("ask for 127.0.0.1 or localhost, or serve with a token", 421)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(what: str) -> InputError:
    remedy = "set VDOC_TOKEN to at least 16 signs, or serve on 127.0.0.1."
    return InputError(Problem("nightly serve", None, "token", what, remedy))
