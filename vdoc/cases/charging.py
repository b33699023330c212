"""State EnergyTransferStarted at several connectors at once.

Owns with which token each charges: a reader takes a token that it knows for a stop, so each session
has its own. Each is one of `session`; that the events of the others are not its own is told to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vdoc.bench import Bench, InconclusiveError
from vdoc.cases import connectors, states
from vdoc.cases.connectors import Place
from vdoc.cases.session import Session, begin
from vdoc.cases.tokens import NO_TOKEN
from vdoc.cases.transaction_rules import IdToken


async def charging_at(bench: Bench, places: Sequence[Place]) -> list[Session]:
    """Have energy flow at each of these connectors, one after the other.

    Raises:
        InconclusiveError: the settings have too few tokens.
    """
    sessions: list[Session] = []
    for place in places:
        sessions.append(await charging_also(bench, place, sessions))
    return sessions


async def charging_also(bench: Bench, place: Place, others: Sequence[Session]) -> Session:
    """Have energy flow at one more connector; the others learn that its events are not theirs.

    Raises:
        InconclusiveError: the settings have too few tokens.
    """
    session = await begin(bench)
    session.place, session.elsewhere = place, _transactions(others)
    session.token = _token(session, len(others))
    await states.energy_transfer_started(session)
    for other in others:
        other.elsewhere |= _transactions([session])
    return session


def one_of_each(bench: Bench) -> list[Place]:
    """Return one connector of every EVSE: the one under test, or the first that the settings reach.

    Raises:
        InconclusiveError: the settings reach no connector of an EVSE.
    """
    chosen = {each.evse: each for each in (connectors.under_test(bench),)}
    reached = [Place(each.evse, each.connector) for each in bench.settings.action_api.outlet]
    for evse in sorted({place.evse for place in connectors.all_places(bench)} - set(chosen)):
        found = [place for place in reached if place.evse == evse]
        if not found:
            raise InconclusiveError(f"no [[action_api.outlet]] reaches EVSE {evse}")
        chosen[evse] = found[0]
    return [chosen[evse] for evse in sorted(chosen)]


def _transactions(sessions: Iterable[Session]) -> frozenset[str]:
    return frozenset(each.transaction_id for each in sessions if each.transaction_id is not None)


def _token(session: Session, number: int) -> IdToken:
    """The token for the session of this number, from 0."""
    if session.token == NO_TOKEN:
        return NO_TOKEN
    kind = session.token.type
    known = [each.idToken for each in session.bench.settings.tokens.valid if each.type == kind]
    if number < len(known):
        return IdToken(known[number], kind)
    raise InconclusiveError(f"{number + 1} sessions need as many tokens.valid of type {kind}")
