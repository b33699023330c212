"""Performs EV-side actions through the EV action API of one outlet, whatever carries it."""

from __future__ import annotations

from functools import partial
from typing import assert_never, get_args

from api_clients.action_http import Accepted
from api_clients.ev import EvClient
from vdoc.automation.actions import (
    Action,
    EvAction,
    EvEnd,
    EvIso15118,
    EvPlugIn,
    EvPlugOut,
    EvReady,
)
from vdoc.automation.attempt import attempt, repeatable
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome

_KINDS = get_args(EvAction)


class EvDriver(Driver):
    """Drives one EV emulator; which outlet its cable is at, the router knows."""

    def __init__(self, client: EvClient) -> None:
        self._client = client

    def supports(self, action: Action) -> bool:
        """All EV-side actions, ISO 15118 deeds only if the settings bind them."""
        if isinstance(action, EvIso15118):
            return action.iso15118 in self._client.deeds
        return isinstance(action, _KINDS)

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:
        """As `Driver.perform`."""
        if not isinstance(action, _KINDS):
            raise TypeError(f"{action.operation} is no EV-side action")
        call = partial(self._call, action)
        return await attempt(call, limit_s=limit_s, repeat=repeatable(action))

    async def close(self) -> None:
        """Release the carrier."""
        await self._client.close()

    async def _call(self, action: EvAction, limit_s: float) -> Accepted:
        match action:
            case EvPlugIn():
                return await self._client.plugin(limit_s=limit_s)
            case EvPlugOut():
                return await self._client.plugout(limit_s=limit_s)
            case EvEnd():
                return await self._client.end(limit_s=limit_s)
            case EvReady():
                return await self._client.state(ready=action.ready, limit_s=limit_s)
            case EvIso15118():
                return await self._client.iso15118(action.iso15118, action.params, limit_s=limit_s)
            case _:
                assert_never(action)
