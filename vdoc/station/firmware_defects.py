"""The defects of firmware updates (L01, L02), by what goes wrong."""

from __future__ import annotations

from vdoc.station.defects import declare

INSTALLING = (
    *("TC_L_01_CS", "TC_L_02_CS", "TC_L_03_CS", "TC_L_10_CS", "TC_L_11_CS"),
    *("TC_L_12_CS", "TC_L_13_CS", "TC_L_14_CS", "TC_L_15_CS", "TC_L_16_CS"),
)
"""The cases in which an update is installed."""

# --- the request

REJECTS_UPDATE = declare(
    "rejects-firmware-update",
    "rejects every UpdateFirmwareRequest",
    "L01.FR.21",
    *("TC_L_06_CS", "TC_L_07_CS", "TC_L_08_CS", *INSTALLING),
    "TC_F_19_CS",
)
TRUSTS_ANYBODY = declare(
    "trusts-any-signing-certificate",
    "accepts firmware of any signing certificate",
    "L01.FR.21",
    "TC_L_05_CS",
)
TRUSTS_NAMES = declare(
    "trusts-issuer-name",
    "accepts a signing certificate that only names the manufacturer root as its issuer",
    "L01.FR.12",
    "TC_L_05_CS",
)
CERTIFICATE_AS_REJECTED = declare(
    "invalid-certificate-as-rejected",
    "answers Rejected where the signing certificate is invalid",
    "L01.FR.22",
    "TC_L_05_CS",
)
NO_CERTIFICATE_EVENT = declare(
    "no-invalid-certificate-event",
    "sends no security event InvalidFirmwareSigningCertificate",
    "L01.FR.02",
    "TC_L_05_CS",
)
TAKES_UNSIGNED = declare(
    "takes-unsigned-firmware",
    "accepts firmware without signing certificate and signature, although it knows signed one",
    "L01.FR.21",
    "TC_L_18_CS",
)
BEGINS_REFUSED = declare(
    "begins-refused-update",
    "refuses an update for its signing certificate, and reports Downloading all the same",
    "L01.FR.22",
    *("TC_L_05_CS", "TC_L_18_CS"),
)
NEVER_CANCELS = declare(
    "never-cancels-update",
    "rejects a second UpdateFirmwareRequest although it can cancel the first",
    "L01.FR.24",
    "TC_L_10_CS",
)
CANCELS_AS_ACCEPTED = declare(
    "cancels-update-as-accepted",
    "answers Accepted to the request that cancels an update",
    "L01.FR.24",
    "TC_L_10_CS",
)
KEEPS_FIRST = declare(
    "keeps-cancelled-update",
    "answers AcceptedCanceled and goes on with the first update",
    "L01.FR.24",
    "TC_L_10_CS",
)
CANCELS_ANYWAY = declare(
    "cancels-update-unclaimed",
    "cancels an update although it says that it cannot",
    "L01.FR.27",
    "TC_L_11_CS",
)
STOPS_AT_SECOND = declare(
    "rejected-update-stops-first",
    "rejects a second UpdateFirmwareRequest and gives up the first update",
    "L01.FR.27",
    "TC_L_11_CS",
)

# --- the download

NO_DOWNLOAD_SCHEDULED = declare(
    "no-download-scheduled",
    "waits with the download without reporting DownloadScheduled",
    "L01.FR.13",
    *("TC_L_03_CS", "TC_L_12_CS", "TC_L_13_CS"),
)
DOWNLOADS_EARLY = declare(
    "downloads-before-its-time",
    "reports DownloadScheduled and downloads at once",
    "L01.FR.13",
    *("TC_L_03_CS", "TC_L_12_CS", "TC_L_13_CS"),
)
DOWNLOADS_IN_TRANSACTION = declare(
    "downloads-in-transaction",
    "downloads during a transaction, although it says that it cannot",
    "L01.FR.13",
    *("TC_L_12_CS", "TC_L_13_CS"),
)
SKIPS_DOWNLOADING = declare(
    "skips-downloading",
    "does not report that it downloads firmware",
    "L01.FR.01",
    *("TC_L_06_CS", "TC_L_08_CS", *INSTALLING),
    "TC_F_19_CS",
)
SKIPS_DOWNLOADED = declare(
    "skips-downloaded",
    "does not report that the firmware was downloaded",
    "L01.FR.01",
    *("TC_L_06_CS", "TC_L_08_CS", *INSTALLING),
)
NO_DOWNLOAD_FAILED = declare(
    "no-download-failed",
    "does not report DownloadFailed",
    "L01.FR.30",
    "TC_L_07_CS",
)
DOWNLOAD_FAILED_AS_INSTALLATION = declare(
    "download-failed-as-installation-failed",
    "reports InstallationFailed where the download failed",
    "L01.FR.01",
    "TC_L_07_CS",
)

# --- the signature

SKIPS_VERIFIED = declare(
    "skips-signature-verified",
    "installs without reporting SignatureVerified",
    "L01.FR.01",
    *("TC_L_08_CS", *INSTALLING),
)
IGNORES_SIGNATURE = declare(
    "installs-invalid-signature",
    "installs firmware whose signature does not fit",
    "L01.FR.04",
    "TC_L_06_CS",
)
NO_SIGNATURE_EVENT = declare(
    "no-invalid-signature-event",
    "sends no security event InvalidFirmwareSignature",
    "L01.FR.03",
    "TC_L_06_CS",
)
WRONG_SIGNATURE_STATUS = declare(
    "invalid-signature-as-failed",
    "reports InstallationFailed where the signature is invalid",
    "L01.FR.01",
    "TC_L_06_CS",
)

