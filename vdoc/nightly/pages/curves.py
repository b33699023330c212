"""How a station did over its nights: cases that passed, duration, and the six response times.

Owns the series and where a change beyond noise is marked. Nights whose run is void are gaps: they
say nothing about the station.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vdoc.bench import Verdict
from vdoc.nightly.compare import LOOK_BACK, same_cases
from vdoc.nightly.drift import Drift, drifts, quantiles
from vdoc.nightly.history import History
from vdoc.nightly.stored import CaseKey, Parameter, StoredRun
from vdoc.nightly.trend import trends

_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Point:
    """One night: its value, a second one above it (a p95), and what changed."""

    run: StoredRun
    value: float | None
    upper: float | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """One plot.

    Attributes:
        unit: of the values; empty for a number of things.
        lines: names of the value and, where there is one, of the second value.
        points: nights in the order of time.
        creeps: what the newest nights show together that none shows alone; empty for nothing.
    """

    name: str
    title: str
    unit: str
    lines: tuple[str, ...]
    points: tuple[Point, ...]
    creeps: str = ""

    @property
    def known(self) -> tuple[Point, ...]:
        """The nights that have a value."""
        return tuple(point for point in self.points if point.value is not None)


def curves(history: History, dut: str, nights: int) -> tuple[Curve, ...]:
    """Return the plots of a station over its newest nights."""
    runs = tuple(reversed(history.runs(dut, limit=nights)))
    passed = [_passed(run) for run in runs]
    minutes = [run.seconds / _MINUTE_S if run.comparable else None for run in runs]
    return (
        Curve("passed", "Cases that passed", "", ("passed",), _points(runs, passed)),
        Curve("duration", "Duration of the run", "min", ("duration",), _points(runs, minutes)),
        *_response_times(history, runs),
    )


_TITLES: Mapping[Parameter, str] = {
    Parameter.BOOT: "Boot: reset or reboot to BootNotification",
    Parameter.ANSWER: "Answer: any request to its result",
    Parameter.AUTHORIZE: "Authorize: token to the first message about it",
    Parameter.PLUG: "Plug: plugging in to the first message about it",
    Parameter.REMOTE_START: "Remote start: accepted to TransactionEvent",
    Parameter.REMOTE_STOP: "Remote stop: accepted to TransactionEvent",
}


def _response_times(history: History, runs: Sequence[StoredRun]) -> tuple[Curve, ...]:
    nights = _nights(history, runs)
    changed = [_changes(nights, n) for n in range(len(runs))]
    creeping = _creeping(nights)
    return tuple(
        Curve(
            parameter.value,
            _TITLES[parameter],
            "s",
            ("median", "p95"),
            tuple(
                _measured(run, night.times.get(parameter, ()), changes.get(parameter))
                for run, night, changes in zip(runs, nights, changed, strict=True)
            ),
            creeping.get(parameter, ""),
        )
        for parameter in Parameter
    )


@dataclass(frozen=True, slots=True)
class _Night:
    """What one run measured, and with which cases; nothing when it is void."""

    times: Mapping[Parameter, Sequence[float]]
    cases: frozenset[CaseKey]


def _nights(history: History, runs: Sequence[StoredRun]) -> list[_Night]:
    cases = history.verdicts(runs)
    return [
        _Night(history.times(run), frozenset(case.key for case in cases[run.id]))
        if run.comparable
        else _Night({}, frozenset())
        for run in runs
    ]


def _before(nights: Sequence[_Night], n: int) -> list[Mapping[Parameter, Sequence[float]]]:
    """Return the times of the nights before one that compare with it, the newest first."""
    earlier = [night for night in reversed(nights[:n]) if night.times][:LOOK_BACK]
    return [each.times for each in earlier if same_cases(nights[n].cases, each.cases)]


def _creeping(nights: Sequence[_Night]) -> Mapping[Parameter, str]:
    newest = max((n for n, night in enumerate(nights) if night.times), default=None)
    if newest is None:
        return {}
    return {
        each.parameter: f"creeps {'up' if each.slower else 'down'} over {each.nights} nights, "
        f"from {each.first_s:.3g} to {each.now_s:.3g} s"
        for each in trends([nights[newest].times, *_before(nights, newest)])
    }


def _changes(nights: Sequence[_Night], n: int) -> Mapping[Parameter, Drift]:
    found = drifts(nights[n].times, _before(nights, n))
    return {drift.parameter: drift for drift in found if not drift.known}


def _measured(run: StoredRun, samples: Sequence[float], change: Drift | None) -> Point:
    if not samples:
        return Point(run, None)
    middle, upper = quantiles(samples, 0.5, 0.95)
    words = "" if change is None else "slower" if change.slower else "faster"
    return Point(run, middle, upper, words)


def _points(runs: Sequence[StoredRun], values: Sequence[float | None]) -> tuple[Point, ...]:
    return tuple(Point(run, value) for run, value in zip(runs, values, strict=True))


def _passed(run: StoredRun) -> float | None:
    return float(run.counts.get(Verdict.PASS, 0)) if run.comparable else None
