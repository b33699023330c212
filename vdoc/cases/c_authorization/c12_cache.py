"""Use case C12: a token that is in the cache is presented online.

Errata 6.2.22: by a token or by a remote start, as the variant says. Where the tables of TC_C_11_CS
and TC_C_12_CS name the valid token in their validations, the token that is presented is meant.
"""

from __future__ import annotations

from typing import Literal

from vdoc.bench import Bench
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import (
    begin_known,
    cache_in_use,
    not_asked,
    ready,
    refused_token_cached,
    refused_tokens_asked_for,
    refused_unasked,
    remote_starts_ask,
)
from vdoc.cases.registry import case


@case("TC_C_08_CS")
async def accepted(bench: Bench) -> None:
    """A token that is cached as accepted charges unasked (C12.FR.02, C12.FR.04).

    Part 6: TC_C_08_CS. Errata: 6.2.22, in states 6.2.116, 6.2.117, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench)
        before = await memory.id_token_cached(bench)
        session = await begin_known(bench, before)
        await ready(session)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 2
    await not_asked(session, asked, "C12.FR.02")
    await session.conclude()


@case("TC_C_09_CS")
async def invalid_not_accepted(bench: Bench) -> None:
    """A token that is cached as invalid is asked about again (C12.FR.05, C10.FR.03).

    Part 6: TC_C_09_CS. Errata: 6.2.22, 6.2.120.
    """
    await _asked_about_again(bench, "invalid")


@case("TC_C_10_CS")
async def blocked(bench: Bench) -> None:
    """A token that is cached as blocked is asked about again (C12.FR.05, C10.FR.03).

    Part 6: TC_C_10_CS. Errata: 6.2.22, 6.2.120. Its table has lost memory and start state, which
    are those of TC_C_09_CS; "Restricted" is no status: Blocked.
    """
    await _asked_about_again(bench, "blocked")


@case("TC_C_11_CS")
async def expired(bench: Bench) -> None:
    """A token that is cached as expired is asked about again (C12.FR.05, C10.FR.03).

    Part 6: TC_C_11_CS. Errata: 6.2.22, 6.2.120. Step 2 answers an AuthorizeRequest, so with an
    AuthorizeResponse.
    """
    await _asked_about_again(bench, "expired")


async def _asked_about_again(bench: Bench, role: Literal["invalid", "blocked", "expired"]) -> None:
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        await remote_starts_ask(bench)
        session = await refused_token_cached(bench, role)
        await ready(session)

    await states.authorization_asked(session, await states.presented(session), 1, "C12.FR.05")
    await session.conclude()


@case("TC_C_12_CS")
async def invalid_accepted(bench: Bench) -> None:
    """A token that is cached as invalid charges when the CSMS now accepts it (C12.FR.05).

    Also C10.FR.03. Part 6: TC_C_12_CS. Errata: 6.2.22, 6.2.120. That step 3 is optional is
    understood as by TxStartPoint.
    """
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        await remote_starts_ask(bench)
        session = await refused_token_cached(bench, "invalid")
        await ready(session)

    bench.answer("Authorize", id_token_status("Accepted"))
    await states.authorized(session, asked_by="C12.FR.05")  # 1, 3
    await states.energy_transfer_started(session)  # 5
    await session.conclude()


@case("TC_C_13_CS")
async def accepted_before_the_cable(bench: Bench) -> None:
    """A token that is cached as accepted is taken before the cable is in (C12.FR.02, C12.FR.04).

    Part 6: TC_C_13_CS. Errata: 6.2.22, in states 6.2.116, 6.2.117, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench)
        before = await memory.id_token_cached(bench)
        session = await begin_known(bench, before)
        await states.parking_bay_occupied(session)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.ev_connected_pre_session(session)  # 3
    await states.energy_transfer_started(session)  # 4
    await not_asked(session, asked, "C12.FR.02")
    await session.conclude()


@case("TC_C_57_CS")
async def post_authorize_disabled(bench: Bench) -> None:
    """A token that is cached as invalid is refused unasked if so configured (C12.FR.05).

    Also C10.FR.03, both of which AuthCacheCtrlr.DisablePostAuthorize suspends. Part 6: TC_C_57_CS.
    Errata: 6.2.22, 6.2.120.
    """
    disabled = configuration.AUTH_CACHE_DISABLE_POST_AUTHORIZE
    with bench.before():
        await cache_in_use(bench)
        await remote_starts_ask(bench)
        await configuration.ensure(bench, disabled, "true")
        session = await refused_token_cached(bench, "invalid")
        await ready(session)

    await refused_unasked(session, "C12.FR.05", "after a token that is cached as invalid")
    await session.conclude()
