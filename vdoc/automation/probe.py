"""Asks every bound API, before a run, whether it is there, knows us and can say no.

For `vdoc bench check`. Only calls that change nothing: `/state` without parameters at the station
(at the EV it would mean "ready" to one implementation, so it is not sent there), and an operation
that no interface knows, which must be refused: an API that accepts anything would let a case run
without its stimulus, and the station would be blamed.
"""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeAlias

import httpx

from api_clients.action_errors import (
    ActionError,
    ConfigurationError,
    CredentialsError,
    UnsupportedError,
)
from api_clients.action_http import Accepted
from api_clients.station_action import Carrier
from vdoc.automation.opening import Carriers, relay_of
from vdoc.automation.wiring import Wiring

UNKNOWN_OPERATION = "vdoc-no-such-operation"
LONGEST_LIMIT_S = 20.0
"""Per call; long enough for a bench that dials a relay again every 15 s."""
STATION = "station action API"
_Ask: TypeAlias = "Callable[[Carrier, str, float], Awaitable[tuple[Finding, ...]]]"
Level: TypeAlias = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the probe found.

    Attributes:
        level: `error` = a run would not succeed; `warning` = it may mislead.
        subject: which API or program.
        message: what was seen.
        remedy: what to do about it; empty when ok.
    """

    level: Level
    subject: str
    message: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "level": self.level,
            "subject": self.subject,
            "message": self.message,
            "remedy": self.remedy,
        }


async def probe(
    wiring: Wiring,
    *,
    clock: Callable[[], datetime],
    session: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> tuple[Finding, ...]:
    """Ask everything that is bound; never raises for what an API does.

    Args:
        wiring: what is bound.
        clock: aware UTC now, for a relay's requests.
        session: begins every id on a relay.
        transport: another way to carry HTTP, for tests.
    """
    try:
        relay = relay_of(wiring, clock=clock, session=session)
        carriers = Carriers(wiring, relay, transport)
        if relay is not None:
            await relay.start()
    except ActionError as error:
        return (_broken(error, "relay"),)
    try:
        return await _ask(wiring, carriers)
    finally:
        if relay is not None:
            await relay.close()


async def _ask(wiring: Wiring, carriers: Carriers) -> tuple[Finding, ...]:
    limit_s = min(wiring.limit_s, LONGEST_LIMIT_S)
    found: list[Finding] = []
    if wiring.url is None:
        message = "no station action API is bound: only cases without any action can run."
        found.append(Finding("error", STATION, message, "set url in [action_api]."))
    else:
        found += await _with(partial(carriers.station, wiring.url), _station, STATION, limit_s)
    for name in wiring.evs:
        found += await _with(partial(carriers.ev, name), _says_no, f"EV API {name}", limit_s)
    if wiring.program:
        found.append(_program(wiring.program))
    return tuple(found)


async def _with(
    make: Callable[[], Carrier], ask: _Ask, subject: str, limit_s: float
) -> tuple[Finding, ...]:
    """Ask over a carrier of its own, closed afterwards; one that cannot be made is a finding."""
    try:
        carrier = make()
    except ActionError as error:
        return (_broken(error, subject),)
    try:
        return await ask(carrier, subject, limit_s)
    finally:
        await carrier.close()


async def _station(carrier: Carrier, subject: str, limit_s: float) -> tuple[Finding, ...]:
    try:
        reply = await carrier.call("state", limit_s=limit_s)
    except ConfigurationError as error:
        first = Finding("ok", subject, f"reachable; {error.happened}")  # it missed a parameter
    except UnsupportedError as error:
        first = Finding(
            "warning",
            subject,
            f"{error.sent}: {error.happened}",
            "check url and path; if they are right, this API cannot set Faulted or limits.",
        )
    except ActionError as error:
        return (_broken(error, subject),)
    else:
        first = Finding("ok", subject, _accepted(reply))
    return (first, *await _says_no(carrier, subject, limit_s))


async def _says_no(carrier: Carrier, subject: str, limit_s: float) -> tuple[Finding, ...]:
    try:
        reply = await carrier.call(UNKNOWN_OPERATION, limit_s=limit_s)
    except (UnsupportedError, ConfigurationError) as error:
        return (Finding("ok", subject, f"refuses what it does not know: {error.happened}"),)
    except ActionError as error:
        return (_broken(error, subject),)
    finding = Finding(
        "warning",
        subject,
        f"accepts an operation that does not exist ({_accepted(reply)}).",
        "let it answer 404 or 501 to what it cannot do; else missing stimuli look like failures"
        " of the station.",
    )
    return (finding,)


def _broken(error: ActionError, subject: str) -> Finding:
    what = "our credentials are refused: " if isinstance(error, CredentialsError) else ""
    return Finding("error", subject, f"{error.sent}: {what}{error.happened}", error.remedy)


def _accepted(reply: Accepted) -> str:
    status = "Ok" if reply.http_status is None else str(reply.http_status)
    return f"{reply.sent}: {status}"


def _program(command: tuple[str, ...]) -> Finding:
    path = shutil.which(command[0])
    if path is None:
        return Finding(
            "error",
            "[observe] program",
            f"{command[0]} is not there or cannot be executed.",
            "correct command in [observe]: full path, executable bit.",
        )
    return Finding("ok", "[observe] program", f"found {path}; it is not run before it is needed.")
