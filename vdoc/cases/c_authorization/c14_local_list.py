"""Use case C14: a token that is in the local authorization list is presented online.

Errata 6.2.22: by a token or by a remote start, as the variant says.
"""

from __future__ import annotations

from typing import Literal

from vdoc.bench import Bench
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import (
    STATUS,
    begin_known,
    not_asked,
    ready,
    refused_unasked,
    remote_starts_ask,
)
from vdoc.cases.c_authorization.listing import (
    DISABLE_POST_AUTHORIZE,
    listed_refusals_asked_for,
    local_list_in_use,
    refused_token_listed,
)
from vdoc.cases.registry import case
from vdoc.cases.session import begin
from vdoc.cases.tokens import default_mode, token_of_variant


@case("TC_C_27_CS")
async def accepted(bench: Bench) -> None:
    """A token that is listed as accepted charges unasked (C14.FR.02).

    Part 6: TC_C_27_CS. Errata: 6.2.22, in states 6.2.116, 6.2.121.
    """
    with bench.before():
        await local_list_in_use(bench)
        token = token_of_variant(bench, default_mode(bench))
        await memory.id_token_local_auth_list(bench, token)
        session = await begin_known(bench)

    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.ev_connected_pre_session(session)  # 3
    await states.energy_transfer_started(session)  # 4
    await not_asked(session, asked, "C14.FR.02")
    await session.conclude()


@case("TC_C_28_CS")
async def invalid_not_accepted(bench: Bench) -> None:
    """A token that is listed as invalid is asked about (C14.FR.03).

    Part 6: TC_C_28_CS. Errata: 6.2.22, 6.2.121.
    """
    await _asked_about(bench, "invalid", connected=False)


@case("TC_C_29_CS")
async def blocked(bench: Bench) -> None:
    """A token that is listed as blocked is asked about (C14.FR.03).

    Part 6: TC_C_29_CS. Errata: 6.2.22, 6.2.121. "Restricted" is no status: Blocked.
    """
    await _asked_about(bench, "blocked", connected=True)


@case("TC_C_30_CS")
async def expired(bench: Bench) -> None:
    """A token that is listed as expired is asked about (C14.FR.03).

    Part 6: TC_C_30_CS. Errata: 6.2.22, 6.2.121.
    """
    await _asked_about(bench, "expired", connected=True)


async def _asked_about(
    bench: Bench, role: Literal["invalid", "blocked", "expired"], *, connected: bool
) -> None:
    with bench.before():
        await local_list_in_use(bench)
        await listed_refusals_asked_for(bench)
        await remote_starts_ask(bench)
        token = await refused_token_listed(bench, role)
        session = await begin(bench)
        if connected:
            await ready(session)

    session.token = token
    bench.answer("Authorize", id_token_status(STATUS[role]))
    await states.authorization_asked(session, await states.presented(session), 1, "C14.FR.03")
    await session.conclude()


@case("TC_C_31_CS")
async def invalid_accepted(bench: Bench) -> None:
    """A token that is listed as invalid charges when the CSMS accepts it (C14.FR.03).

    Part 6: TC_C_31_CS. Errata: 6.2.22, in states 6.2.116, 6.2.121.
    """
    with bench.before():
        await local_list_in_use(bench)
        await listed_refusals_asked_for(bench)
        await remote_starts_ask(bench)
        token = await refused_token_listed(bench, "invalid")
        session = await begin(bench)

    session.token = token
    await states.authorized(session, asked_by="C14.FR.03")  # 1
    await states.ev_connected_pre_session(session)  # 2
    await states.energy_transfer_started(session)  # 3
    await session.conclude()


@case("TC_C_58_CS")
async def post_authorize_disabled(bench: Bench) -> None:
    """A token that is listed as invalid is refused unasked if so configured (C14.FR.03).

    LocalAuthListCtrlr.DisablePostAuthorize suspends the question. Part 6: TC_C_58_CS, printed as
    TC_C_28_CS inside the table. Errata: 6.2.22, 6.2.121.
    """
    with bench.before():
        await local_list_in_use(bench)
        await remote_starts_ask(bench)
        await configuration.ensure(bench, DISABLE_POST_AUTHORIZE, "true")
        token = await refused_token_listed(bench, "invalid")
        session = await begin(bench)

    session.token = token
    await refused_unasked(session, "C14.FR.03", "after a token that is listed as invalid")
    await session.conclude()
