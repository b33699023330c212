"""What a reference station is started with: claims, identity, speed and behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vdoc.pics import Pics
from vdoc.station.styles import Style

ActionTiming = Literal["at-once", "after-effect"]


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the imaginary hardware takes, in seconds. Nothing is skipped when short."""

    boot_s: float = 0.3
    charging_start_s: float = 0.05
    charging_stop_s: float = 0.02
    plug_s: float = 0.0
    token_s: float = 0.0
    lock_s: float = 0.01
    firmware_download_s: float = 0.1
    firmware_install_s: float = 0.1
    log_upload_s: float = 0.1
    action_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One station, as the factory delivers it and as it is run.

    Attributes:
        pics: what the product claims; decides which options the station has.
        identity: its identity in the connection URL and as Basic user name.
        csms_url: first CSMS, without the identity; used until storage holds network profiles.
        state_dir: where everything lives that survives a power cycle.
        defects: names of declared defects that are active.
        timings: speed of the hardware.
        style: what it does within the freedom of the specification.
        serial_number: as in BootNotification.
        firmware_version: as delivered; None = that of the PICS. An update replaces it.
        action_timing: when an action of the action API is answered.
        power_w: power an EV draws from an EVSE.
        factory: values of variables as delivered, by `Component.Variable[Instance]`.
    """

    pics: Pics
    identity: str
    csms_url: str
    state_dir: Path
    timings: Timings = field(default_factory=Timings)
    defects: frozenset[str] = frozenset()
    style: Style = field(default_factory=Style)
    serial_number: str = "REF-0001"
    firmware_version: str | None = None
    action_timing: ActionTiming = "at-once"
    power_w: float = 11000.0
    factory: Mapping[str, str] = field(default_factory=dict)
