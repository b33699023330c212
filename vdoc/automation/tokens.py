"""What must be bound on a bench so that a catalogue's action token can be performed.

The tokens are those of cases-legend, "Action tokens": `a|b` = either, `?` at the end = only on some
stations, `:KIND` = which token is presented; and the catalogue's `@2` = at the second outlet,
`@all` = at every EVSE. A plan is refused when an action that it needs has
nothing bound to it (design, Bench topology); `unbound` says what to bind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from vdoc.automation.wiring import Outlet, Wiring
from vdoc.pics import BenchSettings, Pics

Binding: TypeAlias = Literal["tester", "station", "ev", "iso15118", "program"]
"""Who performs it: the tester itself, the station API, the outlet's EV API, a named operation of
that EV API, or the `[observe]` program."""
Place: TypeAlias = Literal["first", "second", "all"]
_PLACES: dict[str, Place] = {"": "first", "2": "second", "all": "all"}

BINDINGS: dict[str, Binding] = {
    "plugin": "station",
    "plugout": "station",
    "plugin_evse_side": "station",
    "plugout_evse_side": "station",
    "plugin_halfway": "station",
    "parking_in": "station",
    "parking_out": "station",
    "authorize": "station",
    "deauthorize": "station",
    "reboot": "station",
    "set_faulted": "station",
    "clear_faulted": "station",
    "set_external_limit": "station",
    "plugin_ev_side": "ev",
    "plugout_ev_side": "ev",
    "suspend_ev": "ev",
    "ev_not_ready": "ev",
    "pnc": "iso15118",
    "ev_renegotiate": "iso15118",
    "ev_session_stop": "iso15118",
    "ev_cert_install": "iso15118",
    "ev_cert_update": "iso15118",
    "ui_select": "program",
    "trigger_monitor": "program",
    "trigger_hardwired_monitor": "program",
    "store_customer_identifier": "program",
    "observe_display": "program",
    "ResetRequest": "tester",
}


@dataclass(frozen=True, slots=True)
class Need:
    """One catalogue token, read.

    Attributes:
        token: as it stands in the catalogue.
        alternatives: names without kind and place; one of them suffices.
        place: at the outlet under test, at the second one, or at every EVSE.
        optional: needed on some stations only.
    """

    token: str
    alternatives: tuple[str, ...]
    place: Place
    optional: bool


@dataclass(frozen=True, slots=True)
class Places:
    """The outlets of a bench that the places of tokens mean.

    Attributes:
        first: the outlet under test.
        second: the one for two-transaction cases; None = the settings name none.
        every: one outlet of each EVSE.
    """

    first: Outlet
    second: Outlet | None = None
    every: tuple[Outlet, ...] = ()

    @classmethod
    def of(cls, settings: BenchSettings, pics: Pics) -> Places:
        """What settings and PICS say."""
        dut = settings.dut
        second = None
        if dut.second_evse is not None:
            second = (dut.second_evse, dut.second_connector or 1)
        every = tuple((evse.id, evse.connectors[0].id) for evse in pics.evses)
        return cls((dut.evse, dut.connector), second, every)


def need(token: str) -> Need:
    """Read one token.

    Raises:
        ValueError: it, or one of its alternatives, is no action token.
    """
    text, _, place = token.rstrip("?").partition("@")
    names = tuple(_name(part) for part in text.split("|"))
    for name in names:
        binding(name)
    if place not in _PLACES:
        raise ValueError(f"{token!r} has no place that is known: @2, @all or none")
    return Need(token, names, _PLACES[place], token.endswith("?"))


def binding(name: str) -> Binding:
    """Who performs a token's name.

    Raises:
        ValueError: no such token.
    """
    if name.startswith(("net:", "tls:")):
        return "tester"
    found = BINDINGS.get(name)
    if found is None:
        raise ValueError(f"{name!r} is no action token; known: {', '.join(BINDINGS)}")
    return found


def unbound(token: str, wiring: Wiring, places: Places) -> str | None:
    """Why a token cannot be performed on this bench, and what to bind; None = it can.

    Optional tokens are judged like the others: whether the station needs them, the caller knows.

    Raises:
        ValueError: not an action token.
    """
    wanted = need(token)
    outlets = _outlets(wanted.place, places)
    if not outlets:
        return f"{token}: {_PLACE_REMEDIES[wanted.place]}"
    lacking = (_lacking(wanted, wiring, outlet) for outlet in outlets)
    return next((reason for reason in lacking if reason is not None), None)


def _outlets(place: Place, places: Places) -> tuple[Outlet, ...]:
    if place == "all":
        return places.every
    outlet = places.first if place == "first" else places.second
    return () if outlet is None else (outlet,)


def _lacking(wanted: Need, wiring: Wiring, outlet: Outlet) -> str | None:
    reasons = [_reason(name, wiring, outlet) for name in wanted.alternatives]
    return None if None in reasons else "; or ".join(reason for reason in reasons if reason)


def _reason(name: str, wiring: Wiring, outlet: Outlet) -> str | None:
    who = binding(name)
    ev = wiring.ev_of(outlet)
    match who:
        case "tester":
            bound, remedy = True, ""
        case "station":
            bound, remedy = wiring.knows(outlet), station_remedy(wiring, outlet)
        case "ev":
            bound, remedy = ev is not None, ev_remedy(*outlet)
        case "iso15118":
            bound = ev is not None and name in ev.iso15118
            remedy = iso15118_remedy(name, *outlet)
        case "program":
            bound, remedy = bool(wiring.program), PROGRAM_REMEDY
        case _:
            assert_never(who)
    return None if bound else f"{name}: {remedy}"


_PLACE_REMEDIES: dict[Place, str] = {
    "first": "set evse and connector in [dut].",
    "second": "set second_evse and second_connector in [dut].",
    "all": "list the EVSEs in [[hardware.evse]] of the PICS.",
}
PROGRAM_REMEDY = "name a program that can do it: command in [observe]."


def station_remedy(wiring: Wiring, outlet: Outlet) -> str:
    """What to bind so that the station side of an outlet is driven."""
    if wiring.url is None:
        return "set url in [action_api]."
    return f"add [[action_api.outlet]] with evse = {outlet[0]}, connector = {outlet[1]}."


def ev_remedy(evse: int, connector: int) -> str:
    """What to bind so that the EV side of an outlet is driven."""
    return (
        f"add [ev_api.NAME] with its url, and ev_api = NAME to the [[action_api.outlet]] with"
        f" evse = {evse}, connector = {connector}."
    )


def iso15118_remedy(deed: str, evse: int, connector: int) -> str:
    """What to bind so that an ISO 15118 deed is performed."""
    return (
        f"name the operation of the EV emulator at evse {evse}, connector {connector}:"
        f" {deed} in [ev_api.NAME.iso15118]."
    )


def _name(part: str) -> str:
    """`authorize:invalid` → `authorize`; `net:…` and `tls:…` stay whole."""
    return part if part.startswith(("net:", "tls:")) else part.partition(":")[0]
