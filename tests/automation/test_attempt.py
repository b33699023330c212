from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from api_clients.action_errors import (
    ActionError,
    ConfigurationError,
    CredentialsError,
    FaultError,
    NoReplyError,
    TlsError,
    UnreachableError,
    UnsupportedError,
)
from api_clients.action_http import Accepted
from vdoc.automation import PlugIn, PresentToken, Reboot
from vdoc.automation.attempt import attempt, repeatable

ACCEPTED = Accepted("POST x", 200)


def refused() -> UnreachableError:
    return UnreachableError("no connection.", remedy="start it.", sent="POST x", refused=True)


def script(*results: Accepted | ActionError) -> Callable[[float], Awaitable[Accepted]]:
    left = list(results)

    async def call(_limit_s: float) -> Accepted:
        result = left.pop(0)
        if isinstance(result, ActionError):
            raise result
        return result

    return call


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (UnsupportedError, "unsupported"),
        (CredentialsError, "refused"),
        (ConfigurationError, "refused"),
        (UnreachableError, "unreachable"),
        (TlsError, "unreachable"),
        (NoReplyError, "timeout"),
        (FaultError, "fault"),
    ],
)
async def test_each_error_has_its_status(kind: type[ActionError], status: str) -> None:
    error = kind("this happened.", remedy="do that.", sent="POST x")
    outcome = await attempt(script(error), limit_s=1, repeat=True)
    assert (outcome.status, outcome.attempts) == (status, 1)
    assert outcome.detail == "this happened. Remedy: do that."


async def test_a_closed_port_is_tried_once_more_and_said() -> None:
    outcome = await attempt(script(refused(), ACCEPTED), limit_s=1, repeat=True, pause_s=0)
    assert (outcome.status, outcome.attempts) == ("done", 2)
    assert "port was closed" in outcome.detail


async def test_it_is_not_tried_a_third_time() -> None:
    call = script(refused(), refused(), ACCEPTED)
    outcome = await attempt(call, limit_s=1, repeat=True, pause_s=0)
    assert (outcome.status, outcome.attempts) == ("unreachable", 2)


async def test_what_must_not_be_repeated_is_not() -> None:
    outcome = await attempt(script(refused(), ACCEPTED), limit_s=1, repeat=False, pause_s=0)
    assert (outcome.status, outcome.attempts) == ("unreachable", 1)


async def test_there_is_no_second_try_beyond_the_limit() -> None:
    outcome = await attempt(script(refused(), ACCEPTED), limit_s=0.5, repeat=True, pause_s=1)
    assert outcome.attempts == 1


async def test_it_can_be_cancelled() -> None:
    started = asyncio.Event()

    async def hang(_limit_s: float) -> Accepted:
        started.set()
        return await asyncio.Future()

    task = asyncio.create_task(attempt(hang, limit_s=60, repeat=True))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_tokens_and_reboots_are_never_repeatable() -> None:
    assert not repeatable(PresentToken("T", "Local", 1, 1))
    assert not repeatable(Reboot())
    assert repeatable(PlugIn(1, 1))
