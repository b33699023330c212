"""Use case C09: a driver stops what another token of the group has started; from the cache."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import memory, states
from vdoc.cases.c_authorization.grouping import all_accepted, invalid_member, stopped_unasked
from vdoc.cases.c_authorization.knowing import (
    begin_known,
    cache_in_use,
    not_asked,
    ready,
    refused_tokens_asked_for,
)
from vdoc.cases.c_authorization.listing import group_of_tokens
from vdoc.cases.registry import case
from vdoc.cases.tokens import second_token, special_token, token_of_variant


@case("TC_C_41_CS")
async def stopped_by_group_from_cache(bench: Bench) -> None:
    """Another cached token of the group ends the session (C09.FR.02, C09.FR.03, C09.FR.07).

    Part 6: TC_C_41_CS. Errata: 6.2.29, 6.2.117.
    """
    with bench.before():
        await cache_in_use(bench)
        all_accepted(bench)
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
    await stopped_unasked(session, second, 4)
    await states.ev_connected_post_session(session)  # 5
    await states.ev_disconnected(session)  # 6
    await states.parking_bay_unoccupied(session)  # 7
    await session.conclude()


@case("TC_C_44_CS")
async def invalid_group_member_from_cache(bench: Bench) -> None:
    """A token of the group that is invalid is asked about and stops nothing (C09.FR.11).

    Also C09.FR.02, C09.FR.03, C09.FR.07, C10.FR.03. Part 6: TC_C_44_CS. Errata: 6.2.30, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        all_accepted(bench)
        taught = await memory.id_token_cached(bench, mode="local")
        session = await begin_known(bench, taught, mode="local")
        valid, invalid = session.token, special_token(bench, "invalid")
        session.token = invalid
        await memory.refused_id_token_cached(session, "Invalid", **group_of_tokens(bench))
        session.token = valid
        await ready(session)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C12.FR.02")
    await invalid_member(session, invalid, 4, "C10.FR.03")  # 4, 5
    await session.conclude()
