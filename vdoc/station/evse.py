"""One EVSE: what its cable, its car, its authorization and its parking bay make of each other.

Owns when energy flows (C01.FR.01) and when a transaction starts and ends: TxStartPoint and
TxStopPoint name facts (`points`); a transaction starts when such a fact comes true and ends when
one ceases to be (Part 2, 2.6.6). Each fact that changes is told once, by one TransactionEvent
(E02.FR.17). Everything here is synchronous, so that one event is complete before the next; what
takes time is a task that looks again when its time has come.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vdoc.station.evse_defects import (
    CHARGING_STATE_WRONG,
    CHARGING_UNREPORTED,
    EV_SIDE_DEAUTHORIZES,
    EV_SIDE_KEEPS,
    RECONNECTED_TRIGGER,
    REMOTE_TRIGGER,
    STOP_UPDATES,
    SUSPENSION_UNREPORTED,
    TIMEOUT_EARLY,
    TIMEOUT_HOLDS_EVSE,
    TIMEOUT_IGNORED,
    TIMEOUT_UPDATES,
)
from vdoc.station.model import Component
from vdoc.station.reasons import told_reason, told_trigger
from vdoc.station.refusals import (
    Refusal,
    allowed_wh,
    refusal,
    withheld_state,
    withheld_trigger,
)
from vdoc.station.tokens import Authorization, Token
from vdoc.station.transaction_points import start_points, stop_points
from vdoc.station.transactions import Event, Transaction

if TYPE_CHECKING:
    from vdoc.station.site import Outlet, Spot
    from vdoc.station.station import Station

_POWER_POINTS = frozenset({"Authorized", "PowerPathClosed"})
_INVALID_STOP_POINTS = _POWER_POINTS | {"EnergyTransfer"}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something changed.

    Attributes:
        trigger: the triggerReason that tells it.
        stopped_reason: the stoppedReason should it end the transaction.
        starts: it may start a transaction by any start point that holds, new or not.
        ends: it ends the transaction whatever TxStopPoint says.
        token: a token to report with it.
        state: the chargingState to report instead of the present one.
    """

    trigger: str
    stopped_reason: str | None = None
    starts: bool = False
    ends: bool = False
    token: Token | None = None
    state: str | None = None


