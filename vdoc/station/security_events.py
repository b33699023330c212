"""Security events: the security log, and the critical ones to the CSMS (A04).

Which events are critical is the published list (Part 2 appendices §1). The log is a rolling one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import render_datetime
from vdoc.station.defects import declare

if TYPE_CHECKING:
    from vdoc.station.station import Station

CRITICAL = frozenset(
    {
        "FirmwareUpdated",
        "SettingSystemTime",
        "StartupOfTheDevice",
        "ResetOrReboot",
        "SecurityLogWasCleared",
        "MemoryExhaustion",
        "TamperDetectionActivated",
        "InvalidFirmwareSignature",
        "InvalidFirmwareSigningCertificate",
        "InvalidCsmsCertificate",
        "InvalidChargingStationCertificate",
        "InvalidTLSVersion",
        "InvalidTLSCipherSuite",
        "MaintenanceLoginAccepted",
        "MaintenanceLoginFailed",
        "DiscardedRenewedClientCertificate",  # errata 2.9, A02.FR.29
    }
)
_BOOT_EVENTS = ("StartupOfTheDevice", "ResetOrReboot")
_LOG_ENTRIES = 500
_TECH_INFO_LENGTH = 255

NO_BOOT_EVENT = declare(
    "no-boot-security-event",
    "reports neither StartupOfTheDevice nor ResetOrReboot after a boot",
    "A04.FR.01",
    "TC_A_01_CS",
    "TC_A_06_CS",
    "TC_A_19_CS",
)


class SecurityEvents:
    """The security log of the station and its way to the CSMS."""

    def __init__(self, station: Station) -> None:
        self._station = station
        station.on_boot_accepted(self._booted)

    async def _booted(self) -> None:
        reason = self._station.software.boot.reason
        cold = reason == "PowerUp"
        self.report("StartupOfTheDevice" if cold else "ResetOrReboot", f"boot reason {reason}")

    def report(self, kind: str, detail: str | None = None) -> None:
        """Log a security event (A04.FR.04); send it when it is critical (A04.FR.01, 02).

        Args:
            kind: its name in the published list.
            detail: what a person should know, sent as techInfo.
        """
        payload: dict[str, Any] = {"type": kind, "timestamp": render_datetime(self._station.now())}
        if detail:
            payload["techInfo"] = detail[:_TECH_INFO_LENGTH]
        log = [*self.entries(), payload][-_LOG_ENTRIES:]
        self._station.storage.put("security-log", log)
        if kind in _BOOT_EVENTS and self._station.has(NO_BOOT_EVENT):
            return
        if kind in CRITICAL or self._station.style.security_events:
            self._station.send("SecurityEventNotification", payload, queue=True)

    def entries(self) -> tuple[dict[str, Any], ...]:
        """The security log, oldest first."""
        return tuple(self._station.storage.get("security-log") or ())
