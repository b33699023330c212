"""The station with its mains switch: what a person with a key can do to it.

Owns the task that runs the station. A factory reset and switching off are done here, outside
OCPP; the station itself knows neither.
"""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

from vdoc.station.config import StationConfig
from vdoc.station.provision import identity_of
from vdoc.station.station import Station
from vdoc.station.storage import FileStorage


class PoweredOffError(Exception):
    """Something was asked of a station that is switched off."""


class Machine:
    """One station and its power switch.

    Args:
        config: what the station is; `state_dir` outlives everything here.
    """

    def __init__(self, config: StationConfig) -> None:
        self.config = config
        self._storage = FileStorage(config.state_dir)
        self._station: Station | None = None
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._broke = asyncio.Event()

    @property
    def station(self) -> Station:
        """The station.

        Raises:
            PoweredOffError: it is switched off.
        """
        if self._station is None:
            raise PoweredOffError("the station is switched off")
        return self._station

    @property
    def is_on(self) -> bool:
        """Whether it is switched on."""
        return self._station is not None

    async def power_on(self) -> None:
        """Switch on; no effect when it is on."""
        if self._station is None:
            identity = identity_of(self.config.state_dir)
            if identity is not None:  # commissioned anew, perhaps with another one
                self.config = dataclasses.replace(self.config, identity=identity)
            self._station = Station(self.config, storage=self._storage)
            self._task = asyncio.create_task(self._station.run())
            self._task.add_done_callback(self._ended)

    async def power_off(self) -> None:
        """Switch off; no effect when it is off. Cars leave, cables are put away."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._station = self._task = None

    async def factory_reset(self) -> None:
        """Switch off, return to the provisioned state, switch on when it was on."""
        was_on = self.is_on
        await self.power_off()
        self._storage.factory_reset()
        if was_on:
            await self.power_on()

    @property
    def failure(self) -> BaseException | None:
        """What ended the station's software, if it broke."""
        return self._failure

    async def broken(self) -> BaseException:
        """Wait until the station's software breaks; return the error."""
        await self._broke.wait()
        if self._failure is None:
            raise RuntimeError("the station broke without an error")
        return self._failure

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error
            self._broke.set()

    def facts(self) -> dict[str, Any]:
        """What `/admin/state` tells: power, acceptance, identity, how it connects."""
        network = self._storage.get("network") or {}
        station = self._station
        return {
            "power": self.is_on,
            "accepted": station is not None and station.booted.is_set(),
            "identity": self.config.identity,
            "serial_number": self.config.serial_number,
            "defects": sorted(self.config.defects),
            "security_profile": network.get("security_profile"),
            "active_slot": network.get("active"),
        }
