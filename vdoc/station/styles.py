"""Styles: the freedom that a conforming station has, as one frozen value.

None of these is a defect. A case that fails because of a style is wrong about the station.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Style:
    """How a conforming station happens to behave.

    Attributes:
        connector_status: how connector status is reported (G01.FR.01, N07.FR.19).
        status_first: the status report precedes the TransactionEvent with the same cause.
        evse_status: EVSE and station level AvailabilityState are reported as well.
        repeated_status: ChangeAvailability makes it report connectors that do not change, too.
        answer_delay_s: how long the station takes before it answers a CALL.
        heartbeat_s: sends Heartbeats this often whatever the CSMS asked; None = as asked.
        security_events: sends optional security events on top of the critical ones.
        scramble_events: may send two TransactionEvents of one cause in reverse order; seqNo
            stays chronological.
        charging_state_always: chargingState in every TransactionEvent, not only when it changed.
        phases_used: numberOfPhasesUsed in TransactionEvents.
        stopped_reason_local: sends stoppedReason Local, which may be left out.
        report_items: elements in one NotifyReport at most; 0 = ItemsPerMessage.
        clock_in_events: clock-aligned values of a running transaction come as TransactionEvent.
        register_measurand: names the default measurand in sampled values.
        firmware_reboot: when a firmware update reboots: before installing with or without a
            bootloader that speaks OCPP, before activating, or never (L01.FR.15, 23, 32).
        upload_method: HTTP method of log uploads (N01.FR.18).
        closes_when_rejected: closes the connection until it may send BootNotification (B03.FR.04).
        evse_reset_status: a connector is Unavailable while its EVSE restarts (B11.FR.08).
    """

    connector_status: Literal["StatusNotification", "NotifyEvent", "both"] = "StatusNotification"
    status_first: bool = True
    evse_status: bool = False
    repeated_status: bool = False
    answer_delay_s: float = 0.0
    heartbeat_s: float | None = None
    security_events: bool = False
    scramble_events: bool = False
    charging_state_always: bool = True
    phases_used: bool = False
    stopped_reason_local: bool = True
    report_items: int = 0
    clock_in_events: bool = False
    register_measurand: bool = True
    firmware_reboot: Literal["before-installation", "bootloader", "before-activation", "none"] = (
        "before-activation"
    )
    upload_method: Literal["PUT", "POST"] = "PUT"
    closes_when_rejected: bool = False
    evse_reset_status: bool = False


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "plain": Style(),
        "notify-event": Style(
            connector_status="NotifyEvent", firmware_reboot="before-installation"
        ),
        "both": Style(
            connector_status="both",
            evse_status=True,
            repeated_status=True,
            firmware_reboot="bootloader",
            evse_reset_status=True,
        ),
        "late-status": Style(
            closes_when_rejected=True,
            status_first=False,
            firmware_reboot="none",
            upload_method="POST",
        ),
        "slow": Style(closes_when_rejected=True, answer_delay_s=0.2, status_first=False),
        "chatty": Style(
            connector_status="both",
            evse_status=True,
            heartbeat_s=0.5,
            security_events=True,
            phases_used=True,
            clock_in_events=True,
        ),
        "terse": Style(
            charging_state_always=False, stopped_reason_local=False, register_measurand=False
        ),
        "scrambled": Style(scramble_events=True, status_first=False, report_items=3),
        "small-reports": Style(report_items=1, connector_status="NotifyEvent"),
    }
)
