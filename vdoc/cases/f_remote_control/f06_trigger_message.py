"""Use case F06: messages that the CSMS asks for, other than those about a transfer under way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from vdoc.bench import Bench, Message
from vdoc.bench.expect import absent_or, equals, present
from vdoc.cases import configuration, connectors, states
from vdoc.cases.connectors import State
from vdoc.cases.f_remote_control.charging_everywhere import charging_everywhere
from vdoc.cases.f_remote_control.triggering import ask_for, triggered
from vdoc.cases.j_meter_values import measuring
from vdoc.cases.j_meter_values.samples import NEEDS_EV, judge_measurands, samples
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.transaction_rules import is_extra, transaction_id

_CONTEXT = "meterValue.0.sampledValue.0.context"
_TRIGGER = "Trigger"


# --- meter values ---


@case("TC_F_11_CS")
async def meter_values_of_one_evse(bench: Bench) -> None:
    """MeterValues of one EVSE can be asked for (F06.FR.02, F06.FR.04 to F06.FR.06, F06.FR.10).

    Part 6: TC_F_11_CS. Errata: none. Clock-aligned values that are due just then are left aside.
    Beyond the table all configured measurands must be told that the EVSE can measure (F06.FR.06).
    """
    evse = bench.settings.dut.evse
    with bench.before():
        wanted = await _configured(bench)
    asked = await ask_for(bench, "MeterValues", evse={"id": evse})  # 1, 2
    bench.step(3, "F06.FR.06")
    is_it = partial(_triggered_of, evse)
    message = await triggered(bench, "MeterValues", asked, is_it=is_it, may_be=_not_on_the_clock)
    bench.check(message["evseId"], evse, "F06.FR.02")
    bench.check(message[_CONTEXT], _TRIGGER)
    await _whole(bench, message, wanted, is_it, f"EVSE {evse}")


@case("TC_F_12_CS")
async def meter_values_of_all_evses(bench: Bench) -> None:
    """MeterValues without EVSE means those of every EVSE (F06.FR.04 to F06.FR.06, F06.FR.11).

    Also F06.FR.10. Part 6: TC_F_12_CS. Errata: none. Values of EVSE 0, the main meter, may come.
    Measurands as in TC_F_11_CS.
    """
    with bench.before():
        wanted = await _configured(bench)
    asked = await ask_for(bench, "MeterValues")  # 1, 2
    for evse in sorted({place.evse for place in connectors.all_places(bench)}):
        bench.step(3, "F06.FR.11")
        is_it = partial(_triggered_of, evse)
        message = await triggered(
            bench,
            "MeterValues",
            asked,
            is_it=is_it,
            may_be=partial(_untriggered_of, evse),
            what=f"of EVSE {evse}",
        )
        bench.step(3, "F06.FR.06")
        bench.check(message[_CONTEXT], _TRIGGER, what=f"EVSE {evse}")
        await _whole(bench, message, wanted, is_it, f"EVSE {evse}")


async def _configured(bench: Bench) -> frozenset[str]:
    """Return the clock-aligned measurands in force that an EVSE without EV can measure."""
    found = (await configuration.read(bench, measuring.ALIGNED_MEASURANDS)).members
    return measuring.of_an_evse(bench, found) - NEEDS_EV


async def _whole(
    bench: Bench,
    first: Message,
    wanted: frozenset[str],
    is_it: Callable[[Message], bool],
    what: str,
    requirement: str = "F06.FR.06",
) -> None:
    """Check that all measurands come, in the first message or, being too many, in several."""
    taken = samples(first)
    while wanted - {measurand for sample in taken for measurand in sample.measurands}:
        further = await bench.receive_optional(first.action, where=is_it, since=first.n)
        if further is None:
            break
        taken += samples(further)
    if taken:  # that there are values is judged before
        judge_measurands(bench, taken, wanted, requirement, what)


def _is_triggered(message: Message) -> bool:
    return bool(message.get(_CONTEXT) == _TRIGGER)


def _not_on_the_clock(message: Message) -> bool:
    return bool(message.get(_CONTEXT) != "Sample.Clock")


def _triggered_of(evse: int, message: Message) -> bool:
    return message.get("evseId") == evse and _is_triggered(message)


def _untriggered_of(evse: int, message: Message) -> bool:
    return message.get("evseId") == evse and _not_on_the_clock(message)


# --- transactions ---


@case("TC_F_13_CS")
async def transaction_event_of_one_evse(bench: Bench) -> None:
    """A TransactionEvent of one EVSE can be asked for (F06.FR.02, F06.FR.04, FR.05, FR.07, FR.10).

    Part 6: TC_F_13_CS. Errata: none of its own. Beyond the table all configured measurands must be
    told (F06.FR.07).
    """
    with bench.before():
        wanted = await _sampled(bench)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    evse = {"id": bench.settings.dut.evse}
    asked = await ask_for(bench, "TransactionEvent", evse=evse)  # 1, 2
    await _told_of(session, asked, wanted)  # 3, 4
    await session.conclude()


@case("TC_F_14_CS")
async def transaction_events_of_all_evses(bench: Bench) -> None:
    """TransactionEvent without EVSE means every EVSE (F06.FR.04, F06.FR.05, F06.FR.07, F06.FR.11).

    Also F06.FR.10. Part 6: TC_F_14_CS. Errata: none of its own. "evse.id must be the configured
    one" cannot hold for every EVSE, and only the first event after plugging in names it
    (E01.FR.16): as in TC_F_13_CS it may be absent, and is else that of the transaction: our
    interpretation. Measurands as in TC_F_13_CS.
    """
    with bench.before():
        wanted = await _sampled(bench)
        sessions = await charging_everywhere(bench)

    asked = await ask_for(bench, "TransactionEvent")  # 1, 2
    for session in sessions:
        await _told_of(session, asked, wanted, every=True)  # 3, 4
    for session in sessions:
        await session.conclude()


async def _sampled(bench: Bench) -> frozenset[str]:
    """Return the measurands of Updated events in force."""
    return (await configuration.read(bench, configuration.TX_UPDATED_MEASURANDS)).members


async def _told_of(
    session: Session, asked: int, wanted: frozenset[str], *, every: bool = False
) -> None:
    """Step 3: the event that tells how the transaction of a session stands."""
    bench, place, identity = session.bench, session.place, session.transaction_id

    def is_it(event: Message) -> bool:
        return transaction_id(event) == identity and event.get("triggerReason") == _TRIGGER

    bench.step(3, "F06.FR.11" if every else "F06.FR.07")
    event = await triggered(
        bench,
        "TransactionEvent",
        asked,
        is_it=is_it,
        may_be=lambda e: transaction_id(e) == identity and not is_extra(e),
        what=f"of EVSE {place.evse}",
    )
    bench.step(3, "F06.FR.07")
    what = f"EVSE {place.evse}"
    bench.check(event["evse.id"], absent_or(equals(place.evse)), "F06.FR.02", what=what)
    bench.check(event["triggerReason"], _TRIGGER, what=what)
    bench.check(event["transactionInfo.chargingState"], "Charging", what=what)
    bench.check(event["meterValue"], present(), what=what)
    bench.check(event[_CONTEXT], _TRIGGER, what=what)
    await _whole(bench, event, wanted, is_it, what, "F06.FR.07")


# --- what a station sends by itself ---


@case("TC_F_20_CS")
async def heartbeat(bench: Bench) -> None:
    """A Heartbeat can be asked for (F06.FR.04, F06.FR.05, F06.FR.10).

    Part 6: TC_F_20_CS. Errata: none.
    """
    asked = await ask_for(bench, "Heartbeat")  # 1, 2
    bench.step(3, "F06.FR.04, F06.FR.10")
    await bench.receive("Heartbeat", since=asked)


@case("TC_F_23_CS")
async def status_of_available_connector(bench: Bench) -> None:
    """The state of a free connector can be asked for (F06.FR.02, F06.FR.04, FR.05, F06.FR.10).

    Part 6: TC_F_23_CS. Errata: none. NotifyEvent will do as well (Part 6 §2.1).
    """
    await _connector_told(bench, "Available")


@case("TC_F_24_CS")
async def status_of_occupied_connector(bench: Bench) -> None:
    """The state of a connector in use can be asked for (F06.FR.02, F06.FR.04, FR.05, F06.FR.10).

    Part 6: TC_F_24_CS. Errata: none. NotifyEvent will do as well (Part 6 §2.1).
    """
    with bench.before():
        session = await begin(bench)
        await states.ev_connected_pre_session(session)

    await _connector_told(bench, "Occupied")
    await session.conclude()


async def _connector_told(bench: Bench, state: State) -> None:
    place = connectors.under_test(bench)
    evse = {"id": place.evse, "connectorId": place.connector}
    asked = await ask_for(bench, "StatusNotification", evse=evse)  # 1, 2
    bench.step(3, "F06.FR.04, F06.FR.10")
    await connectors.notified(bench, state, place, since=asked)  # 3, 4


# --- what is not sent ---


@case("TC_F_26_CS")
async def boot_notification_after_acceptance(bench: Bench) -> None:
    """No BootNotification is sent once one was accepted (F06.FR.04, F06.FR.05, F06.FR.17).

    Part 6: TC_F_26_CS. Errata: none. That none comes all the same is no line of the table, but what
    the response says (F06.FR.05): our interpretation.
    """
    await ask_for(bench, "BootNotification", "Rejected", requirement="F06.FR.17")  # 1, 2
    bench.step(2, "F06.FR.05")
    await bench.silence("BootNotification")


@case("TC_F_27_CS")
async def not_implemented(bench: Bench) -> None:
    """A message that is not implemented is answered so (F06.FR.08).

    Part 6: TC_F_27_CS. Errata: 5.6 in the condition (AQ-11 for ISO-3).
    """
    await ask_for(bench, "SignCombinedCertificate", "NotImplemented", requirement="F06.FR.08")
