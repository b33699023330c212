"""TxStartPoint and TxStopPoint as a case needs them: one member decides, none comes before it.

Owns the Configuration State and the prerequisites of E01 and E06 about the two lists. A list that
can be set is set to the one member when it lacks it, or when another member would decide first. One
that cannot be set must be as the PICS claims it; else the case can conclude nothing.
"""

from __future__ import annotations

from vdoc.bench import Bench, InconclusiveError
from vdoc.cases import configuration
from vdoc.cases.configuration import TX_START_POINT, TX_STOP_POINT, Name

_START_ITEMS = {
    "ParkingBayOccupancy": "C-09.6",
    "EVConnected": "C-09.1",
    "Authorized": "C-09.2",
    "DataSigned": "C-09.3",
    "PowerPathClosed": "C-09.4",
    "EnergyTransfer": "C-09.5",
}
"""The item that claims each member of TxStartPoint; the members in the order of a session."""

_STOP_ITEMS = {
    "ParkingBayOccupancy": "C-10.5",
    "EVConnected": "C-10.1",
    "Authorized": "C-10.2",
    "PowerPathClosed": "C-10.3",
    "EnergyTransfer": "C-10.4",
}


async def starts_at(bench: Bench, member: str, *, after: frozenset[str] | None = None) -> None:
    """See to it that this member of TxStartPoint is what starts a transaction.

    Args:
        bench: the bench.
        member: the TxStartStopPoint.
        after: members that would start it before; None: all that precede it (Part 2 §2.6.6.1).

    Raises:
        InconclusiveError: TxStartPoint is ReadOnly and not as the PICS claims.
    """
    order = list(_START_ITEMS)
    before = frozenset(order[: order.index(member)]) if after is None else after
    await _decides(bench, TX_START_POINT, member, before)


async def stops_at(
    bench: Bench,
    member: str,
    *,
    but: frozenset[str] = frozenset(),
    unmet: frozenset[str] = frozenset(),
) -> None:
    """See to it that this member of TxStopPoint is what ends a transaction.

    Args:
        bench: the bench.
        member: the TxStartStopPoint.
        but: members that would end it before.
        unmet: those of `but` that, when fixed, make the case not applicable (Part 6).

    Raises:
        InconclusiveError: TxStopPoint is ReadOnly and not as the PICS claims.
    """
    await _decides(bench, TX_STOP_POINT, member, but, unmet=unmet)


async def _decides(
    bench: Bench,
    point: Name,
    member: str,
    others: frozenset[str],
    *,
    unmet: frozenset[str] = frozenset(),
) -> None:
    found = await configuration.need(bench, point)
    if member in found.members and not others & found.members:
        return
    if configuration.writable(bench, point):
        await configuration.ensure(bench, point, member)
        return
    if unmet & found.members:
        named = ", ".join(sorted(unmet & found.members))
        bench.not_applicable(f"{point.variable} is ReadOnly with {named}", found.answer)
    told = ", ".join(sorted(found.members))
    items = _START_ITEMS if point == TX_START_POINT else _STOP_ITEMS
    raise InconclusiveError(
        f"{point.variable} is ReadOnly with {told}, unlike what {items[member]} claims"
    )
