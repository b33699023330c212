"""Cases made of chance: each seed gives a program that uses the whole vocabulary of the Bench.

A program depends on nothing but its seed and what the Bench tells it, so a replay runs the same.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

from vdoc.automation.actions import PlugIn, PlugOut
from vdoc.bench import Bench, CaseStart, DutState, Facts, Message, Password, RunContext
from vdoc.bench.answers import (
    InTurn,
    Selected,
    boot,
    call_error,
    id_token_status,
    payload,
    silent,
)
from vdoc.bench.expect import one_of, present
from vdoc.bench.operations import want
from vdoc.bench.outcome import Fact
from vdoc.bench.start import OpenConnection
from vdoc.pics.values import Values

CASE = "TC_X_01_CS"
LIMITS_S = (0.5, 1.0, 1.0, 2.0)
RIGHT: Mapping[str, dict[str, Any]] = {
    "Heartbeat": {},
    "BootNotification": {
        "reason": "PowerUp",
        "chargingStation": {"model": "M", "vendorName": "V"},
    },
    "StatusNotification": {
        "timestamp": "2027-01-15T08:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    },
    "SecurityEventNotification": {
        "type": "StartupOfTheDevice",
        "timestamp": "2027-01-15T08:00:00Z",
    },
    "Authorize": {"idToken": {"idToken": "04A1", "type": "ISO14443"}},
}
"""What the scripted station says when it says nothing wrong."""

CHECKED: Mapping[str, tuple[str, ...]] = {
    "Heartbeat": (),
    "BootNotification": ("reason", "chargingStation.model"),
    "StatusNotification": ("connectorStatus", "evseId"),
    "SecurityEventNotification": ("type",),
    "Authorize": ("idToken.idToken", "idToken.type"),
}
CALLS: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ClearCache": ({}, {"status": "Accepted"}),
    "GetLocalListVersion": ({}, {"versionNumber": 3}),
    "TriggerMessage": ({"requestedMessage": "Heartbeat"}, {"status": "Accepted"}),
    "GetTransactionStatus": ({}, {"messagesInQueue": False}),
}
Operation = Callable[[Bench, random.Random], Awaitable[None]]


def start_of(seed: int) -> CaseStart:
    """The start of the program of a seed; some begin without a connection."""
    connected = seed % 10 != 0
    return CaseStart(
        case=CASE,
        variant={},
        attempt=1,
        seed=seed,
        state=DutState(password=Password(name="p1", text="0123456789abcdef")),
        connection=OpenConnection(1, {"connection": 1}) if connected else None,
    )


def context() -> RunContext:
    """What the programs share: short waits."""
    settings = SimpleNamespace(
        values=Values(message_timeout_s=1.0, long_operation_timeout_s=2.0, heartbeat_interval_s=60)
    )
    return RunContext(cast("Any", None), cast("Any", settings), Facts())


async def program(bench: Bench) -> None:
    """Run the program of the case's seed."""
    rng = random.Random(f"program {bench.start.seed}")
    bench.check(bench_fact("begun", value=True), expected=True)
    if rng.random() < 0.3:
        with bench.before():
            await _steps(bench, rng, 1)
    await _steps(bench, rng, rng.randint(2, 6))


def bench_fact(what: str, *, value: Any) -> Fact:
    """A fact of the program's own making."""
    return Fact(what, value, None)


async def _steps(bench: Bench, rng: random.Random, count: int, *, depth: int = 0) -> None:
    for number in range(count):
        bench.step(number, f"X{depth:02d}.FR.{number:02d}")
        await rng.choice(OPERATIONS if depth == 0 else STRAND_OPERATIONS)(bench, rng)


def _right(bench: Bench, message: Message | None) -> None:
    if message is None or message.form != "Request":
        return
    for path in CHECKED[message.action]:
        bench.check(message[path], _value(RIGHT[message.action], path))