class Evse:
    """The software of one EVSE during one boot."""

    def __init__(self, station: Station, spot: Spot) -> None:
        self._station = station
        self.spot = spot
        self.transaction: Transaction | None = None
        self.authorization: Authorization | None = None
        self.key_holder: Authorization | None = None
        self.ev_left = False  # the EV has left during the running transaction
        self._offering = False
        self._suspended = False
        self._signed = False
        self._energy_limit_wh: float | None = None
        self._stop_reason: str | None = None
        self._was_connected = self.connected
        self._starting: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._points = self.points()
        station.site.flow(spot, 0.0)

    # ---- facts -------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """The EV is connected."""
        return self.spot.plugged is not None

    @property
    def charging(self) -> bool:
        """Energy flows."""
        return self._offering and self.connected and self.spot.ev_takes

    @property
    def charging_state(self) -> str:
        """ChargingStateEnumType."""
        if not self.connected:
            return "Idle"
        if self._offering:
            flowing = self.spot.ev_takes and not self._station.has(CHARGING_STATE_WRONG)
            return "Charging" if flowing else "SuspendedEV"
        return withheld_state(self._station) if self._suspended else "EVConnected"

    def points(self) -> frozenset[str]:
        """The TxStartStopPoint facts that hold."""
        facts = {
            "ParkingBayOccupancy": self.spot.bay_occupied,
            "EVConnected": self.connected,
            "Authorized": self.authorization is not None,
            "DataSigned": self._signed,
            "PowerPathClosed": self.connected and self.authorization is not None,
            "EnergyTransfer": self.charging,
        }
        return frozenset(name for name, holds in facts.items() if holds)

    @property
    def _start_points(self) -> frozenset[str]:
        return start_points(self._station)

    @property
    def _stop_points(self) -> frozenset[str]:
        return stop_points(self._station)

    # ---- the one place where facts become events ----------------------------------------------

    def happened(self, cause: Cause) -> None:
        """Facts changed for `cause`: start, update or end the transaction accordingly."""
        before, self._points = self._points, self.points()
        kind = "Updated"
        if self.transaction is None:
            candidates = self._points if cause.starts else self._points - before
            if not candidates & self._start_points:
                self._after()
                return
            remote = self.authorization.remote_start_id if self.authorization else None
            self.transaction = self._station.software.transactions.begin(self.spot.id, remote)
            self.key_holder = self.authorization
            kind = "Started"
        elif cause.ends or (before - self._points) & self._stop_points:
            kind = "Ended"
            if self._goes_on(cause):
                kind = "Updated"
        self._tell(kind, cause)
        self._after()

    def _goes_on(self, cause: Cause) -> bool:
        stops = cause.trigger in {"StopAuthorized", "RemoteStop"}
        late = cause.trigger == "EVConnectTimeout"
        has = self._station.has
        return (stops and has(STOP_UPDATES)) or (late and has(TIMEOUT_UPDATES))

    def _tell(self, kind: str, cause: Cause) -> None:
        transaction = self.transaction
        if transaction is None:
            return
        trigger = self._trigger(transaction, cause)
        token = None if cause.token is None else cause.token.as_json()
        if token is None and self.authorization is not None and not transaction.token_reported:
            token = self.authorization.token.as_json()
            transaction.token_reported = True
        plugged = self.spot.plugged
        phases = self._station.pics.max_phases if self._station.style.phases_used else None
        event = Event(
            kind,
            trigger,
            cause.state or self.charging_state,
            connector=None if plugged is None else plugged.connector,
            token=token,
            stopped_reason=self._stopped_reason(cause) if kind == "Ended" else None,
            meter_values=self._station.software.metering.for_event(self, kind),
            phases=phases if self.charging else None,
        )
        if kind == "Ended":
            self.transaction = None
        self._station.software.transactions.send(transaction, event)
        if kind == "Ended":
            self._ended()

    def _trigger(self, transaction: Transaction, cause: Cause) -> str:
        if transaction.remote_start_id is not None and not transaction.remote_reported:
            wrong = self._station.has(REMOTE_TRIGGER)
            return "Authorized" if wrong else "RemoteStart"  # F02.FR.21
        return told_trigger(self._station, cause.trigger)

    def _stopped_reason(self, cause: Cause) -> str | None:
        reason = self._stop_reason or cause.stopped_reason or "Other"
        return told_reason(self._station, reason)

    def _ended(self) -> None:
        """The transaction ended, and the authorization with it (errata 2.17)."""
        keeps_lock = self._stop_reason == "DeAuthorized"  # E05.FR.11
        self.authorization = None
        self._points = self.points()
        self._stop_reason = None
        self._suspended = False
        self.ev_left = False
        self._energy_limit_wh = None
        self._open_relay()
        self._points = self.points()
        if not keeps_lock:
            self._unlock()
        self._station.spawn(self._station.transaction_ended(self.spot.id))

    def _after(self) -> None:
        """What follows from the facts: offer energy, or stop offering it."""
        if self._may_offer and not self._offering and self._starting is None:
            self._starting = self._station.spawn(self._start_offering())
        if not self._may_offer and self._starting is not None:
            self._starting.cancel()
            self._starting = None

    @property
    def _may_offer(self) -> bool:
        return (
            self.authorization is not None
            and self.connected
            and not self._suspended
            and not self.spot.faulted
        )

    # ---- energy ------------------------------------------------------------------------------

    async def _start_offering(self) -> None:
        outlet = self.spot.plugged
        if outlet is None or not await self._lock(outlet):
            self._starting = None
            return
        await asyncio.sleep(self._station.timings.charging_start_s)
        if self._station.software.metering.signs:
            self._signed = True
            if self.transaction is None and "DataSigned" in self._start_points:
                self.happened(Cause("SignedDataReceived"))
        self._starting = None
        self._offering = self._may_offer
        self._update_flow()
        if not self._station.has(CHARGING_UNREPORTED):
            self.happened(Cause("ChargingStateChanged"))
        else:
            self._points = self.points()
        if self._energy_limit_wh is not None:
            self._station.spawn(self._watch_energy())

    async def _lock(self, outlet: Outlet) -> bool:
        """Lock the plug; a failure is reported and forbids charging (G05)."""
        if outlet.fixed_cable or outlet.locked:
            return True
        await asyncio.sleep(self._station.timings.lock_s)
        outlet.locked = not outlet.halfway
        if not outlet.locked:
            component = Component("ConnectorPlugRetentionLock", outlet.evse, outlet.connector)
            event = self._station.software.availability.event(component, "Problem", "true")
            self._station.send("NotifyEvent", event, queue=False)
        return outlet.locked

    def _unlock(self) -> None:
        for outlet in self.spot.outlets:
            if not outlet.unlock_fails:
                outlet.locked = False

    def _update_flow(self) -> None:
        power_w = self._station.config.power_w if self.charging else 0.0
        self._station.site.flow(self.spot, power_w)

    def _open_relay(self) -> None:
        self._offering = False
        self._signed = False
        self._update_flow()
        self._after()

    async def _stop_offering(self, cause: Cause) -> None:
        await asyncio.sleep(self._station.timings.charging_stop_s)
        if self._offering and self.authorization is None:
            self._open_relay()
            self.happened(cause)

    # ---- authorization -----------------------------------------------------------------------

    def authorize(self, authorization: Authorization) -> None:
        """A token was authorized for this EVSE."""
        self.authorization = self.key_holder = authorization
        self._stop_reason = None
        self._suspended = False
        if self.transaction is not None:
            self.transaction.token_reported = False
            if authorization.remote:
                self.transaction.remote_start_id = authorization.remote_start_id
                self.transaction.remote_reported = False
        if not self.connected:
            self._wait_for_cable()
        trigger = "RemoteStart" if authorization.remote else "Authorized"
        self.happened(Cause(trigger, starts=True))

    def stop(self, cause: Cause) -> None:
        """The authorization ends (E07, F03): stop offering energy; the transaction may end."""
        self._stop_reason = cause.stopped_reason
        self.authorization = None
        self._cancel_wait()
        if self._stop_points & _POWER_POINTS and not self._station.has(STOP_UPDATES):
            self._open_relay()
        self.happened(cause)
        if self._offering:
            later = Cause("ChargingStateChanged", cause.stopped_reason)
            self._station.spawn(self._stop_offering(later))
        self._unlock()

    def open_to(self, token: Token) -> bool:
        """Whether this token may be authorized here (C01.FR.23: not a second one)."""
        if self.authorization is not None:
            return False
        first = None if self.transaction is None else self.key_holder
        return first is None or first.token.key == token.key

    def unlock_for(self, token: Token) -> bool:
        """Release the plug for its owner (E05.FR.11, E09.FR.03); says whether that was one."""
        holder = self.key_holder
        locked = any(outlet.locked for outlet in self.spot.outlets)
        if not locked or holder is None or holder.token.key != token.key:
            return False
        self._unlock()
        return True

    def refused_by_csms(self) -> None:
        """The CSMS does not accept the token of the running transaction (E05, C15)."""
        if self.transaction is None or self.authorization is None:
            return
        match refusal(self._station):
            case Refusal.STOP:
                self._deauthorize()
            case Refusal.LIMIT:
                self._energy_limit_wh = self.spot.meter.read_wh() + allowed_wh(self._station)
                if self._offering:
                    self._station.spawn(self._watch_energy())
            case Refusal.SUSPEND:
                self._suspend()
            case Refusal.NOTHING:
                pass

    def _deauthorize(self) -> None:
        self._stop_reason = "DeAuthorized"
        self.authorization = None
        self._open_relay()
        ends = bool(self._stop_points & _INVALID_STOP_POINTS)
        self.happened(Cause("Deauthorized", "DeAuthorized", ends=ends))

    def _suspend(self) -> None:
        self._suspended = True
        self._energy_limit_wh = None
        self._open_relay()
        self.happened(Cause(withheld_trigger(self._station), "DeAuthorized"))

    async def _watch_energy(self) -> None:
        while self._energy_limit_wh is not None and self._offering:
            if self.spot.meter.read_wh() >= self._energy_limit_wh:
                self._suspend()
                return
            await asyncio.sleep(0.1)

    # ---- waiting for the cable ------------------------------------------------------------------

    def _wait_for_cable(self) -> None:
        self._cancel_wait()
        self._waiting = self._station.spawn(self._time_out())

    def _cancel_wait(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def _time_out(self) -> None:
        has, held = self._station.has, self.authorization
        limit_s = self._station.software.model.integer("TxCtrlr", "EVConnectionTimeOut")
        await asyncio.sleep(limit_s / 4 if has(TIMEOUT_EARLY) else limit_s)
        self._waiting = None
        if has(TIMEOUT_IGNORED):
            return
        remote = held is not None and held.remote
        self.authorization = None  # C01.FR.26
        # F02.FR.07 is a SHALL; E03.FR.05, the same for a local start, a SHOULD
        ends = remote and "ParkingBayOccupancy" not in self._stop_points
        self.happened(Cause("EVConnectTimeout", "Timeout", ends=ends))
        self._unlock()
        if has(TIMEOUT_HOLDS_EVSE):
            self.authorization = held

    # ---- what the physical side tells ------------------------------------------------------------

    def cable_changed(self) -> None:
        """The cable of some outlet was plugged in or out."""
        availability = self._station.software.availability
        was, self._was_connected = self._was_connected, self.connected
        returned = self.ev_left and self.connected
        self.ev_left = (self.ev_left or was) and not self.connected and self.transaction is not None
        if self._station.style.status_first:
            availability.refresh()
        if self.connected and not was:
            self._plugged_in(returned=returned)
        elif was and not self.connected:
            self._plugged_out()
            availability.vacated()
        availability.refresh()

    def _plugged_in(self, *, returned: bool) -> None:
        self._cancel_wait()
        only_power = "PowerPathClosed" in self._start_points and not self._start_points & {
            "EVConnected",
            "ParkingBayOccupancy",
            "Authorized",
        }
        if self.transaction is None and only_power:
            # not the cable but the closed power path starts this one (Part 2, 2.6.6.1)
            self.happened(Cause("ChargingStateChanged", state="SuspendedEVSE"))
            return
        wrong = returned and self._station.has(RECONNECTED_TRIGGER)
        self.happened(Cause("EVDetected" if wrong else "CablePluggedIn"))

    def _plugged_out(self) -> None:
        model = self._station.software.model
        if self.transaction is not None:
            self.transaction.evse_reported = False
        stops = model.boolean("TxCtrlr", "StopTxOnEVSideDisconnect")
        stops = stops and not self._station.has(EV_SIDE_KEEPS)
        stops = stops or self._station.has(EV_SIDE_DEAUTHORIZES)
        if stops:
            self.authorization = None  # E09.FR.01
        elif self.authorization is not None:
            self._wait_for_cable()  # E10
        self._open_relay()
        was_locked = [outlet for outlet in self.spot.outlets if outlet.locked]
        self.happened(Cause("EVCommunicationLost", "EVDisconnected"))
        keeps = stops and not model.boolean("OCPPCommCtrlr", "UnlockOnEVSideDisconnect")
        for outlet in was_locked:
            outlet.locked = keeps or self.authorization is not None  # E09.FR.02, FR.03, E10.FR.01

    def bay_changed(self) -> None:
        """A car entered or left the parking bay."""
        if self.spot.bay_occupied:
            self.happened(Cause("EVDetected"))
            return
        reason = "Local" if self.authorization is None else "EVDisconnected"
        self.happened(Cause("EVDeparted", reason))

    def ev_changed(self) -> None:
        """The car began or ceased to take energy (E01.FR.19)."""
        self._update_flow()
        if self._offering and not self._station.has(SUSPENSION_UNREPORTED):
            self.happened(Cause("ChargingStateChanged", "StoppedByEV"))

    def fault_changed(self) -> None:
        """The EVSE broke, or was repaired."""
        if self.spot.faulted and self.authorization is not None:
            self.authorization = None
            self._open_relay()
            self.happened(Cause("AbnormalCondition", "Other", ends=True))
        self._station.software.availability.refresh()

    def reset_by_command(self, cause: Cause) -> None:
        """ResetRequest(Immediate) ends the transaction (B12.FR.04, FR.08)."""
        self.authorization = None
        self._open_relay()
        if self.transaction is not None:
            self._stop_reason = cause.stopped_reason
            self.happened(cause)

    def unlock_by_command(self, outlet: Outlet) -> bool:
        """UnlockConnectorRequest (F05); says whether the lock opened."""
        if outlet.unlock_fails:
            return False
        outlet.locked = False
        if self.transaction is not None:
            self.happened(Cause("UnlockCommand", "Other"))
        return True
