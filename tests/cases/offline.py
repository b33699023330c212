"""A scripted charger that reports its connectors when it is online again (B04)."""

from __future__ import annotations

from typing import Any

from tests.cases.charging import Charger
from tests.cases.playing import VARIABLES, Payload, Played, Spoil, facts, play_against

CONNECTORS = 2
WAIT = "OCPPCommCtrlr.RetryBackOffWaitMinimum"
THRESHOLD = "OCPPCommCtrlr.OfflineThreshold"


class OfflineCharger(Charger):
    """Two connectors; what is `forgetful` tells nothing, what is `short` only what changed."""

    def __init__(
        self, variables: dict[str, str], *, spoil: Spoil | None, forgetful: bool, short: bool
    ) -> None:
        super().__init__(variables, spoil=spoil, connectors=CONNECTORS)
        self.forgetful, self.short = forgetful, short
        self.lost_at_s = 0.0
        self.slow_s = 0.0
        self.offline = False

    def lost(self) -> None:
        self.offline, self.lost_at_s = True, self.run.now_s
        self.retry_s = float(self.variables[WAIT]) + self.slow_s
        super().lost()

    def status(self, connector: int, state: str) -> None:
        if not self.offline:
            super().status(connector, state)

    def _retry(self) -> None:
        super()._retry()
        if self.connection is None:
            return
        self.offline = False
        offline_s = self.run.now_s - self.lost_at_s
        everything = offline_s > int(self.variables[THRESHOLD]) and not self.short
        for connector in range(1, CONNECTORS + 1):
            state = "Occupied" if connector == 1 and self.plugged else "Available"
            if not self.forgetful and (everything or connector == 1):
                self.status(connector, state)


def run_offline(
    case_id: str,
    *,
    spoil: Spoil | None = None,
    forgetful: bool = False,
    short: bool = False,
    slow_s: float = 0.0,
    claims: Payload | None = None,
) -> Played:
    """Run TC_B_51_CS or TC_B_52_CS; `slow_s` is how much later than asked it reconnects."""
    made: dict[str, Any] = {"spoil": spoil, "forgetful": forgetful, "short": short}

    def make() -> OfflineCharger:
        charger = OfflineCharger(dict(VARIABLES), **made)
        charger.slow_s = slow_s
        return charger

    seen = facts(VARIABLES, (), CONNECTORS)
    return play_against(case_id, make, seen=seen, claims=claims)
