"""Use case E01: the fact that TxStartPoint names is what starts a transaction.

The events that are due follow from TxStartPoint in force (`transactions`); the states execute them.
"""

from __future__ import annotations

from typing import Any

from vdoc.bench import Bench, Message
from vdoc.bench.expect import present, same_text
from vdoc.cases import configuration, states
from vdoc.cases.e_transactions.points_in_force import starts_at
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin
from vdoc.cases.transaction_rules import in_order

_BAY = frozenset({"ParkingBayOccupancy"})


@case("TC_E_12_CS")
async def starts_when_ev_detected(bench: Bench) -> None:
    """A transaction starts when the EV enters its bay, if so configured (E01.FR.01, E01.FR.07).

    Also E01.FR.10, E01.FR.15, E01.FR.16. Part 6: TC_E_12_CS. Errata: 6.2.44, whose Main goes on
    until energy flows.
    """
    with bench.before():
        await starts_at(bench, "ParkingBayOccupancy")
        session = await begin(bench)

    await states.parking_bay_occupied(session)  # 1
    await states.authorized(session)  # 2
    await states.ev_connected_pre_session(session)  # 3
    await states.energy_transfer_started(session)  # 4
    await session.conclude()


@case("TC_E_09_CS")
async def starts_when_ev_connected(bench: Bench) -> None:
    """A transaction starts when the EV is connected, if so configured (E01.FR.02, E01.FR.07).

    Also E01.FR.10, E01.FR.15, E01.FR.16. Part 6: TC_E_09_CS. Errata: 6.2.44, whose Main goes on
    until energy flows.
    """
    with bench.before():
        await starts_at(bench, "EVConnected")
        session = await begin(bench)
        await states.parking_bay_occupied(session)

    await states.ev_connected_pre_session(session)  # 1
    await states.authorized(session)  # 2
    await states.energy_transfer_started(session)  # 3
    await session.conclude()


@case("TC_E_10_CS")
async def starts_when_authorized_locally(bench: Bench) -> None:
    """A transaction starts when a token is accepted, if so configured (E01.FR.03, E01.FR.07).

    Also E01.FR.10, E01.FR.15, E01.FR.16, C01.FR.02, C02.FR.01, C06.FR.02. Part 6: TC_E_10_CS.
    Errata: 6.2.44, whose Main goes on until energy flows. A bay that starts a transaction before
    is taken out of TxStartPoint where that can be set: our interpretation.
    """
    with bench.before():
        await _start_point_authorized(bench)
        session = await begin(bench, mode="local")

    await states.authorized(session, "local")  # 1
    await states.ev_connected_pre_session(session)  # 2
    await states.energy_transfer_started(session)  # 3
    await session.conclude()


@case("TC_E_13_CS")
async def starts_when_authorized_remotely(bench: Bench) -> None:
    """A transaction starts at the CSMS' request, if so configured (E01.FR.03, F01.FR.19).

    Also F01.FR.03, F01.FR.04, F01.FR.06, F02.FR.01. Part 6: TC_E_13_CS. Errata: 6.2.44, whose Main
    goes on until energy flows. As in TC_E_10_CS for a bay.
    """
    with bench.before():
        await _start_point_authorized(bench)
        session = await begin(bench, mode="remote")

    await states.authorized(session, "remote")  # 1
    await states.ev_connected_pre_session(session)  # 2
    await states.energy_transfer_started(session)  # 3
    await session.conclude()


async def _start_point_authorized(bench: Bench) -> None:
    """Configuration of TC_E_10_CS and TC_E_13_CS; a fixed list may hold earlier members."""
    fixed = not configuration.writable(bench, configuration.TX_START_POINT)
    await starts_at(bench, "Authorized", after=frozenset() if fixed else _BAY)
    await configuration.authorization_by_csms(bench)


