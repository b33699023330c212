"""Steps of the cases in which two tokens are of one group (C09).

Owns what the CSMS says of such tokens, how the second one is presented in the session of the first,
and what it may do there. Where a table names the first token in the validations of the second one's
messages, that is right, and so is the one that was presented (E07.FR.02); the event that tells the
stop may leave it out, as errata 6.2.117 has it.
"""

from __future__ import annotations

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.answers import id_token_status
from vdoc.bench.expect import Expectation, absent_or, equals, that
from vdoc.cases import states
from vdoc.cases.c_authorization.knowing import unheeded
from vdoc.cases.c_authorization.listing import group_of_tokens
from vdoc.cases.deauthorizing import told_state
from vdoc.cases.session import Session
from vdoc.cases.tokens import reported
from vdoc.cases.transaction_rules import IdToken, in_order


def all_accepted(bench: Bench) -> None:
    """Whatever token is asked for or told is accepted, and is of the configured group."""
    for action in ("Authorize", "TransactionEvent"):
        bench.answer(action, id_token_status("Accepted", **group_of_tokens(bench)))


async def second_asked_for(session: Session, token: IdToken, step: int, requirement: str) -> int:
    """Present another token than the session's, and wait for the question about it.

    Returns:
        The evidence line of the deed.
    """
    started, session.token = session.token, token
    presented = await states.presented(session)
    await states.authorization_asked(session, presented, step, requirement)
    session.token = started
    return presented


async def stopped_by(session: Session, token: IdToken, since: int, step: int) -> Message | None:
    """The events of a stop by another token of the group (C09.FR.03); return what tells it."""
    bench = session.bench
    told = await states.stop_events(
        session, since, "local", step=str(step), requirement="C09.FR.03"
    )
    if told is not None:
        bench.step(step, "E07.FR.02")
        either = [reported(bench, each) for each in (token, session.token)]
        bench.check(told["idToken.idToken"], absent_or(_any_text(either)))
        bench.check(told["idToken.type"], absent_or(equals(token.type)))
    return told


async def stopped_unasked(session: Session, second: IdToken, step: int) -> None:
    """State StopAuthorized, Main A, with another known token of the group (C09.FR.07).

    C09.FR.04 lets the station ask all the same, C09.FR.07 not before it ends the session: a later
    AuthorizeRequest is no fault.
    """
    bench, first = session.bench, session.token
    with bench.within_state("StopAuthorized"):
        await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
        asked = bench.collect("Authorize")
        session.token = second
        presented = await states.presented(session)
        session.token = first
        told = await stopped_by(session, second, presented, step)
    if told is None:
        return
    bench.step(step, "C09.FR.07")
    before = [request for request in asked if request.n < told.n]
    line = before[0].n if before else told.n
    bench.check(Fact("AuthorizeRequests before the stop", len(before), line), 0)


async def invalid_member(session: Session, token: IdToken, step: int, requirement: str) -> None:
    """Present a token of the group that is not accepted: it is asked about, and energy goes on."""
    bench = session.bench
    bench.answer("Authorize", id_token_status("Invalid", **group_of_tokens(bench)))
    presented = await second_asked_for(session, token, step, requirement)
    bench.step(f"after {step + 1}", "C09.FR.11")
    await unheeded(session, presented, "after a token that is not accepted")
    last = in_order(session.events)[-1]
    bench.check(Fact("chargingState in force", told_state(session, last), last.n), "Charging")


def _any_text(tokens: list[IdToken]) -> Expectation:
    texts = {token.text.casefold() for token in tokens}
    words = " or ".join(token.text for token in tokens)
    return that(words, lambda value: str(value).casefold() in texts)
