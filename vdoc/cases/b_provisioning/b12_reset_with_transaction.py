"""Use case B12, reset with an ongoing transaction: of the station, or of one EVSE."""

from __future__ import annotations

from vdoc.bench import Bench, InconclusiveError
from vdoc.bench.expect import absent
from vdoc.cases import booting, charging, connectors, states
from vdoc.cases.b_provisioning import resetting
from vdoc.cases.connectors import Place, State
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin


@case("TC_B_21_CS")
async def reset_on_idle_with_transaction(bench: Bench) -> None:
    """A charging DUT resets once the transaction has ended (B12.FR.01, B12.FR.03).

    Part 6: TC_B_21_CS. Errata: 6.2.14: without evseId. The notes on steps 4 to 6 name TxStartPoint
    and mean what ends a transaction: the steps are executed while it still runs (E06). An EV that
    is still connected may begin another one after the restart (E01.FR.02), so that this one is
    judged before it.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "B12.FR.01")
    connection = bench.connection.number
    answer = await bench.call("Reset", type="OnIdle")  # 1
    scheduled = bench.mark()
    bench.require(answer["status"], "Scheduled")
    await _stop_as_far_as_it_runs(session)  # 3 to 6
    await session.conclude()

    bench.step(7, "B12.FR.03")
    boot = await resetting.boot_after(bench, connection, scheduled, "ScheduledReset")  # 7, 8
    await bench.gather(
        _connectors_told(bench, 9, boot.n, session),  # 9, 10
        _startup_event(bench, boot.n),  # 11, 12
    )


@case("TC_B_22_CS")
async def reset_immediate_with_transaction(bench: Bench) -> None:
    """An immediate reset ends the transaction first (B12.FR.02, B12.FR.04, E07.FR.03, B01.FR.03).

    Part 6: TC_B_22_CS. Errata: 6.2.15: without evseId.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "B12.FR.02")
    connection = bench.connection.number
    answer = await bench.call("Reset", type="Immediate")  # 1
    asked = bench.mark()
    bench.require(answer["status"], "Accepted")
    bench.step(3, "B12.FR.04")
    ended = await resetting.ended_by_reset(session, connection, asked)  # 3, 4
    bench.check(ended["idToken"], absent())
    await session.conclude()
    bench.step(5, "B12.FR.04")
    boot = await resetting.boot_after(bench, connection, asked, "RemoteReset")  # 5, 6
    await _connectors_told(bench, 7, boot.n, session)  # 7, 8


@case("TC_B_41_CS")
async def reset_on_idle_with_two_transactions(bench: Bench) -> None:
    """A reset on idle waits for the end of every transaction (B12.FR.01, B12.FR.03, E07.FR.03).

    Part 6: TC_B_41_CS. Errata: none of its own. EVSE 1 and 2 are the first and the second of the
    settings. The notes on steps 8 to 10 mean what ends a transaction, as in TC_B_21_CS; step 13
    asks for Occupied where the EV is still connected: on the second EVSE, unless it had to leave.
    """
    second = _second_place(bench)
    with bench.before():
        sessions = await charging.charging_at(bench, (connectors.under_test(bench), second))

    bench.step(2, "B12.FR.01")
    connection = bench.connection.number
    answer = await bench.call("Reset", type="OnIdle")  # 1
    scheduled = bench.mark()
    bench.require(answer["status"], "Scheduled")
    await _stop_to_the_end(sessions[0])  # 3 to 6
    await _stop_as_far_as_it_runs(sessions[1])  # 7 to 10
    for session in sessions:
        await session.conclude()

    bench.step(11, "B12.FR.03")
    boot = await resetting.boot_after(bench, connection, scheduled, "ScheduledReset")  # 11, 12
    await _connectors_told(bench, 13, boot.n, *sessions)  # 13, 14


@case("TC_B_26_CS")
async def reset_evse_on_idle_with_transaction(bench: Bench) -> None:
    """A charging EVSE resets once its transaction has ended (B12.FR.01, B12.FR.07).

    Part 6: TC_B_26_CS. Errata: none of its own. When the transaction has ended before the EV is
    disconnected, the EVSE is given the time of a boot, so that step 5 finds it at work again;
    another one may begin with that (E01.FR.02).
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "B12.FR.01")
    answer = await resetting.evse(bench, "OnIdle")  # 1
    bench.require(answer["status"], "Scheduled")
    await states.stop_authorized(session)  # 3
    await states.ev_connected_post_session(session)  # 4
    ended_early = not session.standing.running
    if ended_early:
        await session.conclude()
        await resetting.evse_restarts(bench)
    await states.ev_disconnected(session)  # 5
    await states.parking_bay_unoccupied(session)  # 6
    if not ended_early:
        await session.conclude()
        await resetting.evse_restarts(bench)


@case("TC_B_27_CS")
async def reset_evse_immediate_with_transaction(bench: Bench) -> None:
    """An immediate reset of an EVSE ends its transaction (B12.FR.02, B12.FR.08, E07.FR.03).

    Part 6: TC_B_27_CS. Errata: none of its own.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "B12.FR.02")
    connection = bench.connection.number
    answer = await resetting.evse(bench, "Immediate")  # 1
    asked = bench.mark()
    bench.require(answer["status"], "Accepted")
    bench.step(3, "B12.FR.08")
    await resetting.ended_by_reset(session, connection, asked)  # 3, 4
    await session.conclude()
    await resetting.evse_restarts(bench)


@case("TC_B_29_CS")
async def reset_evse_with_transaction_not_supported(bench: Bench) -> None:
    """A DUT that cannot reset an EVSE alone rejects it while it charges, too (B12.FR.09).

    Part 6: TC_B_29_CS. Errata: none of its own.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "B12.FR.09")
    answer = await resetting.evse(bench, "OnIdle")  # 1
    bench.check(answer["status"], "Rejected")
    await session.conclude()


def _second_place(bench: Bench) -> Place:
    dut = bench.settings.dut
    if dut.second_evse is None:
        raise InconclusiveError("the settings have no dut.second_evse")
    return Place(dut.second_evse, dut.second_connector or 1)


async def _stop_to_the_end(session: Session) -> None:
    """StopAuthorized, EVConnectedPostSession, EVDisconnected, ParkingBayUnoccupied."""
    await states.stop_authorized(session)
    await states.ev_connected_post_session(session)
    await states.ev_disconnected(session)
    await states.parking_bay_unoccupied(session)


async def _stop_as_far_as_it_runs(session: Session) -> None:
    """The same states, each while the transaction still runs: afterwards the DUT resets itself."""
    await states.stop_authorized(session)
    if session.standing.running:
        await states.ev_connected_post_session(session)
        await states.ev_disconnected(session)
    if session.standing.running:
        await states.parking_bay_unoccupied(session)


async def _connectors_told(bench: Bench, step: int, since: int, *sessions: Session) -> None:
    """Every connector is told: Occupied where the EV is still connected, else Available."""
    bench.step(step, "B01.FR.05")
    due: dict[Place, State] = dict.fromkeys(connectors.all_places(bench), "Available")
    due |= {each.place: "Occupied" for each in sessions if each.standing.connected}
    await connectors.each_notified(bench, due, since=since)


async def _startup_event(bench: Bench, since: int) -> None:
    bench.step(11, "A04.FR.01")
    await booting.startup_event(bench, since=since)
