"""Steps of the cases of J01: values without transaction, and whose values they are.

Which EVSEs send what, J01.FR.14 leaves to what can be measured there. So an EVSE must send what it
is claimed to measure in transactions, without EV no state of charge; the main meter, whose
measurands nobody claims, must send any of those that are configured. What is configured somebody
must send.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import equals, that
from vdoc.cases.j_meter_values.measuring import of_an_evse
from vdoc.cases.j_meter_values.samples import (
    CLOCK,
    NEEDS_EV,
    Sample,
    judge_clock,
    judge_measurands,
    judge_moments,
    measurands_of,
    moments,
    samples,
)


def is_clock_aligned(message: Message) -> bool:
    """Recognise values of the clock: all MeterValues, and events that tell them in either way."""
    if message.action == "MeterValues":
        return True
    told = message.get("triggerReason") == "MeterValueClock"
    first = samples(message)[:1]
    return message.get("eventType") != "Ended" and (
        told or any(sample.context == CLOCK for sample in first)
    )


async def idle_values(bench: Bench, wanted: frozenset[str], count: int, *, step: int) -> None:
    """Receive the values of so many moments without transaction, and judge them."""
    interval_s = bench.settings.values.clock_aligned_interval_s
    bench.step(step, "J01.FR.14")
    found = await _at_marks(bench, wanted, count)
    taken = [sample for moment in found for sample in moment]
    judge_contexts(bench, taken)
    for moment in found[:count]:
        judge_places(bench, moment, wanted)
    bench.step("post", "J01.FR.14")
    judge_moments(bench, found, interval_s, "J01.FR.14")
    judge_clock(bench, taken, interval_s, "J01.FR.14")


async def _at_marks(bench: Bench, wanted: frozenset[str], count: int) -> list[list[Sample]]:
    """Return at least so many moments to come, the last of them whole.

    One that is left out does not end the wait: how far they are apart is judged later.
    """
    values = bench.settings.values
    interval_s = values.clock_aligned_interval_s
    margin = timedelta(seconds=values.max_time_deviation_s)
    first = bench.now() + margin  # of a moment now, messages may have come before
    messages: list[Message] = []

    def found() -> list[list[Sample]]:
        return [m for m in moments(samples(*messages), interval_s) if m[0].at > first]

    while len(found()) < count:
        limit_s = 2 * interval_s + values.max_time_deviation_s + values.message_timeout_s
        what = f"clock-aligned, moment {len(found()) + 1}"
        messages.append(await bench.receive("MeterValues", within_s=limit_s, what=what))
    while not is_whole(bench, found()[count - 1], wanted):
        late = await bench.receive_optional("MeterValues")
        if late is None:
            break
        messages.append(late)
    return found()


def is_whole(
    bench: Bench, moment: Sequence[Sample], wanted: frozenset[str], *, charging: int | None = None
) -> bool:
    """Tell whether everything of a moment has come; `charging` as of `judge_places`."""
    places = _by_place(moment, charging)
    found = {evse: measurands_of(taken) for evse, taken in places.items()}
    of_evses = (
        _demanded(bench, wanted, evse, charging) <= found.get(evse, frozenset())
        for evse in _evses(bench, wanted)
    )
    return all(of_evses) and _of_all(wanted, charging) <= measurands_of(moment)


def judge_contexts(bench: Bench, taken: Sequence[Sample]) -> None:
    """Check that samples say that they are the clock's (J01.FR.08)."""
    for sample in taken:
        bench.check(sample.told_context, CLOCK, "J01.FR.08", what=f"{sample.at:%H:%M:%S}")


def judge_places(
    bench: Bench, moment: Sequence[Sample], wanted: frozenset[str], *, charging: int | None = None
) -> None:
    """Judge what the main meter and each EVSE have told of one moment.

    Args:
        bench: the bench.
        moment: the samples.
        wanted: the measurands that are configured.
        charging: the EVSE of the one transaction, whose values events may tell (J01.FR.22); that
            it tells any the case judges.
    """
    places, last = _by_place(moment, charging), moment[-1].message.n
    lacking = sorted(_evses(bench, wanted) - {charging} - places.keys())
    fact = Fact("EVSEs without values of one moment", lacking, last)
    bench.check(fact, equals([]), "J01.FR.14", what=f"{moment[0].at:%H:%M:%S}")
    for evse, taken in sorted(places.items()):
        what = f"EVSE {evse}, {taken[0].at:%H:%M:%S}"
        if evse:
            requirement = "J01.FR.22" if evse == charging else "J01.FR.14"
            demanded = _demanded(bench, wanted, evse, charging)
            judge_measurands(bench, taken, demanded, requirement, what)
        else:
            _judge_main(bench, taken, wanted, what)
    what = f"of all meters, {moment[0].at:%H:%M:%S}"
    judge_measurands(bench, moment, _of_all(wanted, charging), "J01.FR.14", what)


def _judge_main(bench: Bench, taken: Sequence[Sample], wanted: frozenset[str], what: str) -> None:
    fact = Fact("measurands of one moment", sorted(measurands_of(taken)), taken[-1].message.n)
    words = f"any of {', '.join(sorted(wanted))}"
    expected = that(words, lambda told: bool(wanted & set(told)))
    bench.check(fact, expected, "J01.FR.14", what=what)


def _by_place(moment: Sequence[Sample], charging: int | None) -> dict[int, list[Sample]]:
    """Sort samples by EVSE; what an event tells is of the EVSE in transaction."""
    places: dict[int, list[Sample]] = {}
    for sample in moment:
        is_event = sample.message.action == "TransactionEvent"
        evse = charging if is_event and charging is not None else sample.evse
        places.setdefault(evse, []).append(sample)
    return places


def _evses(bench: Bench, wanted: frozenset[str]) -> set[int]:
    """The EVSEs that have to send something (J01.FR.14)."""
    demanded = of_an_evse(bench, wanted) - NEEDS_EV
    return {evse.id for evse in bench.pics.evses} if demanded else set()


def _demanded(
    bench: Bench, wanted: frozenset[str], evse: int, charging: int | None
) -> frozenset[str]:
    """The measurands that an EVSE has to send."""
    return of_an_evse(bench, wanted) - (frozenset() if evse == charging else NEEDS_EV)


def _of_all(wanted: frozenset[str], charging: int | None) -> frozenset[str]:
    """The measurands that somebody has to send."""
    return wanted if charging is not None else wanted - NEEDS_EV
