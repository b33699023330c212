"""Use case J01: values measured at the marks of the clock, with and without transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import at_least, equals
from vdoc.cases import configuration, states
from vdoc.cases.j_meter_values import measuring
from vdoc.cases.j_meter_values.at_marks import (
    idle_values,
    is_clock_aligned,
    is_whole,
    judge_contexts,
    judge_places,
)
from vdoc.cases.j_meter_values.measuring import SEND_DURING_IDLE
from vdoc.cases.j_meter_values.samples import (
    Sample,
    judge_clock,
    judge_events,
    judge_locations,
    judge_moments,
    moments,
    samples,
    until_whole,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin

_MESSAGES = ("MeterValues", "TransactionEvent")
_AFTER_S = 5  # Part 6 TC_J_06_CS step 6


# --- without transaction ---


@case("TC_J_01_CS")
async def no_transaction(bench: Bench) -> None:
    """Values are sent for every mark of the clock (J01.FR.01 to FR.03, FR.06 to FR.08, FR.14, 15).

    Part 6: TC_J_01_CS. Errata: 6.2.58. Three Meter Value messages are taken as those of three
    moments, since fewer show no intervals.
    """
    interval_s = bench.settings.values.clock_aligned_interval_s
    told = bench.collect(*_MESSAGES)
    with bench.before():
        wanted = await measuring.clock_aligned(bench, interval_s)

    await idle_values(bench, wanted, 3, step=1)  # 1, 2
    judge_locations(bench, told)


# --- in a transaction ---


@case("TC_J_02_CS")
async def in_transaction(bench: Bench) -> None:
    """An EVSE sends its values in a transaction too, in either way (J01.FR.14, FR.15, FR.22).

    Also J01.FR.01 to FR.03, FR.06 to FR.08. Part 6: TC_J_02_CS. Errata: 6.2.58, 6.2.63 (which
    replaces 6.2.64: phases are not counted). Beyond the table, which lets idle EVSEs send, they
    must (J01.FR.14). The case lasts the transaction duration, but at least two intervals, since one
    shows no interval.
    """
    values = bench.settings.values
    interval_s = values.clock_aligned_interval_s
    told = bench.collect(*_MESSAGES)
    with bench.before():
        await configuration.ensure_if_implemented(bench, SEND_DURING_IDLE, "false")
        phases = measuring.REGISTER_WITHOUT_PHASES
        await configuration.ensure_if_implemented(bench, phases, "false")
        wanted = await measuring.clock_aligned(bench, interval_s)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step("1 or 3", "J01.FR.22")
    started = bench.mark()
    duration_s = max(values.transaction_duration_s, 2 * interval_s + values.max_time_deviation_s)
    await bench.wait(duration_s, "TransactionDuration, and at least two intervals")
    due = int((duration_s - values.max_time_deviation_s) // interval_s)
    while len(_told_of(session, told, started)) < due:
        if await bench.receive_optional(*_MESSAGES, where=is_clock_aligned) is None:
            break
    await session.complete()
    place = session.place.evse
    whole = await until_whole(
        bench,
        lambda: _moments(bench, told, started),
        lambda moment: is_whole(bench, moment, wanted, charging=place),
        *_MESSAGES,
        where=is_clock_aligned,
    )
    last = max((message.n for message in told), default=started)
    found = _told_of(session, told, started)
    count = Fact("moments with values of the EVSE in the transaction", len(found), last)
    bench.check(count, at_least(due))
    for moment in whole:
        judge_places(bench, moment, wanted, charging=place)
    recent = [m for m in told if m.n > started and is_clock_aligned(m)]
    _judge_events(bench, [m for m in recent if m.action == "TransactionEvent"])
    _judge_messages(bench, [m for m in recent if m.action == "MeterValues"])
    judge_moments(bench, found, interval_s, "J01.FR.22")
    judge_locations(bench, told)
    await session.conclude()


def _told_of(session: Session, told: Sequence[Message], since: int) -> list[list[Sample]]:
    """The moments since then of which the EVSE in the transaction has told values."""
    mine = [
        message
        for message in told
        if message.n > since
        and is_clock_aligned(message)
        and (
            message.get("evseId") == session.place.evse
            if message.action == "MeterValues"
            else session.owns(message)
        )
    ]
    return moments(samples(*mine), session.bench.settings.values.clock_aligned_interval_s)


def _moments(bench: Bench, told: Sequence[Message], since: int) -> list[list[Sample]]:
    """The moments of which all values have come since then, whoever's they are."""
    interval_s = bench.settings.values.clock_aligned_interval_s
    found = moments(samples(*filter(is_clock_aligned, told)), interval_s)
    return [taken for taken in found if all(sample.message.n > since for sample in taken)]


