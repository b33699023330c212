"""Use cases N09 and N10: what the DUT stores about a customer is reported and cleared."""

from __future__ import annotations

from vdoc.automation.actions import Stimulate
from vdoc.bench import Bench, Fact
from vdoc.bench.expect import not_, one_of
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import after_others, begin_known
from vdoc.cases.n_diagnostics.customers import (
    NOT_EMPTY,
    NOTIFY,
    Reference,
    asked,
    told,
    told_at_once,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.tokens import listed_token, reported, second_token, token_of_variant
from vdoc.cases.transaction_rules import IdToken


@case("TC_N_27_CS")
async def reported_of_known(bench: Bench) -> None:
    """What is stored about a token is reported (N09.FR.02, N09.FR.05).

    Part 6: TC_N_27_CS. Errata: in states 6.2.116, 6.2.117, 6.2.120, 6.2.121. ParkingBayUnoccupied
    is reached by a whole session, as its Before blocks say. Beyond the table the report must not be
    what the DUT says of a token that it does not know (N09.FR.06).
    """
    with bench.before():
        *_, session = await _sessions(bench)

    customer = _by_token(reported(bench, session.token))
    request = await asked(bench, customer, report=True, clear=False, step=2)  # 1, 2
    data = await told(bench, request, 3, "N09.FR.05")  # 3, 4
    bench.check(data, NOT_EMPTY)
    bench.step("post", "N09.FR.05")
    await _unlike(bench, data, session.token)


@case("TC_N_28_CS")
async def reported_of_unknown(bench: Bench) -> None:
    """One message says that nothing is stored about a token (N09.FR.02, N09.FR.06).

    Part 6: TC_N_28_CS. Errata: none. The local list, which the DUT must not clear (N10.FR.03), is
    emptied before: our interpretation. No clause says how a message tells that there is no data.
    """
    customer = _by_token(listed_token(bench))
    with bench.before():
        await memory.tokens_forgotten(bench)
        await _cleared(bench, customer)

    request = await asked(bench, customer, report=True, clear=False, step=2)  # 1, 2
    await told_at_once(bench, request, 3, "N09.FR.06")  # 3, 4


@case("TC_N_30_CS")
async def cleared_and_reported(bench: Bench) -> None:
    """What is stored about a token is reported and cleared (N10.FR.01, N10.FR.03).

    Part 6: TC_N_30_CS. Errata: in states 6.2.116, 6.2.117, 6.2.120, 6.2.121. Beyond the table a
    token that the cache held must be asked about when it is presented again; the local list, which
    the DUT keeps, is emptied before that as N10.FR.02 has it.
    """
    with bench.before():
        sessions = await _sessions(bench)

    token = sessions[-1].token
    customer = _by_token(reported(bench, token))
    request = await asked(
        bench, customer, report=True, clear=True, step=2, requirement="N10.FR.01"
    )  # 1, 2
    bench.check(await told(bench, request, 3, "N10.FR.03"), NOT_EMPTY)  # 3, 4
    request_id = bench.fresh_int()
    bench.step(6, "N09.FR.02")
    answer = await bench.call(
        "CustomerInformation", requestId=request_id, report=True, clear=False, **customer
    )  # 5, 6
    if answer.get("status") == "Accepted":
        await told_at_once(bench, request_id, 7, "N10.FR.03")  # 7, 8
    if bench.pics.claims("C-49"):
        await _forgotten(bench, sessions)


@case("TC_N_31_CS")
async def cleared_of_unknown(bench: Bench) -> None:
    """One message says that there is nothing to clear (N10.FR.01, N10.FR.04).

    Part 6: TC_N_31_CS. Errata: none. The prerequisite is seen to as in TC_N_28_CS: what the DUT
    keeps of a customer beyond cache and local list only CustomerInformation clears.
    """
    customer = _by_token(listed_token(bench))
    with bench.before():
        await memory.tokens_forgotten(bench)
        await _cleared(bench, customer)

    request = await asked(
        bench, customer, report=True, clear=True, step=2, requirement="N10.FR.01"
    )  # 1, 2
    await told_at_once(bench, request, 3, "N10.FR.04")  # 3, 4


@case("TC_N_32_CS")
async def cleared_unreported(bench: Bench) -> None:
    """One message says that everything is cleared (N10.FR.01, N10.FR.06).

    Part 6: TC_N_32_CS. Errata: none. Cache and local list are emptied as in TC_N_28_CS; what else
    the DUT keeps of the customer makes no difference to the message (N10.FR.06).
    """
    with bench.before():
        await memory.tokens_forgotten(bench)

    customer = _by_token(listed_token(bench))
    request = await asked(
        bench, customer, report=False, clear=True, step=2, requirement="N10.FR.01"
    )  # 1, 2
    await told_at_once(bench, request, 3, "N10.FR.06")  # 3, 4


@case("TC_N_62_CS")
async def cleared_by_identifier(bench: Bench) -> None:
    """What is stored under a customerIdentifier is reported and cleared (N10.FR.01, N10.FR.03).

    Part 6: TC_N_62_CS. Errata: none. Empty data at the end is what the table asks for; N09.FR.06
    only wants a message that indicates it, so what the DUT says of an identifier that nobody has
    stored is right as well, be that identifier named in it or not. Without a setting the identifier
    is made for this case.
    """
    identifier = bench.settings.values.customer_identifier or bench.fresh_id()
    customer = {"customerIdentifier": identifier}
    with bench.before():
        stored = (("customerIdentifier", identifier),)
        await bench.act(Stimulate("store_customer_identifier", stored))
        await bench.wait(bench.settings.values.settling_s, "no message tells that it is stored")

    request = await asked(
        bench, customer, report=True, clear=True, step=2, requirement="N10.FR.01"
    )  # 1, 2
    stored_data = await told(bench, request, 3, "N10.FR.03")  # 3, 4
    bench.check(stored_data, NOT_EMPTY)
    request = await asked(bench, customer, report=True, clear=False, step=6)  # 5, 6
    data = await told(bench, request, 7, "N10.FR.03")  # 7, 8
    nothing = [""]
    if data.value:
        stranger = bench.fresh_id()
        of_unknown = await _of_unknown(bench, {"customerIdentifier": stranger})
        of_unknown = [text.replace(stranger, identifier) for text in of_unknown]
        nothing += [text for text in of_unknown if text != stored_data.value]
        bench.step(7, "N10.FR.03")
    bench.check(data, one_of(*nothing))


# --- what is stored ---


async def _sessions(bench: Bench) -> tuple[Session, ...]:
    """Have the token of the variant in cache and local list, and a session with it behind us.

    Configuration, memory and charging states of TC_N_27_CS and TC_N_30_CS.
    """
    for name in (
        configuration.LOCAL_LIST_ENABLED,
        configuration.LOCAL_PRE_AUTHORIZE,
        configuration.AUTH_CACHE_ENABLED,
    ):
        await configuration.ensure_if_implemented(bench, name, "true")
    before: list[Session] = []
    if bench.pics.claims("C-49"):
        before.append(await memory.id_token_cached(bench, mode="local"))
    if bench.pics.claims("profile.LocalAuthListManagement"):
        await memory.id_token_local_auth_list(bench, token_of_variant(bench, "local"))
    session = await begin_known(bench, *before, mode="local")
    await states.authorized(session)
    await states.energy_transfer_started(session)
    await states.parking_bay_unoccupied(session)
    await session.conclude()
    return (*before, session)


async def _forgotten(bench: Bench, before: tuple[Session, ...]) -> None:
    """The cache does not know the token any more: it is asked about (N10.FR.03)."""
    if bench.pics.claims("profile.LocalAuthListManagement"):
        bench.step("post", "D01.FR.04")
        version = bench.settings.values.local_list_version
        answer = await bench.call("SendLocalList", versionNumber=version, updateType="Full")
        bench.require(answer["status"], "Accepted")
    session = after_others(await begin(bench, mode="local"), *before)
    await states.authorized(session, asked_by="N10.FR.03")
    await states.energy_transfer_started(session)
    await session.conclude()


# --- nothing is stored ---


async def _cleared(bench: Bench, customer: Reference, step: str = "memory") -> None:
    """Have nothing stored about a customer; how the DUT does that TC_N_32_CS judges."""
    bench.step(step, "N10.FR.06")
    request_id = bench.fresh_int()
    answer = await bench.call(
        "CustomerInformation", requestId=request_id, report=False, clear=True, **customer
    )
    if answer.get("status") == "Accepted":
        await bench.receive_optional(NOTIFY)


async def _unlike(bench: Bench, data: Fact, token: IdToken) -> None:
    """Check that a report is not what the DUT says of a token that it does not know (any more)."""
    stranger = reported(bench, second_token(bench, token))
    await _cleared(bench, _by_token(stranger), "post")
    for text in await _of_unknown(bench, _by_token(stranger)):
        nothing = text.replace(stranger.text, reported(bench, token).text)
        bench.step("post", "N09.FR.05")
        bench.check(data, not_(nothing), what="unlike that of an unknown customer")


async def _of_unknown(bench: Bench, stranger: Reference) -> list[str]:
    """Return what the DUT says of somebody whom it does not know; nothing when it will not."""
    request_id = bench.fresh_int()
    answer = await bench.call(
        "CustomerInformation", requestId=request_id, report=True, clear=False, **stranger
    )
    if answer.get("status") != "Accepted":
        return []
    return [(await told(bench, request_id, "post", "N09.FR.06")).value]


def _by_token(token: IdToken) -> Reference:
    return {"idToken": token.as_json()}
