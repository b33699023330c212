"""Use case J02 with E01: the values of the start of a transaction, and the event that brings them.

A transaction may start before its EVSE is known. Its values of the start then come later: Part 6
(TC_J_08_CS) has them in the first event that tells the EVSE, E01.FR.17 in the one that tells that
charging starts. Part 2 wins, so any event from the one to the other is right.
"""

from __future__ import annotations

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.bench.expect import between, present
from vdoc.cases import configuration, states
from vdoc.cases.j_meter_values import measuring
from vdoc.cases.j_meter_values.samples import (
    BEGIN,
    judge_locations,
    judge_measurands,
    samples,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.transaction_rules import in_order

_BAY = "ParkingBayOccupancy"
_POINTS = {
    "EVConnected": "C-09.1",
    "Authorized": "C-09.2",
    "PowerPathClosed": "C-09.4",
    "EnergyTransfer": "C-09.5",
    "DataSigned": "C-09.3",
}
"""What TC_J_07_CS may start with, in the order of its choice, and the items that claim it."""
_POINTS_WITHOUT_EVSE = {"Authorized": "C-09.2", _BAY: "C-09.6"}
"""The same of TC_J_08_CS."""


@case("TC_J_07_CS")
async def evse_known(bench: Bench) -> None:
    """The Started event has the values of the start (E01.FR.09, J02.FR.02 to FR.04, FR.10).

    Also J02.FR.01, E02.FR.09, E03.FR.07, E04.FR.05, E05.FR.05. Part 6: TC_J_07_CS. Errata: 6.2.58,
    in states 6.2.116. The EVSE counts as known when the event tells it, or when it has to be chosen
    before the authorization (AQ-8). Where a cable lock has the token come first (AQ-2) it may not
    be; then the values may come as in TC_J_08_CS (E01.FR.17): our interpretation.
    """
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        await _starts_without_bay(bench)
        wanted = await measuring.sampled(bench, measuring.STARTED_MEASURANDS)
        session = await begin(bench)
        await states.parking_bay_occupied(session)

    await states.ev_connected_pre_session(session)  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()
    started = _started(session)
    known = started.has("evse") or bench.pics.claims("AQ-8")
    bench.step("post", "E01.FR.09" if known else "E01.FR.17")
    _judge(bench, started if known else _bringing(session), started, wanted)
    judge_locations(bench, told)


@case("TC_J_08_CS")
async def evse_not_known(bench: Bench) -> None:
    """The values of the start come as soon as the EVSE is known (E01.FR.16, E01.FR.17).

    Also J02.FR.01 to FR.04, FR.10, E03.FR.11, E04.FR.11, E05.FR.08. Part 6: TC_J_08_CS. Errata:
    6.2.58, in states 6.2.116. A DUT that knows the EVSE all the same, as of a remote start, may
    have them in the Started event (E01.FR.09).
    """
    told = bench.collect("MeterValues", "TransactionEvent")
    with bench.before():
        await _starts_before_cable(bench)
        wanted = await measuring.sampled(bench, measuring.STARTED_MEASURANDS)
        session = await begin(bench)

    await states.energy_transfer_started(session)  # 1
    await session.conclude()
    bench.step("post", "E01.FR.17")
    _judge(bench, _bringing(session), _started(session), wanted)
    judge_locations(bench, told)


# --- which event ---


def _started(session: Session) -> Message:
    events = in_order(session.events)
    return next((e for e in events if e.get("eventType") == "Started"), events[0])


def _bringing(session: Session) -> Message:
    """Return the event that brings the values of the start, or the one that should have."""
    events = in_order(session.events)
    charging = next(
        (i for i, e in enumerate(events) if e.get("transactionInfo.chargingState") == "Charging"),
        len(events) - 1,
    )
    until = events[: charging + 1]
    with_begin = (e for e in until if any(s.context == BEGIN for s in samples(e)))
    with_evse = (e for e in until if e.has("evse"))
    return next(with_begin, None) or next(with_evse, until[-1])


def _judge(bench: Bench, event: Message, started: Message, wanted: frozenset[str]) -> None:
    """Judge the values of the start: there, of that context, whole, and of that time."""
    bench.require(event["meterValue"], present())
    taken = samples(event)
    of_begin = [sample for sample in taken if sample.context == BEGIN] or taken
    context = of_begin[0].told_context
    bench.check(context, BEGIN, "J02.FR.04", what=f"{event.get('eventType')} event")
    judge_measurands(bench, of_begin, wanted, "J02.FR.03", "of the start")
    deviation_s = bench.settings.values.max_time_deviation_s
    occurred = event.need_time("timestamp")
    since_s = (occurred - started.need_time("timestamp")).total_seconds()
    for sample in of_begin:
        age = Fact("seconds from sample to event", (occurred - sample.at).total_seconds(), event.n)
        bench.check(age, between(-deviation_s, since_s + deviation_s), "J02.FR.10")


# --- configuration ---


async def _starts_without_bay(bench: Bench) -> None:
    """TxStartPoint has a member that TC_J_07_CS names, and not ParkingBayOccupancy."""
    found = await configuration.need(bench, configuration.TX_START_POINT)
    if found.members & set(_POINTS) and _BAY not in found.members:
        return
    if not configuration.writable(bench, configuration.TX_START_POINT):
        bench.not_applicable(f"TxStartPoint is ReadOnly with {_BAY}", found.answer)
    await _starts_with(bench, _POINTS)


async def _starts_before_cable(bench: Bench) -> None:
    """TxStartPoint has a member that TC_J_08_CS names."""
    found = await configuration.need(bench, configuration.TX_START_POINT)
    if not found.members & set(_POINTS_WITHOUT_EVSE):
        await _starts_with(bench, _POINTS_WITHOUT_EVSE)


async def _starts_with(bench: Bench, points: dict[str, str]) -> None:
    """Have the first of these start points that is claimed.

    Raises:
        InconclusiveError: none is.
    """
    claimed = [point for point, item in points.items() if bench.pics.claims(item)]
    if not claimed:
        raise InconclusiveError(f"TxStartPoint can be none of {', '.join(points)}")
    await configuration.ensure(bench, configuration.TX_START_POINT, claimed[0])
