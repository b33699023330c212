"""A scripted charger with a cache and a list version of its own mind (C10 to C12, C15, D01, D02).

`odd` names what it does wrong; without it, it conforms.
"""

from __future__ import annotations

from typing import Any

from tests.cases.playing import VARIABLES, Payload, Played, facts, play_against
from tests.cases.remembering import MEMORY, Rememberer

CACHE = {
    "AuthCacheCtrlr.DisablePostAuthorize": "false",
    "AuthCacheCtrlr.LifeTime": "86400",
    "AuthCtrlr.LocalAuthorizeOffline": "true",
    "OCPPCommCtrlr.RetryBackOffRepeatTimes": "3",
}


class Cacher(Rememberer):
    """Reads AuthCacheCtrlr, StopTxOnInvalidId and MaxEnergyOnInvalidId; counts list versions."""

    version = 0
    used_s = 0.0
    asked = False

    def __init__(self, variables: dict[str, str], *, odd: str = "", **station: Any) -> None:
        super().__init__(variables, odd=odd, **station)
        self.answers["GetLocalListVersion"] = self._get_version
        self.answers["UnlockConnector"] = lambda _payload: {"status": "Unlocked"}

    # --- the cache ---

    def _known(self, token: Payload) -> Payload | None:
        life_s = float(self.variables["AuthCacheCtrlr.LifeTime"])
        if self.run.now_s - self.used_s >= life_s and self.odd != "never expires":
            self.cached.clear()
        return super()._known(token)

    def _learn(self, token: Payload, answer: Payload) -> None:
        self.used_s = self.run.now_s
        ignored = not self.asked and self.odd == "ignores events"
        if self.odd != "forgets" and not ignored:
            super()._learn(token, answer)

    def _judge(self, token: Payload, info: Payload, *, learn: bool = False) -> None:
        self.asked = learn
        if self.odd == "stops for anyone" and self.accepted:
            self._stop("StopAuthorized", "Local", token)
        else:
            super()._judge(token, info, learn=learn)
        self.asked = False

    def _decides_alone(self, token: Payload, known: Payload) -> bool:
        if known["status"] == "Accepted" and self.odd == "never asks":
            return True
        disabled = self.variables["AuthCacheCtrlr.DisablePostAuthorize"] == "true"
        alone = disabled and known["status"] != "Accepted" and self.odd != "always asks"
        return alone or super()._decides_alone(token, known)

    def _clear(self, payload: Payload) -> Payload:
        enabled = self.variables["AuthCacheCtrlr.Enabled"] == "true"
        if self.odd != "clears nothing":
            super()._clear(payload)
        wrong = self.odd == "clears always" if not enabled else self.odd == "clears never"
        return {"status": "Accepted" if enabled is not wrong else "Rejected"}

    def _remote_start(self, payload: Payload) -> Payload:
        self.stopped_for = None
        known = self._known(payload["idToken"])
        if known is None or not self._decides_alone(payload["idToken"], known):
            return self._asked_remotely(payload)
        if known["status"] == "Accepted":
            token, number = payload["idToken"], payload["remoteStartId"]
            self.run.later(0.1, lambda: self._accept(token, "RemoteStart", number))
        running = self.transaction
        return {"status": "Accepted"} | ({"transactionId": running.id} if running else {})

    def _asked_remotely(self, payload: Payload) -> Payload:
        token, number = payload["idToken"], payload["remoteStartId"]

        def decided(answer: Payload) -> None:
            self.asked = True
            self._learn(token, answer)
            self.asked = False
            if answer["idTokenInfo"]["status"] == "Accepted":
                self._accept(token, "RemoteStart", number)

        self.run.later(0.1, lambda: self._ask(token, decided))
        running = self.transaction
        return {"status": "Accepted"} | ({"transactionId": running.id} if running else {})

    # --- a token that is refused later ---

    def _suspend(self) -> None:
        if not self.accepted or self.odd == "goes on":
            return
        stops = self.variables["TxCtrlr.StopTxOnInvalidId"] == "true"
        limit_wh = int(self.variables["TxCtrlr.MaxEnergyOnInvalidId"])
        if stops or self.odd == "always stops":
            self.charging = self.accepted = False
            if self.odd == "suspends first":
                self._event("Updated", "Deauthorized", "SuspendedEVSE")
            self._changed("Deauthorized", reason="DeAuthorized")
        elif self.odd == "takes the power":
            self.charging = False
            self._changed("ChargingStateChanged", state="EVConnected")
        elif not limit_wh or self.odd == "gives nothing":
            super()._suspend()

    # --- the local list ---

    def _send_local_list(self, payload: Payload) -> Payload:
        version, full = payload["versionNumber"], payload["updateType"] == "Full"
        entries = payload.get("localAuthorizationList", [])
        if self.odd == "refuses lists" and (self.version or not full):
            return {"status": "Failed"}
        if not full and version <= self.version and self.odd != "takes any version":
            return {"status": "VersionMismatch"}
        if self.odd != "keeps its version":
            self.version = version
        self.listed = {each["idToken"]["idToken"]: each.get("idTokenInfo", {}) for each in entries}
        return {"status": "Accepted"}

    def _get_version(self, _payload: Payload) -> Payload:
        enabled = self.variables["LocalAuthListCtrlr.Enabled"] == "true"
        return {"versionNumber": self.version if enabled or self.odd == "always tells" else 0}


def play_caching(
    case_id: str,
    *,
    odd: str = "",
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    **setup: Any,
) -> Played:
    """Run a case against a `Cacher`; `setup` as for `play_remembering`."""
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    values = {**VARIABLES, **MEMORY, **CACHE, **points}
    profiles, lag_s = setup.get("profiles", []), setup.get("lag_s", 0.1)
    claims = {"C-49": True, "profiles": profiles, **setup.get("claims", {})}
    return play_against(
        case_id,
        lambda: Cacher(dict(values), odd=odd, spoil=setup.get("spoil"), lag_s=lag_s),
        seen=facts(values, (), 1),
        claims=claims,
        variant=setup.get("variant", {"local": "ISO14443"}),
    )
