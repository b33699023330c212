"""Use case E03, apart from the usual: the EV is not ready, or the CSMS is not to be asked."""

from __future__ import annotations

from dataclasses import replace

from vdoc.automation.actions import EvReady
from vdoc.bench import Bench, Fact, Message
from vdoc.cases import configuration, memory, states
from vdoc.cases.c_authorization.knowing import unheeded
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed

_ENERGY = frozenset({"EnergyTransfer"})
_OFFERED = frozenset({"Charging", "SuspendedEV"})
"""chargingState of an EVSE that has been authorized to offer energy."""


@case("TC_E_38_CS")
async def ev_not_ready(bench: Bench) -> None:
    """An authorized EV that takes no energy yet is told of as SuspendedEV (E01.FR.18, E01.FR.19).

    Part 6: TC_E_38_CS, which names no requirement. Errata: 6.2.116 in Authorized. Where nothing but
    energy starts a transaction the prerequisite is unmet. An event that starts the transaction by
    signed data or by the closed power path may come before, or be the same.
    """
    with bench.before():
        found = await configuration.need(bench, configuration.TX_START_POINT)
        session = await begin(bench)
        if not session.points.start - _ENERGY:
            bench.not_applicable("TxStartPoint is EnergyTransfer", found.answer)
        await states.authorized(session)

    place = session.place
    await bench.act(EvReady(ready=False, evse=place.evse, connector=place.connector))
    await states.ev_connected_pre_session(session)  # 1
    since = session.since
    for due in session.owed(Deed.SUSPEND, since):
        now = replace(due, step="2", requirement="E01.FR.18")
        if "Started" not in due.event_types:
            now = replace(now, states=("SuspendedEV",), state_signs=("SuspendedEV",))
        await session.expect(now, since)
    await session.conclude()


@case("TC_E_52_CS")
async def csms_not_to_be_asked(bench: Bench) -> None:
    """An unknown token is refused without asking, if so configured (C01.FR.02, C01.FR.05).

    DisableRemoteAuthorization overrules both. Part 6: TC_E_52_CS. Errata: 6.2.48 (plugging in shows
    that it is refused whatever TxStartPoint says). Where a lock keeps the connector shut without
    authorization (AQ-2), nobody can plug in: no steps 2 and 3.
    """
    with bench.before():
        await configuration.ensure_if_implemented(bench, configuration.AUTH_ENABLED, "true")
        await configuration.ensure(bench, configuration.DISABLE_REMOTE_AUTHORIZATION, "true")
        await memory.tokens_forgotten(bench)
        session = await begin(bench, mode="local")
        await states.parking_bay_occupied(session)

    asked = bench.collect("Authorize")
    presented = await states.presented(session)
    bench.step(1, "C01.FR.02")
    await bench.gather(
        bench.silence("Authorize"),
        unheeded(session, presented, "though it is unknown", heeds=_tells_authorization),
    )
    if not bench.pics.claims("AQ-2"):
        await _plugged_in_vain(session)
    bench.step(1, "C01.FR.02")
    line = asked[0].n if asked else None
    bench.check(Fact("AuthorizeRequests", len(asked), line), 0)
    await session.conclude()


async def _plugged_in_vain(session: Session) -> None:
    bench = session.bench
    unplugged = bench.mark()
    await states.ev_connected_pre_session(session)  # 2
    bench.step(3, "C01.FR.01")
    await unheeded(session, unplugged, "offering energy", heeds=_offers)


def _tells_authorization(event: Message) -> bool:
    return event.has("idToken") or event.get("triggerReason") == "Authorized" or _offers(event)


def _offers(event: Message) -> bool:
    return event.get("transactionInfo.chargingState") in _OFFERED
