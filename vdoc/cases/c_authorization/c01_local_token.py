"""Use case C01: a driver presents a token, and the CSMS is asked about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

from vdoc.bench import Bench, Message
from vdoc.bench.answers import id_token_status
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import ready, unheeded
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.tokens import second_token, special_token
from vdoc.cases.transaction_rules import transaction_id

Role = Literal["invalid", "blocked", "expired"]


@case("TC_C_02_CS")
async def authorization_invalid(bench: Bench) -> None:
    """A token that the CSMS does not accept starts nothing (C01.FR.02, C06.FR.02).

    Part 6: TC_C_02_CS. Errata: none. The table lets no TransactionEvent follow; samples of a
    transaction that TxStartPoint EVConnected has begun are no answer to the token and may come.
    """
    await _refused(bench, "invalid", "Invalid")


@case("TC_C_05_CS")
async def authorization_invalid_cable_lock(bench: Bench) -> None:
    """The same where a cable lock wants the token before the cable (C01.FR.02, C06.FR.02).

    Part 6: TC_C_05_CS. Errata: none.
    """
    await _refused(bench, "invalid", "Invalid", before=_nothing)


@case("TC_C_06_CS")
async def authorization_blocked(bench: Bench) -> None:
    """A token that the CSMS calls blocked starts nothing (C01.FR.02).

    Part 6: TC_C_06_CS. Errata: none. "Locked" is no status: Blocked.
    """
    await _refused(bench, "blocked", "Blocked")


@case("TC_C_07_CS")
async def authorization_expired(bench: Bench) -> None:
    """A token that the CSMS calls expired starts nothing (C01.FR.02).

    Part 6: TC_C_07_CS. Errata: none.
    """
    await _refused(bench, "expired", "Expired")


@case("TC_C_56_CS")
async def authorization_unknown(bench: Bench) -> None:
    """A token that the CSMS does not know starts nothing (C01.FR.02).

    Part 6: TC_C_56_CS. Errata: none. Part 5 asks it of stations with a cable lock (AQ-2) as well,
    Part 6 does not: there the token comes before the cable, as in TC_C_05_CS.
    """
    await _refused(bench, "invalid", "Unknown")


async def _nothing(session: Session) -> None:
    """Before: no reusable state."""


async def _refused(
    bench: Bench,
    role: Role,
    status: str,
    *,
    before: Callable[[Session], Awaitable[None]] = ready,
) -> None:
    """Present the token of a role; the CSMS is asked, and nothing begins.

    That neither cache nor local list holds the token is our interpretation: step 1 need not come
    otherwise (C01.FR.02).
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        await memory.tokens_forgotten(bench)
        session = await begin(bench, mode="local")
        await before(session)

    session.token = special_token(bench, role)
    bench.answer("Authorize", id_token_status(status))
    presented = await states.presented(session)
    await states.authorization_asked(session, presented, 1, "C01.FR.02")  # 1, 2
    bench.step("after 2", "E02.FR.20")
    await unheeded(session, presented, "after the refused token")
    await session.conclude()


@case("TC_C_04_CS")
async def other_token_does_not_stop(bench: Bench) -> None:
    """Another token, accepted but of no common group, stops nothing (C01.FR.02, C01.FR.03).

    Part 6: TC_C_04_CS. Errata: 6.2.116. Where there are several EVSEs, one reader may serve them,
    which no PICS item tells: a transaction that the token begins at another EVSE is left out.
    """
    with bench.before():
        await configuration.authorization_by_csms(bench)
        await memory.tokens_forgotten(bench)
        session = await begin(bench, mode="local")
        await states.energy_transfer_started(session)

    own, started = session.transaction_id, session.token
    session.token = second_token(bench, started)
    presented = await states.presented(session)
    await states.authorization_asked(session, presented, 1)  # 1, 2
    session.token = started
    bench.step("after 2", "C01.FR.03")
    what = "with an idToken, or that ends the transaction"
    await unheeded(session, presented, what, heeds=partial(_heeds_token, session, own))
    if len(bench.pics.evses) > 1:
        later = {transaction_id(event) for event in session.events if event.n > presented}
        session.elsewhere |= later - {str(own)}
    await session.conclude()


def _heeds_token(session: Session, own: str | None, event: Message) -> bool:
    """Tell whether an event shows that the other token did something to this session."""
    here = transaction_id(event) == own or len(session.bench.pics.evses) == 1
    told = event.has("idToken") or event.get("eventType") == "Ended"
    return session.owns(event) and here and told
