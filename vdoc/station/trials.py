"""Which certificates a connection attempt is made with, and which of them a success confirms.

Keeps M05.FR.12 to FR.16 (a new CSMS root and its fallback) and A02.FR.10 and FR.28 (a new client
certificate and the former one). An attempt is one trial or several, each with its own handshake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509

from vdoc.station.defects import declare
from vdoc.station.network import (
    CLIENT_CERTIFICATE_PROFILE,
    CLIENT_CREDENTIALS,
    NetworkProfiles,
    Profile,
)
from vdoc.station.storage import Credentials, FileStorage, InstalledCertificate

PREVIOUS_CREDENTIALS = "charging-station-previous"
_CSMS_ROOT = "CSMSRootCertificate"

IGNORES_NEW_ROOT = declare(
    "ignores-new-csms-root",
    "trusts the oldest of its CSMS roots only",
    "M05.FR.13",
    "TC_B_50_CS",
    "TC_M_30_CS",
)
KEEPS_FORMER_ROOT = declare(
    "keeps-former-csms-root",
    "keeps the former CSMS root after it has connected by the new one",
    "M05.FR.13",
    "TC_M_30_CS",
)
NO_FALLBACK_ROOT = declare(
    "does-not-fall-back-to-former-root",
    "never tries the former CSMS root once it has a new one",
    "M05.FR.14",
    "TC_M_31_CS",
    "TC_B_47_CS",
)
FALLBACK_ABROAD = declare(
    "former-root-at-new-csms",
    "tries the former CSMS root also with a CSMS that it migrates to",
    "M05.FR.15",
    "TC_B_47_CS",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One handshake of a connection attempt.

    Attributes:
        profile: where to.
        roots: what it trusts.
        purpose: name of the credentials it shows when asked for a client certificate.
    """

    profile: Profile
    roots: tuple[InstalledCertificate, ...]
    purpose: str

    @property
    def anchors(self) -> tuple[x509.Certificate, ...]:
        """The trusted certificates."""
        return tuple(root.certificate for root in self.roots)


class Trials:
    """Chooses the trials of an attempt and draws the consequences of a success.

    Args:
        storage: where certificates are.
        profiles: tells where the station was connected before.
        replaces_roots: AdditionalRootCertificateCheck.
        has: whether a named defect is on.
    """

    def __init__(
        self,
        storage: FileStorage,
        profiles: NetworkProfiles,
        *,
        replaces_roots: bool,
        has: Callable[[str], bool],
    ) -> None:
        self._storage = storage
        self._profiles = profiles
        self._replaces_roots = replaces_roots
        self._has = has

    def of(self, profile: Profile, *, alternate: bool) -> tuple[Trial, ...]:
        """Return the trials of one attempt, in their order.

        Args:
            profile: where to connect.
            alternate: show the former client certificate if there is one (A02.FR.28).
        """
        purpose = CLIENT_CREDENTIALS
        if alternate and self._storage.credentials(PREVIOUS_CREDENTIALS) is not None:
            purpose = PREVIOUS_CREDENTIALS
        roots = self._storage.certificates(_CSMS_ROOT)
        if self._has(IGNORES_NEW_ROOT):
            roots = roots[:1]
        if not self._replaces_roots or len(roots) < 2:  # noqa: PLR2004  # no fallback root
            return (Trial(profile, roots, purpose),)
        newest = Trial(profile, roots[-1:], purpose)
        if not self._falls_back(profile):
            return (newest,)
        return (newest, Trial(profile, roots[:-1], purpose))

    def _falls_back(self, profile: Profile) -> bool:
        """M05.FR.14, 16: at home the former root will do; M05.FR.15: elsewhere it will not."""
        if self._has(NO_FALLBACK_ROOT):
            return False
        return profile == self._profiles.fallback() or self._has(FALLBACK_ABROAD)

    def client(self, trial: Trial) -> Credentials | None:
        """The key and chain that a trial shows; none below security profile 3."""
        if trial.profile.security_profile != CLIENT_CERTIFICATE_PROFILE:
            return None
        return self._storage.credentials(trial.purpose)

    def succeeded(self, trial: Trial) -> bool:
        """Drop what the success made superfluous; says whether that was a renewed certificate."""
        if self._proves_new_root(trial) and not self._has(KEEPS_FORMER_ROOT):
            for former in self._storage.certificates(_CSMS_ROOT)[:-1]:
                self._storage.remove_certificate(former)  # M05.FR.13
        if trial.profile.security_profile != CLIENT_CERTIFICATE_PROFILE:
            return False
        renewed_discarded = trial.purpose == PREVIOUS_CREDENTIALS
        if renewed_discarded:  # A02.FR.10, 29
            self._storage.move_credentials(PREVIOUS_CREDENTIALS, CLIENT_CREDENTIALS)
        self._storage.drop_credentials(PREVIOUS_CREDENTIALS)
        return renewed_discarded

    def _proves_new_root(self, trial: Trial) -> bool:
        """Whether TLS has been set up by the newest root of a station that keeps one."""
        if not self._replaces_roots or trial.profile.security_profile == 1:
            return False
        newest = self._storage.certificates(_CSMS_ROOT)[-1:]
        return [root.path for root in trial.roots[-1:]] == [root.path for root in newest]
