"""What the CSMS has made operative or inoperative: the station, EVSEs and connectors (G03, G04).

Owns ChangeAvailability. Station, EVSEs and connectors have states of their own (G03, note 1), which
survive reboots (document "availability"). What may not change while a transaction runs is kept for
its end (G03.FR.05, G04.FR.06). It does not know how the status of a connector is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.seams import Payload, Reply

if TYPE_CHECKING:
    from vdoc.station.site import Outlet
    from vdoc.station.station import Station

CHANGE_REJECTED = declare(
    "inoperative-rejected",
    "rejects every ChangeAvailabilityRequest",
    "G03.FR.02",
    *("TC_G_03_CS", "TC_G_05_CS", "TC_G_07_CS", "TC_G_09_CS", "TC_G_12_CS", "TC_G_15_CS"),
    *("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
CHANGE_SCHEDULED = declare(
    "inoperative-scheduled",
    "answers Scheduled although no transaction runs",
    "G03.FR.02",
    *("TC_G_03_CS", "TC_G_05_CS", "TC_G_07_CS", "TC_G_09_CS", "TC_G_12_CS", "TC_G_15_CS"),
)
REPEAT_REJECTED = declare(
    "repeated-availability-rejected",
    "rejects a change of availability to the state that is set already",
    "G03.FR.03",
    *("TC_G_09_CS", "TC_G_10_CS", "TC_G_12_CS", "TC_G_13_CS", "TC_G_15_CS", "TC_G_16_CS"),
    "TC_G_18_CS",
)
REPEAT_REVIVES = declare(
    "repeated-inoperative-revives",
    "becomes operative when it is asked to be inoperative once more",
    "G03.FR.03",
    *("TC_G_10_CS", "TC_G_13_CS", "TC_G_16_CS", "TC_G_18_CS"),
)
BUSY_ACCEPTED = declare(
    "busy-inoperative-accepted",
    "answers Accepted to ChangeAvailability(Inoperative) although a transaction runs",
    "G03.FR.05",
    *("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
BUSY_AT_ONCE = declare(
    "busy-inoperative-at-once",
    "answers Scheduled, but becomes Unavailable while the transaction runs",
    "G03.FR.05",
    *("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
FORGOTTEN = declare(
    "scheduled-inoperative-forgotten",
    "never becomes Unavailable after the transaction for which it answered Scheduled",
    "G03.FR.05",
    *("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
OTHERS_STAY = declare(
    "scheduled-inoperative-others-stay",
    "EVSEs without a transaction stay Available until the one of another EVSE ends",
    "G04.FR.07",
    "TC_G_14_CS",
)
LOST_AT_BOOT = declare(
    "availability-lost-at-boot",
    "after a boot everything is operative, whatever ChangeAvailability had set",
    "G03.FR.08",
    *("TC_G_18_CS", "TC_G_19_CS", "TC_G_21_CS", "TC_B_23_CS"),
)

_OPERATIVE, _INOPERATIVE = "Operative", "Inoperative"
_Scope = tuple[int | None, int | None]
_STATION: _Scope = (None, None)

Told = Callable[[Sequence["Outlet"], str], None]
"""Tells of outlets whose station, EVSE or connector was set to an operational status."""


class Operational:
    """Operational status of everything in one station.

    Args:
        station: the station.
        told: called when a request has been carried out.
    """

    def __init__(self, station: Station, told: Told) -> None:
        self._station = station
        self._told = told
        saved: dict[str, Any] = station.storage.get("availability") or {}
        if station.has(LOST_AT_BOOT):
            saved = {}
        self._set: dict[str, str] = saved.get("set", {})
        self._scheduled: dict[str, str] = saved.get("scheduled", {})
        station.handle("ChangeAvailability", self._change)

    # ---- what is in force --------------------------------------------------------------------

    def operative(self, outlet: Outlet) -> bool:
        """Whether station, EVSE and connector are all operative."""
        if self._station_waits and not self._waits(outlet):
            return False  # G04: an EVSE without a transaction does not wait for the others
        return all(self._set.get(_name(s), _OPERATIVE) == _OPERATIVE for s in _scopes(outlet))

    def leaving(self, outlet: Outlet) -> bool:
        """Whether a connector will be inoperative once the transaction at its EVSE has ended."""
        return any(self._scheduled.get(_name(s)) == _INOPERATIVE for s in _scopes(outlet))

    @property
    def _station_waits(self) -> bool:
        """The station is to become inoperative when the last transaction has ended."""
        return self._scheduled.get(_name(_STATION)) == _INOPERATIVE and self._in_use(_STATION)

    def _waits(self, outlet: Outlet) -> bool:
        return self._station.has(OTHERS_STAY) or self._in_use((outlet.evse, None))

    def _in_use(self, scope: _Scope) -> bool:
        return any(
            evse.transaction is not None and scope[0] in (None, evse.spot.id)
            for evse in self._station.software.evses
        )

    # ---- ChangeAvailability ------------------------------------------------------------------

    async def _change(self, payload: Payload) -> Reply:
        evse = payload.get("evse") or {}
        scope = (evse.get("id") or None, evse.get("connectorId"))
        status: str = payload["operationalStatus"]
        outlets = tuple(self._outlets(scope))
        already = self._set.get(_name(scope), _OPERATIVE) == status
        has = self._station.has
        if not outlets or has(CHANGE_REJECTED) or (already and has(REPEAT_REJECTED)):
            return Reply({"status": "Rejected"})
        if already and status == _INOPERATIVE and has(REPEAT_REVIVES):
            return Reply({"status": "Accepted"}, self._apply(scope, _OPERATIVE))
        if already or not self._in_use(scope):
            answer = "Scheduled" if has(CHANGE_SCHEDULED) else "Accepted"
            return Reply({"status": answer}, self._apply(scope, status))
        answer = "Accepted" if has(BUSY_ACCEPTED) else "Scheduled"
        if has(BUSY_AT_ONCE):
            return Reply({"status": answer}, self._apply(scope, status))
        return Reply({"status": answer}, self._schedule(scope, status))

    def _outlets(self, scope: _Scope) -> Iterator[Outlet]:
        evse, connector = scope
        for spot in self._station.site.spots:
            for outlet in spot.outlets:
                if evse in (None, outlet.evse) and connector in (None, outlet.connector):
                    yield outlet

    async def _apply(self, scope: _Scope, status: str) -> None:
        self._set[_name(scope)] = status
        self._scheduled.pop(_name(scope), None)
        self._save()
        self._told(tuple(self._outlets(scope)), status)

    async def _schedule(self, scope: _Scope, status: str) -> None:
        self._scheduled[_name(scope)] = status
        self._save()
        self._told((), status)

    def catch_up(self) -> None:
        """Do what waited for the end of a transaction that has ended (G03.FR.05, G04.FR.06)."""
        due = [name for name in self._scheduled if not self._in_use(_scope(name))]
        if not due or self._station.has(FORGOTTEN):
            return
        for name in due:
            self._set[name] = self._scheduled.pop(name)
        self._save()

    def _save(self) -> None:
        self._station.storage.put("availability", {"set": self._set, "scheduled": self._scheduled})


def _scopes(outlet: Outlet) -> tuple[_Scope, ...]:
    return (_STATION, (outlet.evse, None), (outlet.evse, outlet.connector))


def _name(scope: _Scope) -> str:
    return ":".join(str(part or 0) for part in scope)


def _scope(name: str) -> _Scope:
    evse, connector = (int(part) or None for part in name.split(":"))
    return evse, connector
