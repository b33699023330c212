"""Which TransactionEvents are due after which deed: the one place that knows.

Owns what follows from TxStartPoint and TxStopPoint in force and from what has happened so far
(Part 2 E01, E06 and 2.6.6; the states of Part 6 §2.18 with errata 6.2.116 and 6.2.117). Pure: it
sees no message and no bench. `after` tells for a deed what the station has to send, step by step of
the state's table, and where the session stands then; cases and states only ask.

Kept rules: a transaction begins with the first fact that TxStartPoint names, whatever the order of
cable and token; once it runs, each deed is told by an event; after a remote start the first event
says RemoteStart whatever it tells (Part 6 §2.1). Part 6 lets the same moment be told in several
ways in different tables; then any of them is right here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vdoc.cases.standing import (
    AUTHORIZATION_ENDS,
    Deed,
    Due,
    Mode,
    Outcome,
    Standing,
    TxPoints,
)

_CLOSED = ("EVConnected", "SuspendedEVSE", "Charging")  # chargingState, authorized and connected
_BEFORE_ENERGY = frozenset({"DataSigned", "PowerPathClosed"})
_CABLE_ENDS = frozenset({"EVConnected", "PowerPathClosed"})
_TRIGGER: dict[Mode, str] = {"local": "Authorized", "remote": "RemoteStart"}
_STOP_TRIGGER: dict[Mode, str] = {"local": "StopAuthorized", "remote": "RemoteStop"}
_STOP_REASON: dict[Mode, str] = {"local": "Local", "remote": "Remote"}


def after(deed: Deed, standing: Standing, points: TxPoints, mode: Mode = "local") -> Outcome:
    """Return where the session stands after a deed, and which events are due.

    Args:
        deed: what happened.
        standing: where the session stood.
        points: the start and stop points in force.
        mode: how it was authorized or stopped; read for `AUTHORIZE` and `STOP` only.
    """
    return _AFTER[deed](standing, points, mode)


def _first(standing: Standing) -> tuple[str, ...]:
    """What else the first event after an authorization may or must say (E02.FR.20, F01.FR.19)."""
    if standing.mode is None or standing.told:
        return ()
    return (_TRIGGER[standing.mode],)


def _triggers(standing: Standing, *own: str) -> tuple[str, ...]:
    first = _first(standing)
    return first if first == ("RemoteStart",) else (*own, *first)


def _park(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    now = replace(standing, parked=True)
    if standing.running or "ParkingBayOccupancy" not in points.start:
        return now, ()
    due = Due(
        "the EV is detected", "1", "E01.FR.01", ("Started",), _triggers(standing, "EVDetected"),
        any_sign=True,
    )  # fmt: skip
    return replace(now, running=True, told=True), (due,)


def _plug_in(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    now = replace(standing, connected=True)
    if not standing.running and "EVConnected" not in points.start:
        return now, ()
    authorized = standing.mode is not None
    own = ("CablePluggedIn", "ChargingStateChanged")
    due = Due(
        "the EV is connected",
        "3",
        "E02.FR.17" if standing.running else "E01.FR.02",
        ("Updated",) if standing.running else ("Started",),
        _triggers(standing, *own),
        states=_CLOSED if authorized else ("EVConnected",),
        signs=("CablePluggedIn", *(own if authorized else ()), *_first(standing)),
        state_signs=("EVConnected",),
        type_signs=() if standing.running else ("Started",),
        token_signs=bool(_first(standing)),
    )
    return replace(now, running=True, told=authorized), (due,)


def _authorize(standing: Standing, points: TxPoints, mode: Mode) -> Outcome:
    now = replace(standing, mode=mode, told=False)
    if not standing.running and "Authorized" not in points.start:
        return now, ()
    local = mode == "local"
    due = Due(
        "the driver is authorized",
        "3" if local else "5",
        ("E02.FR.01" if local else "F01.FR.19") if standing.running else "E01.FR.03",
        ("Updated",) if standing.running else ("Started",),
        (_TRIGGER[mode],),
        signs=(_TRIGGER[mode],),
        type_signs=() if standing.running else ("Started",),
        token_signs=True,
        carries_token=True,
    )
    return replace(now, running=True, told=True), (due,)


def _charge(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    dues = []
    if not standing.running and points.start & _BEFORE_ENERGY:
        dues.append(_start_before_energy(standing, points))
        standing = replace(standing, running=True, told=True)
    elif not standing.running and "EnergyTransfer" not in points.start:
        return replace(standing, charging=True), ()
    dues.append(
        Due(
            "energy begins to flow",
            "9",
            "E02.FR.13" if standing.running else "E01.FR.06",
            ("Started", "Updated") if standing.running else ("Started",),
            _triggers(standing, "ChargingStateChanged"),
            also=("CablePluggedIn", "Authorized", "RemoteStart") if standing.running else (),
            states=("Charging",),
            state_signs=("Charging",),
            type_signs=() if standing.running else ("Started",),
        )
    )
    return replace(standing, charging=True, running=True, told=True), tuple(dues)


def _start_before_energy(standing: Standing, points: TxPoints) -> Due:
    """The start by signed data or by the closed power path, whichever the station reaches first."""
    signed = "DataSigned" in points.start
    path = "PowerPathClosed" in points.start
    own = (
        *(("SignedDataReceived",) if signed else ()),
        *(("ChargingStateChanged", "CablePluggedIn") if path else ()),
    )
    return Due(
        "the power path is closed" if path else "signed data is received",
        "7" if path else "5",
        "E01.FR.05" if path else "E01.FR.04",
        ("Started",),
        _triggers(standing, *own),
        states=_CLOSED,
        state_optional=signed,
        type_signs=("Started",),
    )


def _stop(standing: Standing, points: TxPoints, mode: Mode) -> Outcome:
    now = replace(standing, stopped=mode)
    if not standing.running:
        return now, ()
    local = mode == "local"
    requirement = _stop_requirement(points, mode)
    told = Due(
        "the driver ends the authorization",
        "1" if local else "3",
        requirement,
        ("Updated", "Ended") if points.ends_at_stop else ("Updated",),
        (_STOP_TRIGGER[mode],),
        signs=(_STOP_TRIGGER[mode],),
        token_signs=local,
        stopped_reasons=_reasons(mode),
    )
    if not points.ends_at_stop:
        return now, (told,)
    ended = Due(
        "the transaction ends with the authorization",
        "3" if local else "5",
        requirement,
        ("Ended",),
        ("ChargingStateChanged",),
        also=(_STOP_TRIGGER[mode],),
        type_signs=("Ended",),
        stopped_reasons=_reasons(mode),
    )
    return replace(now, running=False, ended=True, charging=False), (told, ended)


def _stop_requirement(points: TxPoints, mode: Mode) -> str:
    """What a stop rests on: the member of TxStopPoint that decides first."""
    if mode == "remote":
        return "F03.FR.03" if points.ends_at_stop else "F03.FR.02"
    if not points.ends_at_stop or "Authorized" in points.stop:
        return "E06.FR.03"
    return "E06.FR.06" if "PowerPathClosed" in points.stop else "E06.FR.07"


def _reasons(mode: Mode) -> tuple[str, ...]:
    return ("Local", "") if mode == "local" else ("Remote",)


def _halt(standing: Standing, _points: TxPoints, _mode: Mode) -> Outcome:
    now = replace(standing, charging=False)
    if not standing.running:
        return now, ()
    due = Due(
        "energy ceases to flow",
        "1",
        "E02.FR.13",
        ("Updated",),
        ("ChargingStateChanged",),
        also=tuple(_STOP_TRIGGER[m] for m in (standing.stopped,) if m),
        states=("EVConnected",),
        state_signs=("EVConnected",),
        optional=standing.withheld,  # then SuspendedEVSE may be true as before (Part 2 §3.16)
    )
    return now, (due,)


def _plug_out(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    now = replace(standing, connected=False, charging=False)
    if not standing.running:
        return now, ()
    ends = bool(points.stop & _CABLE_ENDS)
    due = Due(
        "the EV is disconnected",
        "3",
        "E06.FR.02" if ends else "E02.FR.17",
        ("Ended",) if ends else ("Updated",),
        ("EVCommunicationLost",),
        states=("Idle",),
        signs=("EVCommunicationLost",),
        state_signs=("Idle",),
        type_signs=("Ended",),
        stopped_reasons=_late_reasons(standing) if ends else (),
    )
    return replace(now, running=not ends, ended=ends), (due,)


def _leave(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    now = replace(standing, parked=False)
    if not standing.running or "ParkingBayOccupancy" not in points.stop:
        return now, ()
    due = Due(
        "the EV leaves the parking bay",
        "1",
        "E06.FR.01",
        ("Ended",),
        ("EVDeparted",),
        signs=("EVDeparted",),
        type_signs=("Ended",),
        stopped_reasons=_leave_reasons(standing),
    )
    return replace(now, running=False, ended=True), (due,)


def _leave_reasons(standing: Standing) -> tuple[str, ...]:
    """Table 435; it does not know of an EV that nobody stopped: then the cable may be named."""
    if standing.stop_reason is not None:
        return (standing.stop_reason,)
    if standing.refused:
        return ("DeAuthorized", "EVDisconnected", *_reasons("local"))
    if standing.stopped is not None:
        return _reasons(standing.stopped)
    return ("EVDisconnected", "StoppedByEV", *_reasons("local"))


def _suspend(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    """Table 431; where it ends the transaction, an Updated event may come before (6.2.50).

    An EV that has taken no energy yet does not end by it what EnergyTransfer has not started
    (TC_E_38_CS); what starts before energy flows starts all the same.
    """
    now = replace(standing, charging=False)
    if not standing.running:
        return _suspend_before_start(now, points)
    ends = "EnergyTransfer" in points.stop and standing.charging
    told = Due(
        "the EV suspends the energy transfer",
        "1",
        "E06.FR.07" if ends else "E01.FR.19",
        ("Updated", "Ended") if ends else ("Updated",),
        ("ChargingStateChanged",),
        states=("SuspendedEV", "EVConnected"),
        state_signs=("SuspendedEV", "EVConnected"),
        type_signs=("Ended",),
        stopped_reasons=("StoppedByEV",),
    )
    if not ends:
        return now, (told,)
    ended = replace(
        told,
        what="the transaction ends with the energy transfer",
        event_types=("Ended",),
        state_signs=(),
    )
    return replace(now, running=False, ended=True), (told, ended)


def _suspend_before_start(standing: Standing, points: TxPoints) -> Outcome:
    """The start of a transaction whose EV takes no energy, and the event that tells so."""
    closed = standing.mode is not None and standing.connected
    if standing.ended or not closed or not points.start & _BEFORE_ENERGY:
        return standing, ()
    start = _start_before_energy(standing, points)
    start = replace(start, states=(*_CLOSED, "SuspendedEV"))
    now, dues = _suspend(replace(standing, running=True, told=True), points, "local")
    return now, (start, *dues)


def _ev_side_out(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    """The EV is gone, its cable may not be: E09 where that deauthorizes, else E10."""
    deauthorizes = points.ev_side_deauthorizes
    mode = None if deauthorizes else standing.mode
    now = replace(standing, connected=False, charging=False, mode=mode)
    if not standing.running:
        return now, ()
    requirement = _ev_side_requirement(points)
    due = Due(
        "the cable is pulled out of the EV",
        "1",
        requirement or "E02.FR.17",
        ("Ended",) if requirement else ("Updated",),
        ("EVCommunicationLost",),
        states=("Idle",),
        signs=("EVCommunicationLost",),
        state_signs=("Idle",),
        type_signs=("Ended",),
        stopped_reasons=("EVDisconnected", "StoppedByEV"),
    )
    return replace(now, running=not requirement, ended=bool(requirement)), (due,)


def _ev_side_requirement(points: TxPoints) -> str | None:
    """What makes pulling the cable out of the EV end the transaction; None: nothing does."""
    if "EVConnected" in points.stop:
        return "E06.FR.02"
    if "PowerPathClosed" in points.stop:
        return "E06.FR.06"
    return "E06.FR.04" if points.ev_side_deauthorizes and "Authorized" in points.stop else None


def _time_out(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    """E03.FR.05 (SHOULD) and F02.FR.07, FR.08.

    It ends the transaction where Authorized is a stop point, and after a remote start unless it
    goes on until the EV leaves the bay. It goes on where the bay, and no authorization, ends it;
    else the station chooses. Whether it ended the event tells: the standing counts it as running if
    it may.
    """
    now = replace(standing, mode=None, told=False)
    if not standing.running:
        return now, ()
    remote = standing.mode == "remote"
    bay = "ParkingBayOccupancy" in points.stop
    ends = "Authorized" in points.stop or (remote and not bay)
    lasts = bay and not points.stop & AUTHORIZATION_ENDS
    due = Due(
        "no EV was connected in time",
        "1",
        "F02.FR.07" if remote else "E03.FR.05",
        ("Ended",) if ends else ("Updated",) if lasts else ("Ended", "Updated"),
        ("EVConnectTimeout",),
        signs=("EVConnectTimeout",),
        type_signs=("Ended",),
        stopped_reasons=("Timeout",),
    )
    return replace(now, running=not ends, ended=ends), (due,)


def _refuse(standing: Standing, points: TxPoints, _mode: Mode) -> Outcome:
    """State Deauthorized (errata 6.2.118), where StopTxOnInvalidId is true.

    Where it ends the transaction, an Updated event may tell first that energy stops (E02.FR.13).
    """
    now = replace(standing, mode=None, charging=False, refused=True)
    if not standing.running:
        return now, ()
    due = Due(
        "the CSMS refuses the token",
        "3",
        "E06.FR.04" if points.ends_at_stop else "E05.FR.09",
        ("Ended",) if points.ends_at_stop else ("Updated",),
        ("Deauthorized",),
        states=("EVConnected", "SuspendedEVSE"),
        state_optional=True,
        signs=() if points.ends_at_stop else ("Deauthorized",),
        type_signs=("Ended",),
        stopped_reasons=("DeAuthorized",),
    )
    ends = points.ends_at_stop
    return replace(now, running=not ends, ended=ends), (due,)


def _late_reasons(standing: Standing) -> tuple[str, ...]:
    """The stoppedReason of a transaction that the cable ends (errata 6.2.51)."""
    if standing.stop_reason is not None:
        return (standing.stop_reason,)
    if standing.refused:
        return ("EVDisconnected", "DeAuthorized")  # the table of Deauthorized leaves it open
    if standing.stopped is None:
        return ("EVDisconnected",)
    return ("EVDisconnected", *_reasons(standing.stopped))


_AFTER: dict[Deed, Callable[[Standing, TxPoints, Mode], Outcome]] = {
    Deed.PARK: _park,
    Deed.PLUG_IN: _plug_in,
    Deed.AUTHORIZE: _authorize,
    Deed.CHARGE: _charge,
    Deed.STOP: _stop,
    Deed.HALT: _halt,
    Deed.PLUG_OUT: _plug_out,
    Deed.LEAVE: _leave,
    Deed.SUSPEND: _suspend,
    Deed.EV_SIDE_OUT: _ev_side_out,
    Deed.TIME_OUT: _time_out,
    Deed.REFUSE: _refuse,
}


def asks_csms(
    token_type: str,
    mode: Mode,
    *,
    enabled: bool,
    remote_start_asks: bool,
    remote_disabled: bool = False,
) -> bool:
    """Tell whether an AuthorizeRequest is due when this token is presented and not cached.

    Args:
        token_type: IdTokenEnumType; NoAuthorization (C02) and Central (C05.FR.01) are never asked.
        mode: presented locally, or by RequestStartTransaction.
        enabled: AuthCtrlr.Enabled in force; true when it is not implemented.
        remote_start_asks: AuthCtrlr.AuthorizeRemoteStart in force (F01.FR.01, F01.FR.02).
        remote_disabled: AuthCtrlr.DisableRemoteAuthorization in force.
    """
    if token_type in {"NoAuthorization", "Central"} or not enabled or remote_disabled:
        return False
    return mode == "local" or remote_start_asks
