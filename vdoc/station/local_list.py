"""The local authorization list (D01, D02), kept in document "local-list"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import parse_datetime
from vdoc.station.customer import Source
from vdoc.station.defects import declare
from vdoc.station.seams import Payload, RefuseCall, Reply
from vdoc.station.tokens import Token

if TYPE_CHECKING:
    from vdoc.station.station import Station

VERSION_STUCK = declare(
    "local-list-version-stays",
    "an accepted SendLocalListRequest never changes the version of the list",
    "D01.FR.01",
    "TC_D_01_CS",
    "TC_D_02_CS",
    "TC_D_03_CS",
    "TC_D_04_CS",
    "TC_D_05_CS",
    "TC_D_06_CS",
    "TC_D_07_CS",
    "TC_D_08_CS",
)
FULL_FAILS = declare(
    "local-list-full-fails",
    "a full local list is never accepted",
    "D01.FR.15",
    "TC_D_01_CS",
)
UPDATE_FAILS = declare(
    "local-list-update-fails",
    "a differential update is never accepted",
    "D01.FR.16",
    "TC_D_02_CS",
    "TC_D_05_CS",
)
REMOVAL_FAILS = declare(
    "local-list-removal-fails",
    "an update that removes tokens is not accepted",
    "D01.FR.17",
    "TC_D_03_CS",
)
EMPTY_HAS_NO_VERSION = declare(
    "local-list-empty-has-no-version",
    "a full list without entries resets the version to 0",
    "D01.FR.04",
    "TC_D_04_CS",
)
EMPTY_UPDATE_KEEPS_VERSION = declare(
    "local-list-empty-update-keeps-version",
    "an update without entries leaves the version as it was",
    "D01.FR.05",
    "TC_D_05_CS",
)
OLD_ACCEPTED = declare(
    "local-list-old-version-accepted",
    "an update is accepted whatever its version",
    "D01.FR.19",
    "TC_D_06_CS",
)
OLD_FAILS = declare(
    "local-list-old-version-fails",
    "an update of an old version is answered Failed",
    "D01.FR.19",
    "TC_D_06_CS",
)
LOST_AT_REBOOT = declare(
    "local-list-lost-at-reboot",
    "there is no local list after a reboot",
    "D01.FR.10",
    "TC_D_07_CS",
)
TOLD_WHEN_DISABLED = declare(
    "local-list-version-when-disabled",
    "tells the version of the list while it is switched off",
    "D02.FR.03",
    "TC_D_10_CS",
)

_MOST_ENTRIES = 100


class LocalList:
    """The list of a station that claims the profile; of others, an empty one."""

    def __init__(self, station: Station) -> None:
        self._station = station
        kept = None if station.has(LOST_AT_REBOOT) else station.storage.get("local-list")
        saved: dict[str, Any] = kept or {}
        self._version: int = saved.get("version", 0)
        self._entries: dict[str, dict[str, Any]] = saved.get("entries", {})
        self._claimed = station.pics.claims("profile.LocalAuthListManagement")
        self._most = station.pics.limits.local_auth_list_entries or _MOST_ENTRIES
        if self._claimed:
            station.handle("SendLocalList", self._send)
            station.handle("GetLocalListVersion", self._get_version)
            station.software.customer.add_source(Source(self._tell_customer, _kept))
            model = station.software.model
            model.bind("LocalAuthListCtrlr", "Entries", lambda: str(len(self._entries)))
            model.variable("LocalAuthListCtrlr", "Entries").maximum = float(self._most)
            model.bind("LocalAuthListCtrlr", "Storage", lambda: str(len(str(self._entries)) - 2))

    @property
    def enabled(self) -> bool:
        """Whether there is a list and it is switched on (LA-1)."""
        return self._claimed and self._station.software.model.boolean(
            "LocalAuthListCtrlr", "Enabled", default=True
        )

    def lookup(self, token: Token) -> dict[str, Any] | None:
        """The IdTokenInfoType of a token, unless it expired (C14.FR.05)."""
        info = self._entries.get(token.key) if self.enabled else None
        until = None if info is None else info.get("cacheExpiryDateTime")
        if until is not None and parse_datetime(until) <= self._station.now():
            return None
        return info

    def _tell_customer(self, name: str, reference: object) -> str:
        """What is listed about a customer (N09.FR.05)."""
        if name != "idToken" or not isinstance(reference, dict):
            return ""
        token = Token.of(reference)
        info = self._entries.get(token.key)
        return "" if info is None else f"local list: {token.id} is {info['status']}"

    async def _get_version(self, _: Payload) -> Reply:
        told = self.enabled or self._station.has(TOLD_WHEN_DISABLED)
        return Reply({"versionNumber": self._version if told else 0})  # D02.FR.03

    async def _send(self, payload: Payload) -> Reply:
        entries = payload.get("localAuthorizationList") or []
        most = self._station.software.model.integer("LocalAuthListCtrlr", "ItemsPerMessage")
        if len(entries) > most:
            raise RefuseCall("OccurrenceConstraintViolation", f"more than {most} entries")
        return Reply({"status": self._update(payload, entries)})

    def _update(self, payload: Payload, entries: list[dict[str, Any]]) -> str:
        version, full = payload["versionNumber"], payload["updateType"] == "Full"
        has = self._station.has
        if self._station.site.refuses_local_list or not self.enabled or version <= 0:
            return "Failed"
        if not full and version <= self._version and not has(OLD_ACCEPTED):
            return "Failed" if has(OLD_FAILS) else "VersionMismatch"  # D01.FR.19
        if self._broken(entries, full=full):
            return "Failed"
        fresh = self._changed(entries, full=full)
        if fresh is None or len(fresh) > self._most:
            return "Failed"
        self._entries, self._version = fresh, self._next_version(version, entries, full=full)
        document = {"version": self._version, "entries": fresh}
        self._station.storage.put("local-list", document)
        return "Accepted"

    def _broken(self, entries: list[dict[str, Any]], *, full: bool) -> bool:
        """Whether a defect keeps this from being accepted."""
        has = self._station.has
        if full:
            return bool(entries) and has(FULL_FAILS)
        removes = any("idTokenInfo" not in entry for entry in entries)
        return has(UPDATE_FAILS) or (removes and has(REMOVAL_FAILS))

    def _changed(self, entries: list[dict[str, Any]], *, full: bool) -> dict[str, Any] | None:
        """The list as the entries make it; None when they make none (D01.FR.06)."""
        keys = [Token.of(entry["idToken"]).key for entry in entries]
        if len(set(keys)) != len(keys) or (full and any("idTokenInfo" not in e for e in entries)):
            return None
        fresh = {} if full else dict(self._entries)
        for key, entry in zip(keys, entries, strict=True):
            if "idTokenInfo" in entry:
                fresh[key] = entry["idTokenInfo"]  # D01.FR.16
            else:
                fresh.pop(key, None)  # D01.FR.17
        return fresh

    def _next_version(self, version: int, entries: list[dict[str, Any]], *, full: bool) -> int:
        has = self._station.has
        if full and not entries and has(EMPTY_HAS_NO_VERSION):
            return 0
        stuck = has(VERSION_STUCK) or (not full and not entries and has(EMPTY_UPDATE_KEEPS_VERSION))
        return self._version if stuck else version


def _kept(name: str, reference: object) -> None:
    """Only the CSMS changes the list (N10.FR.03)."""
