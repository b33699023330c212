"""The authorization cache (C10, C11): what the CSMS said last about each token.

Entries survive reboots (document "cache"). Tokens of type NoAuthorization and Central are never
kept (C02.FR.03, C05.FR.02).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vdoc.ocpp.values import parse_datetime, render_datetime
from vdoc.station.customer import Source
from vdoc.station.defects import declare
from vdoc.station.seams import Payload, Reply
from vdoc.station.tokens import NO_AUTHORIZATION, Token

if TYPE_CHECKING:
    from vdoc.station.station import Station

FORGETS = declare(
    "cache-keeps-nothing",
    "no token is ever put into the authorization cache",
    "C10.FR.01",
    "TC_C_08_CS",
    "TC_C_13_CS",
    "TC_C_32_CS",
    "TC_C_33_CS",
    "TC_C_34_CS",
    "TC_C_41_CS",
    "TC_C_57_CS",
)
LOST_AT_REBOOT = declare(
    "cache-lost-at-reboot",
    "the authorization cache is empty after a reboot",
    "C10.FR.02",
    "TC_C_32_CS",
)
IGNORES_EVENTS = declare(
    "cache-ignores-transaction-event-response",
    "the cache is not updated by a TransactionEventResponse",
    "C10.FR.05",
    "TC_C_34_CS",
)
LIFE_TIME_IGNORED = declare(
    "cache-life-time-ignored",
    "a cached token never expires, whatever AuthCacheCtrlr.LifeTime says",
    "C10.FR.08",
    "TC_C_46_CS",
)
CLEAR_KEEPS = declare(
    "clear-cache-keeps-tokens",
    "accepts a ClearCacheRequest and clears nothing",
    "C11.FR.01",
    "TC_C_37_CS",
)
CLEAR_REJECTED = declare(
    "clear-cache-rejected",
    "rejects every ClearCacheRequest, and clears the cache",
    "C11.FR.03",
    "TC_C_37_CS",
)
CLEAR_DISABLED = declare(
    "clear-cache-when-disabled",
    "accepts a ClearCacheRequest while the cache is switched off",
    "C11.FR.04",
    "TC_C_38_CS",
)

_MOST_ENTRIES = 100
_NEVER_KEPT = frozenset({NO_AUTHORIZATION, "Central"})


class Cache:
    """The authorization cache of a station that claims C-49; of others, one that keeps nothing."""

    def __init__(self, station: Station) -> None:
        self._station = station
        kept = None if station.has(LOST_AT_REBOOT) else station.storage.get("cache")
        self._entries: dict[str, dict[str, Any]] = kept or {}
        if station.pics.claims("C-49"):
            station.handle("ClearCache", self._clear)
            station.software.customer.add_source(Source(self._tell_customer, self._forget_customer))
        station.software.model.bind("AuthCacheCtrlr", "Storage", lambda: str(self._bytes))

    @property
    def _bytes(self) -> int:
        return len(str(self._entries)) if self._entries else 0

    @property
    def enabled(self) -> bool:
        """Whether there is a cache and it is switched on (C10.FR.11)."""
        return self._station.software.model.boolean("AuthCacheCtrlr", "Enabled")

    def lookup(self, token: Token) -> dict[str, Any] | None:
        """The IdTokenInfoType kept for a token, unless it expired (C10.FR.10)."""
        entry = self._entries.get(token.key) if self.enabled else None
        if entry is None:
            return None
        if self._expires(entry) <= self._station.now():
            del self._entries[token.key]
            self._save()
            return None
        entry["used"] = render_datetime(self._station.now())
        info: dict[str, Any] = entry["info"]
        return info

    def _expires(self, entry: dict[str, Any]) -> datetime:
        until = entry["info"].get("cacheExpiryDateTime")
        if until is not None:
            return parse_datetime(until)  # C10.FR.13
        model = self._station.software.model
        lifetime_s = model.integer("AuthCacheCtrlr", "LifeTime")
        endless = self._station.has(LIFE_TIME_IGNORED)
        if endless or not model.exists("AuthCacheCtrlr", "LifeTime"):
            return datetime.max.replace(tzinfo=self._station.now().tzinfo)
        return parse_datetime(entry["used"]) + timedelta(seconds=lifetime_s)  # C10.FR.08

    def learn(self, token: Token, info: dict[str, Any], *, by_event: bool = False) -> None:
        """Keep what the CSMS said about a token (C10.FR.04; C10.FR.05 of an event's answer)."""
        if not self.enabled or token.kind in _NEVER_KEPT:
            return
        if self._station.has(FORGETS) or (by_event and self._station.has(IGNORES_EVENTS)):
            return
        if len(self._entries) >= _MOST_ENTRIES and token.key not in self._entries:
            self._make_room()
        now = render_datetime(self._station.now())
        self._entries[token.key] = {"info": info, "used": now}
        self._save()

    def _tell_customer(self, name: str, reference: object) -> str:
        """What is kept about a customer (N09.FR.05)."""
        token = _token_of(name, reference)
        entry = None if token is None else self._entries.get(token.key)
        if token is None or entry is None:
            return ""
        return f"cache: {token.id} is {entry['info']['status']}, last used {entry['used']}"

    def _forget_customer(self, name: str, reference: object) -> None:
        """N10.FR.03."""
        token = _token_of(name, reference)
        if token is not None and self._entries.pop(token.key, None) is not None:
            self._save()

    def _make_room(self) -> None:
        """C10.FR.07: first a token that is not accepted, else the one used longest ago."""
        worst = min(
            self._entries,
            key=lambda key: (
                self._entries[key]["info"]["status"] == "Accepted",
                self._entries[key]["used"],
            ),
        )
        del self._entries[worst]

    def _save(self) -> None:
        self._station.storage.put("cache", self._entries)

    async def _clear(self, _: Payload) -> Reply:
        has = self._station.has
        if not self.enabled:
            return Reply({"status": "Accepted" if has(CLEAR_DISABLED) else "Rejected"})  # C11.FR.04
        if not has(CLEAR_KEEPS):
            self._entries.clear()
            self._save()
        return Reply({"status": "Rejected" if has(CLEAR_REJECTED) else "Accepted"})


def _token_of(name: str, reference: object) -> Token | None:
    """The token by which a CustomerInformationRequest names a customer, if it does."""
    return Token.of(reference) if name == "idToken" and isinstance(reference, dict) else None
