"""Connector states, as a station tells them.

Owns what "notifies about the state of a connector" means (Part 6 §2.1, general-rules 4): a
StatusNotification, or a NotifyEvent about Connector/AvailabilityState with trigger Delta. One of
them suffices for each connector; reports about an EVSE or the station as a whole are optional and
never taken for one. It does not know why a connector changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.expect import that

State = Literal["Available", "Occupied", "Reserved", "Unavailable", "Faulted"]

AVAILABLE: State = "Available"
ACTIONS = ("StatusNotification", "NotifyEvent")
"""What may tell a connector's state."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A connector: EVSE id and connector id, both from 1."""

    evse: int
    connector: int

    def __str__(self) -> str:
        return f"connector {self.connector} of EVSE {self.evse}"


@dataclass(frozen=True, slots=True)
class Report:
    """One connector's state in one message.

    Attributes:
        place: the connector.
        message: what told it.
        state_path: where in the message the state stands.
        trigger_path: where its trigger stands; None in a StatusNotification.
    """

    place: Place
    message: Message
    state_path: str
    trigger_path: str | None = None

    @property
    def state(self) -> object:
        """The state as it is told, whatever it is."""
        return self.message.get(self.state_path)

    @property
    def tells_change(self) -> bool:
        """Whether it tells a change, as a periodic or an alerting NotifyEvent does not."""
        return self.trigger_path is None or self.message.get(self.trigger_path) == "Delta"

    def tells(self, state: object) -> bool:
        """Tell whether it tells a change to this state."""
        return self.tells_change and self.state == state


def under_test(bench: Bench) -> Place:
    """Return the connector that the settings name as the one under test."""
    return Place(bench.settings.dut.evse, bench.settings.dut.connector)


def all_places(bench: Bench) -> tuple[Place, ...]:
    """Return every connector: of the device model, or of the PICS when intake saw none."""
    found = bench.facts.connectors()
    if found:
        return tuple(Place(*pair) for pair in found)
    return tuple(Place(e.id, c.id) for e in bench.pics.evses for c in e.connectors)


def of_evse(bench: Bench, evse: int) -> tuple[Place, ...]:
    """Return the connectors of one EVSE; the one under test when nothing else is known."""
    places = tuple(place for place in all_places(bench) if place.evse == evse)
    return places or (Place(evse, bench.settings.dut.connector),)


def in_scope(bench: Bench, evse: int | None, connector: int | None) -> tuple[Place, ...]:
    """Return the connectors of the station (None, None), of an EVSE, or that one connector."""
    if evse is None:
        return all_places(bench)
    return of_evse(bench, evse) if connector is None else (Place(evse, connector),)


def reports(message: Message) -> tuple[Report, ...]:
    """Return what a message tells about connectors; one report each, the latest it holds."""
    if message.action == "StatusNotification":
        place = _place(message.get("evseId"), message.get("connectorId"))
        return () if place is None else (Report(place, message, "connectorStatus"),)
    if message.action != "NotifyEvent":
        return ()
    found = {report.place: report for report in _event_reports(message)}
    return tuple(found.values())


def _event_reports(message: Message) -> Iterator[Report]:
    for index, data in enumerate(message.get("eventData", [])):
        component, variable = data.get("component", {}), data.get("variable", {})
        if (_name(component), _name(variable)) != ("connector", "availabilitystate"):
            continue
        evse = component.get("evse", {})
        place = _place(evse.get("id"), evse.get("connectorId"))
        if place is not None:
            path = f"eventData.{index}"
            yield Report(place, message, f"{path}.actualValue", f"{path}.trigger")


def _name(named: dict[str, object]) -> str:
    return str(named.get("name", "")).casefold()


def _place(evse: object, connector: object) -> Place | None:
    """Return the connector; None for 0, which means the EVSE or the station as a whole."""
    if not isinstance(evse, int) or not isinstance(connector, int) or not evse or not connector:
        return None
    return Place(evse, connector)


