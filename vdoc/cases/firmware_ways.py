"""What may follow what in a firmware update, as tables, and how cases number its steps.

Owns the order of FirmwareStatusNotifications and boots (L01; Part 6 states
RebootBeforeFirmwareInstallation and RebootBeforeFirmwareActivation): at each place of the way, what
may be told, and where it leads. A case takes the usual way, but for the places that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BOOT = "BootNotification"
FALLEN_BACK = "fallen back"
"""The place after a boot to the firmware that ran before an update which failed."""

Ways = Mapping[str, Mapping[str, str]]
"""What may be told at a place of the way, and the place that it leads to."""

_FAILED_TO_INSTALL = {"InstallVerificationFailed": "failed", "InstallationFailed": "failed"}
USUAL: Ways = {
    "asked": {"Downloading": "downloading"},
    "download scheduled": {"Downloading": "downloading"},
    "downloading": {
        "Downloading": "downloading",  # a further attempt, L01.FR.30
        "DownloadPaused": "paused",  # L01.FR.14
        "Downloaded": "downloaded",
    },
    "paused": {"Downloading": "downloading"},
    "downloaded": {"SignatureVerified": "verified"},
    "verified": {"InstallRebooting": "rebooting to install", "Installing": "installing"},
    "install scheduled": {"InstallRebooting": "rebooting to install", "Installing": "installing"},
    "rebooting to install": {BOOT: "booted to install"},
    "booted to install": {  # a bootloader without OCPP leaves Installing out, L01.FR.23
        "Installing": "installing",
        "InstallRebooting": "rebooting to activate",
        "Installed": "installed",
    },
    "installing": {
        "InstallRebooting": "rebooting to activate",
        BOOT: "activated",  # InstallRebooting is optional here
        "Installed": "installed",  # also before a boot, L01.FR.32 b
    },
    "rebooting to activate": {BOOT: "activated"},
    "activated": {"Installed": "installed"},
}
DOWNLOAD_SCHEDULED: Ways = {"asked": {"DownloadScheduled": "download scheduled"}}
"""The download must wait, and the DUT says so (L01.FR.13)."""
INSTALL_SCHEDULED: Ways = {"verified": {"InstallScheduled": "install scheduled"}}
"""The installation must wait, and the DUT says so (L01.FR.16)."""
INSTALL_MAY_BE_SCHEDULED: Ways = {
    "verified": {"InstallScheduled": "install scheduled", "Installing": "installing"}
}
"""A transaction goes on: the DUT waits (L01.FR.34), or installs and activates later (L01.FR.33)."""
WITHOUT_REBOOT: Ways = {
    "verified": {"Installing": "installing"},
    "installing": {"Installed": "installed"},
}
NOT_THERE: Ways = {  # the DUT may find out before it begins to download (TC_L_07_CS step 3)
    "asked": {"Downloading": "downloading", "DownloadFailed": "failed"},
    "downloading": {
        "Downloading": "downloading",
        "DownloadPaused": "paused",
        "DownloadFailed": "failed",
    },
}
NOT_INSTALLABLE: Ways = {
    "verified": {
        "InstallRebooting": "rebooting to install",
        "Installing": "installing",
    },
    "booted to install": {"Installing": "installing", **_FAILED_TO_INSTALL},
    "installing": {
        "InstallRebooting": "rebooting to activate",
        BOOT: FALLEN_BACK,
        **_FAILED_TO_INSTALL,
    },
    "rebooting to activate": {BOOT: FALLEN_BACK},
    FALLEN_BACK: _FAILED_TO_INSTALL,
}

REQUIREMENTS: Mapping[str, str] = {
    "DownloadScheduled": "L01.FR.13",
    "DownloadFailed": "L01.FR.30",
    "SignatureVerified": "L01.FR.04",
    "InvalidSignature": "L01.FR.04",
    "InstallScheduled": "L01.FR.16",
    "InstallRebooting": "L01.FR.15",
    "Installing": "L01.FR.05",
    "InstallVerificationFailed": "L01.FR.29",
    BOOT: "B01.FR.03",
    "Installed": "L01.FR.28",
}
ANY_STATE = "L01.FR.01"


@dataclass(frozen=True, slots=True)
class Steps:
    """The numbers that the table of a case gives to the steps of an update.

    Attributes:
        told: of the statuses, and of a boot before activation.
        out: the connectors become Unavailable.
        reconnects: the DUT reconnects.
        back: the connectors are Available again.
        event: the security event.
    """

    told: Mapping[str, int]
    out: int = 0
    reconnects: int = 0
    back: int = 0
    event: int = 0

    @classmethod
    def from_verified(cls, downloading: int, out: int, **others: int) -> Steps:
        """Number an update that is installed: its download, what follows, and other statuses."""
        return cls(
            {
                "Downloading": downloading,
                "Downloaded": downloading + 2,
                "SignatureVerified": downloading + 4,
                "InstallRebooting": out + 2,
                "Installing": out + 3,
                BOOT: out + 5,
                "Installed": out + 9,
                **others,
            },
            out=out,
            reconnects=out + 6,
            back=out + 7,
            event=out + 11,
        )
