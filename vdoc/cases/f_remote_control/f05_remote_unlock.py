"""Use case F05: the CSMS has a connector unlocked.

All cases are for stations with a connector lock, which the catalogue's condition claims (HFS-1).
TC_F_06_CS and TC_F_07_CS differ by name only: the table of neither plugs anything in, since with
TxStartPoint EVConnected that would start a transaction; the basic state has no cable connected.
Both need the lock: where the connector under test has a fixed cable, one with a socket is used.
"""

from __future__ import annotations

from vdoc.bench import Bench, Message
from vdoc.cases import connectors, states
from vdoc.cases.connectors import Place
from vdoc.cases.interruptions import detachable
from vdoc.cases.registry import case
from vdoc.cases.session import begin

_NO_CONNECTOR = 999  # Part 6 TC_F_10_CS step 1


@case("TC_F_05_CS")
async def unlock_while_charging(bench: Bench) -> None:
    """The connector of an authorized transaction is not unlocked (F05.FR.01, F05.FR.02).

    Part 6: TC_F_05_CS. Errata: none of its own. F05.FR.02 has the transaction go on, too, of which
    the table says nothing.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await _unlock(bench, session.place, "OngoingAuthorizedTransaction", "F05.FR.02")
    await bench.silence("TransactionEvent", where=_ends, what="the transaction ends")
    await session.conclude()


def _ends(event: Message) -> bool:
    return bool(event.get("eventType") == "Ended")


@case("TC_F_06_CS")
async def unlock_without_transaction(bench: Bench) -> None:
    """A connector without transaction is unlocked (F05.FR.01, F05.FR.04).

    Part 6: TC_F_06_CS. Errata: none.
    """
    await _unlock(bench, _with_lock(bench), "Unlocked", "F05.FR.04")


@case("TC_F_07_CS")
async def unlock_without_cable(bench: Bench) -> None:
    """A connector without cable is unlocked all the same (F05.FR.01, F05.FR.06).

    Part 6: TC_F_07_CS. Errata: none.
    """
    await _unlock(bench, _with_lock(bench), "Unlocked", "F05.FR.06")


@case("TC_F_10_CS")
async def unlock_no_connector(bench: Bench) -> None:
    """A connector that does not exist is unknown (F05.FR.03).

    Part 6: TC_F_10_CS. Errata: none.
    """
    nowhere = Place(bench.settings.dut.evse, _NO_CONNECTOR)
    await _unlock(bench, nowhere, "UnknownConnector", "F05.FR.03")


def _with_lock(bench: Bench) -> Place:
    """Return the connector under test; the first with a socket where that has a fixed cable."""
    here = connectors.under_test(bench)
    places = (here, *connectors.all_places(bench))
    return next((place for place in places if detachable(bench, place)), here)


async def _unlock(bench: Bench, place: Place, expected: str, requirement: str) -> None:
    """Steps 1 and 2 of each table."""
    bench.step(2, requirement)
    answer = await bench.call(
        "UnlockConnector", evseId=place.evse, connectorId=place.connector
    )  # 1
    bench.require(answer["status"], expected)
