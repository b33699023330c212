"""Network connection profiles: slots, their priority, and the security profile in force.

Owns B09 (a slot is set), B10 (priority decides where to connect after a boot) and A05 (the
security profile only rises). Everything is read from storage at each use: what a CSMS may read
back changes with a successful connection, not only by its own requests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from vdoc.station.defects import declare
from vdoc.station.storage import FileStorage

SLOTS = (1, 2, 3)
SLOT_LIMIT = 3
CLIENT_CREDENTIALS = "charging-station"
CLIENT_CERTIFICATE_PROFILE = 3
_SCHEMES = {1: "ws", 2: "wss", 3: "wss"}

KEEPS_LOWER_SLOT = declare(
    "keeps-lower-profile-slot",
    "after a security profile upgrade the slot with the lower profile stays in the priority",
    "A05.FR.06",
    "TC_A_19_CS",
)
KEEPS_SECURITY_PROFILE = declare(
    "keeps-security-profile-variable",
    "SecurityProfile keeps its old value after an upgrade",
    "A05.FR.06",
    "TC_A_19_CS",
)
IGNORES_PRIORITY = declare(
    "ignores-network-priority",
    "after a boot it connects with the profile that it used before, not the first of the priority",
    "A05.FR.05",
    "TC_A_19_CS",
    "TC_B_45_CS",
    "TC_B_46_CS",
    "TC_B_50_CS",
)
REJECTS_PROFILE = declare(
    "rejects-network-profile",
    "rejects every SetNetworkProfileRequest",
    "B09.FR.01",
    "TC_A_19_CS",
    "TC_B_45_CS",
    "TC_B_46_CS",
)
REJECTS_PRIORITY = declare(
    "rejects-network-priority",
    "rejects a valid NetworkConfigurationPriority",
    "A05.FR.04",
    "TC_A_19_CS",
    "TC_B_45_CS",
)
FALLS_BACK = declare(
    "falls-back-to-lower-profile",
    "when the upgraded connection is lost it reconnects with the former, lower security profile",
    "A05.FR.06",
    "TC_A_19_CS",
)
UNKNOWN_SLOT = declare(
    "accepts-unknown-network-slot",
    "accepts a network profile for a slot that it does not have, and forgets it",
    "B09.FR.05",
    "TC_B_43_CS",
)
ACCEPTS_LOWER = declare(
    "accepts-lower-network-profile",
    "accepts a network profile with a security profile below the present one",
    "B09.FR.04",
    "TC_A_22_CS",
)
NEEDS_NO_CERTIFICATE = declare(
    "upgrades-without-station-certificate",
    "accepts a priority with security profile 3 although it has no certificate of its own",
    "A05.FR.03",
    "TC_A_21_CS",
)
NEEDS_NO_ROOT = declare(
    "upgrades-without-csms-root",
    "accepts a priority whose security profile needs a CSMS root although none is installed",
    "A05.FR.02",
    "TC_A_20_CS",
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a connection attempt needs of a network connection profile."""

    slot: int
    url: str
    security_profile: int
    message_timeout_s: int


