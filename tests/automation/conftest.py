"""Action APIs served in-process, and how hypothesis builds each action."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, get_args

import httpx
import pytest
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vdoc.automation.actions import EvAction, ProgramAction, StationAction

_BOUNDED: dict[str, st.SearchStrategy[Any]] = {
    "evse": st.integers(1, 3),
    "connector": st.integers(1, 2),
    "id_token": st.text(max_size=36),
    "limit": st.none() | st.from_regex(r"[0-9]{1,5}(\.[0-9])?[AW]?", fullmatch=True),
}
for _kind in get_args(StationAction) + get_args(EvAction) + get_args(ProgramAction):
    _given = {name.name: _BOUNDED[name.name] for name in fields(_kind) if name.name in _BOUNDED}
    st.register_type_strategy(_kind, st.builds(_kind, **_given))


@dataclass
class Apis:
    """Every host of the bench.

    Attributes:
        asked: host and path with query of each request, in order.
        answers: status by host and path, without query; 200 where nothing is said.
    """

    asked: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    async def answer(self, request: Request) -> Response:
        place = f"{request.url.hostname}{request.url.path}"
        query = f"?{request.url.query}" if request.url.query else ""
        self.asked.append(place.replace("/api/v1/", "/") + query)
        return Response(status_code=self.answers.get(place.replace("/api/v1/", "/"), 200))


@pytest.fixture
def apis() -> tuple[list[str], dict[str, int], httpx.ASGITransport]:
    """What was asked, what to answer by `host/operation`, and the way there."""
    served = Apis()
    app = Starlette(routes=[Route("/{path:path}", served.answer, methods=["POST"])])
    return served.asked, served.answers, httpx.ASGITransport(app)
