"""Physical actions as typed values, and the drivers that perform them.

`actions` says what can be done, `outcome` what came of it, `interface` what a driver is; `router`
builds the drivers from the bench settings and gives each action to the one bound to it.
"""

from vdoc.automation.actions import (
    Action,
    EvAction,
    EvEnd,
    EvIso15118,
    EvPlugIn,
    EvPlugOut,
    EvReady,
    Observe,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    RefuseLocalAuthList,
    SetExternalLimit,
    SetFaulted,
    SetUnlockFailed,
    StationAction,
    Stimulate,
    from_json,
)
from vdoc.automation.outcome import Outcome, outcome_from_json

__all__ = [
    "Action",
    "EvAction",
    "EvEnd",
    "EvIso15118",
    "EvPlugIn",
    "EvPlugOut",
    "EvReady",
    "Observe",
    "Outcome",
    "ParkingBay",
    "PlugIn",
    "PlugOut",
    "PresentToken",
    "Reboot",
    "RefuseLocalAuthList",
    "SetExternalLimit",
    "SetFaulted",
    "SetUnlockFailed",
    "StationAction",
    "Stimulate",
    "from_json",
    "outcome_from_json",
]
