"""Use case C09: a driver stops what another token of the group has started; from the cache."""

from __future__ import annotations

from functools import partial
from typing import Any

from vdoc.bench import Bench, Fact
from vdoc.bench.answers import id_token_status
from vdoc.bench.expect import Expectation, absent_or, that
from vdoc.cases import memory, states
from vdoc.cases.c_authorization.knowing import (
    begin_known,
    cache_in_use,
    not_asked,
    ready,
    refused_tokens_asked_for,
    tells_something,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session
from vdoc.cases.tokens import reported, second_token, special_token, token_of_variant
from vdoc.cases.transaction_rules import IdToken


@case("TC_C_41_CS")
async def stopped_by_group_from_cache(bench: Bench) -> None:
    """Another cached token of the group ends the session (C09.FR.02, C09.FR.03, C09.FR.07).

    Part 6: TC_C_41_CS. Errata: 6.2.29, 6.2.117. Step 4 names the first token, E07.FR.02 the one
    that stops, 6.2.117 lets it be left out: each of these is right. C09.FR.04 lets the station ask
    all the same, C09.FR.07 not before it ends the session: a later AuthorizeRequest is no fault.
    """
    with bench.before():
        await cache_in_use(bench)
        _answer_all(bench, "Accepted")
        first = token_of_variant(bench, "local")
        second = second_token(bench, first)
        taught = [
            await memory.id_token_cached(bench, mode="local", token=each)
            for each in (first, second)
        ]
        session = await begin_known(bench, *taught, mode="local")
        await ready(session)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C12.FR.02")
    await _stopped_by(session, second)  # 4
    await states.ev_connected_post_session(session)  # 5
    await states.ev_disconnected(session)  # 6
    await states.parking_bay_unoccupied(session)  # 7
    await session.conclude()


async def _stopped_by(session: Session, second: IdToken) -> None:
    """State StopAuthorized, Main A, with another token than the one that started."""
    bench, first = session.bench, session.token
    with bench.within_state("StopAuthorized"):
        await bench.wait(bench.settings.values.transaction_duration_s, "TransactionDuration")
        asked = bench.collect("Authorize")
        session.token = second
        await bench.act(states.presenting(session))
        session.token = first
        told = await states.stop_events(session, bench.mark(), "local")
    if told is None:
        return
    bench.step(4, "C09.FR.07")
    bench.check(told["triggerReason"], "StopAuthorized")
    either = [reported(bench, token) for token in (second, first)]
    bench.check(told["idToken.idToken"], absent_or(_any_text(either)), "E07.FR.02")
    bench.check(told["idToken.type"], absent_or(second.type), "E07.FR.02")
    before = [request for request in asked if request.n < told.n]
    bench.check(Fact("AuthorizeRequests before the stop", len(before), told.n), 0)


def _any_text(tokens: list[IdToken]) -> Expectation:
    texts = {token.text.casefold() for token in tokens}
    words = " or ".join(token.text for token in tokens)
    return that(words, lambda value: str(value).casefold() in texts)


@case("TC_C_44_CS")
async def invalid_group_member_from_cache(bench: Bench) -> None:
    """A token of the group that is invalid is asked about and stops nothing (C09.FR.11).

    Also C09.FR.02, C09.FR.03, C09.FR.07, C10.FR.03. Part 6: TC_C_44_CS. Errata: 6.2.30, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        _answer_all(bench, "Accepted")
        taught = await memory.id_token_cached(bench, mode="local")
        session = await begin_known(bench, taught, mode="local")
        valid, invalid = session.token, special_token(bench, "invalid")
        session.token = invalid
        await memory.refused_id_token_cached(session, "Invalid", **_group(bench))
        session.token = valid
        await ready(session)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C12.FR.02")
    session.token = invalid
    presented = await states.presented(session)
    await states.authorization_asked(session, presented, 4, "C10.FR.03")  # 4, 5
    session.token = valid
    bench.step("after 5", "C09.FR.11")
    await bench.silence(
        "TransactionEvent",
        where=partial(tells_something, session),
        what="after a token that is not accepted",
    )
    await session.conclude()


def _answer_all(bench: Bench, status: str) -> None:
    for action in ("Authorize", "TransactionEvent"):
        bench.answer(action, id_token_status(status, **_group(bench)))


def _group(bench: Bench) -> dict[str, Any]:
    return {"groupIdToken": {"idToken": bench.settings.tokens.group, "type": "Central"}}