class NetworkProfiles:
    """The slots of the station and which of them it uses.

    Args:
        storage: where they live (document "network").
        supported: the security profiles that the product supports.
        has: whether a named defect is on.
    """

    def __init__(
        self, storage: FileStorage, supported: tuple[int, ...], has: Callable[[str], bool]
    ) -> None:
        self._storage = storage
        self._supported = supported
        self._has = has

    # -- what a CSMS reads

    @property
    def values_list(self) -> str:
        """The slots that exist, as in valuesList of NetworkConfigurationPriority."""
        return ",".join(map(str, SLOTS))

    @property
    def priority_csv(self) -> str:
        """NetworkConfigurationPriority."""
        return ",".join(map(str, self.priority))

    @property
    def priority(self) -> tuple[int, ...]:
        """The slots to try after a boot, in this order."""
        return tuple(self._document["priority"])

    @property
    def active_slot(self) -> int:
        """ActiveNetworkProfile: the slot connected with last."""
        return int(self._document["active"])

    @property
    def security_profile(self) -> int:
        """SecurityProfile: the highest profile that a connection has proved."""
        return int(self._document["security_profile"])

    # -- what a CSMS writes

    def set_profile(self, slot: int, data: dict[str, Any]) -> tuple[str, str | None]:
        """Store a profile (B09); return the status and, when rejected, a reasonCode."""
        reason = self._refusal(slot, data)
        if reason is not None or self._has(REJECTS_PROFILE):
            return "Rejected", reason
        if slot in SLOTS:
            document = self._document
            document["slots"][str(slot)] = data
            self._storage.put("network", document)
        return "Accepted", None

    def _refusal(self, slot: int, data: dict[str, Any]) -> str | None:
        if slot not in SLOTS:
            return None if self._has(UNKNOWN_SLOT) else "InvalidConfSlot"  # B09.FR.05
        security_profile = int(data["securityProfile"])
        scheme = _SCHEMES.get(security_profile)
        if (
            security_profile not in self._supported
            or data["ocppTransport"] != "JSON"
            or data["ocppVersion"] != "OCPP20"
            or urlsplit(data["ocppCsmsUrl"]).scheme != scheme
        ):
            return "InvalidNetworkConf"  # B09.FR.02
        if security_profile < self.security_profile and not self._has(ACCEPTS_LOWER):
            return "NoSecurityDowngrade"  # B09.FR.04
        return None

    def check_priority(self, csv: str) -> str | None:
        """Return why a NetworkConfigurationPriority is refused (a reasonCode), or None."""
        if self._has(REJECTS_PRIORITY):
            return "InvalidValue"
        texts = [text.strip() for text in csv.split(",")]
        if not all(text.isdecimal() for text in texts) or len(set(texts)) != len(texts):
            return "InvalidValue"
        reasons = (self._slot_refusal(int(text)) for text in texts)
        return next((reason for reason in reasons if reason), None)

    def _slot_refusal(self, slot: int) -> str | None:
        data = self._document["slots"].get(str(slot))
        if slot not in SLOTS or data is None:
            return "InvalidConfSlot"  # B10.FR.02
        wanted = int(data["securityProfile"])
        if wanted < self.security_profile:
            return "NoSecurityDowngrade"  # A05.FR.10
        if wanted > 1 and not self._trusts_a_csms:
            return "InvalidNetworkConf"  # A05.FR.02
        needs_own = wanted == CLIENT_CERTIFICATE_PROFILE and not self._has(NEEDS_NO_CERTIFICATE)
        if needs_own and self._storage.credentials(CLIENT_CREDENTIALS) is None:
            return "InvalidNetworkConf"  # A05.FR.03
        return None

    @property
    def _trusts_a_csms(self) -> bool:
        return bool(self._storage.certificates("CSMSRootCertificate")) or self._has(NEEDS_NO_ROOT)

    def set_priority(self, csv: str) -> None:
        """Store a priority that `check_priority` accepts; it counts from the next boot."""
        document = self._document
        document["priority"] = [int(text) for text in csv.split(",")]
        self._storage.put("network", document)

    # -- what the link uses

    def boot_order(self) -> tuple[Profile, ...]:
        """The profiles to try after a boot (B10.FR.04), each with its attempts."""
        order = self.priority
        if self._has(IGNORES_PRIORITY):
            order = (self.active_slot,)
        return tuple(profile for slot in order if (profile := self.profile(slot)) is not None)

    def profile(self, slot: int) -> Profile | None:
        """The profile of a slot, or None when the slot is empty."""
        data = self._document["slots"].get(str(slot))
        if data is None:
            return None
        return Profile(
            slot, data["ocppCsmsUrl"], int(data["securityProfile"]), int(data["messageTimeout"])
        )

    def fallback(self) -> Profile | None:
        """The profile of the last successful connection (B10.FR.07)."""
        last = self._document.get("last_successful")
        return None if last is None else self.profile(int(last))

    def connected(self, profile: Profile) -> Profile:
        """Record a successful connection; return the profile to reconnect with when it is lost.

        A05.FR.06: SecurityProfile follows, lower slots are removed.
        """
        document = self._document
        former = self.fallback()
        document["active"] = document["last_successful"] = profile.slot
        raised = profile.security_profile > int(document["security_profile"])
        if raised and not self._has(KEEPS_SECURITY_PROFILE):
            document["security_profile"] = profile.security_profile
        if not self._has(KEEPS_LOWER_SLOT):
            _drop_lower(document, profile.security_profile)
        self._storage.put("network", document)
        if raised and former is not None and self._has(FALLS_BACK):
            return former
        return profile

    @property
    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] | None = self._storage.get("network")
        return found or {"slots": {}, "priority": [], "active": 0, "security_profile": 0}


def _drop_lower(document: dict[str, Any], security_profile: int) -> None:
    slots: dict[str, Any] = document["slots"]
    lower = {slot for slot, data in slots.items() if data["securityProfile"] < security_profile}
    document["slots"] = {slot: data for slot, data in slots.items() if slot not in lower}
    document["priority"] = [slot for slot in document["priority"] if str(slot) not in lower]


def provisioned(url: str, security_profile: int, *, message_timeout_s: int = 30) -> dict[str, Any]:
    """The document "network" of a station fresh from commissioning: one profile, in slot 1."""
    data = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": message_timeout_s,
        "securityProfile": security_profile,
        "ocppInterface": "Wired0",
    }
    return {
        "slots": {"1": data},
        "priority": [1],
        "active": 1,
        "security_profile": security_profile,
    }
