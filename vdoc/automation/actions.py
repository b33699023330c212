"""The physical actions a case may ask for, as frozen values.

Owns: what each action is called in the evidence (`operation`, the catalogue's action token), what
it needs to know, and its JSON form in both directions. Knows nothing of how an action is performed
(`http`, `relay`, `observe`), nor of the settings that bind it (`tokens`, `router`).

`PlugIn` and `PlugOut` mean the whole connection unless `side="station"`: the router then also
drives the EV side of the outlet, when an EV API is bound to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from vdoc.automation.action_fields import (
    ConnectorId,
    EvseId,
    IdTokenText,
    IdTokenType,
    Iso15118Deed,
    LimitText,
    OutletEvseId,
    Params,
    StimulusKind,
)

_CHECKED = ConfigDict(extra="forbid", strict=True)


class _Recorded(ABC):
    """What all actions share: their name and the JSON object that evidence holds."""

    __slots__ = ()

    @property
    @abstractmethod
    def operation(self) -> str:
        """The catalogue's action token for this very action (cases-legend, "Action tokens")."""

    def as_json(self) -> dict[str, Any]:
        """The object evidence records: `action` names the type, `operation` the token."""
        fields = TypeAdapter(type(self)).dump_python(self, mode="json")
        return {"action": type(self).__name__, "operation": self.operation, **fields}


@dataclass(frozen=True, slots=True, config=_CHECKED)
class PlugIn(_Recorded):
    """Make the connection; halfway = inserted but unable to lock (TC_G_20_CS)."""

    evse: OutletEvseId
    connector: ConnectorId
    halfway: bool = False
    side: Literal["both", "station"] = "both"

    @property
    def operation(self) -> str:
        """`plugin`, `plugin_evse_side` or `plugin_halfway`."""
        if self.halfway:
            return "plugin_halfway"
        return "plugin" if self.side == "both" else "plugin_evse_side"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class PlugOut(_Recorded):
    """Undo the connection, or only its station side."""

    evse: OutletEvseId
    connector: ConnectorId
    side: Literal["both", "station"] = "both"

    @property
    def operation(self) -> str:
        """`plugout` or `plugout_evse_side`."""
        return "plugout" if self.side == "both" else "plugout_evse_side"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class PresentToken(_Recorded):
    """Present an idToken at the reader; the same token again stops what it started."""

    id_token: IdTokenText
    type: IdTokenType
    evse: EvseId
    connector: ConnectorId

    @property
    def operation(self) -> str:
        """`authorize`; what it stands for in the case (deauthorize, :invalid …) the case knows."""
        return "authorize"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class Reboot(_Recorded):
    """Cold restart, as after a power cycle."""

    @property
    def operation(self) -> str:
        """`reboot`."""
        return "reboot"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class SetFaulted(_Recorded):
    """Enter or leave Faulted; without an EVSE the whole station. Stays until reversed."""

    faulted: bool
    evse: EvseId | None = None
    connector: ConnectorId | None = None

    @property
    def operation(self) -> str:
        """`set_faulted` or `clear_faulted`."""
        return "set_faulted" if self.faulted else "clear_faulted"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class SetUnlockFailed(_Recorded):
    """Let unlock attempts fail, or succeed again. Stays until reversed."""

    failed: bool
    evse: EvseId | None = None
    connector: ConnectorId | None = None

    @property
    def operation(self) -> str:
        """`set_unlock_failed` or `clear_unlock_failed` (no Part 6 case asks for it)."""
        return "set_unlock_failed" if self.failed else "clear_unlock_failed"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class RefuseLocalAuthList(_Recorded):
    """Let the station refuse SendLocalList, or take it again. Stays until reversed."""

    refused: bool

    @property
    def operation(self) -> str:
        """`refuse_local_auth_list` or `take_local_auth_list` (no Part 6 case asks for it)."""
        return "refuse_local_auth_list" if self.refused else "take_local_auth_list"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class SetExternalLimit(_Recorded):
    """Impose an external limit: "16A" amperes, "3680" or "3680W" watts; None removes it."""

    limit: LimitText | None
    evse: EvseId | None = None
    connector: ConnectorId | None = None

    @property
    def operation(self) -> str:
        """`set_external_limit` or `clear_external_limit`."""
        return "clear_external_limit" if self.limit is None else "set_external_limit"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class ParkingBay(_Recorded):
    """An EV drives into the bay of an EVSE, or out of it."""

    occupied: bool
    evse: OutletEvseId

    @property
    def operation(self) -> str:
        """`parking_in` or `parking_out`."""
        return "parking_in" if self.occupied else "parking_out"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class EvPlugIn(_Recorded):
    """Plug in at the EV end of the cable of this outlet."""

    evse: OutletEvseId
    connector: ConnectorId

    @property
    def operation(self) -> str:
        """`plugin_ev_side`."""
        return "plugin_ev_side"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class EvPlugOut(_Recorded):
    """Unplug at the EV end; the cable may stay in the station."""

    evse: OutletEvseId
    connector: ConnectorId

    @property
    def operation(self) -> str:
        """`plugout_ev_side`."""
        return "plugout_ev_side"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class EvEnd(_Recorded):
    """The EV stops taking energy (TC_E_22_CS)."""

    evse: OutletEvseId
    connector: ConnectorId

    @property
    def operation(self) -> str:
        """`suspend_ev`."""
        return "suspend_ev"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class EvReady(_Recorded):
    """The EV is ready for energy, or not (TC_E_38_CS). Stays until reversed."""

    ready: bool
    evse: OutletEvseId
    connector: ConnectorId

    @property
    def operation(self) -> str:
        """`ev_ready` or `ev_not_ready`."""
        return "ev_ready" if self.ready else "ev_not_ready"