@case("TC_E_11_CS")
async def starts_when_data_signed(bench: Bench) -> None:
    """A transaction starts when a signed meter value is there, if so configured (E01.FR.04).

    Also E01.FR.07, E01.FR.10, E01.FR.15, E01.FR.16. Part 6: TC_E_11_CS. Errata: none of its own.
    After a remote start the first event says RemoteStart (Part 6 §2.1, F02.FR.21), whatever else
    the table allows.
    """
    with bench.before():
        await starts_at(bench, "DataSigned")
        await configuration.ensure(bench, configuration.SIGN_READINGS, "true")
        session = await begin(bench)
        await states.authorized(session)

    await states.energy_transfer_started(session)  # 1, 3, 5
    started = _started(session)
    bench.step(3, "E01.FR.04")
    _judge_start(session, started)
    _judge_signed_value(bench, started)
    bench.step(5, "E01.FR.04")
    charging = next(e for e in in_order(session.events) if _charges(e))
    bench.check(charging["eventType"], "Updated")
    bench.check(charging["triggerReason"], "ChargingStateChanged")
    await session.conclude()


def _judge_signed_value(bench: Bench, started: Message) -> None:
    """The first event carries a signed value of the start; others may be with it."""
    path = _signed_path(started)
    bench.check(started[f"{path}.context"], "Transaction.Begin")
    for field in ("encodingMethod", "publicKey", "signedMeterData", "signingMethod"):
        bench.check(started[f"{path}.signedMeterValue.{field}"], present())


def _signed_path(event: Message) -> str:
    """Where the first signed sampledValue stands; the first of all when none is signed."""
    values: list[Any] = event.get("meterValue", [])
    for i, meter_value in enumerate(values):
        for j, sampled in enumerate(meter_value.get("sampledValue", [])):
            if "signedMeterValue" in sampled:
                return f"meterValue.{i}.sampledValue.{j}"
    return "meterValue.0.sampledValue.0"


@case("TC_E_01_CS")
async def starts_when_power_path_closed(bench: Bench) -> None:
    """A transaction starts when an authorized EV is connected, if so configured (E01.FR.05).

    Also E01.FR.07, E01.FR.10, E01.FR.15, E01.FR.16. Part 6: TC_E_01_CS. Errata: 6.2.44, whose Main
    goes on until energy flows. The states let the start come with the cable or with the energy.
    """
    with bench.before():
        await starts_at(bench, "PowerPathClosed")
        session = await begin(bench)
        await states.authorized(session)

    await states.ev_connected_pre_session(session)  # 1
    await states.energy_transfer_started(session)  # 2
    await session.conclude()


@case("TC_E_02_CS")
async def starts_when_energy_flows(bench: Bench) -> None:
    """A transaction starts when energy begins to flow, if so configured (E01.FR.06, E01.FR.07).

    Also E01.FR.10, E01.FR.15, E01.FR.16. Part 6: TC_E_02_CS. Errata: none of its own.
    """
    with bench.before():
        await starts_at(bench, "EnergyTransfer")
        session = await begin(bench)
        await states.authorized(session)

    await states.energy_transfer_started(session)  # 1, 3
    bench.step(3, "E01.FR.06")
    _judge_start(session, _started(session))
    await session.conclude()


def _started(session: Session) -> Message:
    """The first event of the session, by seqNo; the states have waited for it."""
    return in_order(session.events)[0]


def _judge_start(session: Session, started: Message) -> None:
    """Check what the Started event of a session that is authorized and connected must carry."""
    bench, place, token = session.bench, session.place, session.told_token
    bench.check(started["eventType"], "Started")
    bench.check(started["idToken.idToken"], same_text(token.text))
    bench.check(started["idToken.type"], token.type)
    bench.check(started["evse.id"], place.evse)
    bench.check(started["evse.connectorId"], place.connector)


def _charges(event: Message) -> bool:
    return bool(event.get("transactionInfo.chargingState") == "Charging")
