"""Who may charge: from a presented token to an authorized EVSE, or to the end of a session.

Owns the decision of functional block C: local list before cache before CSMS (C13.FR.01), online
and offline, groups (C09) and the master pass (C16). Starting and ending sessions is `evse`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.evse import Cause, Evse
from vdoc.station.messenger import CallFailedError, CallTimeoutError, OfflineError
from vdoc.station.seams import Payload, Registration
from vdoc.station.tokens import NO_AUTHORIZATION, Authorization, Token, group_of

if TYPE_CHECKING:
    from vdoc.station.station import Station

INVALID_STARTS = declare(
    "invalid-token-starts",
    "a token that the CSMS calls invalid starts charging all the same",
    "C01.FR.01",
    "TC_C_02_CS",
    "TC_C_05_CS",
    "TC_C_06_CS",
    "TC_C_07_CS",
    "TC_C_56_CS",
)
NO_AUTHORIZE = declare(
    "authorize-skipped",
    "a presented token is accepted without asking the CSMS",
    "C01.FR.02",
    "TC_C_02_CS",
    "TC_C_05_CS",
    "TC_C_06_CS",
    "TC_C_07_CS",
    "TC_C_56_CS",
    "TC_C_28_CS",
    "TC_C_29_CS",
    "TC_C_30_CS",
    "TC_C_31_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
)
ASKED_THOUGH_DISABLED = declare(
    "disabled-remote-authorization-asks",
    "the CSMS is asked about a token although DisableRemoteAuthorization is true",
    "C01.FR.02",
    "TC_E_52_CS",
)
ACCEPTED_UNASKED = declare(
    "disabled-remote-authorization-accepts",
    "an unknown token starts charging while DisableRemoteAuthorization is true",
    "C01.FR.01",
    "TC_E_52_CS",
)
ASKED_AFTERWARDS = declare(
    "authorize-afterwards",
    "a presented token starts charging, and the CSMS is asked about it afterwards",
    "C01.FR.02",
    "TC_C_02_CS",
    "TC_C_56_CS",
)
WRONG_AUTHORIZE = declare(
    "authorize-wrong-token",
    "AuthorizeRequest asks for another token than the presented one",
    "C01.FR.02",
    "TC_C_02_CS",
    "TC_C_05_CS",
    "TC_C_06_CS",
    "TC_C_07_CS",
    "TC_C_56_CS",
    "TC_E_03_CS",
    "TC_E_04_CS",
)
GROUP_IGNORED = declare(
    "group-ignored",
    "a token of the same group as the one that started stops nothing",
    "C09.FR.03",
    "TC_C_41_CS",
    "TC_C_39_CS",
    "TC_C_40_CS",
)
GROUP_ASKS = declare(
    "group-always-asks",
    "asks the CSMS about a cached token of the group before it stops",
    "C09.FR.07",
    "TC_C_41_CS",
    "TC_C_40_CS",
)
GROUP_STOPS_INVALID = declare(
    "invalid-group-member-stops",
    "a token of the group stops the charging although the CSMS calls it invalid",
    "C09.FR.11",
    "TC_C_44_CS",
    "TC_C_42_CS",
    "TC_C_43_CS",
)
CACHED_REFUSAL_FINAL = declare(
    "cached-refusal-is-final",
    "a token that is cached as refused is not asked about again",
    "C10.FR.03",
    "TC_C_09_CS",
    "TC_C_10_CS",
    "TC_C_11_CS",
    "TC_C_12_CS",
    "TC_C_34_CS",
    "TC_C_44_CS",
)
POST_AUTHORIZES = declare(
    "post-authorize-always",
    "asks about a token that is cached as refused, whatever DisablePostAuthorize says",
    "C12.FR.05",
    "TC_C_57_CS",
)
KNOWN_REFUSAL_STARTS = declare(
    "known-refusal-starts",
    "a token that is known as refused starts charging when it need not be asked about",
    "C01.FR.01",
    "TC_C_57_CS",
    "TC_C_58_CS",
)
PRE_AUTHORIZES = declare(
    "pre-authorize-always",
    "accepts a cached token unasked, whatever LocalPreAuthorize says",
    "C10.FR.11",
    "TC_C_36_CS",
)

ANY_TOKEN_STOPS = declare(
    "other-token-stops",
    "any token that the CSMS accepts stops what another one has started",
    "C01.FR.03",
    "TC_C_04_CS",
)
MASTER_PASS_STARTS = declare(
    "master-pass-starts",
    "a master pass starts a transaction like any other token",
    "C16.FR.03",
    "TC_C_45_CS",
)
LISTED_ASKED = declare(
    "listed-token-asked-for",
    "asks the CSMS about a token that the local list holds as accepted",
    "C14.FR.02",
    "TC_C_27_CS",
    "TC_C_40_CS",
    "TC_C_43_CS",
)
LISTED_REFUSAL_FINAL = declare(
    "listed-refusal-is-final",
    "a token that is listed as refused is not asked about",
    "C14.FR.03",
    "TC_C_28_CS",
    "TC_C_29_CS",
    "TC_C_30_CS",
    "TC_C_31_CS",
    "TC_C_43_CS",
)
LISTED_POST_AUTHORIZES = declare(
    "listed-post-authorize-always",
    "asks about a token that is listed as refused, whatever DisablePostAuthorize says",
    "C14.FR.03",
    "TC_C_58_CS",
)
LIST_UNUSED_OFFLINE = declare(
    "local-list-unused-offline",
    "a token that is listed as accepted is refused offline",
    "C13.FR.02",
    "TC_C_21_CS",
)
LISTED_REFUSAL_STARTS = declare(
    "listed-refusal-starts-offline",
    "a token that is listed as refused starts charging offline",
    "C13.FR.02",
    "TC_C_22_CS",
    "TC_C_23_CS",
    "TC_C_24_CS",
    "TC_C_25_CS",
)
CACHE_FIRST = declare(
    "cache-before-local-list",
    "what the cache says of a token is preferred to what the local list says",
    "C13.FR.01",
    "TC_C_25_CS",
)
UNKNOWN_REFUSED = declare(
    "unknown-refused-offline",
    "an unknown token is refused offline, whatever OfflineTxForUnknownIdEnabled says",
    "C15.FR.08",
    "TC_C_26_CS",
)

_ACCEPTED: dict[str, Any] = {"status": "Accepted"}
_UNKNOWN: dict[str, Any] = {"status": "Unknown"}
_NOT_ASKED = frozenset({NO_AUTHORIZATION, "Central"})


@dataclass(frozen=True, slots=True)
class Presented:
    """A token held to a reader, and for which EVSE if the reader or the driver said so."""

    token: Token
    evse: int | None = None


class Authorizer:
    """Decides about tokens during one boot."""

    def __init__(self, station: Station) -> None:
        self._station = station
        station.software.outbox.on_response("TransactionEvent", self._event_answered)

    # ---- a token at the reader -----------------------------------------------------------------

    async def present(self, presented: Presented) -> None:
        """A driver presents a token (C01) or presses the start button (C02)."""
        if self._station.registration in {Registration.PENDING, Registration.REJECTED}:
            return  # Part 2, B 1.1: no sessions before the CSMS accepts
        token = presented.token
        running = self._session_of(token, presented.evse)
        if running is not None:
            self._stop_locally([running], token)
            return
        if any(each.unlock_for(token) for each in self._candidates(presented.evse)):
            return
        evse = self._free(token, presented.evse)
        if evse is not None:
            await self._start(evse, token)
            return
        others = [each for each in self._candidates(presented.evse) if each.authorization]
        if others:
            await self._stop_by_other(others, token)

    def _candidates(self, evse: int | None) -> list[Evse]:
        return [each for each in self._station.software.evses if evse in (None, each.spot.id)]

    def _session_of(self, token: Token, evse: int | None) -> Evse | None:
        """The session that this very token authorized (C01.FR.03 a)."""
        for each in self._candidates(evse):
            if each.authorization is not None and each.authorization.token.key == token.key:
                return each
        return None

    def _free(self, token: Token, evse: int | None) -> Evse | None:
        """Where a new session would go: to a connected EV, else to any free EVSE."""
        free = [
            each
            for each in self._candidates(evse)
            if each.open_to(token) and self._station.software.availability.usable(each.spot)
        ]
        return next((each for each in free if each.connected), free[0] if free else None)

    async def _start(self, evse: Evse, token: Token) -> None:
        if self._station.has(ASKED_AFTERWARDS):
            evse.authorize(Authorization(token, None))
            await asyncio.sleep(0.2)
        info = await self.decide(token)
        master_pass = self._station.software.master_pass
        if master_pass.is_one(info) and not self._station.has(MASTER_PASS_STARTS):
            master_pass.used(token)  # C16.FR.03: never starts
            return
        allowed = info.get("evseId")
        refused = info["status"] != "Accepted" or bool(allowed and evse.spot.id not in allowed)
        if refused and not self._station.has(INVALID_STARTS):
            return
        if evse.authorization is None:
            evse.authorize(Authorization(token, group_of(info)))

    # ---- stopping ------------------------------------------------------------------------------

    def _stop_locally(self, evses: Iterable[Evse], token: Token) -> None:
        for evse in evses:
            evse.stop(Cause("StopAuthorized", "Local", token=token))

    async def _stop_by_other(self, evses: list[Evse], token: Token) -> None:
        """Another token: a master pass (C16), or one of the same group (C09.FR.03, FR.05)."""
        has = self._station.has
        info = self._known(token)
        if self._is_open(token, info) and self._station.online and token.kind not in _NOT_ASKED:
            info = await self._ask(token)
        if info is None or (info["status"] != "Accepted" and not has(GROUP_STOPS_INVALID)):
            return  # C09.FR.11
        if self._station.software.master_pass.is_one(info):
            self._station.software.master_pass.used(token)
            return
        if has(ANY_TOKEN_STOPS):
            self._stop_locally(evses, token)
            return
        group = None if has(GROUP_IGNORED) else group_of(info)
        for evse in evses:
            if group is not None and evse.authorization and evse.authorization.group == group:
                self._stop_locally([evse], token)
                return

    def _is_open(self, token: Token, known: dict[str, Any] | None) -> bool:
        """Whether the CSMS has to say what is known about a token (C09.FR.05, C10.FR.03)."""
        if known is None or self._station.has(GROUP_ASKS):
            return True
        return known["status"] != "Accepted" and not self._no_post_authorize(token)

    # ---- deciding ------------------------------------------------------------------------------

    def _known(self, token: Token) -> dict[str, Any] | None:
        listed = self._station.software.local_list.lookup(token)
        cached = self._station.software.cache.lookup(token)
        return cached or listed if self._station.has(CACHE_FIRST) else listed or cached

    async def decide(self, token: Token, *, remote: bool = False) -> dict[str, Any]:
        """Return the IdTokenInfoType that decides about a token.

        Args:
            token: the token.
            remote: it came with a RequestStartTransactionRequest.
        """
        enabled = self._station.software.model.boolean("AuthCtrlr", "Enabled", default=True)
        if token.kind in _NOT_ASKED or not enabled or self._station.has(NO_AUTHORIZE):
            return _ACCEPTED  # C02, C05.FR.01
        if self._station.online:
            return await self._decide_online(token)
        return _UNKNOWN if remote else self._decide_offline(token)

    async def _decide_online(self, token: Token) -> dict[str, Any]:
        model = self._station.software.model
        known = self._known(token)
        if known is not None and known["status"] == "Accepted":
            if self._pre_authorizes(token):
                return known  # C12.FR.02, C14.FR.02
        elif known is not None and self._no_post_authorize(token):
            return _ACCEPTED if self._station.has(KNOWN_REFUSAL_STARTS) else known
        has = self._station.has
        disabled = model.boolean("AuthCtrlr", "DisableRemoteAuthorization")
        if disabled and not has(ASKED_THOUGH_DISABLED):
            return known or (_ACCEPTED if has(ACCEPTED_UNASKED) else _UNKNOWN)
        info = await self._ask(token)
        return self._decide_offline(token) if info is None else info

    def _pre_authorizes(self, token: Token) -> bool:
        has, software = self._station.has, self._station.software
        if has(LISTED_ASKED) and software.local_list.lookup(token) is not None:
            return False
        return has(PRE_AUTHORIZES) or software.model.boolean("AuthCtrlr", "LocalPreAuthorize")

    def _no_post_authorize(self, token: Token) -> bool:
        has = self._station.has
        listed = self._station.software.local_list.lookup(token) is not None
        if has(LISTED_REFUSAL_FINAL if listed else CACHED_REFUSAL_FINAL):
            return True
        if has(LISTED_POST_AUTHORIZES if listed else POST_AUTHORIZES):
            return False
        component = "LocalAuthListCtrlr" if listed else "AuthCacheCtrlr"
        return self._station.software.model.boolean(component, "DisablePostAuthorize")

    def _decide_offline(self, token: Token) -> dict[str, Any]:
        model = self._station.software.model
        known = self._known(token)
        if known is not None:
            return self._by_what_is_known(token, known)
        unknown_allowed = model.boolean("AuthCtrlr", "OfflineTxForUnknownIdEnabled")
        unknown_allowed = unknown_allowed and not self._station.has(UNKNOWN_REFUSED)
        return _ACCEPTED if unknown_allowed else _UNKNOWN  # C15.FR.08

    def _by_what_is_known(self, token: Token, known: dict[str, Any]) -> dict[str, Any]:
        """C13.FR.02 to FR.06."""
        has, software = self._station.has, self._station.software
        listed = software.local_list.lookup(token) is not None
        if known["status"] != "Accepted":
            return _ACCEPTED if listed and has(LISTED_REFUSAL_STARTS) else known
        allowed = software.model.boolean("AuthCtrlr", "LocalAuthorizeOffline")
        return known if allowed and not (listed and has(LIST_UNUSED_OFFLINE)) else _UNKNOWN

    async def _ask(self, token: Token) -> dict[str, Any] | None:
        """Ask the CSMS; None when it does not answer."""
        id_token = token.as_json()
        if self._station.has(WRONG_AUTHORIZE):
            id_token["idToken"] = "0" * len(token.id)
        try:
            answer = await self._station.call("Authorize", {"idToken": id_token})
        except (OfflineError, CallFailedError, CallTimeoutError):
            return None
        info: dict[str, Any] = answer["idTokenInfo"]
        self._station.software.cache.learn(token, info)
        return info

    # ---- what the CSMS says later ----------------------------------------------------------------

    def _event_answered(self, request: Payload, response: Payload) -> None:
        info = response.get("idTokenInfo")
        if info is None or "idToken" not in request:
            return
        token = Token.of(request["idToken"])
        self._station.software.cache.learn(token, info, by_event=True)  # C10.FR.05
        transaction_id = request["transactionInfo"]["transactionId"]
        for evse in self._station.software.evses:
            if evse.transaction is not None and evse.transaction.id == transaction_id:
                self._judge(evse, token, info)

    def _judge(self, evse: Evse, token: Token, info: dict[str, Any]) -> None:
        authorization = evse.authorization
        if authorization is None or authorization.token.key != token.key:
            return
        if info["status"] != "Accepted":
            evse.refused_by_csms()
        elif group_of(info) is not None:
            evse.authorization = Authorization(token, group_of(info), authorization.remote_start_id)
