"""Use case F05: the CSMS has a connector unlocked.

All cases are for stations with a connector lock, which the catalogue's condition claims (HFS-1).
TC_F_06_CS and TC_F_07_CS differ by name only: the table of neither plugs anything in, since with
TxStartPoint EVConnected that would start a transaction; the basic state has no cable connected.
"""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import states
from vdoc.cases.registry import case
from vdoc.cases.session import begin

_NO_CONNECTOR = 999  # Part 6 TC_F_10_CS step 1


@case("TC_F_05_CS")
async def unlock_while_charging(bench: Bench) -> None:
    """The connector of an authorized transaction is not unlocked (F05.FR.01, F05.FR.02).

    Part 6: TC_F_05_CS. Errata: none of its own.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await _unlock(bench, bench.settings.dut.connector, "OngoingAuthorizedTransaction", "F05.FR.02")
    await session.conclude()


@case("TC_F_06_CS")
async def unlock_without_transaction(bench: Bench) -> None:
    """A connector without transaction is unlocked (F05.FR.01, F05.FR.04).

    Part 6: TC_F_06_CS. Errata: none.
    """
    await _unlock(bench, bench.settings.dut.connector, "Unlocked", "F05.FR.04")


@case("TC_F_07_CS")
async def unlock_without_cable(bench: Bench) -> None:
    """A connector without cable is unlocked all the same (F05.FR.01, F05.FR.06).

    Part 6: TC_F_07_CS. Errata: none.
    """
    await _unlock(bench, bench.settings.dut.connector, "Unlocked", "F05.FR.06")


@case("TC_F_10_CS")
async def unlock_no_connector(bench: Bench) -> None:
    """A connector that does not exist is unknown (F05.FR.03).

    Part 6: TC_F_10_CS. Errata: none.
    """
    await _unlock(bench, _NO_CONNECTOR, "UnknownConnector", "F05.FR.03")


async def _unlock(bench: Bench, connector: int, expected: str, requirement: str) -> None:
    """Steps 1 and 2 of each table."""
    bench.step(2, requirement)
    evse = bench.settings.dut.evse
    answer = await bench.call("UnlockConnector", evseId=evse, connectorId=connector)  # 1
    bench.check(answer["status"], expected)
