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
        begin_with_charging: values of the start that had to wait for the EVSE come when charging
            starts (E01.FR.17), not as soon as the EVSE is known.
        says_no_data: says so in words when nothing is stored about a customer (N09.FR.06).
        log_attempts_told: tells each attempt to upload a log, not only the first and the last.
        firmware_reboot: when a firmware update reboots: before installing with or without a
            bootloader that speaks OCPP, before activating, or never (L01.FR.15, 23, 32).
        installs_meanwhile: installs during a transaction, and activates after it (L01.FR.33).
        reboot_told_early: tells InstallRebooting once it has installed, and reboots when idle.
        out_of_service: takes its connectors out of service before it installs.
        tells_cancelled: reports DownloadFailed of an update that a new one takes the place of.
        upload_method: HTTP method of log uploads (N01.FR.18).
        closes_when_rejected: closes the connection until it may send BootNotification (B03.FR.04).
        evse_reset_status: a connector is Unavailable while its EVSE restarts (B11.FR.08).
        hash_algorithm: the one by which it names certificates; it knows others if this is SHA256.
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
    begin_with_charging: bool = False
    says_no_data: bool = False
    log_attempts_told: bool = False
    firmware_reboot: Literal["before-installation", "bootloader", "before-activation", "none"] = (
        "before-activation"
    )
    installs_meanwhile: bool = False
    reboot_told_early: bool = False
    out_of_service: bool = False
    tells_cancelled: bool = False
    upload_method: Literal["PUT", "POST"] = "PUT"
    closes_when_rejected: bool = False
    evse_reset_status: bool = False
    hash_algorithm: Literal["SHA256", "SHA384", "SHA512"] = "SHA256"


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "plain": Style(),
        "notify-event": Style(
            connector_status="NotifyEvent",
            firmware_reboot="before-installation",
            out_of_service=True,
            clock_in_events=True,
            log_attempts_told=True,
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
            installs_meanwhile=True,
            out_of_service=True,
            upload_method="POST",
            says_no_data=True,
            begin_with_charging=True,
        ),
        "slow": Style(closes_when_rejected=True, answer_delay_s=0.2, status_first=False),
        "chatty": Style(
            connector_status="both",
            evse_status=True,
            heartbeat_s=0.5,
            security_events=True,
            phases_used=True,
            clock_in_events=True,
            installs_meanwhile=True,
            reboot_told_early=True,
            tells_cancelled=True,
        ),
        "terse": Style(
            charging_state_always=False,
            stopped_reason_local=False,
            register_measurand=False,
            hash_algorithm="SHA512",
        ),
        "scrambled": Style(scramble_events=True, status_first=False, report_items=3),
        "small-reports": Style(report_items=1, connector_status="NotifyEvent"),
    }
)
