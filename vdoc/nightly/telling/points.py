"""What there is to say of one run, in the order in which somebody wants to know it.

Owns the wording and the order: what may be the firmware's doing comes first, what cannot be is kept
apart from it. Knows no format; texts may hold what a station has sent, so who renders them cleans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vdoc.nightly.causes import Cause, CauseGroup, partition
from vdoc.nightly.comparison import Change, Comparison, FlakyCase
from vdoc.nightly.conditions import Condition
from vdoc.nightly.drift import Drift
from vdoc.nightly.stored import Parameter, StoredCase
from vdoc.nightly.telling.news import shown
from vdoc.nightly.trend import Trend


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to say.

    Attributes:
        about: what stands first: a case, or how many.
        text: the rest of the sentence.
        names: the cases that it is about, where `about` only counts them.
    """

    about: str
    text: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Points of one kind; a section without points is only names."""

    title: str
    points: tuple[Point, ...] = ()
    names: tuple[str, ...] = ()


def sections(comparison: Comparison) -> tuple[Section, ...]:
    """Return what there is to say of a run, the most urgent first; nothing for a night as ever."""
    return tuple(each for each in _sections(comparison) if each.points or each.names)


def firmware(comparison: Comparison) -> str:
    """Say which firmware ran, whether it is new, and what else is not as it was before."""
    now, before = comparison.now, comparison.before
    version = now.firmware_version or "of unknown version"
    if before is None:
        return f"firmware {version}, the first run"
    if before.dut != now.dut:
        return f"firmware {version}, against {before.dut} {before.firmware_version}"
    others = [each.value for each in comparison.differs if each is not Condition.FIRMWARE]
    also = f"also changed: {', '.join(others)}" if others else ""
    if comparison.same_firmware:
        return f"firmware {version} as before" + also.replace("also", ", but")
    if before.firmware_version == now.firmware_version:
        return "; ".join(filter(None, (f"firmware {version} (another image)", also)))
    return "; ".join(filter(None, (f"firmware {before.firmware_version} → {version}", also)))


def _sections(comparison: Comparison) -> Iterator[Section]:
    now = comparison.now
    if now.void_because:
        yield Section("Void", (Point(now.void_because),))
        yield from _in_spite_of_it(comparison)
    elif not comparison.comparable:
        yield Section("Not compared", (Point("the run before is void"),))
    yield Section("Crashed", tuple(Point(crash) for crash in now.crashes))
    yield _failing("Newly failing", comparison.newly_failing)
    yield _failing("Failing in the first run", comparison.first_failing)
    yield _failing("Not judged, the bench failed", comparison.not_judged)
    yield Section("Response times", tuple(_slow(comparison)))
    yield Section("Device model", tuple(Point(str(c)) for c in comparison.device_model))
    yield Section("Flaky", tuple(map(_flaky, comparison.flaky)))
    yield Section("Still failing", names=_names(comparison.still_failing))
    yield Section("No longer applicable", names=_names(comparison.not_applicable))
    yield Section("Newly passing", names=_names(comparison.newly_passing))
    yield Section("Not run", tuple(_not_run(comparison.not_run)))


def _in_spite_of_it(comparison: Comparison) -> Iterator[Section]:
    """What is known of a void run, and what the station did the last time that counts."""
    now, last = comparison.now, comparison.before
    if comparison.cases:
        bad = tuple(case.name for case in comparison.cases if not case.good)
        count = f"{len(comparison.cases)} of {max(now.planned, len(comparison.cases))}"
        text = f"cases, {len(bad)} of which did not pass" if bad else "cases, all of which passed"
        yield Section("Judged before that", (Point(count, text, bad),))
    if last is not None and last.comparable:
        when = f"{last.started:%Y-%m-%d}, {last.verdict.value}"
        yield Section("Last run that counts", (Point(when, f"({last.id[:10]})"),))


def _failing(title: str, changes: Sequence[Change]) -> Section:
    """Group by cause; of a cause with one case its failure is told, of others what they share."""
    groups = partition(change.now for change in changes)
    return Section(title, tuple(map(_group, groups)))


def _group(group: CauseGroup) -> Point:
    if len(group.cases) == 1:
        return Point(group.cases[0].name, shown(group.cases[0]))
    names = tuple(case.name for case in group.cases)
    text = _cause(group.cause)
    if group.example is not None:
        text += f": e.g. expected {group.example.expected}, got {group.example.actual}"
    return Point(f"{len(names)} cases", text, names)


def _cause(cause: Cause) -> str:
    requirement = f"[{cause.requirement}] " if cause.requirement else ""
    return f"{requirement}{cause.what}" + (f" in {cause.message}" if cause.message else "")


def _slow(comparison: Comparison) -> Iterator[Point]:
    yield from map(_drift, comparison.drifts)
    yield from map(_trend, comparison.trends)


def _drift(drift: Drift) -> Point:
    direction = "slower" if drift.slower else "faster"
    since = ", as the night before" if drift.known else ""
    nights = "1 night" if drift.nights == 1 else f"{drift.nights} nights"
    if drift.over > 1:
        return Point(
            f"{_word(drift.parameter)} {direction}{since}",
            f"{drift.before_s:.3g} s → {drift.now_s:.3g} s"
            f" (the last {drift.over} nights against {nights} before)",
        )
    return Point(
        f"{_word(drift.parameter)} {direction}{since}",
        f"{drift.before_s:.3g} s → {drift.now_s:.3g} s"
        f" (noise up to {drift.noise_s:.2g} s, {nights})",
    )


def _trend(trend: Trend) -> Point:
    direction = "slower" if trend.slower else "faster"
    return Point(
        f"{_word(trend.parameter)} {direction} little by little",
        f"{trend.first_s:.3g} s → {trend.now_s:.3g} s over {trend.nights} nights",
    )


def _word(parameter: Parameter) -> str:
    return parameter.value.replace("_", " ")


def _flaky(each: FlakyCase) -> Point:
    return Point(each.now.name, f"{each.measured}; now {each.now.verdict.value}")


def _names(changes: Iterable[Change]) -> tuple[str, ...]:
    return tuple(change.now.name for change in changes)


def _not_run(cases: Sequence[StoredCase]) -> Iterator[Point]:
    if cases:
        bad = tuple(case.name for case in cases if not case.good)
        known = "known case" if len(cases) == 1 else "known cases"
        text = f"{known}, {len(bad) or 'none'} of which failed the last time"
        yield Point(f"{len(cases)}", text, bad)