async def notified(
    bench: Bench,
    state: State,
    place: Place,
    *,
    since: int | None = None,
    within_s: float | None = None,
) -> Report:
    """Wait for the next report about a connector, and check that it tells this state.

    Args:
        bench: the bench.
        state: the connectorStatus or actualValue that must be told.
        place: the connector.
        since: a mark; default is the strand's cursor.
        within_s: longest wait in seconds; `values.message_timeout_s` unless said otherwise.

    Raises:
        StepFailedError: no report about this connector came in time.
    """
    found = await all_notified(bench, state, (place,), since=since, within_s=within_s)
    return found[place]


async def all_notified(
    bench: Bench,
    state: State,
    places: Sequence[Place],
    *,
    since: int | None = None,
    within_s: float | None = None,
) -> dict[Place, Report]:
    """Wait for a report that each of these connectors has this state; see `each_notified`."""
    wanted = dict.fromkeys(places, state)
    return await each_notified(bench, wanted, since=since, within_s=within_s)


async def each_notified(
    bench: Bench,
    wanted: Mapping[Place, State],
    *,
    since: int | None = None,
    within_s: float | None = None,
) -> dict[Place, Report]:
    """Wait for a report about each of these connectors, in any order, and check its state.

    A report of another state may be one of before, that was still on its way, and one that tells no
    change may come at any time: the right one may follow. When none does, the other is judged.

    Args:
        bench: the bench.
        wanted: the connectors, and what each must be told to be.
        since: a mark; default is the strand's cursor.
        within_s: longest wait for each further right report, in seconds.

    Raises:
        StepFailedError: a connector was left without a report.
    """
    start = bench.mark() if since is None else since
    limit_s = bench.settings.values.message_timeout_s if within_s is None else within_s
    found: dict[Place, Report] = {}
    other: dict[Place, Report] = {}
    last = bench.now()
    while missing := {place: state for place, state in wanted.items() if place not in found}:
        left_s = limit_s - (bench.now() - last).total_seconds()
        message = await bench.receive_optional(
            *ACTIONS, where=_about(missing), within_s=max(left_s, 0.0), since=start
        )
        if message is None:
            return found | _judge_missing(bench, missing, other, limit_s)
        for report in reports(message):
            if report.place in missing and report.tells(missing[report.place]):
                found[report.place], last = report, bench.now()
                check(bench, report, missing[report.place])
            elif report.place in missing:
                other[report.place] = report
    return found


def _judge_missing(
    bench: Bench, missing: Mapping[Place, State], other: Mapping[Place, Report], limit_s: float
) -> dict[Place, Report]:
    """Check what was told instead; a connector of which nothing was told ends the step."""
    silent = [f"{place} is {state}" for place, state in missing.items() if place not in other]
    for place, state in missing.items():
        if place in other:
            check(bench, other[place], state)
    if silent:
        what = f"a report that {' and '.join(silent)}"
        awaited = f"StatusNotificationRequest or NotifyEventRequest within {limit_s:g} s"
        bench.require(Fact(what, "none came", None), that(awaited, lambda _: False))
    return {place: other[place] for place in missing}


async def notified_at_will(
    bench: Bench, wanted: Mapping[Place, State], *, since: int | None = None
) -> None:
    """Leave it to the station to report connectors that do not change; what it says must be right.

    Ends with a right report about each, or when no further one has come for a message time-out; as
    in `each_notified`, a report of another state is judged when no right one follows.
    """
    start = bench.mark() if since is None else since
    missing, other = dict(wanted), dict[Place, Report]()
    while missing:
        message = await bench.receive_optional(*ACTIONS, where=_about(missing), since=start)
        if message is None:
            break
        for report in reports(message):
            if report.tells(missing.get(report.place)):
                check(bench, report, missing.pop(report.place))
            elif report.place in missing:
                other[report.place] = report
    for place, state in missing.items():
        if place in other:
            check(bench, other[place], state)


def check(bench: Bench, report: Report, state: State) -> None:
    """Check that a report tells this state, and by a Delta when it is a NotifyEvent."""
    if report.trigger_path is not None:
        bench.check(report.message[report.trigger_path], "Delta", what=str(report.place))
    bench.check(report.message[report.state_path], state, what=str(report.place))


def _about(places: Iterable[Place]) -> Callable[[Message], bool]:
    wanted = frozenset(places)
    return lambda message: any(report.place in wanted for report in reports(message))
