"""The physical world: outlets and meters."""

from typing import Any

import pytest

from vdoc.station.site import ImpossibleError, Meter, Outlet


class TestOutlet:
    def test_socket_is_taken_by_the_cable(self) -> None:
        outlet = Outlet(1, 1, "sType2", fixed_cable=False, at_station=True)
        assert outlet.occupied
        assert not outlet.connected

    def test_fixed_cable_is_taken_by_the_car(self) -> None:
        outlet = Outlet(1, 1, "cCCS2", fixed_cable=True, at_station=True)
        assert not outlet.occupied

    def test_both_ends_connect(self) -> None:
        outlet = Outlet(1, 1, "cCCS2", fixed_cable=True, at_station=True, at_ev=True)
        assert outlet.occupied
        assert outlet.connected


class TestMeter:
    def test_counts_what_flows(self) -> None:
        meter = Meter()
        before = meter.read_wh()
        meter.run(3_600_000.0)
        assert meter.read_wh() >= before
        meter.run(0.0)
        assert meter.read_wh() == meter.read_wh() > before


class TestSite:
    async def test_unknown_places(self, desk: Any) -> None:
        site = (await desk()).station.site
        with pytest.raises(ImpossibleError):
            site.spot(99)
        with pytest.raises(ImpossibleError):
            site.outlet(1, 99)

    async def test_main_meter_counts_all_evses(self, desk: Any) -> None:
        site = (await desk()).station.site
        site.flow(site.spots[0], 11_000.0)
        assert site.main_meter.power_w == 11_000.0
