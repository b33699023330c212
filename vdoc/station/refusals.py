"""What becomes of a session whose token the CSMS refuses after it has begun (E05, C15).

Owns the choice that StopTxOnInvalidId and MaxEnergyOnInvalidId make; `evse` carries it out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from vdoc.station.defects import declare

if TYPE_CHECKING:
    from vdoc.station.station import Station

IGNORED = declare(
    "refused-token-charges-on",
    "charges on when TransactionEventResponse refuses the token, whatever is configured",
    "C15.FR.04",
    "TC_C_16_CS",
    "TC_C_17_CS",
    "TC_C_18_CS",
    "TC_C_26_CS",
    "TC_C_34_CS",
    "TC_E_16_CS",
)
ALWAYS_STOPS = declare(
    "refused-token-always-stops",
    "a token that is refused later is deauthorized although StopTxOnInvalidId is false",
    "C15.FR.06",
    "TC_C_15_CS",
    "TC_C_17_CS",
)
ENERGY_IGNORED = declare(
    "max-energy-on-invalid-id-ignored",
    "gives a refused token no energy, whatever MaxEnergyOnInvalidId says",
    "C15.FR.07",
    "TC_C_15_CS",
)
ENERGY_FIRST = declare(
    "max-energy-on-invalid-id-first",
    "charges up to MaxEnergyOnInvalidId before it stops, although StopTxOnInvalidId is true",
    "C15.FR.04",
    "TC_C_18_CS",
)
SUSPENDED_STATE = declare(
    "refused-token-suspends-ev",
    "energy that is withheld from a refused token is told as SuspendedEV",
    "C15.FR.06",
    "TC_C_17_CS",
)
POWER_TAKEN = declare(
    "refused-token-loses-power",
    "gives a refused token no energy, whatever MaxEnergyOnInvalidId says, and tells EVConnected",
    "C15.FR.07",
    "TC_C_15_CS",
    "TC_C_17_CS",
)
SUSPENDED_TRIGGER = declare(
    "refused-token-suspends-wrong-trigger",
    "energy that is withheld from a refused token is told with triggerReason Deauthorized",
    "C15.FR.06",
    "TC_C_17_CS",
    "TC_C_26_CS",
)


class Refusal(StrEnum):
    """What a refusal leads to."""

    NOTHING = "charging goes on"
    STOP = "the session is deauthorized"
    LIMIT = "charging goes on up to MaxEnergyOnInvalidId"
    SUSPEND = "the session goes on without energy"


def refusal(station: Station) -> Refusal:
    """What a refusal leads to as this station is configured (C15.FR.03 to FR.07)."""
    model, has = station.software.model, station.has
    stops = model.boolean("TxCtrlr", "StopTxOnInvalidId")
    limited = allowed_wh(station) > 0
    if has(IGNORED):
        return Refusal.NOTHING
    if limited and stops and has(ENERGY_FIRST):
        return Refusal.LIMIT
    if stops or has(ALWAYS_STOPS):
        return Refusal.STOP
    withheld = has(ENERGY_IGNORED) or has(POWER_TAKEN)
    return Refusal.LIMIT if limited and not withheld else Refusal.SUSPEND


def allowed_wh(station: Station) -> int:
    """TxCtrlr.MaxEnergyOnInvalidId; 0 where it is not implemented."""
    return station.software.model.integer("TxCtrlr", "MaxEnergyOnInvalidId")


def withheld_state(station: Station) -> str:
    """The chargingState while a refused token gets no energy (C15.FR.06)."""
    if station.has(POWER_TAKEN):
        return "EVConnected"
    return "SuspendedEV" if station.has(SUSPENDED_STATE) else "SuspendedEVSE"


def withheld_trigger(station: Station) -> str:
    """The triggerReason of the event that tells it (C15.FR.06)."""
    return "Deauthorized" if station.has(SUSPENDED_TRIGGER) else "ChargingStateChanged"