def _value(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[part]
    return body


def _some(rng: random.Random) -> tuple[str, ...]:
    return tuple(rng.sample(sorted(RIGHT), rng.randint(1, 3)))


def _limit(rng: random.Random) -> float:
    return rng.choice(LIMITS_S)


async def _receive(bench: Bench, rng: random.Random) -> None:
    _right(bench, await bench.receive_optional(*_some(rng), within_s=_limit(rng)))


async def _receive_or_fail(bench: Bench, rng: random.Random) -> None:
    _right(bench, await bench.receive("Heartbeat", "StatusNotification", within_s=_limit(rng)))


async def _receive_where(bench: Bench, rng: random.Random) -> None:
    evse = rng.choice((1, 1, 2))
    message = await bench.receive_optional(
        "StatusNotification", where=lambda m: m.get("evseId") == evse, within_s=_limit(rng)
    )
    _right(bench, message)
    if message is not None:
        message.need_time("timestamp")
        bench.note(f"{bench.elapsed_s(message):g} s ago")


async def _since(bench: Bench, rng: random.Random) -> None:
    mark = bench.mark()
    await bench.wait(_limit(rng), "a mandated wait")
    _right(bench, await bench.receive_optional(*_some(rng), within_s=_limit(rng), since=mark))


async def _all_of(bench: Bench, rng: random.Random) -> None:
    wants = [want(action, optional=rng.random() < 0.7) for action in _some(rng)]
    for message in await bench.all_of(*wants, within_s=_limit(rng)):
        _right(bench, message)


async def _sequence(bench: Bench, rng: random.Random) -> None:
    wants = [want(action, optional=rng.random() < 0.7) for action in _some(rng)]
    for message in await bench.sequence(*wants, within_s=_limit(rng)):
        _right(bench, message)


async def _silence(bench: Bench, rng: random.Random) -> None:
    await bench.silence("Authorize", within_s=_limit(rng))


async def _call(bench: Bench, rng: random.Random) -> None:
    action = rng.choice(sorted(CALLS))
    answer = await bench.try_call(action, within_s=_limit(rng), **CALLS[action][0])
    bench.check(bench_fact("form", value=answer.form), one_of("Response", "Error"))
    if answer.form == "Response":
        for path, value in CALLS[action][1].items():
            bench.check(answer[path], value)


async def _call_or_fail(bench: Bench, rng: random.Random) -> None:
    answer = await bench.call("ClearCache", within_s=_limit(rng))
    bench.require(answer["status"], "Accepted")


async def _act(bench: Bench, rng: random.Random) -> None:
    action = rng.choice((PlugIn(evse=1, connector=1), PlugOut(evse=1, connector=1)))
    await bench.act(action, limit_s=5)


async def _ask(bench: Bench, rng: random.Random) -> None:
    value = await bench.ask("csr_facts", csr=f"{rng.randint(1, 9)}")
    bench.check(bench_fact("asked", value=value), "made")


async def _made(bench: Bench, rng: random.Random) -> None:
    event = await bench.gather(bench.made("file_served", within_s=_limit(rng)))
    bench.check(event[0]["bytes"], 7)


def _of_second_evse(message: Message) -> bool:
    return bool(message.get("evseId") == 2)


async def _answers(bench: Bench, rng: random.Random) -> None:
    policies = (
        ("BootNotification", boot("Pending", 1)),
        ("Authorize", id_token_status("Invalid")),
        ("StatusNotification", silent()),
        ("Heartbeat", call_error("InternalError", "not now")),
        ("StatusNotification", Selected("of EVSE 2", _of_second_evse, silent(), payload())),
        ("SecurityEventNotification", InTurn((silent(), call_error("GenericError")), payload())),
    )
    bench.answer(*rng.choice(policies))


async def _drop(bench: Bench, rng: random.Random) -> None:
    if bench.connection.number is None:
        return
    if rng.random() < 0.5:
        bench.connection.refuse()
        bench.connection.drop()
        await bench.connection.optional("refused", within_s=_limit(rng))
        bench.connection.accept()
    else:
        bench.connection.drop()
    event = await bench.connection.optional("opened", within_s=_limit(rng))
    if event is not None:
        bench.check(event["subprotocol"], "ocpp2.0.1")


async def _collect(bench: Bench, rng: random.Random) -> None:
    messages = bench.collect(*_some(rng))
    with bench.within_state("Collected"):
        await bench.wait(_limit(rng), "collecting")
    for message in messages:
        bench.check(bench_fact(message.name, value=message.n), present())


async def _ids(bench: Bench, rng: random.Random) -> None:
    bench.note(f"{bench.fresh_id()} {bench.fresh_int()} {bench.now():%H:%M:%S.%f} {rng.random()}")


async def _gather(bench: Bench, rng: random.Random) -> None:
    strands = [random.Random(rng.random()) for _ in range(rng.randint(2, 3))]
    await bench.gather(*(_steps(bench, r, r.randint(1, 3), depth=1) for r in strands))


STRAND_OPERATIONS: tuple[Operation, ...] = (
    _receive, _receive, _receive_where, _all_of, _call, _call, _call, _silence, _act, _ask, _since,
    _answers, _ids,
)  # fmt: skip
OPERATIONS: tuple[Operation, ...] = (
    *STRAND_OPERATIONS, _receive_or_fail, _sequence, _call_or_fail, _made, _drop, _collect, _gather,
    _gather,
)  # fmt: skip
