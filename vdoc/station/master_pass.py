"""The master pass (C16): a token whose group lets its holder stop what others have started.

Owns which token is one, and what its holder stops: everything, or what the holder chooses where the
station has a screen (C-07). That it starts nothing (C16.FR.03) is `authorization`'s to keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.evse import Cause
from vdoc.station.tokens import Token

if TYPE_CHECKING:
    from vdoc.station.station import Station

REASON_LOCAL = declare(
    "master-pass-wrong-reason",
    "what a master pass has stopped ends with stoppedReason Other",
    "C16.FR.02",
    "TC_C_47_CS",
    "TC_C_48_CS",
    "TC_C_49_CS",
)
STOPS_NOTHING = declare(
    "master-pass-stops-nothing",
    "a master pass stops nothing, with or without a screen",
    "C16.FR.02",
    "TC_C_47_CS",
    "TC_C_48_CS",
    "TC_C_49_CS",
)
STOPS_FIRST = declare(
    "master-pass-stops-first",
    "a master pass that is to stop all stops the first transaction only",
    "C16.FR.02",
    "TC_C_47_CS",
)
CHOICE_IGNORED = declare(
    "master-pass-choice-ignored",
    "whatever its holder chooses at the screen, a master pass stops all transactions",
    "C16.FR.01",
    "TC_C_48_CS",
)


class MasterPass:
    """The master pass during one boot."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._shown: Token | None = None

    def is_one(self, info: dict[str, Any]) -> bool:
        """Whether an IdTokenInfoType makes its token a master pass."""
        wanted = self._station.software.model.text("AuthCtrlr", "MasterPassGroupId")
        group = info.get("groupIdToken")
        return bool(wanted and group and group["idToken"].casefold() == wanted.casefold())

    def used(self, token: Token) -> None:
        """Presented: with a screen its holder chooses (C16.FR.01), else all stops (C16.FR.02)."""
        if self._station.pics.claims("C-07"):
            self._shown = token
        else:
            self._stop(token, None)

    def selected(self, evse: int | None) -> None:
        """Its holder chose at the screen what to stop; None = all."""
        token, self._shown = self._shown, None
        if token is not None:
            self._stop(token, evse)

    def _stop(self, token: Token, evse: int | None) -> None:
        has = self._station.has
        if has(STOPS_NOTHING):
            return
        chosen = None if has(CHOICE_IGNORED) else evse
        running = [
            each
            for each in self._station.software.evses
            if chosen in (None, each.spot.id) and each.transaction is not None
        ]
        reason = "Other" if has(REASON_LOCAL) else "MasterPass"
        for each in running[:1] if has(STOPS_FIRST) else running:
            each.stop(Cause("StopAuthorized", reason, token=token))
