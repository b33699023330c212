"""The EV action API: the EV end of one outlet (octt-interfaces section B).

Same wire form as the station's, another base address, no EVSE selector: one EV per API. Part 6
names two methods that the test calls on an EV emulator for ISO 15118 (TC_M_26..29_CS), but no HTTP
form of them, nor of any other ISO 15118 deed, is public; so the caller says which operation and
which fixed parameters stand for each, and what is not said is unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

from api_clients.action_errors import UnsupportedError
from api_clients.action_http import DEFAULT_LIMIT_S, Accepted, Query
from api_clients.station_action import Carrier


class EvClient:
    """One method per operation; each returns when accepted and raises `ActionError` otherwise."""

    def __init__(
        self, carrier: Carrier, iso15118: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Bind a carrier.

        Args:
            carrier: brings one operation across.
            iso15118: deed to operation, with fixed parameters after `?`:
                `{"pnc": "sendISO15118AuthorizationMethod?method=PnC"}`.
        """
        self._carrier = carrier
        self._iso15118 = dict(iso15118)

    @property
    def deeds(self) -> frozenset[str]:
        """The ISO 15118 deeds that an operation is bound to."""
        return frozenset(self._iso15118)

    async def plugin(self, *, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Join at the EV side."""
        return await self._carrier.call("plugin", limit_s=limit_s)

    async def plugout(self, *, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Separate at the EV side; the cable may stay in the station."""
        return await self._carrier.call("plugout", limit_s=limit_s)

    async def end(self, *, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Stop taking energy."""
        return await self._carrier.call("end", limit_s=limit_s)

    async def state(self, *, ready: bool, limit_s: float = DEFAULT_LIMIT_S) -> Accepted:
        """Be ready for energy, or not."""
        return await self._carrier.call(
            "state", [("ready", "true" if ready else "false")], limit_s=limit_s
        )

    async def iso15118(
        self, deed: str, params: Query = (), *, limit_s: float = DEFAULT_LIMIT_S
    ) -> Accepted:
        """Perform an ISO 15118 deed with its fixed parameters, then `params`.

        Raises:
            UnsupportedError: no operation was bound to this deed; nothing was sent.
            ActionError: as for every operation.
        """
        bound = self._iso15118.get(deed)
        if bound is None:
            known = ", ".join(sorted(self._iso15118)) or "none"
            raise UnsupportedError(
                f"no operation of the EV API is bound to it (bound: {known}).",
                remedy=f"bind {deed} in the EV API's settings, if the EV emulator can do it.",
                sent=f"(nothing sent for {deed})",
            )
        operation, _, fixed = bound.partition("?")
        query = [*parse_qsl(fixed, keep_blank_values=True), *params]
        return await self._carrier.call(operation, query, limit_s=limit_s)

    async def close(self) -> None:
        """Release the carrier."""
        await self._carrier.close()
