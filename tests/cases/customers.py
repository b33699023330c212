"""A scripted station that tells what it stores about customers, and forgets it (N09, N10)."""

from __future__ import annotations

from typing import Any

from tests.cases.playing import VARIABLES, Payload, Played, facts, play_against
from tests.cases.remembering import MEMORY, Rememberer

NOTIFY = "NotifyCustomerInformation"


class Keeper(Rememberer):
    """Keeps tokens, and what somebody has stored by hand.

    `odd`: "keeps all", "tells nothing", "tells the same", "says nothing". `nothing` is what it says
    when it has nothing, of a {customer}; `part_length` how much one message holds.
    """

    def __init__(
        self,
        variables: dict[str, str],
        *,
        nothing: str = "",
        part_length: int = 512,
        **station: Any,
    ) -> None:
        super().__init__(variables, **station)
        self.nothing = nothing
        self.part_length = part_length
        self.stored: set[str] = set()
        self.answers["CustomerInformation"] = self._asked_about

    def acted(self, action: Payload) -> None:
        if action["operation"] == "store_customer_identifier":
            self.stored.add(dict(action["params"])["customerIdentifier"])
        else:
            super().acted(action)

    def _asked_about(self, payload: Payload) -> Payload:
        token, identifier = payload.get("idToken"), payload.get("customerIdentifier")
        name = str(token["idToken"] if token else identifier)
        found = [
            word
            for word, store in (("list", self.listed), ("cache", self.cached), ("", self.stored))
            if name in store
        ]
        if payload["clear"] and self.odd != "keeps all":
            self.cached.pop(name, None)
            self.stored.discard(name)
        nothing = self.nothing.format(customer=name)
        text = f"known by {', '.join(found)}" if found else nothing
        text = {"tells nothing": "", "tells the same": nothing}.get(self.odd, text)
        if not payload["report"]:
            text = "cleared"
        self.run.later(0.2, lambda: self._tell_about(payload["requestId"], text))
        return {"status": "Accepted"}

    def _tell_about(self, request_id: int, text: str) -> None:
        if self.odd == "says nothing":
            return
        starts = range(0, max(len(text), 1), self.part_length)
        for number, start in enumerate(starts):
            self.says(
                NOTIFY,
                {
                    "data": text[start : start + self.part_length],
                    "tbc": number + 1 < len(starts),
                    "seqNo": number,
                    "generatedAt": self.now(),
                    "requestId": request_id,
                },
            )


def play_keeping(case_id: str, *, claims: Payload | None = None, **station: Any) -> Played:
    """Run a case against a `Keeper` with cache and local list."""
    points = {"TxCtrlr.TxStartPoint": "EVConnected,Authorized", "TxCtrlr.TxStopPoint": "Authorized"}
    values = {**VARIABLES, **MEMORY, **points}
    claimed = {"C-49": True, "profiles": ["LocalAuthListManagement"]} if claims is None else claims
    return play_against(
        case_id,
        lambda: Keeper(dict(values), **station),
        seen=facts(values, (), 1),
        claims=claimed,
        variant={"local": "ISO14443"} if case_id in {"TC_N_27_CS", "TC_N_30_CS"} else {},
    )