def _judge_events(bench: Bench, events: Sequence[Message]) -> None:
    """Step 3."""
    interval_s = bench.settings.values.clock_aligned_interval_s
    bench.step(3, "J01.FR.22")
    for event in events:
        bench.check(event["triggerReason"], "MeterValueClock")
        event.need("meterValue.0.sampledValue.0")
    taken = samples(*events)
    judge_contexts(bench, taken)
    bench.step("post", "J01.FR.22")
    judge_clock(bench, taken, interval_s, "J01.FR.22")
    judge_events(bench, moments(taken, interval_s), interval_s, "J01.FR.22")


def _judge_messages(bench: Bench, messages: Sequence[Message]) -> None:
    """Step 1: the EVSE in the transaction, the main meter, and EVSEs that are idle."""
    interval_s = bench.settings.values.clock_aligned_interval_s
    bench.step(1, "J01.FR.14")
    taken = samples(*messages)
    judge_contexts(bench, taken)
    bench.step("post", "J01.FR.14")
    judge_moments(bench, moments(taken, interval_s), interval_s, "J01.FR.14")
    judge_clock(bench, taken, interval_s, "J01.FR.14")


# --- not in a transaction ---


@case("TC_J_06_CS")
async def silent_in_transaction(bench: Bench) -> None:
    """With SendDuringIdle values are sent before and after a transaction only (J01.FR.19, FR.20).

    Also J01.FR.14. Part 6: TC_J_06_CS. Errata: 6.2.58. The variable is about clock-aligned values
    (Part 2 §2.7.13), so those of the transaction itself (J02) do not break the silence, nor do
    values collected for the Ended event, which ends it. A DUT that has the variable for EVSEs only
    is silent there only (J01.FR.19).
    """
    values = bench.settings.values
    told = bench.collect(*_MESSAGES)
    with bench.before():
        scope = await _only_when_idle(bench)
        wanted = await measuring.clock_aligned(bench, values.clock_aligned_interval_s)
        session = await begin(bench)

    await idle_values(bench, wanted, 2, step=1)  # 1, 2
    await states.energy_transfer_started(session)  # 3
    bench.step(4, "J01.FR.20")
    await bench.wait(values.clock_aligned_interval_s + _AFTER_S, "the interval and 5 s")  # 4, 5
    await states.parking_bay_unoccupied(session)  # 6
    await session.conclude()
    await idle_values(bench, wanted, 2, step=7)  # 7, 8
    _judge_silence(session, told, scope)
    judge_locations(bench, told)


async def _only_when_idle(bench: Bench) -> int | None:
    """AlignedDataCtrlr.SendDuringIdle true; return the EVSE that has it, None for the station."""
    evse = bench.settings.dut.evse
    of_evse = any(
        (fact.component, fact.variable, fact.evse)
        == (SEND_DURING_IDLE.component, SEND_DURING_IDLE.variable, evse)
        for fact in bench.facts.variables
    )
    if configuration.implemented(bench, SEND_DURING_IDLE) or not of_evse:
        await configuration.ensure(bench, SEND_DURING_IDLE, "true")
        return None
    data = SEND_DURING_IDLE.as_json()
    data["component"]["evse"] = {"id": evse}
    answer = await bench.call("SetVariables", setVariableData=[{**data, "attributeValue": "true"}])
    bench.require(answer["setVariableResult.0.attributeStatus"], "Accepted", "B05.FR.01")
    return evse


def _judge_silence(session: Session, told: Sequence[Message], scope: int | None) -> None:
    """No clock-aligned value was measured in the transaction, by its own time stamps."""
    bench = session.bench
    bench.step("post", "J01.FR.20" if scope is None else "J01.FR.19")
    events = session.events
    begun = [event for event in events if event.get("eventType") == "Started"]
    ended = [event for event in events if event.get("eventType") == "Ended"]
    last = max((event.n for event in events), default=None)
    bench.require(Fact("transaction that ended", bool(begun and ended), last), equals(True))
    margin = timedelta(seconds=bench.settings.values.max_time_deviation_s)
    first, final = begun[0].need_time("timestamp"), ended[-1].need_time("timestamp")
    silent = [m for m in told if is_clock_aligned(m) and _is_of(m, scope)]
    broken = [s for s in samples(*silent) if first + margin < s.at < final - margin]
    times = [f"{sample.message.name} of {sample.at:%H:%M:%S}" for sample in broken]
    n = broken[0].message.n if broken else last
    what = f"clock-aligned values from {_short(first)} to {_short(final)}"
    bench.check(Fact(what, times, n), equals([]))


def _is_of(message: Message, scope: int | None) -> bool:
    return scope is None or message.get("evseId", scope) == scope


def _short(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"