# --- the installation

NO_INSTALL_SCHEDULED = declare(
    "no-install-scheduled",
    "waits with the installation without reporting InstallScheduled",
    "L01.FR.16",
    "TC_L_02_CS",
)
INSTALLS_EARLY = declare(
    "installs-before-its-time",
    "reports InstallScheduled and installs at once",
    "L01.FR.16",
    *("TC_L_02_CS", "TC_L_14_CS", "TC_L_15_CS"),
)
SKIPS_INSTALLING = declare(
    "installs-unannounced",
    "installs without reporting Installing, or InstallRebooting where it reboots first",
    "L01.FR.01",
    *("TC_L_08_CS", *INSTALLING),
)
INSTALLS_BROKEN = declare(
    "installs-broken-image",
    "reports Installed although the image fails its verification",
    "L01.FR.29",
    "TC_L_08_CS",
)
NO_INSTALL_FAILED = declare(
    "no-installation-failed",
    "does not report that the installation failed",
    "L01.FR.29",
    "TC_L_08_CS",
)
INSTALLED_AFTER_FAILURE = declare(
    "installed-after-failure",
    "reports that the installation failed, and then Installed",
    "L01.FR.01",
    "TC_L_08_CS",
)
ACTIVATES_IN_TRANSACTION = declare(
    "activates-in-transaction",
    "installs and activates firmware during a transaction, although it says that it cannot",
    "L01.FR.33",
    *("TC_L_14_CS", "TC_L_15_CS"),
)
WAITS_FOR_TRANSACTION = declare(
    "waits-for-transaction",
    "waits for the transaction to end, although it says that it can install meanwhile",
    "L01.FR.05",
    "TC_L_16_CS",
)
ENDS_TRANSACTION = declare(
    "ends-transaction-for-update",
    "ends a transaction when new firmware begins to run, although it says that it can go on",
    "L01.FR.06",
    "TC_L_16_CS",
)
REBOOTS_IN_TRANSACTION = declare(
    "reboots-after-installed",
    "reports Installed and then reboots, although a transaction goes on",
    "L01.FR.33",
    "TC_L_16_CS",
)
REFUSES_SESSIONS = declare(
    "refuses-sessions-pending-update",
    "takes EVSEs out of service while an update waits, though new sessions are allowed",
    "L01.FR.07",
    *("TC_L_12_CS", "TC_L_14_CS"),
)
ALLOWS_SESSIONS = declare(
    "allows-sessions-pending-update",
    "leaves EVSEs in service while an update waits, though new sessions are not allowed",
    "L01.FR.07",
    *("TC_L_13_CS", "TC_L_15_CS"),
)
OPENS_LAST = declare(
    "opens-last-evse-pending-update",
    "leaves the EVSE whose transaction ended last in service until it installs firmware",
    "L01.FR.07",
    "TC_L_13_CS",
)
NEVER_BACK = declare(
    "stays-unavailable-after-update",
    "says that its connectors are Unavailable for an update, and not that they are Available again",
    "L01.FR.28",
    *("TC_L_01_CS", "TC_L_08_CS"),
)

# --- its end

NEVER_INSTALLED = declare(
    "never-reports-installed",
    "does not report Installed",
    "L01.FR.28",
    *INSTALLING,
)
NO_UPDATED_EVENT = declare(
    "no-firmware-updated-event",
    "sends no security event FirmwareUpdated after installing",
    "L01.FR.31",
    *INSTALLING,
)
WRONG_BOOT_REASON = declare(
    "firmware-boot-reason-power-up",
    "the boot that activates new firmware carries reason PowerUp",
    "L01.FR.32",
    *(case for case in INSTALLING if case != "TC_L_16_CS"),
)
STAYS_CONNECTED = declare(
    "stays-connected-after-update",
    "activates new firmware without connecting anew, where it does not reboot",
    "L01.FR.28",
    *("TC_L_01_CS", "TC_L_16_CS"),
)

# --- all of it

WRONG_REQUEST = declare(
    "firmware-wrong-request-id",
    "firmware statuses carry another requestId than the UpdateFirmwareRequest",
    "L01.FR.10",
    *("TC_L_06_CS", "TC_L_07_CS", "TC_L_08_CS", *INSTALLING),
)
NO_REQUEST = declare(
    "firmware-no-request-id",
    "firmware statuses carry no requestId",
    "L01.FR.20",
    *("TC_L_06_CS", "TC_L_07_CS", "TC_L_08_CS", *INSTALLING),
)
TRIGGERED_INSTALLED = declare(
    "firmware-idle-as-installed",
    "without an update a triggered firmware status says Installed",
    "F06.FR.16",
    "TC_F_17_CS",
    "TC_F_18_CS",
)
TRIGGERED_IDLE = declare(
    "firmware-downloading-as-idle",
    "during an update a triggered firmware status says Idle",
    "L01.FR.26",
    "TC_F_19_CS",
)
