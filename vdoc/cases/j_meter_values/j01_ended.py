"""Use case J01 with E06: values of the clock's marks that the Ended event brings together."""

from __future__ import annotations

from collections.abc import Sequence

from vdoc.bench import Bench, Fact
from vdoc.bench.expect import at_least
from vdoc.cases import configuration, states
from vdoc.cases.j_meter_values import measuring
from vdoc.cases.j_meter_values.ended_event import (
    LEAST,
    ended,
    judge_keys,
    judge_signed,
    public_key_policy,
)
from vdoc.cases.j_meter_values.samples import (
    CLOCK,
    Sample,
    judge_clock,
    judge_locations,
    judge_measurands,
    judge_moments,
    moments,
    samples,
)
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_J_03_CS")
async def collected_for_ended(bench: Bench) -> None:
    """The Ended event has the values of each mark, and no others (E06.FR.11, J01.FR.06 to FR.08).

    Also J01.FR.01 to FR.03, FR.14, FR.15, E06.FR.17, E07.FR.08, FR.13, E08.FR.09, E09.FR.05,
    E10.FR.04, E12.FR.07. Part 6: TC_J_03_CS. Errata: 6.2.58, in states 6.2.116, 6.2.117.
    """
    interval_s = bench.settings.values.tx_ended_aligned_interval_s
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        await configuration.ensure(bench, measuring.SAMPLED_ENDED_MEASURANDS, "")
        wanted = await measuring.clock_aligned_for_ended(bench, interval_s)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    event = await ended(session, interval_s)  # 1
    taken = samples(event)
    for sample in taken:
        bench.check(sample.told_context, CLOCK, "J01.FR.08", what=f"{sample.at:%H:%M:%S}")
    _judge(bench, taken, wanted)
    judge_locations(bench, told)


@case("TC_J_04_CS")
async def signed_for_ended(bench: Bench) -> None:
    """The values of the clock that the Ended event has are signed (J01.FR.21).

    Part 6: TC_J_04_CS. Errata: 6.2.58, in states 6.2.116, 6.2.117. The table leaves the sampled
    values of the event as they are configured; only those of the clock are judged.
    """
    interval_s = bench.settings.values.tx_ended_aligned_interval_s
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        wanted = await measuring.clock_aligned_for_ended(bench, interval_s)
        await configuration.ensure(bench, measuring.ALIGNED_SIGN_READINGS, "true")
        policy = await public_key_policy(bench)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    event = await ended(session, interval_s)  # 1
    taken = [sample for sample in samples(event) if sample.context == CLOCK]
    _judge(bench, taken, wanted)
    for moment in moments(taken, interval_s):
        judge_signed(bench, moment, wanted, "J01.FR.21", f"{moment[0].at:%H:%M:%S}")
    judge_keys(session, taken, policy, "J01.FR.21")
    judge_locations(bench, told)


def _judge(bench: Bench, taken: Sequence[Sample], wanted: frozenset[str]) -> None:
    """Judge the samples of the clock: how many, what they hold, and when they were taken."""
    interval_s = bench.settings.values.tx_ended_aligned_interval_s
    found = moments(taken, interval_s)
    last = taken[-1].message.n if taken else None
    bench.check(Fact("moments with values of the clock", len(found), last), at_least(LEAST))
    for moment in found:
        judge_measurands(bench, moment, wanted, "E06.FR.11", f"{moment[0].at:%H:%M:%S}")
    judge_moments(bench, found, interval_s, "E06.FR.11")
    judge_clock(bench, taken, interval_s, "E06.FR.11")
