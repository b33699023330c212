"""Use case C11: the CSMS has the cache cleared."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import (
    after_others,
    cache_in_use,
    ready,
    remote_starts_ask,
)
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_C_37_CS")
async def cleared(bench: Bench) -> None:
    """A token is not known after ClearCache (C11.FR.01, C11.FR.02, C11.FR.03).

    Part 6: TC_C_37_CS. Errata: 6.2.22, in states 6.2.116, 6.2.120. LocalPreAuthorize true (if
    implemented) is our interpretation: a station asks for every token otherwise.
    """
    with bench.before():
        await cache_in_use(bench)
        await remote_starts_ask(bench)
        before = await memory.id_token_cached(bench)

    bench.step(2, "C11.FR.03")
    response = await bench.call("ClearCache")  # 1
    bench.check(response["status"], "Accepted")
    session = after_others(await begin(bench), before)
    await states.parking_bay_occupied(session)  # 3
    await ready(session)  # 4
    await states.authorized(session, asked_by="C11.FR.01")  # 5, 7
    await states.energy_transfer_started(session)  # 9
    await session.conclude()


@case("TC_C_38_CS")
async def rejected_when_disabled(bench: Bench) -> None:
    """ClearCache is rejected while the cache is switched off (C11.FR.04).

    Also C11.FR.01, C11.FR.02. Part 6: TC_C_38_CS. Errata: 6.2.22, 6.2.120. The cache is switched
    off when the token is in it; where that cannot be, there is nothing to show.
    """
    name = configuration.AUTH_CACHE_ENABLED
    with bench.before():
        reading = await configuration.read(bench, name)
        if reading.value is None:
            bench.not_applicable(f"{name} is not implemented", reading.answer)
        await memory.id_token_cached(bench)
        await configuration.ensure(bench, name, "false")

    bench.step(2, "C11.FR.04")
    response = await bench.call("ClearCache")  # 1
    bench.check(response["status"], "Rejected")
