"""Asking for a reset, and what ends by it.

Owns the boot after a reset, the transaction that an immediate reset ends (B12.FR.04, B12.FR.08) and
the time that one EVSE is given to restart, which nothing need tell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import equals, not_
from vdoc.cases.session import Session

ResetType = Literal["Immediate", "OnIdle"]


async def evse(bench: Bench, kind: ResetType) -> Message:
    """Ask for a reset of the EVSE under test."""
    return await bench.call("Reset", type=kind, evseId=bench.settings.dut.evse)


async def evse_restarts(bench: Bench) -> None:
    """Leave the EVSE the time of a boot, lest the next case find it restarting."""
    await bench.wait(bench.settings.expected.boot_s, "the EVSE restarts")


async def boot_after(bench: Bench, connection: int | None, since: int, reason: str) -> Message:
    """Wait for the boot, on another connection than before, for this reason (B01.FR.03, FR.09)."""
    limit_s = bench.settings.values.long_operation_timeout_s
    notification = await bench.receive("BootNotification", since=since, within_s=limit_s)
    bench.check(notification["reason"], reason, "B01.FR.09")
    number = Fact("connection of the BootNotification", notification.connection, notification.n)
    bench.check(number, not_(connection), "B01.FR.03")
    return notification


async def ended_by_reset(session: Session, connection: int | None, since: int) -> Message:
    """Wait for the event that ends the transaction by the reset, before it, and judge it."""
    bench = session.bench
    event = await session.arrived(_tells_reset, since, "the end of the transaction by the reset")
    bench.check(event["eventType"], "Ended")
    bench.check(event["triggerReason"], "ResetCommand")
    bench.check(event["transactionInfo.chargingState"], "EVConnected")
    bench.check(event["transactionInfo.stoppedReason"], "ImmediateReset")
    number = Fact("connection of the event, that of the ResetRequest", event.connection, event.n)
    bench.check(number, equals(connection))
    session.standing = replace(session.standing, running=False, ended=True, charging=False)
    return event


def _tells_reset(event: Message) -> bool:
    ended: bool = event.get("eventType") == "Ended"
    return ended or event.get("triggerReason") == "ResetCommand"
