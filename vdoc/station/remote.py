"""Remote control: RequestStartTransaction, RequestStopTransaction, UnlockConnector (F01 to F05)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vdoc.station.defects import declare
from vdoc.station.evse import Cause, Evse
from vdoc.station.seams import Payload, Registration, Reply
from vdoc.station.tokens import Authorization, Token, group_of

if TYPE_CHECKING:
    from vdoc.station.site import Outlet
    from vdoc.station.station import Station

PENDING_STARTS = declare(
    "pending-accepts-start",
    "accepts a RequestStartTransactionRequest while the CSMS answered Pending",
    "B02.FR.05",
    "TC_B_02_CS",
)
START_REJECTED = declare(
    "remote-start-rejected",
    "rejects every RequestStartTransactionRequest",
    "F01.FR.01",
    "TC_F_01_CS",
    "TC_F_02_CS",
    "TC_F_03_CS",
)
NO_TRANSACTION_ID = declare(
    "remote-start-lacks-transaction-id",
    "RequestStartTransactionResponse never names the running transaction",
    "F01.FR.13",
    "TC_F_01_CS",
)
STOP_REJECTED = declare(
    "remote-stop-rejected",
    "rejects every RequestStopTransactionRequest",
    "F03.FR.07",
    "TC_F_08_CS",
)
STOP_IGNORED = declare(
    "remote-stop-ignored",
    "accepts a RequestStopTransactionRequest and goes on",
    "F03.FR.02",
    "TC_F_08_CS",
)
NOT_AUTHORIZED = declare(
    "remote-start-unauthorized",
    "a remote start is not authorized although AuthorizeRemoteStart is true",
    "F01.FR.01",
    "TC_F_01_CS",
    "TC_F_02_CS",
)
ASKED_ANYWAY = declare(
    "remote-start-always-asks",
    "a remote start is authorized although AuthorizeRemoteStart is false",
    "F01.FR.02",
    "TC_F_03_CS",
)
STOPS_UNKNOWN = declare(
    "remote-stop-matches-anything",
    "accepts a RequestStopTransactionRequest whatever its transactionId, and stops what runs",
    "F03.FR.08",
    "TC_F_09_CS",
)
UNKNOWN_ACCEPTED = declare(
    "remote-stop-unknown-accepted",
    "accepts a RequestStopTransactionRequest of an unknown transaction, and does nothing",
    "F03.FR.08",
    "TC_F_09_CS",
)
UNLOCKS_CHARGING = declare(
    "unlocks-while-charging",
    "unlocks a connector on request although an authorized transaction goes on",
    "F05.FR.02",
    "TC_F_05_CS",
)
FAILS_CHARGING = declare(
    "unlock-fails-while-charging",
    "answers UnlockFailed while an authorized transaction goes on",
    "F05.FR.02",
    "TC_F_05_CS",
)
UNLOCK_STOPS = declare(
    "unlock-stops-transaction",
    "answers OngoingAuthorizedTransaction to an unlock request, and stops that transaction",
    "F05.FR.02",
    "TC_F_05_CS",
)
UNLOCK_FAILS = declare(
    "unlock-reported-failed",
    "answers UnlockFailed although the lock has opened",
    "F05.FR.04",
    "TC_F_06_CS",
    "TC_F_07_CS",
)
UNLOCK_NEEDS_CABLE = declare(
    "unlock-needs-cable",
    "answers UnlockFailed without trying when no cable is connected",
    "F05.FR.06",
    "TC_F_06_CS",
    "TC_F_07_CS",
)
UNKNOWN_UNLOCKED = declare(
    "unlocks-unknown-connector",
    "answers Unlocked for a connector that does not exist",
    "F05.FR.03",
    "TC_F_10_CS",
)
UNKNOWN_FAILS = declare(
    "unknown-connector-fails",
    "answers UnlockFailed for a connector that does not exist",
    "F05.FR.03",
    "TC_F_10_CS",
)
PROFILE_REJECTED = declare(
    "unsupported-profile-rejects-start",
    "without smart charging, rejects a remote start because it has a charging profile",
    "F01.FR.12",
    "TC_K_38_CS",
)
PROFILE_BLOCKS = declare(
    "unsupported-profile-blocks-start",
    "without smart charging, accepts a remote start with a charging profile and starts nothing",
    "F01.FR.12",
    "TC_K_38_CS",
)

_REJECTED: Payload = {"status": "Rejected"}
_BUSY = "OngoingAuthorizedTransaction"


class Remote:
    """Answers the CSMS's commands to start, stop and unlock."""

    def __init__(self, station: Station) -> None:
        self._station = station
        station.handle("RequestStartTransaction", self._start)
        station.handle("RequestStopTransaction", self._stop)
        station.handle("UnlockConnector", self._unlock)

    async def _start(self, payload: Payload) -> Reply:
        has = self._station.has
        accepted = self._station.registration is Registration.ACCEPTED or has(PENDING_STARTS)
        evse = self._choose(payload.get("evseId"))
        if not accepted or evse is None or has(START_REJECTED):
            return Reply(_REJECTED)
        unsupported = self._unsupported_profile(payload)
        if unsupported and has(PROFILE_REJECTED):
            return Reply(_REJECTED)
        answer: Payload = {"status": "Accepted"}
        if evse.transaction is not None and not has(NO_TRANSACTION_ID):
            answer["transactionId"] = evse.transaction.id  # F01.FR.13
        asked = Authorization(
            Token.of(payload["idToken"]), group_of(payload), payload["remoteStartId"]
        )
        blocked = unsupported and has(PROFILE_BLOCKS)
        return Reply(answer, None if blocked else self._authorize(evse, asked))

    def _unsupported_profile(self, payload: Payload) -> bool:
        """Whether there is a charging profile to ignore (F01.FR.12)."""
        claimed = self._station.pics.claims("profile.SmartCharging")
        return "chargingProfile" in payload and not claimed

    def _choose(self, evse_id: int | None) -> Evse | None:
        """The EVSE to start at (F01.FR.20 to FR.24), or None."""
        usable = [
            evse
            for evse in self._station.software.evses
            if evse_id in (None, evse.spot.id)
            and evse.authorization is None
            and self._station.software.availability.usable(evse.spot)
        ]
        return next((evse for evse in usable if evse.connected), usable[0] if usable else None)

    async def _authorize(self, evse: Evse, asked: Authorization) -> None:
        info: dict[str, Any] = {"status": "Accepted"}
        checks = self._station.software.model.boolean("AuthCtrlr", "AuthorizeRemoteStart")
        checks = checks or self._station.has(ASKED_ANYWAY)
        if checks and not self._station.has(NOT_AUTHORIZED):  # F01.FR.01, F01.FR.02
            info = await self._station.software.authorizer.decide(asked.token, remote=True)
        if info["status"] == "Accepted" and evse.authorization is None:
            evse.authorize(replace(asked, group=group_of(info) or asked.group))

    async def _stop(self, payload: Payload) -> Reply:
        if self._station.registration is not Registration.ACCEPTED:
            return Reply(_REJECTED)  # B02.FR.05
        for evse in self._station.software.evses:
            if self._matches(evse, payload["transactionId"]):
                if self._station.has(STOP_REJECTED):
                    return Reply(_REJECTED)
                ignored = self._station.has(STOP_IGNORED)
                return Reply({"status": "Accepted"}, None if ignored else self._end(evse))
        known = self._station.has(UNKNOWN_ACCEPTED)
        return Reply({"status": "Accepted"} if known else _REJECTED)  # F03.FR.08

    def _matches(self, evse: Evse, transaction_id: str) -> bool:
        running = evse.transaction
        if running is None:
            return False
        return running.id == transaction_id or self._station.has(STOPS_UNKNOWN)

    async def _end(self, evse: Evse) -> None:
        evse.stop(Cause("RemoteStop", "Remote"))

    async def _unlock(self, payload: Payload) -> Reply:
        has = self._station.has
        for evse in self._station.software.evses:
            for outlet in evse.spot.outlets:
                if (outlet.evse, outlet.connector) == (payload["evseId"], payload["connectorId"]):
                    status = self._unlocked(evse, outlet)
                    stops = status == _BUSY and has(UNLOCK_STOPS)
                    return Reply({"status": status}, self._end(evse) if stops else None)
        status = "UnknownConnector"  # F05.FR.03
        if has(UNKNOWN_UNLOCKED):
            status = "Unlocked"
        elif has(UNKNOWN_FAILS):
            status = "UnlockFailed"
        return Reply({"status": status})

    def _unlocked(self, evse: Evse, outlet: Outlet) -> str:
        """Try to unlock, with or without a cable (F05.FR.06), unless somebody charges."""
        has = self._station.has
        authorized = evse.transaction is not None and evse.authorization is not None
        if authorized and has(FAILS_CHARGING):
            return "UnlockFailed"
        if authorized and not has(UNLOCKS_CHARGING):
            return _BUSY  # F05.FR.02
        if has(UNLOCK_NEEDS_CABLE) and not outlet.occupied:
            return "UnlockFailed"
        opened = evse.unlock_by_command(outlet) and not has(UNLOCK_FAILS)
        return "Unlocked" if opened else "UnlockFailed"  # F05.FR.04, FR.05