@dataclass(frozen=True, slots=True, config=_CHECKED)
class EvIso15118(_Recorded):
    """An ISO 15118 deed of the EV; no public HTTP form exists, so the settings name its path."""

    iso15118: Iso15118Deed
    evse: OutletEvseId
    connector: ConnectorId
    params: Params = ()

    @property
    def operation(self) -> str:
        """The catalogue token: `pnc`, `ev_renegotiate`, `ev_cert_install` and so on."""
        return self.iso15118


@dataclass(frozen=True, slots=True, config=_CHECKED)
class Stimulate(_Recorded):
    """What no action API knows (cross a monitor, choose on a display); a bench program does it."""

    stimulus: StimulusKind
    params: Params = ()

    @property
    def operation(self) -> str:
        """The catalogue token."""
        return self.stimulus


@dataclass(frozen=True, slots=True, config=_CHECKED)
class Observe(_Recorded):
    """Look at the station (a display, a lamp) and say whether `expected` is there."""

    what: str
    expected: str

    @property
    def operation(self) -> str:
        """`observe_display`."""
        return "observe_display"


StationAction: TypeAlias = (
    PlugIn
    | PlugOut
    | PresentToken
    | Reboot
    | SetFaulted
    | SetUnlockFailed
    | RefuseLocalAuthList
    | SetExternalLimit
    | ParkingBay
)
EvAction: TypeAlias = EvPlugIn | EvPlugOut | EvEnd | EvReady | EvIso15118
ProgramAction: TypeAlias = Observe | Stimulate
Action: TypeAlias = StationAction | EvAction | ProgramAction

_TYPES: dict[str, type[Action]] = {kind.__name__: kind for kind in get_args(Action)}


def from_json(value: Mapping[str, Any]) -> Action:
    """The action that `as_json` wrote.

    Raises:
        ValueError: the object names no known action, misses or adds a field, or its `operation`
            is not the one its fields give.
    """
    fields = {name: item for name, item in value.items() if name not in ("action", "operation")}
    kind = _TYPES.get(str(value.get("action")))
    if kind is None:
        raise ValueError(f"unknown action {value.get('action')!r}; known: {', '.join(_TYPES)}")
    if isinstance(fields.get("params"), list):
        fields["params"] = tuple(tuple(pair) for pair in fields["params"])
    action = kind(**fields)
    if action.operation != value.get("operation"):
        raise ValueError(f"operation {value.get('operation')!r} is not {action.operation!r}")
    return action
