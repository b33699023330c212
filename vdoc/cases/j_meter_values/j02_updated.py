"""Use case J02: values that are sampled while a transaction goes on."""

from __future__ import annotations

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import absent_or, at_least, between
from vdoc.cases import configuration, states
from vdoc.cases.j_meter_values import measuring
from vdoc.cases.j_meter_values.samples import (
    PERIODIC,
    Sample,
    judge_events,
    judge_locations,
    judge_measurands,
    judge_moments,
    measurands_of,
    moments,
    samples,
    until_whole,
)
from vdoc.cases.registry import case
from vdoc.cases.session import begin
from vdoc.cases.transaction_rules import in_order, seq_no

_INTERVALS = 3


@case("TC_J_09_CS")
async def sampled_values_in_updated_events(bench: Bench) -> None:
    """Samples are sent in Updated events, on the configured interval (J02.FR.01 to J02.FR.04).

    Also J02.FR.10, J02.FR.11, J02.FR.14, E02.FR.10, E02.FR.11. Part 6: TC_J_09_CS. Errata: 6.2.58.
    The case lasts the transaction duration, but at least three intervals. Events that were sampled
    at one time belong together (E02.FR.11); both events and samples must lie on the interval.
    """
    values = bench.settings.values
    interval_s = values.sampled_updated_interval_s
    with bench.before():
        wanted = await measuring.sampled(bench, configuration.TX_UPDATED_MEASURANDS)
        await configuration.ensure(bench, configuration.TX_UPDATED_INTERVAL, str(interval_s))
        told = bench.collect("TransactionEvent", "MeterValues")
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(1, "J02.FR.11")
    started = bench.mark()
    duration_s = max(values.transaction_duration_s, float(_INTERVALS * interval_s))
    await bench.wait(duration_s, "TransactionDuration, and at least three intervals")
    await session.complete()

    def so_far() -> list[list[Sample]]:
        return moments(samples(*filter(_is_periodic, session.events)), interval_s)

    found = await until_whole(
        bench,
        so_far,
        lambda moment: wanted <= measurands_of(moment),
        "TransactionEvent",
        where=_is_periodic,
    )
    periodic = [event for event in in_order(session.events) if _is_periodic(event)]
    recent = [event for event in periodic if event.n > started]
    due = int((duration_s - values.max_time_deviation_s) // interval_s)
    last = recent[-1].n if recent else started
    count = len(moments(samples(*recent), interval_s))
    bench.check(Fact("intervals with samples", count, last), at_least(max(due, 1)))
    for event in periodic:
        _judge_event(bench, event, interval_s)
    for moment in found:
        numbers = ", ".join(str(seq_no(sample.message)) for sample in moment)
        judge_measurands(bench, moment, wanted, "J02.FR.03", f"seqNo {numbers}")
    bench.step("post", "J02.FR.11")
    judge_events(bench, found, interval_s, "J02.FR.11")
    judge_moments(bench, found, interval_s, "J02.FR.11")
    judge_locations(bench, told)
    await session.conclude()


def _is_periodic(event: Message) -> bool:
    return bool(event.get("triggerReason") == "MeterValuePeriodic")


def _judge_event(bench: Bench, event: Message, interval_s: int) -> None:
    """Judge one event: its kind, its context, and that its samples are of its interval."""
    what = f"seqNo {seq_no(event)}"
    bench.check(event["eventType"], "Updated", "J02.FR.11", what=what)
    event.need("meterValue.0.sampledValue.0")
    context = event["meterValue.0.sampledValue.0.context"]
    bench.check(context, absent_or(PERIODIC), "J02.FR.04", what=what)
    deviation_s = bench.settings.values.max_time_deviation_s
    occurred = event.need_time("timestamp")
    for sample in samples(event):
        age_s = (occurred - sample.at).total_seconds()
        age = Fact(f"age of meterValue.{sample.index} in s", age_s, event.n)
        bench.check(age, between(-deviation_s, interval_s + deviation_s), "J02.FR.10")
