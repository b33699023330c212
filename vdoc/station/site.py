"""The physical world: cables, locks, cars, parking bays and meters. It outlives every reboot.

Owns facts only. What the station makes of them is `evse`'s business; whoever changes a fact tells
the station's software, if that is running.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vdoc.station.config import StationConfig

_SECONDS_PER_HOUR = 3600.0
_FIRST_REGISTER_WH = 1000.0


class ImpossibleError(Exception):
    """The physical world does not allow this, for example pulling a locked plug."""


@dataclass(slots=True)
class Outlet:
    """One connector: a socket, or a fixed cable with a plug.

    Attributes:
        evse: id of its EVSE.
        connector: its id within the EVSE.
        kind: its ConnectorEnumType.
        fixed_cable: the cable is permanently attached (HFS-2).
        at_station: a cable is in the socket (always so for a fixed cable).
        at_ev: the other end is in a car.
        halfway: the plug sits so badly that it cannot be locked.
        locked: the retention lock holds the plug.
        unlock_fails: the lock is stuck.
    """

    evse: int
    connector: int
    kind: str
    fixed_cable: bool
    at_station: bool
    at_ev: bool = False
    halfway: bool = False
    locked: bool = False
    unlock_fails: bool = False

    @property
    def connected(self) -> bool:
        """Both ends of the cable are connected (TxStartPoint EVConnected)."""
        return self.at_station and self.at_ev

    @property
    def occupied(self) -> bool:
        """Whether the connector is taken, as its status says."""
        return self.at_ev if self.fixed_cable else self.at_station


@dataclass(slots=True)
class Meter:
    """An energy meter; its register never runs backwards (J02.FR.16)."""

    register_wh: float = _FIRST_REGISTER_WH
    power_w: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    def run(self, power_w: float) -> None:
        """Let `power_w` flow from now on."""
        self.register_wh = self.read_wh()
        self.power_w = power_w

    def read_wh(self) -> float:
        """Read the register, in Wh."""
        now = time.monotonic()
        self.register_wh += self.power_w * (now - self._since) / _SECONDS_PER_HOUR
        self._since = now
        return self.register_wh


@dataclass(slots=True)
class Spot:
    """One EVSE with its outlets, its parking bay, and the car in it.

    Attributes:
        id: evseId.
        outlets: its connectors.
        meter: its meter.
        bay_occupied: the parking bay detector sees a car.
        faulted: the EVSE is broken.
        ev_ready: the car wants energy.
        ev_full: it has taken what it wanted; so until its cable is pulled out.
    """

    id: int
    outlets: tuple[Outlet, ...]
    meter: Meter
    bay_occupied: bool = False
    faulted: bool = False
    ev_ready: bool = True
    ev_full: bool = False

    @property
    def ev_takes(self) -> bool:
        """The car takes energy that is offered."""
        return self.ev_ready and not self.ev_full

    @property
    def plugged(self) -> Outlet | None:
        """The outlet that connects a car, if any."""
        return next((outlet for outlet in self.outlets if outlet.connected), None)


class Site:
    """Everything around one station."""

    def __init__(self, config: StationConfig) -> None:
        detachable, fixed = config.pics.claims("HFS-1"), config.pics.claims("HFS-2")
        self.spots = tuple(
            Spot(
                evse.id,
                tuple(
                    _outlet(
                        evse.id, each.id, each.connectorType, detachable=detachable, fixed=fixed
                    )
                    for each in evse.connectors
                ),
                Meter(),
            )
            for evse in config.pics.evses
        )
        self.main_meter = Meter()
        self.refuses_local_list = False
        self.charging_limit_w: float | None = None

    def spot(self, evse: int | None) -> Spot:
        """Return an EVSE; None means the first.

        Raises:
            ImpossibleError: the station has no such EVSE.
        """
        for spot in self.spots:
            if evse in (None, spot.id):
                return spot
        raise ImpossibleError(f"no EVSE {evse}")

    def outlet(self, evse: int | None, connector: int | None) -> Outlet:
        """Return a connector; None means the first.

        Raises:
            ImpossibleError: the station has no such connector.
        """
        for outlet in self.spot(evse).outlets:
            if connector in (None, outlet.connector):
                return outlet
        raise ImpossibleError(f"no connector {connector} on EVSE {evse}")

    def flow(self, spot: Spot, power_w: float) -> None:
        """Let `power_w` flow at an EVSE; the main meter counts all of them."""
        spot.meter.run(power_w)
        self.main_meter.run(sum(each.meter.power_w for each in self.spots))


def _outlet(evse: int, connector: int, kind: str, *, detachable: bool, fixed: bool) -> Outlet:
    is_socket = detachable and (not fixed or kind.startswith("s"))
    return Outlet(evse, connector, kind, fixed_cable=not is_socket, at_station=not is_socket)
