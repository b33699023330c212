"""Cases of block J, meter values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import absent_or, at_least, between, containing, that
from vdoc.cases import configuration, states
from vdoc.cases.registry import case
from vdoc.cases.session import begin
from vdoc.cases.transaction_rules import in_order, seq_no

REGISTER = "Energy.Active.Import.Register"
"""The measurand of a sampledValue that names none (schema default)."""

_PERIODIC = "Sample.Periodic"
_INTERVALS = 3


@case("TC_J_09_CS")
async def sampled_values_in_updated_events(bench: Bench) -> None:
    """Samples are sent in Updated events, on the configured interval (J02.FR.01 to J02.FR.04).

    Also J02.FR.10, J02.FR.11, J02.FR.14, E02.FR.10, E02.FR.11. Part 6: TC_J_09_CS. Errata: 6.2.58.
    The case lasts the transaction duration, but at least three intervals. Where sampling is off, or
    nothing is configured to be sampled, it is switched on by the settings; the table leaves it so.
    """
    values = bench.settings.values
    interval_s = values.sampled_updated_interval_s
    with bench.before():
        configured = await _sampling(bench, interval_s)
        meter_messages = bench.collect("TransactionEvent", "MeterValues")
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(1, "J02.FR.11")
    started = bench.mark()
    duration_s = max(values.transaction_duration_s, float(_INTERVALS * interval_s))
    await bench.wait(duration_s, "TransactionDuration, and at least three intervals")
    await session.complete()
    periodic = [e for e in in_order(session.events) if _is_periodic(e)]
    recent = [e for e in periodic if e.n > started]
    due = int((duration_s - values.max_time_deviation_s) // interval_s)
    last = started if not recent else recent[-1].n
    intervals = _by_time(recent)
    bench.check(Fact("intervals with samples", len(intervals), last), at_least(max(due, 1)))
    for event in periodic:
        _judge_event(bench, event, interval_s)
    for messages in _by_time(periodic):
        _judge_measurands(bench, messages, configured)
    bench.step("post", "J02.FR.11")
    _judge_intervals(bench, periodic, interval_s)
    _judge_locations(bench, meter_messages)
    await session.conclude()


async def _sampling(bench: Bench, interval_s: int) -> frozenset[str]:
    """Have something sampled on the interval, and return what: TxUpdatedMeasurands in force."""
    await configuration.ensure_if_writable(bench, configuration.SAMPLED_ENABLED, "true")
    await configuration.ensure(bench, configuration.TX_UPDATED_INTERVAL, str(interval_s))
    measurands = configuration.TX_UPDATED_MEASURANDS
    found = (await configuration.read(bench, measurands)).members
    if found:
        return found
    wanted = bench.settings.values.transaction_update_measurands
    await configuration.ensure(bench, measurands, ",".join(wanted))
    return frozenset(wanted)


def _is_periodic(event: Message) -> bool:
    return bool(event.get("triggerReason") == "MeterValuePeriodic")


def _by_time(events: Iterable[Message]) -> list[list[Message]]:
    """The messages of each interval: those of one timestamp belong together (E02.FR.11)."""
    found: dict[datetime, list[Message]] = {}
    for event in events:
        found.setdefault(event.need_time("timestamp"), []).append(event)
    return [found[time] for time in sorted(found)]


def _judge_event(bench: Bench, event: Message, interval_s: int) -> None:
    what = f"seqNo {seq_no(event)}"
    bench.check(event["eventType"], "Updated", "J02.FR.11", what=what)
    event.need("meterValue.0.sampledValue.0")
    context = event["meterValue.0.sampledValue.0.context"]
    bench.check(context, absent_or(_PERIODIC), "J02.FR.04", what=what)
    _judge_times(bench, event, interval_s)


def _judge_times(bench: Bench, event: Message, interval_s: int) -> None:
    """Samples are of the interval that the event tells (J02.FR.10)."""
    deviation_s = bench.settings.values.max_time_deviation_s
    occurred = event.need_time("timestamp")
    for index in range(len(event.need("meterValue"))):
        sampled = event.need_time(f"meterValue.{index}.timestamp")
        age = Fact(f"age of meterValue.{index} in s", (occurred - sampled).total_seconds(), event.n)
        bench.check(age, between(-deviation_s, interval_s + deviation_s), "J02.FR.10")


def _judge_measurands(
    bench: Bench, messages: Sequence[Message], configured: frozenset[str]
) -> None:
    """One interval holds every configured measurand, in one message or several."""
    found = sorted({measurand for message in messages for measurand in _measurands(message)})
    numbers = ", ".join(str(seq_no(message)) for message in messages)
    fact = Fact("measurands of one interval", found, messages[-1].n)
    bench.check(fact, containing(*sorted(configured)), "J02.FR.03", what=f"seqNo {numbers}")


def _measurands(message: Message) -> Iterator[str]:
    for sample in _samples(message):
        yield str(sample.get("measurand", REGISTER))


def _samples(message: Message) -> Iterator[dict[str, Any]]:
    for value in message.get("meterValue", []):
        yield from value.get("sampledValue", [])


def _judge_intervals(bench: Bench, periodic: Sequence[Message], interval_s: int) -> None:
    deviation_s = bench.settings.values.max_time_deviation_s
    moments = [messages[0] for messages in _by_time(periodic)]
    for earlier, later in itertools.pairwise(moments):
        gap = later.need_time("timestamp") - earlier.need_time("timestamp")
        what = f"seconds between events {seq_no(earlier)} and {seq_no(later)}"
        expected = between(interval_s - deviation_s, interval_s + deviation_s)
        bench.check(Fact(what, gap.total_seconds(), later.n), expected)


def _judge_locations(bench: Bench, messages: Iterable[Message]) -> None:
    """No sample is located in the EV but the state of charge (errata 6.2.58)."""
    expected = that("none but SoC", lambda found: set(found) <= {"SoC"})
    for message in messages:
        if message.has("meterValue"):
            located = [s.get("measurand", REGISTER) for s in _samples(message) if _in_ev(s)]
            fact = Fact(f"{message.name} measurands located in the EV", located, message.n)
            bench.check(fact, expected, "errata 6.2.58")


def _in_ev(sample: dict[str, Any]) -> bool:
    return sample.get("location") == "EV"
