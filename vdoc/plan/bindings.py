"""Whether the settings bind all that the planned runs need (design, "Bench topology").

That is actions, and files that only the vendor can make. What is lacking is found here, before
anything connects. Observing a display is the exception: without a driver the case ends `inconc` and
says so; it is not refused, nor assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

from vdoc.catalogue import Catalogue, Variant
from vdoc.errors import Problem
from vdoc.pics import BenchSettings, Pics
from vdoc.plan.model import Entry

OBSERVATION = "observe_display"
STATION_ACTIONS = frozenset(
    {
        "authorize",
        "parking_in",
        "parking_out",
        "plugin",
        "plugin_evse_side",
        "plugout",
        "plugout_evse_side",
        "reboot",
    }
)
ISO15118_DEEDS = frozenset(
    {"ev_cert_install", "ev_cert_update", "ev_renegotiate", "ev_session_stop", "pnc"}
)
"""What an EV does by ISO 15118; no public interface has them, so the settings name each."""
EV_ACTIONS = ISO15118_DEEDS | {"ev_not_ready", "plugin_ev_side", "plugout_ev_side", "suspend_ev"}
PROGRAM_ACTIONS = frozenset(
    {"store_customer_identifier", "trigger_hardwired_monitor", "trigger_monitor", "ui_select"}
)
_BROKEN_IMAGE = "TC_L_08_CS"


Place: TypeAlias = tuple[int, int]


def unbound(
    entries: Collection[Entry], catalogue: Catalogue, pics: Pics, settings: BenchSettings
) -> Iterator[Problem]:
    """One problem for each case and action that nothing in the settings performs, or file."""
    needs = (
        (entry.case, action)
        for entry in entries
        for action in needed(catalogue.case(entry.case).actions, entry.variant)
    )
    if settings.firmware.invalid_image is None and any(e.case == _BROKEN_IMAGE for e in entries):
        message = "needs a rightly signed image that the DUT fails to install."
        remedy = "name it as firmware.invalid_image, with firmware.invalid_signature."
        yield Problem("settings", None, _BROKEN_IMAGE, message, remedy)
    for case, action in dict.fromkeys(needs):
        for lack, remedy in _lacks(action, pics, settings):
            message = f"needs the action {action}, but {lack}."
            yield Problem("settings", None, case, message, remedy)


def needed(actions: Collection[str], variant: Variant) -> Iterator[str]:
    """The actions of a case that this run cannot do without.

    Left out: what only some stations have (`?`), a token where the run starts remotely or by
    contract, a contract where it presents a token.
    """
    for action in actions:
        name = action.partition("@")[0]
        if action.endswith("?") or name == OBSERVATION:
            continue
        if name == "authorize" and ("remote" in variant or variant.get("energy") == "PnC"):
            continue
        if name == "pnc" and variant.get("energy") == "EIM":
            continue
        yield action


def _lacks(action: str, pics: Pics, settings: BenchSettings) -> Iterator[tuple[str, str]]:
    """What is missing for `action`, and what to do about it; nothing when it is bound."""
    name, _, scope = action.partition("@")
    if name in PROGRAM_ACTIONS:
        if settings.observe is None:
            yield "no program performs it", "name a program in [observe]."
        return
    if name not in STATION_ACTIONS | EV_ACTIONS:
        raise ValueError(f"the catalogue names an unknown action {action!r}")
    dut = settings.dut
    if scope == "all":
        yield from _evses_without_outlet(pics, settings)
    elif scope == "2":
        if dut.second_evse is None:
            yield "there is no second EVSE", "set dut.second_evse and dut.second_connector."
            return
        place = (dut.second_evse, dut.second_connector or 1)
        yield from _outlet_lack(settings, place, name)
    elif name != "reboot":
        yield from _outlet_lack(settings, (dut.evse, dut.connector), name)


def _evses_without_outlet(pics: Pics, settings: BenchSettings) -> Iterator[tuple[str, str]]:
    reached = {outlet.evse for outlet in settings.action_api.outlet}
    for evse in pics.evses:
        if evse.id not in reached:
            yield f"no outlet reaches EVSE {evse.id}", "add it as [[action_api.outlet]]."


def _outlet_lack(settings: BenchSettings, place: Place, name: str) -> Iterator[tuple[str, str]]:
    outlets = settings.action_api.outlet
    outlet = next((each for each in outlets if (each.evse, each.connector) == place), None)
    where = f"EVSE {place[0]}, connector {place[1]}"
    if outlet is None:
        yield f"no outlet reaches {where}", "add it as [[action_api.outlet]]."
    elif name in EV_ACTIONS and outlet.ev_api is None:
        yield f"no EV API is bound to {where}", "name one in the outlet's ev_api."
    elif name in ISO15118_DEEDS and name not in settings.ev_api[outlet.ev_api or ""].iso15118:
        lack = f"the EV API {outlet.ev_api} has no operation for it"
        yield lack, f"name it as {name} in [ev_api.{outlet.ev_api}.iso15118]."
