"""Use case E13: a TransactionEvent that the CSMS does not take is sent again, a few times.

Owns which event is not taken: the first that tells of the energy transfer. What comes before it,
signed data and SuspendedEVSE included, is answered as ever (steps 1 to 4). A transmission is the
same message when transactionId and seqNo are the same. The waiting time is that of E13.FR.03, the
interval times the transmissions so far, from the failure on: at once for a CALLERROR, after
OCPPCommCtrlr.MessageTimeout[Default] for silence. The table of TC_E_51_CS adds that time-out for a
CALLERROR, too, against E13.FR.03 and TC_E_50_CS: not followed. What other events come meanwhile is
the station's business.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.bench.answers import Policy, Selected, call_error, id_token_status, silent
from vdoc.bench.expect import between
from vdoc.cases import configuration, states
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.transaction_rules import seq_no, transaction_id

_TRANSFER = frozenset({"Charging", "SuspendedEV"})
_TAKEN = id_token_status("Accepted")


@dataclass(frozen=True, slots=True)
class _Failing:
    """How the tester fails to take an event, and after how many seconds the station knows."""

    session: Session
    after_s: float


@case("TC_E_41_CS")
async def silence_to_the_end(bench: Bench) -> None:
    """An event that is never answered is sent the configured number of times (E13.FR.01 to FR.04).

    Part 6: TC_E_41_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        failing = await _prepared(bench, silent(), after_s=await _message_timeout_s(bench))

    await _given_up(failing)


@case("TC_E_42_CS")
async def silence_once(bench: Bench) -> None:
    """An event that is answered the second time is not sent a third time (E13.FR.01 to FR.03).

    Part 6: TC_E_42_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        failing = await _prepared(bench, silent(), after_s=await _message_timeout_s(bench))

    await _taken_at_last(failing)


@case("TC_E_50_CS")
async def errors_to_the_end(bench: Bench) -> None:
    """An event refused by CALLERROR is sent the configured number of times (E13.FR.01 to FR.04).

    Part 6: TC_E_50_CS. Errata: 6.2.116 in Authorized.
    """
    with bench.before():
        failing = await _prepared(bench, call_error("InternalError"), after_s=0.0)

    await _given_up(failing)


@case("TC_E_51_CS")
async def error_once(bench: Bench) -> None:
    """An event that is taken the second time is not sent a third time (E13.FR.01 to FR.03).

    Part 6: TC_E_51_CS. Errata: 6.2.116 in Authorized. After the second transmission everything is
    answered again; the table's CALLERRORs to others would only begin further retries.
    """
    with bench.before():
        failing = await _prepared(bench, call_error("InternalError"), after_s=0.0)

    await _taken_at_last(failing)


async def _message_timeout_s(bench: Bench) -> float:
    """Return the time after which the station takes a CALL for unanswered.

    Raises:
        InconclusiveError: the station does not tell it as a number.
    """
    told = (await configuration.need(bench, configuration.MESSAGE_TIMEOUT)).value or ""
    try:
        return float(told)
    except ValueError as error:
        raise InconclusiveError(f"{configuration.MESSAGE_TIMEOUT} is {told}") from error


async def _prepared(bench: Bench, failure: Policy, *, after_s: float) -> _Failing:
    """Configure the retries, and let the driver authorize and plug in."""
    values = bench.settings.values
    settings = (
        (configuration.MESSAGE_ATTEMPTS, values.message_attempts),
        (configuration.MESSAGE_ATTEMPT_INTERVAL, values.message_attempt_interval_s),
    )
    for name, value in settings:
        await configuration.ensure(bench, name, str(value))
    session = await begin(bench)
    await states.authorized(session)
    policy = Selected(
        "an event that tells of the energy transfer", _tells_transfer, failure, _TAKEN
    )
    bench.answer("TransactionEvent", policy)  # already now: plugging in may lead straight to it
    await states.ev_connected_pre_session(session)
    return _Failing(session, after_s)


def _tells_transfer(event: Message) -> bool:
    return event.get("transactionInfo.chargingState") in _TRANSFER


async def _given_up(failing: _Failing) -> None:
    """Step 5 as often as configured, and no more for another, longer interval."""
    bench = failing.session.bench
    event = await _first_transmission(failing)
    attempts = bench.settings.values.message_attempts
    for count in range(1, attempts):
        event = await _sent_again(failing, event, count)
    bench.step(5, "E13.FR.04")
    await _not_sent_again(failing, event, attempts)
    await failing.session.conclude()


async def _taken_at_last(failing: _Failing) -> None:
    """Step 5 twice, and no more for the interval after the second."""
    bench = failing.session.bench
    event = await _first_transmission(failing)
    bench.answer("TransactionEvent", _TAKEN)
    event = await _sent_again(failing, event, 1)
    bench.step(5, "E13.FR.02")
    await _not_sent_again(failing, event, 2)
    await failing.session.conclude()


async def _first_transmission(failing: _Failing) -> Message:
    session = failing.session
    session.bench.step(5, "E13.FR.02")
    return await session.arrived(_tells_transfer, session.since, "the first transmission")


async def _sent_again(failing: _Failing, event: Message, count: int) -> Message:
    """Wait for the next transmission, and check when it comes."""
    bench = failing.session.bench
    values = bench.settings.values
    bench.step(5, "E13.FR.02")
    due_s = _due_s(failing, count)
    again = await bench.receive(
        "TransactionEvent", where=_same_as(event), since=event.n,
        within_s=due_s + values.message_timeout_s, what=f"transmission {count + 1}",
    )  # fmt: skip
    passed_s = (again.at - event.at).total_seconds()
    deviation_s = values.max_time_deviation_s
    fact = Fact(f"seconds between transmissions {count} and {count + 1}", passed_s, again.n)
    bench.check(fact, between(due_s - deviation_s, due_s + deviation_s), "E13.FR.03")
    return again


async def _not_sent_again(failing: _Failing, event: Message, count: int) -> None:
    bench = failing.session.bench
    limit_s = _due_s(failing, count) + bench.settings.values.max_time_deviation_s
    what = f"transmission {count + 1}"
    await bench.silence("TransactionEvent", where=_same_as(event), within_s=limit_s, what=what)


def _due_s(failing: _Failing, count: int) -> float:
    """The seconds from transmission `count` to the next."""
    interval_s = failing.session.bench.settings.values.message_attempt_interval_s
    return failing.after_s + interval_s * count


def _same_as(event: Message) -> Callable[[Message], bool]:
    key = (transaction_id(event), seq_no(event))
    return lambda other: (transaction_id(other), seq_no(other)) == key
