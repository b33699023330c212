"""What people, cars and power cuts do to a station: the physical side of the action API.

Each operation changes the site and tells the station's software, if that is running. It returns
when the effect is there and what follows from it has been delivered (or is queued offline).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from vdoc.station.authorization import Presented
from vdoc.station.site import ImpossibleError, Outlet, Site, Spot
from vdoc.station.tokens import NO_AUTHORIZATION, Token

if TYPE_CHECKING:
    from vdoc.station.config import StationConfig
    from vdoc.station.evse import Evse
    from vdoc.station.wiring import Software

_DELIVERY_LIMIT_S = 5.0
_VOLTS_ALL_PHASES = 690.0


class Controls(ABC):
    """The physical side of one station."""

    config: StationConfig
    site: Site
    software: Software

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether the station's software is up."""

    @property
    @abstractmethod
    def online(self) -> bool:
        """Whether a CSMS that accepted this boot is connected."""

    @abstractmethod
    async def reboot(self, reason: str, *, off_s: float | None = None) -> None:
        """Restart the station's software."""

    @abstractmethod
    async def within_boot(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` as a task of this boot."""

    # ---- cables --------------------------------------------------------------------------------

    async def plug_in(
        self, evse: int | None = None, connector: int | None = None, *, halfway: bool = False
    ) -> None:
        """Connect an EV: both ends of the cable.

        Raises:
            ImpossibleError: there is no such connector, or its lock is closed (AQ-2).
        """
        outlet = self.site.outlet(evse, connector)
        if self.config.pics.claims("AQ-2") and not self._may_enter(outlet):
            raise ImpossibleError("the socket opens only after authorization")
        await asyncio.sleep(self.config.timings.plug_s)
        outlet.at_station = outlet.at_ev = True
        outlet.halfway = halfway
        await self._tell(outlet.evse, lambda each: each.cable_changed())

    def _may_enter(self, outlet: Outlet) -> bool:
        logic = self._logic(outlet.evse)
        return logic is not None and (logic.authorization is not None or outlet.at_station)

    async def plug_out(self, evse: int | None = None, connector: int | None = None) -> None:
        """Take the cable away: first from the EV, then from the station.

        Raises:
            ImpossibleError: the station holds the plug.
        """
        outlet = self.site.outlet(evse, connector)
        await asyncio.sleep(self.config.timings.plug_s)
        outlet.at_ev = outlet.halfway = False
        self.site.spot(outlet.evse).ev_full = False
        await self._tell(outlet.evse, lambda each: each.cable_changed())
        if outlet.fixed_cable:
            return
        if outlet.locked:
            raise ImpossibleError("the connector lock holds the plug")
        outlet.at_station = False
        await self._tell(outlet.evse, lambda each: each.cable_changed())

    async def ev_plug_in(self, evse: int | None = None) -> None:
        """Connect the EV's end of the cable that is in a socket, else of the first outlet's."""
        spot = self.site.spot(evse)
        inserted = (each for each in spot.outlets if each.at_station and not each.fixed_cable)
        outlet = next(inserted, spot.outlets[0])
        outlet.at_ev = True
        await self._tell(spot.id, lambda each: each.cable_changed())

    async def ev_plug_out(self, evse: int | None = None) -> None:
        """Take the cable out of the EV; its other end stays."""
        spot = self.site.spot(evse)
        spot.ev_full = False
        for outlet in spot.outlets:
            outlet.at_ev = False
        await self._tell(spot.id, lambda each: each.cable_changed())

    # ---- cars ------------------------------------------------------------------------------------

    async def ev_end(self, evse: int | None = None) -> None:
        """The EV has taken what it wanted; another session, and it may want more."""
        spot = self.site.spot(evse)
        if not spot.ev_full:
            spot.ev_full = True
            await self._tell(spot.id, lambda each: each.ev_changed())

    async def ev_ready(self, ready: bool, evse: int | None = None) -> None:  # one fact
        """The EV is, or is not, ready to take energy."""
        spot = self.site.spot(evse)
        took = spot.ev_takes
        spot.ev_ready, spot.ev_full = ready, spot.ev_full and not ready
        if spot.ev_takes is not took:
            await self._tell(spot.id, lambda each: each.ev_changed())

    async def parking_bay(self, occupied: bool, evse: int | None = None) -> None:
        """A car drives into the bay of an EVSE, or leaves it."""
        spot = self.site.spot(evse)
        if spot.bay_occupied is not occupied:
            spot.bay_occupied = occupied
            await self._tell(spot.id, lambda each: each.bay_changed())

    # ---- people ----------------------------------------------------------------------------------

    async def present_token(
        self, token: str, kind: str, evse: int | None = None, connector: int | None = None
    ) -> None:
        """A driver holds a token to the reader, types a code, or presses the start button.

        Raises:
            ImpossibleError: there is no such connector.
        """
        if evse is not None:
            self.site.outlet(evse, connector)
        await asyncio.sleep(self.config.timings.token_s)
        identifier = "" if kind == NO_AUTHORIZATION else token
        if self.running:
            presented = Presented(Token(identifier, kind), evse)
            await self.within_boot(self.software.authorizer.present(presented))
            await self._delivered()

    async def select_session(self, evse: int | None = None) -> None:
        """The holder of a master pass chooses at the screen which session stops (C-07)."""
        if self.running:
            self.software.master_pass.selected(evse)
            await self._delivered()

    async def store_customer(self, identifier: str) -> None:
        """Somebody keeps data about a customer in the station, by hand (C-14)."""
        if self.running:
            self.software.customer.store(identifier, f"kept by hand about {identifier}")

    async def power_cycle(self) -> None:
        """The mains fail and come back: a cold boot."""
        await self.reboot("PowerUp")

    async def set_state(
        self,
        *,
        evse: int | None = None,
        connector: int | None = None,
        faulted: bool | None = None,
        unlock_failed: bool | None = None,
        refused_local_auth_list: bool | None = None,
        charging_limit: str | None = None,
    ) -> None:
        """Set or clear conditions; None leaves one as it is. Without evse: the whole station."""
        spots = self.site.spots if evse is None else (self.site.spot(evse),)
        if refused_local_auth_list is not None:
            self.site.refuses_local_list = refused_local_auth_list
        if charging_limit is not None:
            self.site.charging_limit_w = _limit_w(charging_limit)
        for spot in spots:
            if unlock_failed is not None:
                _stick(spot, connector, stuck=unlock_failed)
            if faulted is not None and spot.faulted is not faulted:
                spot.faulted = faulted
                await self._tell(spot.id, lambda each: each.fault_changed())

    # ---- telling the software ----------------------------------------------------------------

    def _logic(self, evse: int) -> Evse | None:
        if not self.running:
            return None
        return next(each for each in self.software.evses if each.spot.id == evse)

    async def _tell(self, evse: int, tell: Callable[[Evse], None]) -> None:
        logic = self._logic(evse)
        if logic is not None:
            tell(logic)
            await self._delivered()

    async def _delivered(self) -> None:
        if self.running and self.online:
            await self.software.outbox.drained(_DELIVERY_LIMIT_S)


def _stick(spot: Spot, connector: int | None, *, stuck: bool) -> None:
    for outlet in spot.outlets:
        if connector in (None, outlet.connector):
            outlet.unlock_fails = stuck


def _limit_w(text: str) -> float | None:
    """Read a charging limit: "10A", "6900W", "6900", or "" for none."""
    number = text.strip().upper()
    if not number:
        return None
    if number.endswith("A"):
        return float(number[:-1]) * _VOLTS_ALL_PHASES
    return float(number.removesuffix("W"))
