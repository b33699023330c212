"""Steps of the cases in which the station knows a token, accepted or not.

Owns the configuration that has a station use its cache, how a session with a known token begins,
and what "the CSMS is not asked" means. Remote starts need AuthCtrlr.AuthorizeRemoteStart to ask at
all (Part 6 §2.18, Authorized): a station that cannot has nothing to show in these cases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

from vdoc.bench import Bench, Fact, Message
from vdoc.cases import configuration, memory, states
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Mode
from vdoc.cases.tokens import default_mode, special_token
from vdoc.cases.transaction_rules import follows_token, is_extra

STATUS = {"invalid": "Invalid", "blocked": "Blocked", "expired": "Expired"}
"""What the CSMS says of the token of a role."""


async def cache_in_use(bench: Bench, *, pre_authorize: bool = True) -> None:
    """AuthCacheCtrlr.Enabled true, AuthCtrlr.LocalPreAuthorize as given (both if implemented).

    That tokens which are not in the cache are asked for at the CSMS is our interpretation.
    """
    await configuration.authorization_by_csms(bench)
    await configuration.ensure_if_implemented(bench, configuration.AUTH_CACHE_ENABLED, "true")
    wanted = "true" if pre_authorize else "false"
    await configuration.ensure_if_implemented(bench, configuration.LOCAL_PRE_AUTHORIZE, wanted)


async def refused_tokens_asked_for(bench: Bench) -> None:
    """AuthCacheCtrlr.DisablePostAuthorize false (if implemented)."""
    name = configuration.AUTH_CACHE_DISABLE_POST_AUTHORIZE
    await configuration.ensure_if_implemented(bench, name, "false")


async def remote_starts_ask(bench: Bench) -> None:
    """AuthCtrlr.AuthorizeRemoteStart true, where the variant starts remotely."""
    if default_mode(bench) == "local":
        return
    name = configuration.AUTHORIZE_REMOTE_START
    await configuration.ensure_if_writable(bench, name, "true")
    reading = await configuration.read(bench, name)
    if not reading.true:
        bench.not_applicable(f"{name} is not true, so that remote starts never ask", reading.answer)


async def begin_known(bench: Bench, *before: Session, mode: Mode | None = None) -> Session:
    """Begin a session with a token that the station knows, after the sessions that taught it."""
    session = await begin(bench, mode=mode)
    session.cached = True
    return after_others(session, *before)


def after_others(session: Session, *before: Session) -> Session:
    """Tell a session which transactions of this case are not its own."""
    session.elsewhere = frozenset(each.transaction_id for each in before if each.transaction_id)
    return session


async def refused_token_cached(
    bench: Bench, role: Literal["invalid", "blocked", "expired"]
) -> Session:
    """Have the token of a role in the cache as refused; return the session that is to try it."""
    session = await begin(bench)
    session.token = special_token(bench, role, session.mode)
    await memory.refused_id_token_cached(session, STATUS[role])
    return session


async def ready(session: Session) -> None:
    """State EVConnectedPreSession; but where a cable lock wants the token first (AQ-2), the bay."""
    if session.bench.pics.claims("AQ-2"):
        await states.parking_bay_occupied(session)
    else:
        await states.ev_connected_pre_session(session)


async def not_asked(session: Session, asked: Sequence[Message], requirement: str) -> None:
    """Check that no AuthorizeRequest has come; without an event of the token, wait for one.

    Args:
        session: the session.
        asked: the AuthorizeRequests since before the token was presented.
        requirement: what forbids to ask, or shows that it must not be necessary.
    """
    bench = session.bench
    bench.step("Authorized.1" if session.mode == "local" else "Authorized.3", requirement)
    if not session.standing.told:
        await bench.silence("Authorize", what="for a token that is known")
    last = asked[-1].n if asked else None
    bench.check(Fact("AuthorizeRequests for a token that is known", len(asked), last), 0)


async def unheeded(
    session: Session, since: int, what: str, *, heeds: Callable[[Message], bool] | None = None
) -> None:
    """Check that a token starts and stops nothing: no event of it has come, nor comes any more.

    Args:
        session: the session.
        since: the evidence line of the deed that presented the token.
        what: when, for the report.
        heeds: tells whether an event shows that the token was heeded; None: from now on every event
            but samples does, before that those that can only follow a token.
    """
    heeded = heeds or partial(_heeds, session)
    _none(session.bench, [e for e in session.events if e.n > since and heeded(e)], what)
    later = heeds or partial(tells_something, session)
    await session.bench.silence("TransactionEvent", where=later, what=what)


async def refused_unasked(session: Session, requirement: str, what: str) -> None:
    """Step 1 of TC_C_57_CS and TC_C_58_CS: nobody is asked about the token, and nothing begins.

    Args:
        session: the session; its token is known as not accepted.
        requirement: what would have it asked for, if it were not suspended.
        what: when, for the report.
    """
    bench = session.bench
    bench.step(1, requirement)
    asked = bench.collect("Authorize")
    presented = await states.presented(session)
    came = [event for event in session.events if event.n > presented and _heeds(session, event)]
    _none(bench, [*asked, *came], what)
    await bench.silence(
        "Authorize",
        "TransactionEvent",
        where=lambda message: message.action == "Authorize" or tells_something(session, message),
        what=what,
    )


def _none(bench: Bench, came: Sequence[Message], what: str) -> None:
    """Check that nothing of this has come while the deed was being done."""
    first = min(came, key=lambda message: message.n, default=None)
    if first is None:
        bench.check(Fact(f"a request {what}", "none", None), "none")
    else:
        bench.check(Fact(f"{first.name} ({what})", first.payload, first.n), "none")


def _heeds(session: Session, event: Message) -> bool:
    """Tell whether an event can only follow a token that was heeded, at its start or its stop."""
    ended = event.get("eventType") == "Ended"
    return tells_something(session, event) and (ended or follows_token(event))


def tells_something(session: Session, event: Message) -> bool:
    """Tell whether an event of the session is more than a sample that may come at any moment."""
    sample = is_extra(event) and event.get("eventType") == "Updated"
    return session.owns(event) and not sample
