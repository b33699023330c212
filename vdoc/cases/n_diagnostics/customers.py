"""Steps of the cases of N09 and N10: asking about a customer, and the parts of the answer.

Owns what a report is: parts with the requestId of the request, numbered from 0, until one says that
it is the last. What stands in it no clause says; that something is stored shows in data that is
not empty and differs from what is told of a customer who is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import absent_or, that

NOTIFY = "NotifyCustomerInformation"
NOT_EMPTY = that("not empty", lambda text: text != "")
_LAST = absent_or(False)

Reference = Mapping[str, Any]
"""Names the customer: idToken or customerIdentifier (N09.FR.04, N10.FR.08)."""


async def asked(
    bench: Bench,
    customer: Reference,
    *,
    report: bool,
    clear: bool,
    step: int | str,
    requirement: str = "N09.FR.02",
) -> int:
    """Ask about a customer, check that it is accepted, and return the requestId.

    Raises:
        StepFailedError: it is not accepted.
    """
    request_id = bench.fresh_int()
    bench.step(step, requirement)
    answer = await bench.call(
        "CustomerInformation", requestId=request_id, report=report, clear=clear, **customer
    )
    bench.require(answer["status"], "Accepted")
    return request_id


async def told(bench: Bench, request_id: int, step: int | str, requirement: str) -> Fact:
    """Wait for all parts of a report, judge them, and return the data of all of them as one.

    Raises:
        StepFailedError: a part did not come in time.
    """
    parts: list[Message] = []
    bench.step(step, requirement)
    while not parts or parts[-1].get("tbc", False):
        parts.append(await _part(bench, request_id, len(parts)))
    data = "".join(str(part.get("data", "")) for part in parts)
    return Fact(f"{NOTIFY}Request data of all parts", data, parts[-1].n)


async def told_at_once(bench: Bench, request_id: int, step: int | str, requirement: str) -> Fact:
    """Wait for the one message that says that there is nothing, or nothing any more.

    Raises:
        StepFailedError: it did not come in time, or another one came after it.
    """
    bench.step(step, requirement)
    part = await _part(bench, request_id, 0)
    bench.check(part["tbc"], _LAST)
    await bench.silence(
        NOTIFY, where=lambda message: message.get("requestId") == request_id, what="another one"
    )
    return part["data"]


async def _part(bench: Bench, request_id: int, number: int) -> Message:
    part = await bench.receive(NOTIFY, what=f"part {number} of the report")
    bench.check(part["requestId"], request_id)
    bench.check(part["seqNo"], number)
    return part
