"""Use case C09: tokens of one group; what the CSMS or the local list says of the second one.

Where a table names the first token in the validations of the second one's messages, the token that
is presented is meant. The idToken of the event that tells the stop may be left out, as errata
6.2.117 has it.
"""

from __future__ import annotations

from functools import partial

from vdoc.bench import Bench, Fact, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import begin_known, not_asked, ready, tells_something
from vdoc.cases.c_authorization.listing import (
    group_of_tokens,
    listed_refusals_asked_for,
    local_list_in_use,
)
from vdoc.cases.deauthorizing import told_state
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.tokens import reported, second_token, special_token, token_of_variant
from vdoc.cases.transaction_rules import IdToken, in_order, judge_token_if_present


@case("TC_C_39_CS")
async def stopped_by_group(bench: Bench) -> None:
    """Another token of the group, of which the CSMS is asked, ends the session (C09.FR.03, FR.05).

    Also C09.FR.02. Part 6: TC_C_39_CS. Errata: in states 6.2.116, 6.2.117. That nothing is known of
    the tokens is our interpretation: steps 1 and 6 would not come otherwise.
    """
    with bench.before():
        session = await _unknown_tokens(bench)

    _answer_all(bench, "Accepted")
    await states.authorized(session)  # 1, 3
    await states.energy_transfer_started(session)  # 5
    second = second_token(bench, session.token)
    presented = await _second_asked_for(session, second, "6", "C09.FR.05")  # 6, 7
    await _stopped_by(session, second, presented, "8", "C09.FR.03")
    await states.parking_bay_unoccupied(session)  # 10, 11, 12
    await session.conclude()


@case("TC_C_42_CS")
async def not_stopped_by_invalid_member(bench: Bench) -> None:
    """A token of the group that the CSMS calls invalid stops nothing (C09.FR.11).

    Part 6: TC_C_42_CS. Errata: in states 6.2.116. Samples of the transaction may come.
    """
    with bench.before():
        session = await _unknown_tokens(bench)

    _answer_all(bench, "Accepted")
    await states.authorized(session)  # 1, 3
    await states.energy_transfer_started(session)  # 5
    await _invalid_member(session, "6", "C09.FR.05")  # 6, 7
    await session.conclude()


@case("TC_C_40_CS")
async def stopped_by_listed_group(bench: Bench) -> None:
    """Another listed token of the group ends the session unasked (C09.FR.03, C09.FR.07).

    Also C09.FR.02. Part 6: TC_C_40_CS. Errata: in states 6.2.116, 6.2.117, 6.2.121. The list holds
    both tokens; "Authorization Cache" in the manual action is left from TC_C_41_CS.
    """
    with bench.before():
        await local_list_in_use(bench)
        first = token_of_variant(bench, "local")
        second = second_token(bench, first)
        known = {"status": "Accepted", **group_of_tokens(bench)}
        await memory.local_auth_list(bench, {first: known, second: known})
        session = await begin_known(bench, mode="local")
        await ready(session)

    _answer_all(bench, "Accepted")
    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C14.FR.02")
    with bench.within_state("StopAuthorized"):
        await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
        presented = await _presented(session, second)
        told = await _stopped_by(session, second, presented, "4", "C09.FR.03")
    bench.step(4, "C09.FR.07")
    before = [r for r in asked if told is not None and presented < r.n < told.n]
    line = before[0].n if before else None
    bench.check(Fact("AuthorizeRequests before the stop", len(before), line), 0)
    await states.parking_bay_unoccupied(session)  # 5, 6, 7
    await session.conclude()


@case("TC_C_43_CS")
async def not_stopped_by_listed_invalid_member(bench: Bench) -> None:
    """A token of the group that is listed as invalid is asked about and stops nothing (C09.FR.11).

    Also C09.FR.02, C09.FR.03, C09.FR.07, C14.FR.03. Part 6: TC_C_43_CS. Errata: in states 6.2.116,
    6.2.121. DisablePostAuthorize false is our interpretation: step 4 would not come otherwise. The
    validation of a step 6 is left from another table, which has one.
    """
    with bench.before():
        await local_list_in_use(bench)
        await listed_refusals_asked_for(bench)
        group = group_of_tokens(bench)
        valid, invalid = token_of_variant(bench, "local"), special_token(bench, "invalid")
        entries = {valid: {"status": "Accepted", **group}, invalid: {"status": "Invalid", **group}}
        await memory.local_auth_list(bench, entries)
        session = await begin_known(bench, mode="local")
        await ready(session)

    _answer_all(bench, "Accepted")
    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C14.FR.02")
    await _invalid_member(session, "4", "C14.FR.03")  # 4, 5
    await session.conclude()


# --- steps ---


async def _unknown_tokens(bench: Bench) -> Session:
    await configuration.authorization_by_csms(bench)
    await memory.tokens_forgotten(bench)
    session = await begin(bench, mode="local")
    await ready(session)
    return session


def _answer_all(bench: Bench, status: str) -> None:
    for action in ("Authorize", "TransactionEvent"):
        bench.answer(action, id_token_status(status, **group_of_tokens(bench)))


async def _presented(session: Session, token: IdToken) -> int:
    """Present another token than the session's; return the evidence line of the deed."""
    started, session.token = session.token, token
    line = await states.presented(session)
    session.token = started
    return line


async def _second_asked_for(session: Session, token: IdToken, step: str, requirement: str) -> int:
    """Present another token, of which the CSMS is asked; return the line of the question."""
    presented = await _presented(session, token)
    started, session.token = session.token, token
    request = await states.authorization_asked(session, presented, step, requirement)
    session.token = started
    return request.n


async def _stopped_by(
    session: Session, token: IdToken, since: int, step: str, requirement: str
) -> Message | None:
    """The events of a stop, by another token; return the one that tells it."""
    bench = session.bench
    told = await states.stop_events(session, since, "local", step=step, requirement=requirement)
    if told is not None:
        bench.step(step, "E07.FR.02")
        judge_token_if_present(bench, told, reported(bench, token))
    return told


async def _invalid_member(session: Session, step: str, requirement: str) -> None:
    """Present the invalid token of the group; it is asked about, and energy goes on."""
    bench = session.bench
    bench.answer("Authorize", id_token_status("Invalid", **group_of_tokens(bench)))
    await _second_asked_for(session, special_token(bench, "invalid"), step, requirement)
    bench.step(f"after {int(step) + 1}", "C09.FR.11")
    await bench.silence(
        "TransactionEvent",
        where=partial(tells_something, session),
        what="after a token that is not accepted",
    )
    last = in_order(session.events)[-1]
    bench.check(Fact("chargingState in force", told_state(session, last), last.n), "Charging")
