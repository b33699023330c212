"""Gives each action to the driver bound to it, and an `unsupported` Outcome to those without one.

A whole connection is two steps where an EV API is bound to the outlet: in at the EV side first,
then at the station (the order of TC_E_39_CS); out at the station first. So the station sees the
connection come and go at once. Without an EV API the station's step alone is the whole connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from api_clients.relay import RelayServer
from vdoc.automation.actions import (
    Action,
    EvEnd,
    EvIso15118,
    EvPlugIn,
    EvPlugOut,
    EvReady,
    Observe,
    PlugIn,
    PlugOut,
    Stimulate,
)
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome
from vdoc.automation.tokens import PROGRAM_REMEDY, ev_remedy, iso15118_remedy, station_remedy
from vdoc.automation.wiring import Wiring

_Steps: TypeAlias = tuple[tuple[Driver, Action], ...]


class _UnboundError(Exception):
    """Nothing is bound to an action; the text says what to bind. Never leaves the router."""


class Router(Driver):
    """All drivers of a bench as one."""

    def __init__(
        self,
        wiring: Wiring,
        *,
        station: Driver | None,
        evs: Mapping[str, Driver],
        program: Driver | None,
        relay: RelayServer | None = None,
    ) -> None:
        """Bind drivers; `opening.open_router` builds them from the wiring.

        Args:
            wiring: says which outlet has which EV.
            station: the station action API; None = there is none.
            evs: EV APIs by the names that the wiring uses.
            program: the `[observe]` program; None = there is none.
            relay: to be closed with the router.
        """
        self.wiring = wiring
        self.relay = relay
        self._station = station
        self._evs = evs
        self._program = program

    def supports(self, action: Action) -> bool:
        """Whether everything that the action needs is bound."""
        return self.lacking(action) is None

    def lacking(self, action: Action) -> str | None:
        """What to bind so that the action can be performed; None = nothing is lacking."""
        try:
            self._steps(action)
        except _UnboundError as error:
            return str(error)
        return None

    async def perform(self, action: Action, *, limit_s: float | None = None) -> Outcome:
        """As `Driver.perform`; without `limit_s` the limit of the settings holds."""
        try:
            steps = self._steps(action)
        except _UnboundError as error:
            detail = f"nothing on this bench performs {action.operation}. Remedy: {error}"
            return Outcome("unsupported", detail, "(nothing sent)")
        return await _in_turn(steps, self.limit_s(action) if limit_s is None else limit_s)

    def limit_s(self, action: Action) -> float:
        """Seconds that the settings allow for an action."""
        program = isinstance(action, Observe | Stimulate)
        return self.wiring.program_limit_s if program else self.wiring.limit_s

    async def close(self) -> None:
        """Close all drivers, then the relay."""
        for driver in (self._station, *self._evs.values(), self._program):
            if driver is not None:
                await driver.close()
        if self.relay is not None:
            await self.relay.close()

    def _steps(self, action: Action) -> _Steps:
        """Who does what, in order.

        Raises:
            _UnboundError: somebody is missing.
        """
        match action:
            case Observe() | Stimulate():
                return ((self._bound_program(), action),)
            case EvPlugIn() | EvPlugOut() | EvEnd() | EvReady() | EvIso15118():
                return ((self._bound_ev(action), action),)
            case PlugIn():
                at_ev = self._ev_end(action, EvPlugIn(action.evse, action.connector))
                return (*at_ev, (self._bound_outlet(action), action))
            case PlugOut():
                at_ev = self._ev_end(action, EvPlugOut(action.evse, action.connector))
                return ((self._bound_outlet(action), action), *at_ev)
            case _:
                return ((self._bound_station(), action),)

    def _ev_end(self, action: PlugIn | PlugOut, at_ev: EvPlugIn | EvPlugOut) -> _Steps:
        """The EV's step of a whole connection, if there is an EV API at the outlet."""
        halfway = isinstance(action, PlugIn) and action.halfway
        name = self.wiring.outlets.get((action.evse, action.connector))
        if halfway or action.side != "both" or name is None:
            return ()
        return ((self._evs[name], at_ev),)

    def _bound_program(self) -> Driver:
        if self._program is None:
            raise _UnboundError(PROGRAM_REMEDY)
        return self._program

    def _bound_station(self) -> Driver:
        if self._station is None:
            raise _UnboundError("set url in [action_api].")
        return self._station

    def _bound_outlet(self, action: PlugIn | PlugOut) -> Driver:
        outlet = (action.evse, action.connector)
        if self._station is None or not self.wiring.knows(outlet):
            raise _UnboundError(station_remedy(self.wiring, outlet))
        return self._station

    def _bound_ev(self, action: EvPlugIn | EvPlugOut | EvEnd | EvReady | EvIso15118) -> Driver:
        name = self.wiring.outlets.get((action.evse, action.connector))
        if name is None:
            raise _UnboundError(ev_remedy(action.evse, action.connector))
        driver = self._evs[name]
        if isinstance(action, EvIso15118) and not driver.supports(action):
            remedy = iso15118_remedy(action.iso15118, action.evse, action.connector)
            raise _UnboundError(remedy)
        return driver


async def _in_turn(steps: _Steps, limit_s: float) -> Outcome:
    """Perform steps within one limit until one is not done; one Outcome for all."""
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_s
    outcomes: list[Outcome] = []
    for driver, step in steps:
        left_s = max(end - loop.time(), 0.0)
        outcomes.append(await driver.perform(step, limit_s=left_s))
        if outcomes[-1].status != "done":
            break
    return replace(
        outcomes[-1],
        sent="; then ".join(outcome.sent for outcome in outcomes),
        attempts=max(outcome.attempts for outcome in outcomes),
    )
