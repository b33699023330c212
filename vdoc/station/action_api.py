"""The action API: how a test bench acts on the station as a person and an EV would.

Serves what the vendor side of OCTT's "SUT API CS" is known to be (POST, query parameters, no
body), the EV API under `/ev`, and five admin operations of our own:

    POST /api/v1/{plugin,plugout,authorize,reboot,state,parkingbay}
    POST /ev/api/v1/{plugin,plugout,end,state}          the EV of the first EVSE
    POST /ev/EVSE/api/v1/{...}                          the EV of another one
    POST /admin/factory-reset · POST /admin/power?on=true|false · GET /admin/state
    POST /admin/select?evse_id=…    the holder of a master pass chooses at the screen; none = all
    POST /admin/store-customer?identifier=…    somebody keeps data about a customer in the station

200 = accepted, 400 = a missing or bad value, 401 = bad token, 404 = unknown operation,
409 = switched off, or physically impossible. `at-once` answers before the effect, `after-effect`
after it.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vdoc.station.config import ActionTiming
from vdoc.station.machine import Machine, PoweredOffError
from vdoc.station.site import ImpossibleError

_TOKEN_TYPES = (
    "Central",
    "eMAID",
    "ISO14443",
    "ISO15693",
    "KeyCode",
    "Local",
    "MacAddress",
    "NoAuthorization",
)
_TOKEN_LENGTH = 36
_IDENTIFIER_LENGTH = 64
_LIMIT = re.compile(r"\d+(\.\d+)?[AaWw]?", re.ASCII)


class BadParameterError(Exception):
    """A query parameter is missing or has no meaning; answered with 400."""


class Query:
    """The query parameters of one call, read with their types."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """A text, or None when absent."""
        return self._values.get(name)

    def flag(self, name: str) -> bool | None:
        """A boolean, or None when absent."""
        text = self._values.get(name)
        if text is None:
            return None
        if text.lower() not in ("true", "false"):
            raise BadParameterError(f"{name} is {text!r}, expected true or false")
        return text.lower() == "true"

    def needed_flag(self, name: str) -> bool:
        """A boolean that must be given."""
        found = self.flag(name)
        if found is None:
            raise BadParameterError(f"{name} is missing")
        return found

    def number(self, name: str) -> int | None:
        """A whole number, or None when absent."""
        text = self._values.get(name)
        if text is None:
            return None
        if not text.isdecimal():
            raise BadParameterError(f"{name} is {text!r}, expected a number")
        return int(text)


Deed = Callable[[], Coroutine[Any, Any, object]]


class ActionApi:
    """The operations, bound to a machine.

    Args:
        machine: the station with its power switch.
        timing: when an action is answered.
        token: bearer token that every call must carry; None = none.
    """

    def __init__(self, machine: Machine, *, timing: ActionTiming, token: str | None) -> None:
        self._machine = machine
        self._timing = timing
        self._token = token
        self._running: set[asyncio.Task[object]] = set()
        self.failures: list[BaseException] = []

    def application(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/api/v1/{operation}", self._guarded(self._station_call), methods=["POST"]),
            Route("/ev/api/v1/{operation}", self._guarded(self._ev_call), methods=["POST"]),
            Route(
                "/ev/{evse:int}/api/v1/{operation}", self._guarded(self._ev_call), methods=["POST"]
            ),
            Route("/admin/factory-reset", self._guarded(self._factory_reset), methods=["POST"]),
            Route("/admin/power", self._guarded(self._power), methods=["POST"]),
            Route("/admin/select", self._guarded(self._select), methods=["POST"]),
            Route("/admin/store-customer", self._guarded(self._store_customer), methods=["POST"]),
            Route("/admin/state", self._guarded(self._state), methods=["GET"]),
        ]
        return Starlette(routes=routes)

    def _guarded(
        self, serve: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if not self._admits(request):
                return JSONResponse({"message": "bearer token expected"}, status_code=401)
            try:
                return await serve(request)
            except (BadParameterError, ValueError) as error:
                return JSONResponse({"message": str(error)}, status_code=400)
            except (PoweredOffError, ImpossibleError) as error:
                return JSONResponse({"message": str(error)}, status_code=409)

        return guarded

    def _admits(self, request: Request) -> bool:
        if self._token is None:
            return True
        shown = request.headers.get("authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {self._token}".encode())

    async def _station_call(self, request: Request) -> Response:
        query = Query(request.query_params)
        operations: dict[str, Callable[[Query], Deed]] = {
            "plugin": self._plugin,
            "plugout": self._plugout,
            "authorize": self._authorize,
            "reboot": self._reboot,
            "state": self._set_state,
            "parkingbay": self._parkingbay,
        }
        prepare = operations.get(request.path_params["operation"])
        if prepare is None:
            return JSONResponse({"message": "unknown operation"}, status_code=404)
        return await self._perform(prepare(query))

    async def _ev_call(self, request: Request) -> Response:
        query = Query(request.query_params)
        evse = int(request.path_params.get("evse", self._first_evse))
        self._known(evse, None)
        site = self._machine.station
        operation = request.path_params["operation"]
        deeds: dict[str, Deed] = {
            "plugin": lambda: site.ev_plug_in(evse),
            "plugout": lambda: site.ev_plug_out(evse),
            "end": lambda: site.ev_end(evse),
        }
        if operation == "state":
            ready = query.needed_flag("ready")
            return await self._perform(lambda: site.ev_ready(ready, evse))
        if operation not in deeds:
            return JSONResponse({"message": "unknown operation"}, status_code=404)
        return await self._perform(deeds[operation])

    async def _perform(self, deed: Deed) -> Response:
        if self._timing == "after-effect":
            await deed()
        else:
            task = asyncio.create_task(deed())
            self._running.add(task)
            task.add_done_callback(self._done)
        return JSONResponse({"status": "accepted"})

    def _done(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    # -- operations: each checks its parameters and returns the deed

    def _plugin(self, query: Query) -> Deed:
        evse, connector = self._outlet(query)
        halfway = bool(query.flag("halfway"))
        station = self._machine.station
        return lambda: station.plug_in(evse, connector, halfway=halfway)

    def _plugout(self, query: Query) -> Deed:
        evse, connector = self._outlet(query)
        station = self._machine.station
        return lambda: station.plug_out(evse, connector)

    def _authorize(self, query: Query) -> Deed:
        token = query.text("id")
        kind = query.text("type") or "Central"
        if token is None or len(token) > _TOKEN_LENGTH:
            raise BadParameterError("id is missing or longer than 36 characters")
        if kind not in _TOKEN_TYPES:
            raise BadParameterError(f"type is {kind!r}, expected one of {', '.join(_TOKEN_TYPES)}")
        evse, connector = self._outlet(query)
        station = self._machine.station
        return lambda: station.present_token(token, kind, evse, connector)

    def _reboot(self, query: Query) -> Deed:  # noqa: ARG002  # takes no parameters
        return self._machine.station.power_cycle

    def _set_state(self, query: Query) -> Deed:
        evse, connector = query.number("evse_id"), query.number("connector_id")
        self._known(evse, connector)
        change = functools.partial(
            self._machine.station.set_state,
            evse=evse,
            connector=connector,
            faulted=query.flag("faulted"),
            unlock_failed=query.flag("unlock_failed"),
            refused_local_auth_list=query.flag("refused_local_auth_list"),
            charging_limit=query.text("charging_limit"),
        )
        limit = query.text("charging_limit")
        if limit and not _LIMIT.fullmatch(limit.strip()):
            raise BadParameterError(f"charging_limit is {limit!r}, expected a number, then A or W")
        return change

    def _parkingbay(self, query: Query) -> Deed:
        occupied, evse = query.needed_flag("occupied"), query.number("evse_id")
        self._known(evse, None)
        station = self._machine.station
        return lambda: station.parking_bay(occupied, evse)

    def _outlet(self, query: Query) -> tuple[int, int]:
        evse = query.number("evse_id")
        connector = query.number("connector_id")
        evse = self._first_evse if evse is None else evse
        connector = 1 if connector is None else connector
        self._known(evse, connector)
        return evse, connector

    @property
    def _first_evse(self) -> int:
        return self._machine.config.pics.evses[0].id

    def _known(self, evse: int | None, connector: int | None) -> None:
        if evse is None:
            return
        connectors = {
            each.id: [connector.id for connector in each.connectors]
            for each in self._machine.config.pics.evses
        }
        if evse not in connectors:
            raise BadParameterError(f"the station has no EVSE {evse}")
        if connector is not None and connector not in connectors[evse]:
            raise BadParameterError(f"EVSE {evse} has no connector {connector}")

    # -- admin

    async def _factory_reset(self, request: Request) -> Response:  # noqa: ARG002
        await self._machine.factory_reset()
        return JSONResponse(self._machine.facts())

    async def _power(self, request: Request) -> Response:
        if Query(request.query_params).needed_flag("on"):
            await self._machine.power_on()
        else:
            await self._machine.power_off()
        return JSONResponse(self._machine.facts())

    async def _select(self, request: Request) -> Response:
        evse = Query(request.query_params).number("evse_id")
        self._known(evse, None)
        return await self._perform(lambda: self._machine.station.select_session(evse))

    async def _store_customer(self, request: Request) -> Response:
        identifier = Query(request.query_params).text("identifier")
        if not identifier or len(identifier) > _IDENTIFIER_LENGTH:
            raise BadParameterError("identifier is missing or longer than 64 characters")
        await self._machine.station.store_customer(identifier)
        return JSONResponse({"status": "accepted"})

    async def _state(self, request: Request) -> Response:  # noqa: ARG002
        facts = self._machine.facts()
        facts["action_failures"] = [repr(error) for error in self.failures]
        return JSONResponse(facts)
