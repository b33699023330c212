"""The pages over HTTP, made when they are asked for: every case of every run, search, comparison.

Owns the addresses. Reading is all that can be done; who may is decided by
`vdoc.nightly.pages.guard`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from vdoc.errors import InputError
from vdoc.nightly.history import History
from vdoc.nightly.pages.guard import Guard, Hardened, check_reach
from vdoc.nightly.pages.rendering import ASSETS, asset
from vdoc.nightly.pages.views import Views, dut_name

__all__ = ["application", "check_reach"]

_MOST_QUERY_CHARACTERS = 200
_Page = Callable[[Views, Request], str | None]


def application(history: Path, token: str | None) -> Starlette:
    """Return the pages of a history as an ASGI application.

    Args:
        history: the database; opened anew for each request, so that it may be written meanwhile.
        token: what a reader must know; None lets everybody on this machine read.
    """

    def page(make: _Page) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            with History(history) as opened:
                text = make(Views(opened, served=True), request)
            return _nothing() if text is None else HTMLResponse(text)

        return answer

    return Starlette(
        routes=[
            Route("/", page(_fleet)),
            Route("/index.html", page(_fleet)),
            Route("/search", page(_search)),
            Route("/compare", page(_compare)),
            Route("/dut/{dut}.html", page(_dut)),
            Route("/run/{run}.html", page(_run)),
            Route("/run/{run}/{ordinal:int}.html", page(_case)),
            *(Route(f"/{name}", _asset(name, kind)) for name, kind in ASSETS.items()),
        ],
        middleware=[Middleware(Hardened), Middleware(Guard, token=token)],
        exception_handlers={InputError: _unknown},
    )


def _fleet(views: Views, request: Request) -> str:
    del request
    return views.fleet()


def _search(views: Views, request: Request) -> str:
    return views.search(request.query_params.get("q", "")[:_MOST_QUERY_CHARACTERS])


def _compare(views: Views, request: Request) -> str:
    before, now = (views.history.run(request.query_params.get(name, "")) for name in _BOTH)
    return views.run(now, before, root="")


_BOTH = ("before", "now")


def _dut(views: Views, request: Request) -> str | None:
    wanted = request.path_params["dut"]
    found = next((dut for dut in views.history.duts() if dut_name(dut) == wanted), None)
    return None if found is None else views.dut(found)


def _run(views: Views, request: Request) -> str:
    return views.run(views.history.run(request.path_params["run"]))


def _case(views: Views, request: Request) -> str | None:
    run, ordinal = views.history.run(request.path_params["run"]), request.path_params["ordinal"]
    if ordinal >= len(views.history.cases(run)):
        return None
    return views.cases(run, [ordinal])[ordinal]


def _asset(name: str, kind: str) -> Callable[[Request], Response]:
    content = asset(name)

    def answer(request: Request) -> Response:
        del request
        return Response(content, media_type=kind)

    return answer


def _unknown(_: Request, error: Exception) -> Response:
    del error  # it names the file of the history, which is not the reader's business
    return _nothing()


def _nothing() -> Response:
    return PlainTextResponse("there is no such page", 404)
