"""Use case C09: tokens of one group; what the CSMS or the local list says of the second one."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.grouping import (
    all_accepted,
    invalid_member,
    second_asked_for,
    stopped_by,
    stopped_unasked,
)
from vdoc.cases.c_authorization.knowing import begin_known, not_asked, ready
from vdoc.cases.c_authorization.listing import (
    group_of_tokens,
    listed_refusals_asked_for,
    local_list_in_use,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.tokens import second_token, special_token, token_of_variant


@case("TC_C_39_CS")
async def stopped_by_group(bench: Bench) -> None:
    """Another token of the group, of which the CSMS is asked, ends the session (C09.FR.03, FR.05).

    Also C09.FR.02. Part 6: TC_C_39_CS. Errata: in states 6.2.116, 6.2.117. That nothing is known of
    the tokens is our interpretation: steps 1 and 6 would not come otherwise.
    """
    with bench.before():
        session = await _unknown_tokens(bench)

    all_accepted(bench)
    await states.authorized(session)  # 1, 3
    await states.energy_transfer_started(session)  # 5
    second = second_token(bench, session.token)
    presented = await second_asked_for(session, second, 6, "C09.FR.05")  # 6, 7
    await stopped_by(session, second, presented, 8)
    await states.parking_bay_unoccupied(session)  # 10, 11, 12
    await session.conclude()


@case("TC_C_42_CS")
async def not_stopped_by_invalid_member(bench: Bench) -> None:
    """A token of the group that the CSMS calls invalid stops nothing (C09.FR.11).

    Part 6: TC_C_42_CS. Errata: in states 6.2.116. Samples of the transaction may come.
    """
    with bench.before():
        session = await _unknown_tokens(bench)

    all_accepted(bench)
    await states.authorized(session)  # 1, 3
    await states.energy_transfer_started(session)  # 5
    await invalid_member(session, special_token(bench, "invalid"), 6, "C09.FR.05")  # 6, 7
    await session.conclude()


@case("TC_C_40_CS")
async def stopped_by_listed_group(bench: Bench) -> None:
    """Another listed token of the group ends the session unasked (C09.FR.03, C09.FR.07).

    Also C09.FR.02. Part 6: TC_C_40_CS. Errata: in states 6.2.116, 6.2.117, 6.2.121. The list holds
    both tokens; "Authorization Cache" in the manual action is left from TC_C_41_CS. That step 4 is
    always Updated is superseded by errata 6.2.117.
    """
    with bench.before():
        await local_list_in_use(bench)
        first = token_of_variant(bench, "local")
        second = second_token(bench, first)
        known = {"status": "Accepted", **group_of_tokens(bench)}
        await memory.local_auth_list(bench, {first: known, second: known})
        session = await begin_known(bench, mode="local")
        await ready(session)

    all_accepted(bench)
    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C14.FR.02")
    await stopped_unasked(session, second, 4)
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

    all_accepted(bench)
    asked = bench.collect("Authorize")
    await states.authorized(session)  # 1
    await states.energy_transfer_started(session)  # 3
    await not_asked(session, asked, "C14.FR.02")
    await invalid_member(session, invalid, 4, "C14.FR.03")  # 4, 5
    await session.conclude()


async def _unknown_tokens(bench: Bench) -> Session:
    await configuration.authorization_by_csms(bench)
    await memory.tokens_forgotten(bench)
    session = await begin(bench, mode="local")
    await ready(session)
    return session
