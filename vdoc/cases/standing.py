"""Where a session stands, what may happen to it, and the events that are then due: values.

What follows from what is `vdoc.cases.transactions`'.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

EventType = Literal["Started", "Updated", "Ended"]
Mode = Literal["local", "remote"]

AUTHORIZATION_ENDS = frozenset({"Authorized", "PowerPathClosed"})
STOP_ENDS = AUTHORIZATION_ENDS | {"EnergyTransfer"}
"""The stop points that cease to be when the authorization ends; with it, or with the energy."""


class Deed(StrEnum):
    """What happens to a session, in the order in which it usually does."""

    PARK = "the EV enters the parking bay"
    PLUG_IN = "the EV is connected"
    AUTHORIZE = "the driver is authorized"
    CHARGE = "energy begins to flow"
    STOP = "the driver ends the authorization"
    HALT = "energy ceases to flow"
    PLUG_OUT = "the EV is disconnected"
    LEAVE = "the EV leaves the parking bay"
    SUSPEND = "the EV suspends the energy transfer"
    EV_SIDE_OUT = "the cable is pulled out of the EV"
    TIME_OUT = "no EV was connected in time"
    REFUSE = "the CSMS refuses the token"


@dataclass(frozen=True, slots=True)
class TxPoints:
    """TxStartPoint and TxStopPoint as they are in force.

    Attributes:
        start: the members of TxStartPoint.
        stop: the members of TxStopPoint.
        ev_side_deauthorizes: StopTxOnEVSideDisconnect; read for `EV_SIDE_OUT` only.
    """

    start: frozenset[str]
    stop: frozenset[str]
    ev_side_deauthorizes: bool = False

    @property
    def ends_at_stop(self) -> bool:
        """Ending the authorization ends the transaction (errata 6.2.117)."""
        return bool(self.stop & STOP_ENDS)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a session stands.

    Attributes:
        mode: how it was authorized, also when that has ended; None before.
        told: an event has been due since the authorization, so that the token is told.
        running: its transaction has started and not ended.
        ended: its transaction has ended.
        stopped: the driver has ended the authorization, and how.
        refused: the CSMS has ended it (`REFUSE`).
        stop_reason: the stoppedReason of its end, where `stopped` does not tell (a master pass).
        withheld: its token gets no energy any more, though it is authorized (C15.FR.06).
    """

    parked: bool = False
    connected: bool = False
    mode: Mode | None = None
    told: bool = False
    charging: bool = False
    running: bool = False
    ended: bool = False
    stopped: Mode | None = None
    refused: bool = False
    stop_reason: str | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """One TransactionEvent that the station has to send.

    Attributes:
        what: words for the report.
        step: its number in the table of the state.
        requirement: what it rests on.
        event_types: eventType must be one of these.
        triggers: triggerReason must be one of these.
        also: so may it be one of these, when the event tells another deed as well.
        states: chargingState must be one of these; None: not judged.
        state_optional: chargingState may be absent.
        signs: an event with one of these triggerReasons is it; its values are then judged.
        state_signs: so is one with one of these chargingStates.
        type_signs: so is one with one of these eventTypes.
        token_signs: so is one that carries an idToken.
        any_sign: so is whatever comes next.
        stopped_reasons: stoppedReason of an Ended event; "" stands for absent, none for not judged.
        carries_token: it must carry the idToken that was presented.
        optional: the table leaves it to the station.
    """

    what: str
    step: str
    requirement: str
    event_types: tuple[EventType, ...]
    triggers: tuple[str, ...]
    also: tuple[str, ...] = ()
    states: tuple[str, ...] | None = None
    state_optional: bool = False
    signs: tuple[str, ...] = ()
    state_signs: tuple[str, ...] = ()
    type_signs: tuple[EventType, ...] = ()
    token_signs: bool = False
    any_sign: bool = False
    stopped_reasons: tuple[str, ...] = ()
    carries_token: bool = False
    optional: bool = False


Outcome = tuple[Standing, tuple[Due, ...]]
