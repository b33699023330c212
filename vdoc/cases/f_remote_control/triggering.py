"""Asking for a message by TriggerMessage (F06): the request, its response, and what comes of it.

Owns steps 1 and 2 of every table of F06. What was triggered comes after the response (F06.FR.04):
what came before it is never taken for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vdoc.bench import Bench, Message, StepFailedError


async def ask_for(
    bench: Bench,
    message: str,
    expected: str = "Accepted",
    *,
    evse: Mapping[str, Any] | None = None,
    step: int = 2,
    requirement: str = "F06.FR.05",
) -> int:
    """Send a TriggerMessageRequest, and check the status of the response.

    Args:
        bench: the bench.
        message: requestedMessage.
        expected: the status; when another comes the case ends.
        evse: EVSEType; None leaves it out.
        step: number of the response in the table.
        requirement: what the status rests on.

    Returns:
        The evidence line of the response, for `since`.
    """
    bench.step(step, requirement)
    scope: dict[str, Any] = {} if evse is None else {"evse": dict(evse)}
    answer = await bench.call("TriggerMessage", requestedMessage=message, **scope)
    bench.require(answer["status"], expected)
    return answer.n


async def triggered(
    bench: Bench,
    action: str,
    since: int,
    *,
    is_it: Callable[[Message], bool],
    may_be: Callable[[Message], bool],
    what: str = "",
) -> Message:
    """Return the message that was triggered; else the nearest one, whose values are then judged.

    Args:
        bench: the bench.
        action: of the message.
        since: the line of the response that accepted.
        is_it: recognises the message by what it says of its cause.
        may_be: recognises one that should have said so.
        what: words for the report.

    Raises:
        StepFailedError: no such message came in time.
    """
    for wanted, within_s in ((is_it, None), (may_be, 0.0)):
        found = await bench.receive_optional(action, where=wanted, since=since, within_s=within_s)
        if found is not None:
            return found
    limit_s = bench.settings.values.message_timeout_s
    words = f"{action}Request ({what})" if what else f"{action}Request"
    raise StepFailedError(words, f"the triggered one within {limit_s:g} s", "none came")
