"""Use case J02 with E06: values that were sampled for the Ended event of a transaction.

Their contexts are Sample.Periodic, which is the default, and Transaction.End. Transaction.Begin,
which the tables do not name, is right for the first of them (Part 2 §2.7.4: from the start on).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from vdoc.bench import Bench, Fact
from vdoc.bench.expect import absent_or, at_least, between, one_of
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
    BEGIN,
    CLOCK,
    END,
    PERIODIC,
    Sample,
    judge_locations,
    judge_measurands,
    judge_moments,
    moments,
    samples,
)
from vdoc.cases.registry import case
from vdoc.cases.session import begin

_CONTEXTS = (BEGIN, PERIODIC, END)


@case("TC_J_10_CS")
async def sampled_for_ended(bench: Bench) -> None:
    """The Ended event has the samples of the transaction and of its end (E06.FR.11, J02.FR.04).

    Also J02.FR.01 to FR.03, FR.10, E06.FR.17, E07.FR.08, FR.13, E08.FR.09, E09.FR.05, E10.FR.04,
    E12.FR.07. Part 6: TC_J_10_CS. Errata: 6.2.58, 6.2.65, in states 6.2.116, 6.2.117.
    """
    interval_s = bench.settings.values.tx_ended_sampled_interval_s
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        await configuration.ensure(bench, measuring.ALIGNED_ENDED_MEASURANDS, "")
        wanted = await _sampled(bench, interval_s)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    event = await ended(session, interval_s)  # 1
    _judge(bench, samples(event), wanted)
    judge_locations(bench, told)


@case("TC_J_11_CS")
async def signed_for_ended(bench: Bench) -> None:
    """The samples that the Ended event has are signed (J02.FR.21).

    Part 6: TC_J_11_CS. Errata: 6.2.58, in states 6.2.116, 6.2.117. A DUT may be able to sign values
    of start and end only (Part 2 §2.7.3), so those between need not be signed; but when one of them
    is, all are (our interpretation). The table leaves the clock-aligned values of the event as they
    are configured; they are not judged.
    """
    interval_s = bench.settings.values.tx_ended_sampled_interval_s
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        wanted = await _sampled(bench, interval_s)
        await configuration.ensure(bench, configuration.SIGN_READINGS, "true")
        policy = await public_key_policy(bench)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    event = await ended(session, interval_s)  # 1
    taken = [sample for sample in samples(event) if sample.context != CLOCK]
    _judge(bench, taken, wanted)
    for context in (BEGIN, END):
        of_context = [sample for sample in taken if sample.context == context]
        if of_context:
            judge_signed(bench, of_context, wanted, "J02.FR.21", context)
    between_them = [sample for sample in taken if sample.context == PERIODIC]
    if any(sample.is_signed for sample in between_them):
        for moment in moments(between_them, interval_s):
            judge_signed(bench, moment, wanted, "J02.FR.21", f"{moment[0].at:%H:%M:%S}")
    judge_keys(session, taken, policy, "J02.FR.21")
    judge_locations(bench, told)


async def _sampled(bench: Bench, interval_s: int) -> frozenset[str]:
    """Have values sampled for the Ended event, and return which."""
    wanted = await measuring.sampled(bench, measuring.SAMPLED_ENDED_MEASURANDS)
    await configuration.ensure(bench, measuring.SAMPLED_ENDED_INTERVAL, str(interval_s))
    return wanted


def _judge(bench: Bench, taken: Sequence[Sample], wanted: frozenset[str]) -> None:
    """Judge the samples: their contexts, how many, what they hold, and when they were taken."""
    interval_s = bench.settings.values.tx_ended_sampled_interval_s
    for sample in taken:
        expected = absent_or(one_of(*_CONTEXTS))
        bench.check(sample.told_context, expected, "J02.FR.04", what=f"{sample.at:%H:%M:%S}")
    found = {
        context: moments([s for s in taken if s.context == context], interval_s)
        for context in _CONTEXTS
    }
    last = taken[-1].message.n if taken else None
    ends = Fact(f"moments of context {END}", len(found[END]), last)
    bench.check(ends, 1)
    count = Fact(f"moments of context {PERIODIC}", len(found[PERIODIC]), last)
    bench.check(count, at_least(LEAST))
    for moment in itertools.chain.from_iterable(found.values()):
        what = f"{moment[0].context}, {moment[0].at:%H:%M:%S}"
        judge_measurands(bench, moment, wanted, "E06.FR.11", what)
    judge_moments(bench, found[PERIODIC], interval_s, "E06.FR.11")
    _judge_edges(bench, [moment[0] for each in found.values() for moment in each], interval_s)


def _judge_edges(bench: Bench, firsts: Sequence[Sample], interval_s: int) -> None:
    """No more than an interval lies between the start or the end and the sample next to it."""
    deviation_s = bench.settings.values.max_time_deviation_s
    for earlier, later in itertools.pairwise(firsts):
        if earlier.context == later.context:
            continue
        gap_s = (later.at - earlier.at).total_seconds()
        what = f"seconds from {earlier.context} to {later.context}"
        fact = Fact(what, gap_s, later.message.n)
        bench.check(fact, between(-deviation_s, interval_s + deviation_s), "E06.FR.11")
