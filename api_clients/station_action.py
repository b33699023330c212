"""The station action API ("SUT API CS"): all operations ever seen of it, over any carrier.

octt-interfaces section A. A carrier is what brings one operation across: `ActionHttp`, or the relay
(`api_clients.relay`). `evse_id` and `connector_id` are always sent where a plug, a reader or a bay
is meant, since one implementation answers 200 without acting when `evse_id` is missing (rule 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from api_clients.action_http import DEFAULT_LIMIT_S, Accepted, Query


class Carrier(Protocol):
    """Brings one operation to an action API."""

    async def call(self, operation: str, query: Query = (), *, limit_s: float = ...) -> Accepted:
        """Send once; returns on acceptance, raises an `ActionError` otherwise."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Conditions:
    """Parameters of `/state`; what is None is not sent.

    Attributes:
        faulted: enter or leave Faulted.
        unlock_failed: let the next unlock fail.
        refused_local_auth_list: let the next SendLocalList be refused.
        charging_limit: number with `A` or `W`, or none of them (watts); "" removes the limit.
        evse_id: None = the whole station.
        connector_id: of that EVSE.
    """

    faulted: bool | None = None
    unlock_failed: bool | None = None
    refused_local_auth_list: bool | None = None
    charging_limit: str | None = None
    evse_id: int | None = None
    connector_id: int | None = None

    def query(self) -> list[tuple[str, str]]:
        """The parameters as text, in the order above."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return [(name, _text(value)) for name, value in values if value is not None]


class StationActionClient:
    """One method per operation; each returns when accepted and raises `ActionError` otherwise.

    `limit_s` (seconds, whole call) is the same for all calls and can be given per call.
    """

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def plugin(
        self,
        *,
        evse_id: int,
        connector_id: int,
        halfway: bool = False,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Accepted:
        """Plug in at the station side; `halfway` is sent only when true."""
        query = [("halfway", "true")] if halfway else []
        return await self._call("plugin", query + _outlet(evse_id, connector_id), limit_s)

    async def plugout(
        self, *, evse_id: int, connector_id: int, limit_s: float = DEFAULT_LIMIT_S
    ) -> Accepted:
        """Unplug at the station side."""
        return await self._call("plugout", _outlet(evse_id, connector_id), limit_s)

    async def authorize(
        self,
        *,
        id_token: str,
        token_type: str,
        evse_id: int,
        connector_id: int,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Accepted:
        """Present a token; `token_type` is an IdTokenEnumType literal. Never repeat blindly."""
        query = [("id", id_token), ("type", token_type)]
        return await self._call("authorize", query + _outlet(evse_id, connector_id), limit_s)

    async def reboot(self, *, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Cold restart; may be answered before, during or after it. Never repeat blindly."""
        return await self._call("reboot", [], limit_s)

    async def state(self, conditions: Conditions, *, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Set or clear conditions; none at all is a harmless call."""
        return await self._call("state", conditions.query(), limit_s)

    async def parkingbay(
        self, *, occupied: bool, evse_id: int | None = None, limit_s: float = DEFAULT_LIMIT_S
    ) -> Accepted:
        """An EV enters or leaves a bay; no known API says which, so `evse_id` is ours, if given."""
        query = [("occupied", _text(occupied))]
        if evse_id is not None:
            query.append(("evse_id", str(evse_id)))
        return await self._call("parkingbay", query, limit_s)

    async def close(self) -> None:
        """Release the carrier."""
        await self._carrier.close()

    async def _call(self, operation: str, query: Query, limit_s: float) -> Accepted:
        return await self._carrier.call(operation, query, limit_s=limit_s)


def _outlet(evse_id: int, connector_id: int) -> list[tuple[str, str]]:
    return [("evse_id", str(evse_id)), ("connector_id", str(connector_id))]


def _text(value: bool | int | str) -> str:
    """Booleans in lower case, numbers in decimal, text as it is."""
    return str(value).lower() if isinstance(value, bool) else str(value)
