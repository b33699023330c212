"""Use case C10: what the CSMS says of a token is kept in the cache, and for how long."""

from __future__ import annotations

from math import ceil

from vdoc.bench import Bench
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.booting import booted
from vdoc.cases.c_authorization.knowing import (
    after_others,
    begin_known,
    cache_in_use,
    not_asked,
    ready,
    refused_tokens_asked_for,
    remote_starts_ask,
)
from vdoc.cases.deauthorizing import deauthorized
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_C_32_CS")
async def persistent(bench: Bench) -> None:
    """The cache outlives a reboot (C10.FR.02).

    Part 6: TC_C_32_CS. Errata: 6.2.22, in states 6.2.116, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench)
        before = await memory.id_token_cached(bench)
        session = await begin_known(bench, before)

    await booted(bench)  # 1
    asked = bench.collect("Authorize")
    await states.authorized(session)  # 2
    await states.ev_connected_pre_session(session)  # 4
    await states.energy_transfer_started(session)  # 5
    await not_asked(session, asked, "C10.FR.02")
    await session.conclude()


@case("TC_C_33_CS")
async def updated_by_authorize_response(bench: Bench) -> None:
    """What AuthorizeResponse says is kept (C10.FR.04, C12.FR.06).

    Part 6: TC_C_33_CS. Errata: 6.2.22. That the cache does not hold the token at first is our
    interpretation: step 1 would not come otherwise. It is cleared.
    """
    with bench.before():
        await cache_in_use(bench)
        await configuration.ensure_if_implemented(bench, configuration.LOCAL_LIST_ENABLED, "true")
        await remote_starts_ask(bench)
        cleared = await bench.call("ClearCache")
        bench.require(cleared["status"], "Accepted", "C11.FR.03")
        first = await begin(bench)
        await ready(first)

    await states.authorized(first)  # 1, 3
    await states.energy_transfer_started(first)  # 5
    await states.ev_connected_post_session(first)  # 6
    await states.ev_disconnected(first)  # 7
    await states.parking_bay_unoccupied(first)  # 8
    await first.conclude()
    second = await begin_known(bench, first)
    await states.parking_bay_occupied(second)  # 9
    await ready(second)  # 10
    bench.answer("TransactionEvent", id_token_status("Invalid"))
    asked = bench.collect("Authorize")
    await states.authorized(second)  # 12
    await not_asked(second, asked, "C10.FR.04")
    await second.conclude()


@case("TC_C_34_CS")
async def updated_by_transaction_event_response(bench: Bench) -> None:
    """What TransactionEventResponse says is kept (C10.FR.05, C12.FR.06).

    Part 6: TC_C_34_CS. Errata: 6.2.22, 6.2.28, 6.2.118. That refused tokens are asked for
    (DisablePostAuthorize false) is our interpretation: step 6 would not come otherwise.
    """
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        await remote_starts_ask(bench)
        await configuration.ensure_if_implemented(bench, configuration.LOCAL_LIST_ENABLED, "true")
        await configuration.ensure(bench, configuration.STOP_TX_ON_INVALID_ID, "true")
        max_energy = configuration.MAX_ENERGY_ON_INVALID_ID
        await configuration.ensure_if_implemented(bench, max_energy, "0")
        taught = await memory.id_token_cached(bench)
        first = await begin_known(bench, taught)

    bench.answer("Authorize", id_token_status("Invalid"))
    bench.answer("TransactionEvent", id_token_status("Invalid"))
    asked = bench.collect("Authorize")
    await states.authorized(first)  # 1
    await deauthorized(first)  # 2
    await not_asked(first, asked, "C12.FR.02")
    if first.standing.connected:
        await states.ev_disconnected(first)  # 3
    await states.parking_bay_unoccupied(first)  # 4
    await first.conclude()
    second = after_others(await begin(bench), taught, first)
    await states.parking_bay_occupied(second)  # 5
    await states.authorization_asked(second, await states.presented(second), 6, "C10.FR.05")
    await second.conclude()


@case("TC_C_36_CS")
async def not_used(bench: Bench) -> None:
    """With LocalPreAuthorize false a cached token is asked for all the same (C10.FR.11).

    Part 6: TC_C_36_CS. Errata: 6.2.22, 6.2.120.
    """
    with bench.before():
        await cache_in_use(bench, pre_authorize=False)
        await remote_starts_ask(bench)
        before = await memory.id_token_cached(bench)
        session = after_others(await begin(bench), before)

    bench.answer("Authorize", id_token_status("Invalid"))
    await states.authorization_asked(session, await states.presented(session), 1, "C10.FR.11")
    await session.conclude()


@case("TC_C_46_CS")
async def life_time(bench: Bench) -> None:
    """A token that has not been used for AuthCacheCtrlr.LifeTime is no longer known (C10.FR.08).

    Part 6: TC_C_46_CS. Errata: 6.2.31, in states 6.2.116, 6.2.120. LifeTime is the next whole
    second of TransactionDuration; a product with remote starts only is asked by one. That refused
    tokens are asked for (DisablePostAuthorize false) is our interpretation: a cache may keep the
    token as Expired (C10.FR.10), and step 2 would not come otherwise.
    """
    life_time_s = ceil(bench.settings.values.transaction_duration_s)
    with bench.before():
        await cache_in_use(bench)
        await refused_tokens_asked_for(bench)
        await remote_starts_ask(bench)
        name = configuration.AUTH_CACHE_LIFE_TIME
        await configuration.ensure(bench, name, str(life_time_s))
        before = await memory.id_token_cached(bench)
        session = after_others(await begin(bench), before)
        await ready(session)

    await bench.wait(life_time_s, "TransactionDuration")  # 1
    await states.authorized(session, asked_by="C10.FR.08")  # 2
    await session.conclude()
