"""What meter values say: samples, each of one moment, and how they are judged.

Owns the clock of these cases, which is that of the message contents: moments are told apart,
spaced and held against the marks of the day by the timestamps in meterValue, never by when a
message came. Measurands of one moment may come in several messages (J01.FR.15, J02.FR.14).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import between, containing, that

REGISTER = "Energy.Active.Import.Register"
"""The measurand of a sampledValue that names none (schema default)."""
PERIODIC = "Sample.Periodic"
"""The context of a sampledValue that names none (schema default)."""
CLOCK, BEGIN, END = "Sample.Clock", "Transaction.Begin", "Transaction.End"
NEEDS_EV = frozenset({"SoC"})
"""Measurands that nobody can tell of an EVSE without EV."""

_QUARTER_S = 900  # a whole number of these lies between the midnights of any two time zones


@dataclass(frozen=True, slots=True)
class Sample:
    """One MeterValueType of a message."""

    message: Message
    index: int

    @property
    def at(self) -> datetime:
        """When it was taken, as it says."""
        return self.message.need_time(f"meterValue.{self.index}.timestamp")

    @property
    def values(self) -> list[dict[str, Any]]:
        """Its SampledValueTypes."""
        found: list[dict[str, Any]] = self.message.get(f"meterValue.{self.index}.sampledValue", [])
        return found

    @property
    def told_context(self) -> Fact:
        """The context of its first value, as it is told."""
        return self.message[f"meterValue.{self.index}.sampledValue.0.context"]

    @property
    def context(self) -> str:
        """The context of its first value; the default where it is not told."""
        return str(self.message.get(f"meterValue.{self.index}.sampledValue.0.context", PERIODIC))

    @property
    def measurands(self) -> frozenset[str]:
        """The measurands of its values."""
        return frozenset(measurand_of(value) for value in self.values)

    @property
    def is_signed(self) -> bool:
        """Whether any of its values is signed."""
        return any("signedMeterValue" in value for value in self.values)

    @property
    def evse(self) -> int:
        """The EVSE of a MeterValuesRequest; 0 is the main meter."""
        return int(self.message.get("evseId", 0))


def measurand_of(value: dict[str, Any]) -> str:
    """Return the measurand of a SampledValueType."""
    return str(value.get("measurand", REGISTER))


def samples(*messages: Message) -> list[Sample]:
    """Return the samples of messages, in their order."""
    return [
        Sample(message, index)
        for message in messages
        for index in range(len(message.get("meterValue", [])))
    ]


def measurands_of(taken: Iterable[Sample]) -> frozenset[str]:
    """Return the measurands of samples."""
    return frozenset(measurand for sample in taken for measurand in sample.measurands)


def moments(taken: Iterable[Sample], interval_s: int) -> list[list[Sample]]:
    """Return the samples of each moment, in the order of time.

    Half an interval after the first of a moment begins the next.
    """
    found: list[list[Sample]] = []
    for sample in sorted(taken, key=lambda each: each.at):
        if found and (sample.at - found[-1][0].at).total_seconds() <= interval_s / 2:
            found[-1].append(sample)
        else:
            found.append([sample])
    return found


async def until_whole(
    bench: Bench,
    found: Callable[[], list[list[Sample]]],
    is_whole: Callable[[Sequence[Sample]], bool],
    *actions: str,
    where: Callable[[Message], bool],
) -> list[list[Sample]]:
    """Return the moments so far, after waiting for what the last of them may lack.

    Its other messages may be on their way; they come before those of the next moment.

    Args:
        bench: the bench.
        found: tells the moments of which anything has come.
        is_whole: tells whether everything of a moment has come.
        actions: the messages that bring values.
        where: which of them do.
    """
    count = len(found())
    while count and len(found()) == count and not is_whole(found()[-1]):
        if await bench.receive_optional(*actions, where=where) is None:
            break
    return found()[:count]


# --- judging ---


def judge_measurands(
    bench: Bench, taken: Sequence[Sample], wanted: Collection[str], requirement: str, what: str
) -> None:
    """Check that one moment holds every measurand, in one message or several."""
    fact = Fact("measurands of one moment", sorted(measurands_of(taken)), taken[-1].message.n)
    bench.check(fact, containing(*sorted(wanted)), requirement, what=what)


def judge_spacing(
    bench: Bench, times: Sequence[tuple[datetime, int]], interval_s: int, requirement: str
) -> None:
    """Check that moments are one interval apart.

    Args:
        bench: the bench.
        times: when each was, and the evidence line that tells it.
        interval_s: the configured interval.
        requirement: what it rests on.
    """
    deviation_s = bench.settings.values.max_time_deviation_s
    for (earlier, _), (later, n) in itertools.pairwise(times):
        gap = Fact("seconds from one moment to the next", (later - earlier).total_seconds(), n)
        expected = between(interval_s - deviation_s, interval_s + deviation_s)
        bench.check(gap, expected, requirement, what=f"{earlier:%H:%M:%S} to {later:%H:%M:%S}")


def judge_moments(
    bench: Bench, found: Sequence[Sequence[Sample]], interval_s: int, requirement: str
) -> None:
    """Check that moments are one interval apart, and the samples of each of one time."""
    times = [[(sample.at, sample.message.n) for sample in taken] for taken in found]
    _judge_times(bench, times, interval_s, requirement, "samples")


def judge_events(
    bench: Bench, found: Sequence[Sequence[Sample]], interval_s: int, requirement: str
) -> None:
    """Check the same of the events that tell moments, by their own time (J02.FR.14)."""
    times = [
        sorted((each.message.need_time("timestamp"), each.message.n) for each in taken)
        for taken in found
    ]
    _judge_times(bench, times, interval_s, requirement, "events")


def _judge_times(
    bench: Bench,
    times: Sequence[Sequence[tuple[datetime, int]]],
    interval_s: int,
    requirement: str,
    what: str,
) -> None:
    deviation_s = bench.settings.values.max_time_deviation_s
    for moment in times:
        (first, _), (last, n) = moment[0], moment[-1]
        spread_s = (last - first).total_seconds()
        fact = Fact(f"seconds between the {what} of one moment", spread_s, n)
        bench.check(fact, between(0, deviation_s), requirement)
    judge_spacing(bench, [moment[0] for moment in times], interval_s, requirement)


def judge_clock(bench: Bench, taken: Iterable[Sample], interval_s: int, requirement: str) -> None:
    """Check that samples lie at multiples of the interval since midnight (Part 2 J 2.2).

    Which midnight the DUT means, the bench does not know. It does not matter where the interval
    divides a quarter of an hour, as time zones do; other intervals are not held against the clock.
    """
    if _QUARTER_S % interval_s:
        return
    for sample in taken:
        at = sample.at
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        after_s = (at - midnight).total_seconds() % interval_s
        off_s = min(after_s, interval_s - after_s)
        fact = Fact("seconds to the nearest mark of the clock", off_s, sample.message.n)
        limit_s = bench.settings.values.max_time_deviation_s
        bench.check(fact, between(0, limit_s), requirement, what=f"{at:%H:%M:%S.%f}")


def judge_locations(bench: Bench, messages: Iterable[Message]) -> None:
    """No sample is located in the EV but the state of charge (errata 6.2.58)."""
    bench.step("post", "errata 6.2.58")
    expected = that("none but SoC", lambda found: set(found) <= {"SoC"})
    for message in messages:
        if message.has("meterValue"):
            fact = Fact(
                f"{message.name} measurands located in the EV",
                [
                    measurand_of(value)
                    for value in _values(message)
                    if value.get("location") == "EV"
                ],
                message.n,
            )
            bench.check(fact, expected)


def _values(message: Message) -> Iterator[dict[str, Any]]:
    for sample in samples(message):
        yield from sample.values
