"""Performs station-side actions through the station action API, whatever carries it.

Only the station side: the EV end of a whole connection is the router's second step.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never, get_args

from api_clients.action_http import Accepted
from api_clients.station_action import Conditions, StationActionClient
from vdoc.automation.actions import (
    Action,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    RefuseLocalAuthList,
    SetExternalLimit,
    SetFaulted,
    SetUnlockFailed,
    StationAction,
)
from vdoc.automation.attempt import attempt, repeatable
from vdoc.automation.interface import Driver
from vdoc.automation.outcome import Outcome

_KINDS = get_args(StationAction)
_ONLY_BAY = 1
"""The EVSE whose bay an API means that knows of one bay only."""


class StationDriver(Driver):
    """Drives one station."""

    def __init__(self, client: StationActionClient) -> None:
        self._client = client

    def supports(self, action: Action) -> bool:
        """All station-side actions; an API that lacks one says so when called."""
        return isinstance(action, _KINDS)

    async def perform(self, action: Action, *, limit_s: float) -> Outcome:
        """As `Driver.perform`."""
        if not isinstance(action, _KINDS):
            raise TypeError(f"{action.operation} is no station-side action")
        call = partial(self._call, action)
        return await attempt(call, limit_s=limit_s, repeat=repeatable(action))

    async def close(self) -> None:
        """Release the carrier."""
        await self._client.close()

    async def _call(self, action: StationAction, limit_s: float) -> Accepted:
        match action:
            case PlugIn():
                return await self._client.plugin(
                    evse_id=action.evse,
                    connector_id=action.connector,
                    halfway=action.halfway,
                    limit_s=limit_s,
                )
            case PlugOut():
                return await self._client.plugout(
                    evse_id=action.evse, connector_id=action.connector, limit_s=limit_s
                )
            case PresentToken():
                return await self._client.authorize(
                    id_token=action.id_token,
                    token_type=action.type,
                    evse_id=action.evse,
                    connector_id=action.connector,
                    limit_s=limit_s,
                )
            case Reboot():
                return await self._client.reboot(limit_s=limit_s)
            case ParkingBay():
                return await self._client.parkingbay(
                    occupied=action.occupied,
                    evse_id=None if action.evse == _ONLY_BAY else action.evse,
                    limit_s=limit_s,
                )
            case _:
                return await self._client.state(conditions(action), limit_s=limit_s)


def conditions(
    action: SetFaulted | SetUnlockFailed | RefuseLocalAuthList | SetExternalLimit,
) -> Conditions:
    """The `/state` parameters of an action that sets or clears a condition."""
    match action:
        case SetFaulted():
            return Conditions(
                faulted=action.faulted, evse_id=action.evse, connector_id=action.connector
            )
        case SetUnlockFailed():
            return Conditions(
                unlock_failed=action.failed, evse_id=action.evse, connector_id=action.connector
            )
        case RefuseLocalAuthList():
            return Conditions(refused_local_auth_list=action.refused)
        case SetExternalLimit():
            return Conditions(
                charging_limit=action.limit or "",
                evse_id=action.evse,
                connector_id=action.connector,
            )
        case _:
            assert_never(action)
