"""One call of an action API turned into an Outcome: the limit, the one retry, the reason.

The rule of repetition (octt-interfaces, rule 4) is kept here: a call is made again only when the
port was closed, so that nothing can have been delivered; only once; and never for an action that
must not be repeated. The Outcome says so in `attempts`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias, assert_never

from api_clients.action_errors import (
    ActionError,
    ConfigurationError,
    CredentialsError,
    NoReplyError,
    UnreachableError,
    UnsupportedError,
)
from api_clients.action_http import Accepted
from vdoc.automation.actions import (
    Action,
    EvEnd,
    EvIso15118,
    EvPlugIn,
    EvPlugOut,
    EvReady,
    Observe,
    ParkingBay,
    PlugIn,
    PlugOut,
    PresentToken,
    Reboot,
    RefuseLocalAuthList,
    SetExternalLimit,
    SetFaulted,
    SetUnlockFailed,
    Stimulate,
)
from vdoc.automation.outcome import Outcome, Status

Call: TypeAlias = Callable[[float], Awaitable[Accepted]]
"""Makes one call within the given seconds."""
RETRY_PAUSE_S = 1.0

_STATUS: tuple[tuple[type[ActionError], Status], ...] = (
    (UnsupportedError, "unsupported"),
    (CredentialsError, "refused"),
    (ConfigurationError, "refused"),
    (UnreachableError, "unreachable"),
    (NoReplyError, "timeout"),
)


async def attempt(
    call: Call, *, limit_s: float, repeat: bool, pause_s: float = RETRY_PAUSE_S
) -> Outcome:
    """Make a call, and once more when `repeat` and the port was closed.

    Args:
        call: takes the seconds it has left.
        limit_s: seconds for all of it, the pause included.
        repeat: whether the action may be sent twice at all.
        pause_s: seconds between the two.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_s
    first = await _once(call, limit_s)
    left_s = end - loop.time() - pause_s
    if not (repeat and isinstance(first, UnreachableError) and first.refused and left_s > 0):
        return _outcome(first)
    await asyncio.sleep(pause_s)
    second = _outcome(await _once(call, left_s))
    return replace(second, attempts=2, detail=f"{second.detail} (second try: port was closed)")


async def _once(call: Call, limit_s: float) -> Accepted | ActionError:
    try:
        return await call(limit_s)
    except ActionError as error:
        return error


def _outcome(result: Accepted | ActionError) -> Outcome:
    if isinstance(result, Accepted):
        return Outcome("done", "accepted", result.sent, result.http_status)
    status: Status = next((status for kind, status in _STATUS if isinstance(result, kind)), "fault")
    detail = f"{result.happened} Remedy: {result.remedy}"
    return Outcome(status, detail, result.sent, result.http_status)


def repeatable(action: Action) -> bool:
    """Whether a second identical call does no harm (octt-interfaces, rule 4).

    A token presented twice starts and stops; a second reboot interrupts the first; an ISO 15118
    deed or a bench program may do anything. All others only set a condition.
    """
    match action:
        case PresentToken() | Reboot() | EvIso15118() | Stimulate() | Observe():
            return False
        case PlugIn() | PlugOut() | SetFaulted() | SetUnlockFailed() | RefuseLocalAuthList():
            return True
        case SetExternalLimit() | ParkingBay() | EvPlugIn() | EvPlugOut() | EvEnd() | EvReady():
            return True
        case _:
            assert_never(action)
