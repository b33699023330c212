"""Reusable states Booting and Booted: the DUT restarts, and comes back.

Owns what a restart owes (B01): a new connection, a BootNotification with a reason that fits, the
state of every connector and the security event of a start-up. A restart is asked for by Reset;
power is cut only where a case demands a cold boot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vdoc.automation.actions import Reboot
from vdoc.bench import Bench, Event, Message
from vdoc.bench.expect import one_of
from vdoc.cases import connectors

STARTUP_EVENTS = ("StartupOfTheDevice", "ResetOrReboot")
"""Security events of a start-up, either of which will do (state Booted, step 7)."""

_REASONS = (
    "ApplicationReset",
    "LocalReset",
    "PowerUp",
    "RemoteReset",
    "ScheduledReset",
    "Unknown",
)
"""Reasons of a restart that nobody triggered by other means: not FirmwareUpdate, Triggered, …"""


@dataclass(frozen=True, slots=True)
class Boot:
    """A restart as the bench saw it: the connection, and the first message on it."""

    opened: Event
    notification: Message


@dataclass(frozen=True, slots=True)
class Idle:
    """What each connector must be after a restart, and the requirement that it rests on."""

    states: Mapping[connectors.Place, connectors.State]
    requirement: str


async def booting(bench: Bench) -> None:
    """State Booting: the DUT has accepted a Reset and is not back yet (B11.FR.01, B11.FR.03)."""
    with bench.within_state("Booting"):
        await reset(bench)


async def booted(
    bench: Bench, *, by: Literal["Reset", "power"] = "Reset", idle: Idle | None = None
) -> Boot:
    """State Booted: the DUT has restarted and is idle again (B01.FR.01, B01.FR.05).

    Args:
        bench: the bench.
        by: what makes it restart.
        idle: what its connectors are afterwards; None: Available.
    """
    with bench.within_state("Booted"):
        if by == "power":
            await bench.act(Reboot())
        else:
            await reset(bench)
        bench.step(3, "B01.FR.03")
        opened = await bench.connection.opened(what="the DUT reconnects after its restart")
        return await started_up(bench, opened, idle=idle)


async def reset(bench: Bench) -> None:
    """Steps 1 and 2 of Booting and of Booted: an immediate Reset (B11.FR.01)."""
    bench.step(2, "B11.FR.01")
    answer = await bench.call("Reset", type="Immediate")  # 1
    bench.require(answer["status"], "Accepted")


async def started_up(
    bench: Bench,
    opened: Event,
    *,
    boot: int = 3,
    status: int = 5,
    event: int | None = 7,
    idle: Idle | None = None,
) -> Boot:
    """What follows the connection of a restarted DUT; connectors and event in any order.

    Args:
        bench: the bench.
        opened: the connection.
        boot: step of the table at which BootNotification comes.
        status: step at which the state of every connector is told.
        event: step of the security event; None when the table does not have it.
        idle: what the connectors are; None: Available.
    """
    bench.step(boot, "B01.FR.01")
    notification = await boot_notification(bench)
    bench.check(notification["reason"], one_of(*_REASONS), "B01.FR.09")
    strands = [_connectors(bench, status, idle or _available(bench))]
    if event is not None:
        strands.append(_startup_event(bench, event))
    await bench.gather(*strands)
    return Boot(opened, notification)


async def boot_notification(bench: Bench) -> Message:
    """Return the next BootNotification; a boot may take the long operation time-out."""
    limit_s = bench.settings.values.long_operation_timeout_s
    return await bench.receive("BootNotification", within_s=limit_s)


async def startup_event(bench: Bench, *, since: int | None = None) -> None:
    """Wait for the security event of a start-up (A04.FR.01, appendix of security events)."""
    await bench.receive(
        "SecurityEventNotification",
        where=lambda message: message.get("type") in STARTUP_EVENTS,
        what=" or ".join(STARTUP_EVENTS),
        since=since,
    )


def _available(bench: Bench) -> Idle:
    return Idle(dict.fromkeys(connectors.all_places(bench), "Available"), "B01.FR.05")


async def _connectors(bench: Bench, step: int, idle: Idle) -> None:
    bench.step(step, idle.requirement)
    await connectors.each_notified(bench, idle.states)


async def _startup_event(bench: Bench, step: int) -> None:
    bench.step(step, "A04.FR.01")
    await startup_event(bench)
