"""A scripted charger that remembers: cache, local list, groups, master pass (C09 to C16).

`odd` names what it does wrong; without it, it conforms.
"""

from __future__ import annotations

from typing import Any

from tests.cases.charging import Charger, Transaction
from tests.cases.playing import VARIABLES, Payload, Played, Spoil, facts, play_against

MEMORY = {
    "AuthCtrlr.LocalPreAuthorize": "false",
    "AuthCtrlr.LocalAuthorizeOffline": "false",
    "AuthCtrlr.MasterPassGroupId": "",
    "LocalAuthListCtrlr.DisablePostAuthorize": "false",
    "TxCtrlr.StopTxOnInvalidId": "true",
    "TxCtrlr.MaxEnergyOnInvalidId": "5",
}


class Rememberer(Charger):
    """One EVSE; asks the CSMS unless it knows better."""

    def __init__(self, variables: dict[str, str], *, odd: str = "", **station: Any) -> None:
        super().__init__(variables, **station)
        self.odd = odd
        self.listed: dict[str, Payload] = {}
        self.cached: dict[str, Payload] = {}
        self.group: object = None
        self.shown: Payload | None = None
        self.stopped_by: Payload | None = None
        self.stopped_for: str | None = None  # the stoppedReason, however late the end
        self.answers |= {"SendLocalList": self._send_local_list, "ClearCache": self._clear}

    # --- memory ---

    def _send_local_list(self, payload: Payload) -> Payload:
        entries = payload.get("localAuthorizationList", [])
        self.listed = {each["idToken"]["idToken"]: each["idTokenInfo"] for each in entries}
        return {"status": "Accepted"}

    def _clear(self, _payload: Payload) -> Payload:
        self.cached.clear()
        return {"status": "Accepted"}

    def _true(self, name: str) -> bool:
        return self.variables[name] == "true"

    def _known(self, token: Payload) -> Payload | None:
        first, then = self.listed, self.cached
        if self.odd == "cache first":
            first, then = then, first
        return first.get(token["idToken"]) or then.get(token["idToken"])

    def _learn(self, token: Payload, answer: Payload) -> None:
        if "idTokenInfo" in answer:
            self.cached[token["idToken"]] = answer["idTokenInfo"]

    # --- tokens ---

    def acted(self, action: Payload) -> None:
        if action["operation"] == "ui_select":
            self._use_master_pass(self.shown or {})
        else:
            super().acted(action)

    def _presented(self, token: Payload) -> None:
        known = self._known(token)
        if self.accepted and token == self.token:
            self._stop("StopAuthorized", "Local")
        elif self.odd == "asks afterwards" and self.connection is not None:
            self._take(token, {})
            self._ask(token, lambda _answer: None)
        elif self.connection is None:
            if self._allowed_offline(token, known):
                self._take(token, known or {})
        elif known is not None and self._decides_alone(token, known):
            self._judge(token, known)
        else:
            self._ask(token, lambda answer: self._judge(token, answer["idTokenInfo"], learn=True))

    def _allowed_offline(self, token: Payload, known: Payload | None) -> bool:
        if known is None:
            allowed = self._true("AuthCtrlr.OfflineTxForUnknownIdEnabled")
            return allowed and self.odd != "refuses unknown"
        listed = token["idToken"] in self.listed
        if self.odd == "list unused" and listed:
            return False
        good = known["status"] == "Accepted" and self._true("AuthCtrlr.LocalAuthorizeOffline")
        return good or self.odd == "accepts all"

    def _decides_alone(self, token: Payload, known: Payload) -> bool:
        if known["status"] == "Accepted":
            alone = self._true("AuthCtrlr.LocalPreAuthorize") or self.accepted
            return alone and self.odd != "always asks"
        listed = token["idToken"] in self.listed
        disabled = listed and self._true("LocalAuthListCtrlr.DisablePostAuthorize")
        return (disabled and self.odd != "always asks") or self.odd == "never asks"

    def _judge(self, token: Payload, info: Payload, *, learn: bool = False) -> None:
        if learn:
            self._learn(token, {"idTokenInfo": info})
        group = info.get("groupIdToken")
        accepted = info["status"] == "Accepted" or self.odd == "accepts all"
        if not accepted:
            return
        name = self.variables["AuthCtrlr.MasterPassGroupId"]
        if group is not None and group["idToken"] == name and self.odd != "no master pass":
            self.shown = token
            if self.odd != "has a screen":
                self._use_master_pass(token)
        elif not self.accepted:
            self._take(token, info)
        elif (group is not None and group == self.group) is not (self.odd == "mixes groups"):
            self._stop("StopAuthorized", "Local", token)

    def _take(self, token: Payload, info: Payload) -> None:
        self.stopped_for = None
        self.group = info.get("groupIdToken")
        self._accept(token, "Authorized")

    def _use_master_pass(self, token: Payload) -> None:
        if self.transaction is not None:
            self._stop("StopAuthorized", "MasterPass", token)

    # --- events ---

    def _stop(self, trigger: str, reason: str, token: Payload | None = None) -> None:
        self.stopped_by = token
        self.stopped_for = reason
        super()._stop(trigger, reason)

    def _event(
        self, kind: str, trigger: str, state: str | None = None, reason: str | None = None
    ) -> None:
        kept = self.stopped_for if reason is not None else None
        super()._event(kind, trigger, state, kept or reason)

    def _send(self, transaction: Transaction, payload: Payload) -> None:
        if payload["triggerReason"] == "StopAuthorized" and self.stopped_by is not None:
            payload["idToken"] = self.stopped_by
        payload |= {"timestamp": self.now(), "seqNo": transaction.seq_no}
        if self.connection is None:
            payload["offline"] = True
        token = payload.get("idToken")

        def answered(answer: Payload) -> None:
            info = answer.get("idTokenInfo")
            if token is not None and info is not None:
                self._learn(token, answer)
                if info["status"] != "Accepted":
                    self._suspend()

        if self.says("TransactionEvent", payload, answered):
            transaction.seq_no += 1

    def _suspend(self) -> None:
        if self.odd != "goes on" and self.accepted:
            self.charging = False
            self._changed("ChargingStateChanged", state="SuspendedEVSE")


def play_remembering(
    case_id: str,
    *,
    odd: str = "",
    start: str = "EVConnected,Authorized",
    stop: str = "Authorized",
    absent: tuple[str, ...] = (),
    **setup: Any,
) -> Played:
    """Run a case against a `Rememberer` with cache and local list.

    Args:
        case_id: the case.
        odd: what the station does wrong.
        start: its TxStartPoint.
        stop: its TxStopPoint.
        absent: variables that it has not.
        setup: `claims`, `variant`, `spoil` and `lag_s`, as `play_against` and `Scripted` take them.
    """
    points = {"TxCtrlr.TxStartPoint": start, "TxCtrlr.TxStopPoint": stop}
    values = {**VARIABLES, **MEMORY, **points}
    values = {name: value for name, value in values.items() if name not in absent}
    spoil: Spoil | None = setup.get("spoil")
    lag_s = setup.get("lag_s", 0.1)
    claims = {"C-49": True, "profiles": ["LocalAuthListManagement"], **setup.get("claims", {})}
    return play_against(
        case_id,
        lambda: Rememberer(dict(values), odd=odd, spoil=spoil, lag_s=lag_s),
        seen=facts(values, (), 1),
        claims=claims,
        variant=setup.get("variant", {"local": "ISO14443"}),
    )
