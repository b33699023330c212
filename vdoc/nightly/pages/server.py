"""The pages over HTTP, made when they are asked for: every case of every run, and a search.

Owns who may read. Reading is all that can be done. On a loopback address anybody on the machine
may; elsewhere a token is required, given once as `?token=…` and then kept in a cookie that scripts
and other sites cannot use. Without a token the server does not start there.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from vdoc.errors import InputError, Problem
from vdoc.nightly.history import History
from vdoc.nightly.pages.site import case_page, fleet_page, run_pages

_COOKIE = "vdoc_token"
_LEAST_TOKEN_CHARACTERS = 16
Next = Callable[[Request], Awaitable[Response]]


def check_reach(host: str, token: str | None) -> None:
    """Refuse to serve beyond this machine without a token.

    Raises:
        InputError: there is none, or one that is too short to keep anybody out.
    """
    if token is not None and len(token) < _LEAST_TOKEN_CHARACTERS:
        raise _refused(f"the token has {len(token)} signs, expected at least 16.")
    if token is None and not _loopback(host):
        raise _refused(f"{host} can be reached from elsewhere, which needs a token.")


def application(history: Path, token: str | None) -> Starlette:
    """Return the pages of a history as an ASGI application.

    Args:
        history: the database; opened anew for each request, so that it may be written meanwhile.
        token: what a reader must know; None lets everybody read.
    """

    def fleet(request: Request) -> Response:
        with History(history) as opened:
            return HTMLResponse(fleet_page(opened, wanted=request.query_params.get("q", "")))

    def run(request: Request) -> Response:
        with History(history) as opened:
            name = request.path_params["run"]
            found = run_pages(opened, opened.run(name), everything=True, cases=False)
            return HTMLResponse(found[f"run/{name}.html"])

    def case(request: Request) -> Response:
        ordinal = request.path_params["ordinal"]
        with History(history) as opened:
            found = opened.run(request.path_params["run"])
            cases = opened.cases(found)
            if ordinal >= len(cases):
                return PlainTextResponse("no such case", 404)
            return HTMLResponse(case_page(found, cases[ordinal], ordinal))

    guard = [] if token is None else [Middleware(_Guard, token=token)]
    return Starlette(
        routes=[
            Route("/", fleet),
            Route("/index.html", fleet),
            Route("/run/{run}.html", run),
            Route("/run/{run}/{ordinal:int}.html", case),
        ],
        middleware=guard,
        exception_handlers={InputError: _unknown},
    )


class _Guard(BaseHTTPMiddleware):
    """Lets only who knows the token pass."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        super().__init__(app)
        self._token = token

    async def dispatch(self, request: Request, call_next: Next) -> Response:
        given = request.query_params.get("token")
        if given is not None and self._right(given):
            answer = RedirectResponse(request.url.path, 303)
            answer.set_cookie(_COOKIE, given, httponly=True, samesite="strict")
            return answer
        if not self._right(request.cookies.get(_COOKIE, "")):
            return PlainTextResponse("a token is required: /?token=…", 401)
        return await call_next(request)

    def _right(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())


def _unknown(_: Request, error: Exception) -> Response:
    del error  # it names the file of the history, which is not the reader's business
    return PlainTextResponse("no such run", 404)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refused(what: str) -> InputError:
    remedy = "set VDOC_TOKEN to at least 16 signs, or serve on 127.0.0.1."
    return InputError(Problem("nightly serve", None, "token", what, remedy))
