"""What a station does while the CSMS has not accepted it, beyond waiting (B02, B03).

Owns which CALLs it refuses meanwhile (B03.FR.08) and whether it keeps the connection (B03.FR.04).
When the next BootNotification is sent is `boot`'s business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vdoc.station.defects import declare
from vdoc.station.seams import Registration

if TYPE_CHECKING:
    from vdoc.station.station import Station

PENDING_SENDS_STATUS = declare(
    "pending-sends-status",
    "reports connector status while the CSMS answered Pending",
    "B02.FR.02",
    "TC_B_02_CS",
)
PENDING_HEARTBEAT = declare(
    "pending-sends-heartbeat",
    "sends a Heartbeat while the CSMS answered Pending",
    "B02.FR.02",
    "TC_B_02_CS",
)
PENDING_EARLY = declare(
    "pending-boots-early",
    "repeats BootNotification at once although the interval has not passed",
    "B02.FR.04",
    "TC_B_02_CS",
)
PENDING_CLOSES = declare(
    "pending-closes-connection",
    "closes the connection when the CSMS answered Pending",
    "B02.FR.06",
    "TC_B_02_CS",
)
PENDING_REFUSES = declare(
    "pending-refuses-calls",
    "answers every CALL with SecurityError while the CSMS answered Pending",
    "B02.FR.01",
    "TC_B_02_CS",
)
REJECTED_EARLY = declare(
    "rejected-boots-early",
    "repeats BootNotification at once although it was rejected for an interval",
    "B03.FR.02",
    "TC_B_03_CS",
)
REJECTED_HEARTBEAT = declare(
    "rejected-sends-heartbeat",
    "sends a Heartbeat although it was rejected",
    "B03.FR.02",
    "TC_B_03_CS",
    "TC_B_30_CS",
)
REJECTED_GIVES_UP = declare(
    "rejected-gives-up",
    "does not repeat BootNotification for an hour after it was rejected",
    "B03.FR.06",
    "TC_B_03_CS",
    "TC_B_30_CS",
)
REJECTED_OBEYS = declare(
    "rejected-obeys",
    "answers CALLs although it was rejected",
    "B03.FR.08",
    "TC_B_30_CS",
)
REJECTED_WRONG_ERROR = declare(
    "rejected-wrong-error",
    "answers CALLs with NotSupported when it was rejected",
    "B03.FR.08",
    "TC_B_30_CS",
)

_SHORT_RETRY_S = 0.1
_LONG_S = 3600.0


def refusal(station: Station) -> str | None:
    """Return the CALLERROR code by which every CALL is refused now; None when none is."""
    if station.registration is Registration.PENDING and station.has(PENDING_REFUSES):
        return "SecurityError"
    if station.registration is not Registration.REJECTED or station.has(REJECTED_OBEYS):
        return None
    return "NotSupported" if station.has(REJECTED_WRONG_ERROR) else "SecurityError"  # B03.FR.08


async def after_answer(station: Station, interval_s: float) -> float:
    """Do what the station does after it was not accepted.

    Returns:
        How many seconds later than asked it sends the next BootNotification; negative: sooner.
    """
    if station.registration is Registration.PENDING:
        return await _pending(station, interval_s)
    return await _rejected(station, interval_s)


async def _pending(station: Station, interval_s: float) -> float:
    if station.has(PENDING_SENDS_STATUS):
        for action, payload in station.software.availability.status_messages():
            await station.messenger.call(action, payload)
    if station.has(PENDING_HEARTBEAT):
        await station.messenger.call("Heartbeat", {})
    if station.has(PENDING_CLOSES):
        await station.messenger.close()
    return _SHORT_RETRY_S - interval_s if station.has(PENDING_EARLY) else 0.0


async def _rejected(station: Station, interval_s: float) -> float:
    if station.has(REJECTED_HEARTBEAT):
        await station.messenger.call("Heartbeat", {})
    if station.style.closes_when_rejected:
        await station.messenger.close()  # B03.FR.04
    if station.has(REJECTED_GIVES_UP):
        return _LONG_S
    return _SHORT_RETRY_S - interval_s if station.has(REJECTED_EARLY) else 0.0
