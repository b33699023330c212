"""TxStartPoint and TxStopPoint in force: which facts start a transaction, which end it.

Owns what the two lists mean (Part 2, 2.6.6, errata 2.24), and the defect of each member: a station
that does not heed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vdoc.station.defects import declare

if TYPE_CHECKING:
    from vdoc.station.station import Station

_IGNORED_AS_START = {
    "ParkingBayOccupancy": declare(
        "ignores-parking-bay-start",
        "does not start a transaction when the EV enters its bay, whatever TxStartPoint says",
        "E01.FR.01",
        "TC_E_12_CS",
    ),
    "EVConnected": declare(
        "ignores-ev-connected-start",
        "does not start a transaction when the EV is connected, whatever TxStartPoint says",
        "E01.FR.02",
        "TC_E_09_CS",
    ),
    "Authorized": declare(
        "ignores-authorized-start",
        "does not start a transaction when the driver is authorized, whatever TxStartPoint says",
        "E01.FR.03",
        "TC_E_10_CS",
        "TC_E_13_CS",
    ),
    "DataSigned": declare(
        "ignores-data-signed-start",
        "does not start a transaction when signed data is there, whatever TxStartPoint says",
        "E01.FR.04",
        "TC_E_11_CS",
    ),
    "PowerPathClosed": declare(
        "ignores-power-path-start",
        "does not start a transaction when the power path is closed, whatever TxStartPoint says",
        "E01.FR.05",
        "TC_E_01_CS",
    ),
    "EnergyTransfer": declare(
        "ignores-energy-transfer-start",
        "does not start a transaction when energy flows, whatever TxStartPoint says",
        "E01.FR.06",
        "TC_E_02_CS",
    ),
}
_IGNORED_AS_STOP = {
    "ParkingBayOccupancy": declare(
        "ignores-parking-bay-stop",
        "does not end a transaction when the EV leaves its bay, whatever TxStopPoint says",
        "E06.FR.01",
        "TC_E_19_CS",
    ),
    "EVConnected": declare(
        "ignores-ev-connected-stop",
        "does not end a transaction when the EV is disconnected, whatever TxStopPoint says",
        "E06.FR.02",
        "TC_E_14_CS",
        "TC_E_20_CS",
        "TC_E_54_CS",
    ),
    "Authorized": declare(
        "ignores-authorized-stop",
        "does not end a transaction when its authorization ends, whatever TxStopPoint says",
        "E06.FR.03",
        "TC_E_15_CS",
        "TC_E_17_CS",
        "TC_E_21_CS",
    ),
    "PowerPathClosed": declare(
        "ignores-power-path-stop",
        "does not end a transaction when the power path opens, whatever TxStopPoint says",
        "E06.FR.06",
        "TC_E_07_CS",
        "TC_E_35_CS",
        "TC_E_37_CS",
    ),
    "EnergyTransfer": declare(
        "ignores-energy-transfer-stop",
        "does not end a transaction when energy ceases to flow, whatever TxStopPoint says",
        "E06.FR.07",
        "TC_E_08_CS",
        "TC_E_22_CS",
    ),
}


def start_points(station: Station) -> frozenset[str]:
    """The facts any of which starts a transaction when it comes true (E01)."""
    named = frozenset(station.software.model.members("TxCtrlr", "TxStartPoint"))
    return _heeded(station, named, _IGNORED_AS_START)


def stop_points(station: Station) -> frozenset[str]:
    """The facts any of which ends a transaction when it ceases (E06); the power path is two."""
    named = frozenset(station.software.model.members("TxCtrlr", "TxStopPoint")) - {"DataSigned"}
    heeded = _heeded(station, named, _IGNORED_AS_STOP)
    path = "PowerPathClosed" in heeded
    return heeded | {"EVConnected", "Authorized"} if path else heeded


def _heeded(station: Station, named: frozenset[str], ignored: dict[str, str]) -> frozenset[str]:
    return frozenset(
        name for name in named if name not in ignored or not station.has(ignored[name])
    )
