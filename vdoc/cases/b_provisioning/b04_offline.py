"""Use case B04, offline behaviour of an idle station: which connectors it reports afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from vdoc.automation.actions import PlugIn
from vdoc.bench import Bench, Event, InconclusiveError, Message
from vdoc.cases import configuration, connectors, states
from vdoc.cases.b_provisioning import registering
from vdoc.cases.connectors import Place, State
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

_MARGIN_S = 2
"""How far the back-off time is from OfflineThreshold, in seconds (Part 6)."""


@case("TC_B_51_CS")
async def offline_beyond_threshold(bench: Bench) -> None:
    """After long being offline the DUT reports every connector (B04.FR.01).

    Part 6: TC_B_51_CS. Errata: none. Connections are refused until a second before the back-off
    time of the DUT has passed. With one EVSE, as the prerequisite says, it is about that one.
    """
    threshold_s = bench.settings.values.offline_threshold_s
    with bench.before():
        session = await _configured(bench, back_off_s=threshold_s + _MARGIN_S)

    since = await _offline_and_plugged_in(session)  # 1, 2
    left_s = threshold_s + _MARGIN_S / 2 - (bench.now() - since).total_seconds()
    if left_s > 0:
        await bench.wait(left_s, "OfflineThreshold is exceeded")
    opened = await _back(bench)  # 3
    bench.step(4, "B04.FR.01")
    due: dict[Place, State] = dict.fromkeys(connectors.all_places(bench), "Available")
    due[connectors.under_test(bench)] = "Occupied"
    await connectors.each_notified(bench, due, since=opened.n)  # 4, 5
    await _judge_queue(session, opened)


@case("TC_B_52_CS")
async def offline_within_threshold(bench: Bench) -> None:
    """After a short time offline the DUT reports only the connector that changed (B04.FR.02).

    Part 6: TC_B_52_CS. Errata: none. The table has no step for the other connectors; B04.FR.02 has
    them left out, which is judged for a message time-out, of other EVSEs only: what a connector
    means for the others of its EVSE is the DUT's business. When the DUT comes back too late for
    what the case is about, as after a slow action, the case is inconclusive.
    """
    threshold_s = bench.settings.values.offline_threshold_s
    with bench.before():
        session = await _configured(bench, back_off_s=threshold_s - _MARGIN_S)

    since = await _offline_and_plugged_in(session)  # 1, 2
    told = bench.collect(*connectors.ACTIONS)
    opened = await _back(bench)  # 3
    offline_s = (opened.at - since).total_seconds()
    if offline_s > threshold_s:
        raise InconclusiveError(f"offline for {offline_s:.1f} s, OfflineThreshold is {threshold_s}")
    bench.step(4, "B04.FR.02")
    await connectors.notified(bench, "Occupied", connectors.under_test(bench), since=opened.n)
    await _others_untold(bench, told)
    await _judge_queue(session, opened)


async def _configured(bench: Bench, *, back_off_s: int) -> Session:
    """The Configuration State; where the cable needs an authorization (AQ-2), that too."""
    threshold_s = bench.settings.values.offline_threshold_s
    await configuration.ensure(bench, configuration.OFFLINE_THRESHOLD, str(threshold_s))
    await configuration.ensure(bench, configuration.RETRY_WAIT_MINIMUM, str(back_off_s))
    await configuration.ensure(bench, configuration.RETRY_RANDOM_RANGE, "0")
    session = await begin(bench)
    if bench.pics.claims("AQ-2"):
        await states.authorized(session)
    return session


async def _offline_and_plugged_in(session: Session) -> datetime:
    """Steps 1 and 2: no connection, and the EV is connected; returns when it was cut."""
    bench, place = session.bench, session.place
    bench.step(1)
    bench.connection.refuse()
    bench.connection.drop()
    since = bench.now()
    bench.step(2)
    await bench.act(PlugIn(evse=place.evse, connector=place.connector))
    session.plugged_at(bench.mark(), None)
    return since


async def _others_untold(bench: Bench, told: Sequence[Message]) -> None:
    """Judge that no connector of another EVSE is reported to be what it was, Available."""
    evse = connectors.under_test(bench).evse
    if {place.evse for place in connectors.all_places(bench)} == {evse}:
        return
    await bench.wait(bench.settings.values.message_timeout_s, "reports of what did not change")
    unchanged = [
        message
        for message in told
        for each in connectors.reports(message)
        if each.place.evse != evse and each.tells(connectors.AVAILABLE)
    ]
    what = "reports of connectors that did not change"
    registering.check_none(bench, what, unchanged, "B04.FR.02")


async def _judge_queue(session: Session, opened: Event) -> None:
    """Judge the events of a transaction that went on offline, if any come (Part 6 §2.1).

    Plugging in may begin a transaction; its events are queued (E12.FR.01). The table has no step
    for them, so that they are left time but are not demanded.
    """
    with session.bench.within_state("EVConnectedPreSession"):
        await session.look(Deed.PLUG_IN, opened.n)
    await session.conclude()


async def _back(bench: Bench) -> Event:
    bench.step(3)
    bench.connection.accept()
    return await bench.connection.opened(what="the DUT reconnects")
