"""TxStartPoint and TxStopPoint in force, and stations that do not heed a member."""

from typing import Any

import pytest

from vdoc.station.defects import all_defects
from vdoc.station.transaction_points import start_points, stop_points

START = {
    "ignores-parking-bay-start": "ParkingBayOccupancy",
    "ignores-ev-connected-start": "EVConnected",
    "ignores-authorized-start": "Authorized",
    "ignores-data-signed-start": "DataSigned",
    "ignores-power-path-start": "PowerPathClosed",
    "ignores-energy-transfer-start": "EnergyTransfer",
}


class Model:
    def __init__(self, *members: str) -> None:
        self._members = members

    def members(self, _component: str, _variable: str) -> tuple[str, ...]:
        return self._members


class Software:
    def __init__(self, *members: str) -> None:
        self.model = Model(*members)


class FakeStation:
    def __init__(self, *members: str, defect: str = "") -> None:
        self.software = Software(*members)
        self._defect = defect

    def has(self, defect: str) -> bool:
        return defect == self._defect


def station(*members: str, defect: str = "") -> Any:
    return FakeStation(*members, defect=defect)


class TestStartPoints:
    def test_as_they_are_set(self) -> None:
        assert start_points(station("EVConnected", "DataSigned")) == {"EVConnected", "DataSigned"}

    @pytest.mark.parametrize(("defect", "member"), START.items())
    def test_a_member_is_not_heeded(self, defect: str, member: str) -> None:
        assert not start_points(station(member, defect=defect))
        assert start_points(station(member)) == {member}


class TestStopPoints:
    def test_the_power_path_is_cable_and_authorization(self) -> None:
        found = stop_points(station("PowerPathClosed"))
        assert found == {"PowerPathClosed", "EVConnected", "Authorized"}

    def test_signed_data_ends_nothing(self) -> None:
        assert not stop_points(station("DataSigned"))

    @pytest.mark.parametrize(
        "defect", [each for each in START if each != "ignores-data-signed-start"]
    )
    def test_a_member_is_not_heeded(self, defect: str) -> None:
        name = defect.replace("-start", "-stop")
        assert any(each.name == name for each in all_defects())
        assert not stop_points(station(START[defect], defect=name))
