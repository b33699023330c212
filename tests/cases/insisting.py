"""A scripted station that does not give up: it repeats what fails, and waits for its EV.

`play_insisting` plays a case of E03, E08, E09, E10, E13 or E14 with an `InsistentCharger`, which is
an `InterruptedCharger` that also tells the status of its transactions and its queue.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.cases.interrupting import InterruptedCharger, play_interrupted
from tests.cases.playing import Payload, Played

EVENT = "TransactionEvent"
INSISTENT = {
    "OCPPCommCtrlr.MessageTimeout": "30",
    "OCPPCommCtrlr.MessageAttempts": "3",
    "OCPPCommCtrlr.MessageAttemptInterval": "10",
    "AuthCtrlr.LocalAuthorizeOffline": "true",
}


class InsistentCharger(InterruptedCharger):
    """Does what Part 2 says of failed messages and absent EVs, but for these traits."""

    more_attempts = 0
    interval_grows = True
    repeats_taken = False
    resumes = True
    gives_up = True
    asks_anyway = False
    accepts_unasked = False
    fixed_cable = False
    ready = True
    _failures = 0

    def __init__(self, variables: dict[str, str], **station: Any) -> None:
        super().__init__(variables, **station)
        self.answers["GetTransactionStatus"] = self._status
        self.answers["ClearCache"] = lambda _payload: {"status": "Accepted"}

    # --- the status of transactions ---

    def _status(self, payload: Payload) -> Payload:
        wanted = payload.get("transactionId")
        queued = [
            message
            for action, message, _ in self._outbox
            if action == EVENT and wanted in (None, message["transactionInfo"]["transactionId"])
        ]
        answer: Payload = {"messagesInQueue": bool(queued)}
        if wanted is not None:
            running = self.transaction
            answer["ongoingIndicator"] = running is not None and running.id == wanted
        return answer

    # --- messages that fail ---

    def heard(self, frame: list[Any]) -> None:
        if self._waiting is None or frame[0] == 2 or frame[1] != self._waiting[0]:
            super().heard(frame)
        elif frame[0] == 4 or (self.repeats_taken and self._failures == 1):
            self._failed(frame[1])
        else:
            self._failures = 0
            super().heard(frame)

    def _pump(self) -> None:
        before = self._waiting
        super()._pump()
        if self._waiting is not None and self._waiting is not before:
            limit_s = float(self.variables["OCPPCommCtrlr.MessageTimeout"])
            self.run.later(limit_s, partial(self._failed, self._waiting[0]))

    def _failed(self, identity: str) -> None:
        if self._waiting is None or self._waiting[0] != identity:
            return
        self._failures += 1
        attempts = int(self.variables["OCPPCommCtrlr.MessageAttempts"]) + self.more_attempts
        interval_s = float(self.variables["OCPPCommCtrlr.MessageAttemptInterval"])
        if self._failures >= attempts:
            self._outbox.popleft()
            wait_s, self._failures = 0.0, 0
        else:
            wait_s = interval_s * (self._failures if self.interval_grows else 1)
        self._waiting = (f"{identity} waits", lambda _: None)
        self.run.later(wait_s, self._again)

    def _again(self) -> None:
        self._waiting = None
        self._pump()

    # --- EVs that are not ready, or come back ---

    def acted(self, action: Payload) -> None:
        match action["operation"]:
            case "ev_not_ready":
                self.ready = False
            case "plugin_ev_side":
                self.plugged = True
                self._tell_fixed()
                self._changed("CablePluggedIn")
                if self.resumes:
                    self._offer()
            case _:
                super().acted(action)

    def _charge(self) -> None:
        if self.ready:
            super()._charge()
        elif self.plugged and self.accepted:
            self._changed("ChargingStateChanged", state="SuspendedEV")

    def _ev_leaves(self) -> None:
        super()._ev_leaves()
        self._tell_fixed()
        self._starts += 1  # an earlier wait for a cable is over
        if self.accepted and self.gives_up:
            limit_s = float(self.variables["TxCtrlr.EVConnectionTimeOut"])
            self.run.later(limit_s, partial(self._no_cable_came, self._starts))

    def _tell_fixed(self) -> None:
        if self.fixed_cable:
            self._tell_status()

    # --- tokens ---

    def _presented(self, token: Payload) -> None:
        disabled = self.variables["AuthCtrlr.DisableRemoteAuthorization"] == "true"
        if not disabled or self.accepted or self._held:
            super()._presented(token)
        elif self.asks_anyway:
            self.says("Authorize", {"idToken": token})
        elif self.accepts_unasked:
            self._accept(token, "Authorized")


class GroupCharger(InsistentCharger):
    """Takes every other token for one of the group, as the local list or the cache say."""

    def _presented(self, token: Payload) -> None:
        if self.accepted and self.connection is None:
            self._stop("StopAuthorized", "Local")
        else:
            super()._presented(token)


def play_insisting(
    case_id: str, *, kind: type[InsistentCharger] = InsistentCharger, **others: Any
) -> Played:
    """Run a case against an `InsistentCharger`; see `play_interrupted`."""
    variables = {**INSISTENT, **others.pop("variables", {})}
    return play_interrupted(case_id, kind=kind, variables=variables, **others)
