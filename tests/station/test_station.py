"""The life of a station: defects, power, and errors in its software."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from vdoc.station.config import StationConfig
from vdoc.station.station import Station


class TestDefects:
    def test_undeclared_defects_are_refused(self, product: Any, tmp_path: Path) -> None:
        pics = product("ac-wallbox-detachable")
        config = StationConfig(pics, "CS", "ws://x", tmp_path, defects=frozenset({"no-such"}))
        with pytest.raises(ValueError, match="no-such"):
            Station(config)

    async def test_has_knows_its_names(self, desk: Any) -> None:
        with pytest.raises(ValueError, match="no-such"):
            (await desk()).station.has("no-such")


class TestLife:
    async def test_an_error_in_a_task_ends_the_run(self, desk: Any) -> None:
        csms = await desk()
        station = Station(csms.station.config, link=lambda _: csms)
        run = asyncio.create_task(station.run())
        await asyncio.sleep(0.02)

        async def broken() -> None:
            raise ZeroDivisionError

        station.spawn(broken())
        with pytest.raises(ZeroDivisionError):
            await run

    async def test_close_while_it_boots(self, desk: Any) -> None:
        csms = await desk(boot_s=0.05)
        await csms.station.power_cycle()
        await csms.station.close()
