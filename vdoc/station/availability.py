"""Availability of station, EVSEs and connectors, and how connector status is reported.

Owns G01, B04 and B01.FR.05. The status of a connector follows from what the CSMS set (that is
`operational`'s business), from its cable, from faults and from a pending reset.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from vdoc.ocpp.values import render_datetime
from vdoc.station.defects import declare
from vdoc.station.model import Component
from vdoc.station.operational import Operational
from vdoc.station.seams import Payload

if TYPE_CHECKING:
    from vdoc.station.site import Outlet, Spot
    from vdoc.station.station import Station

BOOT_OMITS_CONNECTOR = declare(
    "boot-omits-connector",
    "after a boot the last connector is not reported",
    "B01.FR.05",
    "TC_B_01_CS",
    "TC_B_02_CS",
    *("TC_B_03_CS", "TC_B_20_CS", "TC_B_21_CS", "TC_B_22_CS", "TC_B_23_CS", "TC_B_41_CS"),
    *("TC_G_18_CS", "TC_G_19_CS", "TC_G_21_CS"),
)
BOOT_WRONG_STATUS = declare(
    "boot-reports-unavailable",
    "after a boot every connector is reported Unavailable",
    "B01.FR.05",
    "TC_B_01_CS",
    "TC_B_02_CS",
    *("TC_B_03_CS", "TC_B_20_CS", "TC_B_21_CS", "TC_B_22_CS", "TC_B_41_CS"),
)
OFFLINE_FORGOTTEN = declare(
    "offline-status-forgotten",
    "reports no connector when it is online again",
    "B04.FR.02",
    "TC_B_51_CS",
    "TC_B_52_CS",
    "TC_C_26_CS",
)
OFFLINE_CHANGES_ONLY = declare(
    "offline-long-changes-only",
    "after long being offline it reports only the connectors that changed",
    "B04.FR.01",
    "TC_B_51_CS",
)
OFFLINE_EVERYTHING = declare(
    "offline-short-reports-all",
    "reports every connector when it is online again, however short it was offline",
    "B04.FR.02",
    "TC_B_52_CS",
)
OFFLINE_FORMER = declare(
    "offline-former-status",
    "when it is online again a connector is reported as it was before",
    "B04.FR.02",
    "TC_B_51_CS",
    "TC_B_52_CS",
    "TC_C_26_CS",
)
CONNECTOR_ZERO = declare(
    "status-connector-zero",
    "status is reported for connector 0 of each EVSE",
    "B01.FR.05",
    "TC_B_01_CS",
    "TC_G_01_CS",
)
NOT_OCCUPIED = declare(
    "plug-in-not-reported",
    "no status report when a cable is plugged in",
    "G01.FR.03",
    "TC_G_01_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
    "TC_E_09_CS",
)
WRONG_OCCUPIED = declare(
    "plug-in-reports-reserved",
    "a plugged-in connector is reported Reserved",
    "G01.FR.03",
    "TC_G_01_CS",
    "TC_E_09_CS",
)
NOT_VACATED = declare(
    "plug-out-not-reported",
    "no status report when a cable is taken out",
    "G01.FR.04",
    "TC_G_02_CS",
)
WRONG_VACATED = declare(
    "plug-out-reports-unavailable",
    "a connector is reported Unavailable when its cable is taken out",
    "G01.FR.04",
    "TC_G_02_CS",
)
FALSELY_VACATED = declare(
    "plug-out-revives-inoperative",
    "an inoperative connector is reported Available when its cable is taken out",
    "G01.FR.05",
    *("TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
WRONG_EVENT_TRIGGER = declare(
    "status-event-periodic",
    "connector status comes by NotifyEvent only, with trigger Periodic",
    "N07.FR.19",
    *("TC_G_01_CS", "TC_G_03_CS", "TC_G_05_CS", "TC_G_07_CS"),
)
AVAILABLE_ALERTING = declare(
    "available-event-alerting",
    "connector status comes by NotifyEvent only, that of Available with trigger Alerting",
    "N07.FR.19",
    *("TC_L_13_CS", "TC_L_15_CS"),
)
CHANGE_UNREPORTED = declare(
    "inoperative-unreported",
    "accepts ChangeAvailability(Inoperative) and reports no connector",
    "G03.FR.04",
    *("TC_G_03_CS", "TC_G_05_CS", "TC_G_07_CS"),
)
OPERATIVE_UNREPORTED = declare(
    "operative-unreported",
    "accepts ChangeAvailability(Operative) and reports no connector",
    "G03.FR.04",
    *("TC_G_04_CS", "TC_G_06_CS", "TC_G_08_CS"),
)
CHANGE_WRONG_STATUS = declare(
    "inoperative-reports-faulted",
    "an inoperative connector is reported Faulted",
    "G03.FR.04",
    *("TC_G_03_CS", "TC_G_05_CS", "TC_G_07_CS", "TC_G_11_CS", "TC_G_14_CS", "TC_G_17_CS"),
)
OPERATIVE_WRONG_STATUS = declare(
    "operative-reports-occupied",
    "a connector that becomes operative is reported Occupied",
    "G03.FR.07",
    *("TC_G_04_CS", "TC_G_06_CS", "TC_G_08_CS"),
)


class Availability:
    """Availability of everything in one station."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._operational = Operational(station, self._changed)
        self._reported: dict[tuple[int, int], str] = {}
        self._offline_since: float | None = None
        self._event_id = 0
        self.resetting: set[int] = set()
        self.restarting: set[int] = set()
        station.on_boot_accepted(self._booted)
        station.on_connected(self._connected)
        station.on_disconnected(self._disconnected)
        self._bind()

    def _bind(self) -> None:
        model = self._station.software.model
        model.bind("ChargingStation", "AvailabilityState", self.station_state)
        for spot in self._station.site.spots:
            read = partial(self.evse_state, spot)
            model.bind("EVSE", "AvailabilityState", read, evse=spot.id)
            for outlet in spot.outlets:
                read = partial(self.state, outlet)
                place = {"evse": spot.id, "connector": outlet.connector}
                model.bind("Connector", "AvailabilityState", read, **place)

    # ---- states ------------------------------------------------------------------------------

    def state(self, outlet: Outlet) -> str:
        """The ConnectorStatusEnumType of a connector."""
        spot = self._station.site.spot(outlet.evse)
        if spot.faulted:
            return "Faulted"
        if not self.operative(outlet):
            return "Unavailable"
        if outlet.occupied:
            return "Occupied"
        shown = self.restarting if self._station.style.evse_reset_status else set[int]()
        if spot.id in self.resetting | shown or self._abandoned(outlet):
            return "Unavailable"
        return "Available"

    def _abandoned(self, outlet: Outlet) -> bool:
        """The EV has left a connector that was to become Unavailable after it (G01.FR.05)."""
        logic = next(each for each in self._station.software.evses if each.spot.id == outlet.evse)
        return logic.ev_left and self._operational.leaving(outlet)

    def operative(self, outlet: Outlet) -> bool:
        """Whether station, EVSE and connector are all operative."""
        return self._operational.operative(outlet)

    def usable(self, spot: Spot) -> bool:
        """Whether a new session may begin at an EVSE."""
        if spot.faulted or spot.id in self.resetting | self.restarting:
            return False
        return any(self.operative(outlet) for outlet in spot.outlets)

    def evse_state(self, spot: Spot) -> str:
        """AvailabilityState of an EVSE: of its connector in use, else of any."""
        states = [self.state(outlet) for outlet in spot.outlets]
        for state in ("Faulted", "Occupied", "Available"):
            if state in states:
                return state
        return states[0]

    def station_state(self) -> str:
        """AvailabilityState of the station: Available as long as one EVSE is."""
        states = [self.evse_state(spot) for spot in self._station.site.spots]
        for state in ("Available", "Occupied", "Faulted"):
            if state in states:
                return state
        return states[0]

    # ---- reports -----------------------------------------------------------------------------

    def _outlets(self) -> Iterator[Outlet]:
        for spot in self._station.site.spots:
            yield from spot.outlets

    def refresh(self) -> None:
        """Report every connector whose status is not what was reported last."""
        self._operational.catch_up()
        if not self._station.online:
            return
        for outlet in self._outlets():
            if self._news(outlet):
                self._report(outlet)

    def _news(self, outlet: Outlet) -> bool:
        return self._reported.get(_place(outlet)) != self.state(outlet)

    def report_all(self) -> None:
        """Report every connector (B01.FR.05, B04.FR.01)."""
        for outlet in self._outlets():
            self._report(outlet)

    def messages(self, outlet: Outlet) -> list[tuple[str, Payload]]:
        """The messages that report one connector as it is now (TriggerMessage)."""
        return self._messages(outlet, self._claimed(self.state(outlet)))

    def _report(self, outlet: Outlet, *, renewed: bool = False) -> None:
        """Report one connector; `renewed`: it has just become operative."""
        state = self.state(outlet)
        before = self._reported.get(_place(outlet))
        self._reported[_place(outlet)] = state
        if state == "Occupied" and self._station.has(NOT_OCCUPIED):
            return
        left = (before, state) == ("Occupied", "Available")
        if left and self._station.has(NOT_VACATED):
            return
        wrong = left and self._station.has(WRONG_VACATED)
        wrong = wrong or (renewed and self._station.has(OPERATIVE_WRONG_STATUS))
        claimed = ("Unavailable" if left else "Occupied") if wrong else self._claimed(state)
        for action, payload in self._messages(outlet, claimed):
            self._station.send(action, payload, queue=False)
        if self._station.style.evse_status:
            spot = self._station.site.spot(outlet.evse)
            self._notify(Component("EVSE", outlet.evse), self.evse_state(spot))
            self._notify(Component("ChargingStation"), self.station_state())

    def _claimed(self, state: str) -> str:
        if state == "Occupied" and self._station.has(WRONG_OCCUPIED):
            return "Reserved"
        if state == "Unavailable" and self._station.has(CHANGE_WRONG_STATUS):
            return "Faulted"
        return state

    def status_messages(self) -> list[tuple[str, Payload]]:
        """The messages that report all connectors now."""
        return [
            message for outlet in self._outlets() for message in self._messages(outlet, "Available")
        ]

    def _messages(self, outlet: Outlet, state: str) -> list[tuple[str, Payload]]:
        way = self._station.style.connector_status
        connector = 0 if self._station.has(CONNECTOR_ZERO) else outlet.connector
        only_event = any(map(self._station.has, (WRONG_EVENT_TRIGGER, AVAILABLE_ALERTING)))
        messages: list[tuple[str, Payload]] = []
        if way != "NotifyEvent" and not only_event:
            payload = {
                "timestamp": render_datetime(self._station.now()),
                "connectorStatus": state,
                "evseId": outlet.evse,
                "connectorId": connector,
            }
            messages.append(("StatusNotification", payload))
        if way != "StatusNotification" or only_event:
            component = Component("Connector", outlet.evse, connector)
            messages.append(("NotifyEvent", self.event(component, "AvailabilityState", state)))
        return messages

    def event(self, component: Component, variable: str, value: str) -> Payload:
        """A NotifyEventRequest about one variable that changed (N07.FR.19)."""
        self._event_id += 1
        now = render_datetime(self._station.now())
        data = {
            "eventId": self._event_id,
            "timestamp": now,
            "trigger": self._trigger(value),
            "actualValue": value,
            "eventNotificationType": "HardWiredNotification",
            "component": component.as_json(),
            "variable": {"name": variable},
        }
        return {"generatedAt": now, "seqNo": 0, "eventData": [data]}

    def _trigger(self, value: str) -> str:
        if self._station.has(WRONG_EVENT_TRIGGER):
            return "Periodic"
        alerting = value == "Available" and self._station.has(AVAILABLE_ALERTING)
        return "Alerting" if alerting else "Delta"

    def _notify(self, component: Component, state: str) -> None:
        event = self.event(component, "AvailabilityState", state)
        self._station.send("NotifyEvent", event, queue=False)

    # ---- connection --------------------------------------------------------------------------

    async def _booted(self) -> None:
        self._offline_since = None
        self._operational.catch_up()  # a boot ends every transaction
        outlets = list(self._outlets())
        if self._station.has(BOOT_OMITS_CONNECTOR):
            outlets = outlets[:-1]
        for outlet in outlets:
            if self._station.has(BOOT_WRONG_STATUS):
                self._reported[_place(outlet)] = self.state(outlet)
                for action, payload in self._messages(outlet, "Unavailable"):
                    self._station.send(action, payload, queue=False)
            else:
                self._report(outlet)

    async def _disconnected(self) -> None:
        if self._offline_since is None:
            self._offline_since = asyncio.get_running_loop().time()

    async def _connected(self) -> None:
        since, self._offline_since = self._offline_since, None
        if since is None:
            return
        offline_s = asyncio.get_running_loop().time() - since
        limit_s = self._station.software.model.integer("OCPPCommCtrlr", "OfflineThreshold")
        if self._station.has(OFFLINE_FORGOTTEN):
            self._reported = {_place(outlet): self.state(outlet) for outlet in self._outlets()}
        elif self._station.has(OFFLINE_FORMER):
            self._report_former()
        elif self._reports_all(long=offline_s > limit_s):
            self.report_all()  # B04.FR.01
        else:
            self.refresh()  # B04.FR.02

    def _reports_all(self, *, long: bool) -> bool:
        forgotten = OFFLINE_CHANGES_ONLY if long else OFFLINE_EVERYTHING
        return long is not self._station.has(forgotten)

    def _report_former(self) -> None:
        for outlet in self._outlets():
            former = self._reported.get(_place(outlet), "Available")
            for action, payload in self._messages(outlet, former):
                self._station.send(action, payload, queue=False)
            self._reported[_place(outlet)] = self.state(outlet)

    # ---- ChangeAvailability ------------------------------------------------------------------

    def _changed(self, outlets: Sequence[Outlet], status: str) -> None:
        """A request was carried out: report what changed (G03.FR.04, G04.FR.05)."""
        silent = CHANGE_UNREPORTED if status == "Inoperative" else OPERATIVE_UNREPORTED
        if self._station.has(silent):
            self._reported = {_place(outlet): self.state(outlet) for outlet in self._outlets()}
            return
        for outlet in outlets:
            if self._station.style.repeated_status or self._news(outlet):
                self._report(outlet, renewed=status == "Operative")
        self.refresh()

    def vacated(self) -> None:
        """The EV has left: report what changes with that."""
        self.refresh()
        if self._station.has(FALSELY_VACATED) and self._station.online:
            for outlet in self._outlets():
                for action, payload in self._messages(outlet, "Available"):
                    self._station.send(action, payload, queue=False)

    def transaction_ended(self) -> None:
        """Report what waited for the end of a transaction."""
        self.refresh()


def _place(outlet: Outlet) -> tuple[int, int]:
    return outlet.evse, outlet.connector
