"""What must be undone after a case, and what must be done again after a reboot.

octt-interfaces section A, rule 6. Pure: the actions are folded into the conditions they leave
behind (`faulted`, a plug in a socket, a bay taken …), and those are turned into actions again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, assert_never

from vdoc.automation.actions import (
    Action,
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
    Stimulate,
)

_Kind: TypeAlias = Literal[
    "faulted", "unlock_failed", "list_refused", "limit", "ev_idle", "station_plug", "ev_plug", "bay"
]
_Condition: TypeAlias = tuple[_Kind, int | None, int | None]
_Effects: TypeAlias = tuple[tuple[_Condition, bool], ...]
_ORDER: tuple[_Kind, ...] = (
    "faulted",
    "unlock_failed",
    "list_refused",
    "limit",
    "ev_idle",
    "station_plug",
    "ev_plug",
    "bay",
)
"""Faults first, or the plug stays locked; the bay last: an EV leaves after it is unplugged."""


def reset_actions(done: Sequence[Action], uncertain: Sequence[Action] = ()) -> tuple[Action, ...]:
    """The actions that bring the bench back after a case; running transactions are not its matter.

    Args:
        done: the case's actions with Outcome `done`, in order.
        uncertain: those with another Outcome, or cancelled: what they set may be set, what they
            were to undo may not be undone.

    Returns:
        Flags false, limit removed, EV ready, unplugged, bay free; only what is still set, so that
        an API that refuses to unplug nothing is not asked to.
    """
    conditions = _fold(done)
    for action in uncertain:
        conditions |= {condition for condition, on in _effects(action) if on}
    ordered = sorted(conditions, key=_place)
    undone = (_undo(condition, conditions) for condition in ordered)
    return tuple(action for action in undone if action is not None)


def _place(condition: _Condition) -> tuple[int, int, int]:
    """Where a condition stands among others, whatever the hash seed."""
    kind, evse, connector = condition
    return _ORDER.index(kind), evse or 0, connector or 0


def after_reboot(done: Sequence[Action]) -> tuple[Action, ...]:
    """The plugs to make again because a restart may have lost them.

    Those in place at the last reboot and not touched since; none without a reboot.
    """
    reboots = [place for place, action in enumerate(done) if isinstance(action, Reboot)]
    if not reboots:
        return ()
    last = reboots[-1]
    touched = {condition for action in done[last:] for condition, _ in _effects(action)}
    plugs = _fold(done[:last]) - touched
    again = (_plug_again(condition, plugs) for condition in sorted(plugs, key=str))
    return tuple(action for action in again if action is not None)


def _fold(done: Sequence[Action]) -> set[_Condition]:
    conditions: set[_Condition] = set()
    for action in done:
        for condition, on in _effects(action):
            (conditions.add if on else conditions.discard)(condition)
    return conditions


def _effects(action: Action) -> _Effects:
    """Which conditions an action sets (True) or clears."""
    effects: _Effects
    match action:
        case SetFaulted():
            effects = ((("faulted", action.evse, action.connector), action.faulted),)
        case SetUnlockFailed():
            effects = ((("unlock_failed", action.evse, action.connector), action.failed),)
        case RefuseLocalAuthList():
            effects = ((("list_refused", None, None), action.refused),)
        case SetExternalLimit():
            effects = ((("limit", action.evse, action.connector), action.limit is not None),)
        case ParkingBay():
            effects = ((("bay", action.evse, None), action.occupied),)
        case PresentToken() | Reboot() | Observe() | Stimulate() | EvIso15118():
            effects = ()
        case _:
            effects = _connection_effects(action)
    return effects


def _connection_effects(
    action: PlugIn | PlugOut | EvPlugIn | EvPlugOut | EvEnd | EvReady,
) -> _Effects:
    station: _Condition = ("station_plug", action.evse, action.connector)
    ev: _Condition = ("ev_plug", action.evse, action.connector)
    idle: _Condition = ("ev_idle", action.evse, action.connector)
    effects: _Effects
    match action:
        case PlugIn(side=side):
            whole = side == "both" and not action.halfway
            effects = ((station, True), (ev, True)) if whole else ((station, True),)
        case PlugOut(side=side):
            effects = ((station, False), (ev, False)) if side == "both" else ((station, False),)
        case EvPlugIn() | EvPlugOut():
            effects = ((ev, isinstance(action, EvPlugIn)),)
        case EvEnd() | EvReady():
            effects = ((idle, not (isinstance(action, EvReady) and action.ready)),)
        case _:
            assert_never(action)
    return effects


def _undo(condition: _Condition, conditions: set[_Condition]) -> Action | None:
    """The action that ends a condition; None where another action ends it along with its own."""
    kind, evse, connector = condition
    match kind:
        case "faulted":
            return SetFaulted(faulted=False, evse=evse, connector=connector)
        case "unlock_failed":
            return SetUnlockFailed(failed=False, evse=evse, connector=connector)
        case "list_refused":
            return RefuseLocalAuthList(refused=False)
        case "limit":
            return SetExternalLimit(limit=None, evse=evse, connector=connector)
        case "bay":
            return None if evse is None else ParkingBay(occupied=False, evse=evse)
        case _:
            return _undo_end(condition, conditions)


def _undo_end(condition: _Condition, conditions: set[_Condition]) -> Action | None:
    kind, evse, connector = condition
    if evse is None or connector is None:
        return None
    station = ("station_plug", evse, connector) in conditions
    ev = ("ev_plug", evse, connector) in conditions
    if kind == "ev_idle":
        return EvReady(ready=True, evse=evse, connector=connector)
    if kind == "station_plug":
        return PlugOut(evse, connector, side="both" if ev else "station")
    return None if station else EvPlugOut(evse, connector)


def _plug_again(condition: _Condition, plugs: set[_Condition]) -> Action | None:
    kind, evse, connector = condition
    if evse is None or connector is None:
        return None
    station = ("station_plug", evse, connector) in plugs
    ev = ("ev_plug", evse, connector) in plugs
    if kind == "station_plug":
        return PlugIn(evse, connector, side="both" if ev else "station")
    return EvPlugIn(evse, connector) if kind == "ev_plug" and not station else None
