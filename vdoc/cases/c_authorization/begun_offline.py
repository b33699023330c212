"""A session that began offline and is stopped when the station is online again.

Owns how such a session is followed: its start is judged at the end, over the whole set of events,
because the queue may come at any moment; its stop as it happens.
"""

from __future__ import annotations

from dataclasses import replace

from vdoc.bench import Event, InconclusiveError
from vdoc.cases import interruptions
from vdoc.cases.session import Session
from vdoc.cases.standing import Deed, Standing
from vdoc.cases.transaction_rules import in_order, seq_no


async def offline_start(session: Session) -> Event:
    """State StartOfflineTransaction; the session then stands where its driver has brought it.

    Returns:
        The connection on which the queued events come.

    Raises:
        InconclusiveError: no fact that comes true starts a transaction.
    """
    opened = await interruptions.start_offline_transaction(session)
    for deed in session.unseen:
        session.owed(deed, opened.n, "local")
    if not session.standing.running:  # by a start point that only the energy fulfils
        session.unseen = (*session.unseen, Deed.CHARGE)
        session.owed(Deed.CHARGE, opened.n)
    if not session.standing.running:
        raise InconclusiveError("no transaction starts here with TxStartPoint as it is in force")
    session.standing = replace(session.standing, charging=True)
    return opened


async def judge_offline(session: Session, opened: Event, step: str, requirement: str) -> None:
    """Check that what occurred before the reconnection says so; the first event in any case."""
    bench = session.bench
    await session.complete()
    bench.step(step, requirement)
    deviation_s = bench.settings.values.max_time_deviation_s
    for index, event in enumerate(in_order(session.events)):
        early_s = (opened.at - event.need_time("timestamp")).total_seconds()
        if not index or early_s > deviation_s:
            bench.check(event["offline"], True, "E12.FR.02", what=f"seqNo {seq_no(event)}")


async def judge_whole(session: Session, *later: Deed) -> None:
    """Conclude the session: its first deeds and the later ones are told, in order."""
    session.unseen = (*session.unseen, *later)
    session.standing = Standing()
    await session.conclude_unseen()
