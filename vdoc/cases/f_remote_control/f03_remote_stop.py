"""Use case F03: the CSMS stops a transaction."""

from __future__ import annotations

from vdoc.bench import Bench
from vdoc.cases import states
from vdoc.cases.registry import case
from vdoc.cases.session import begin


@case("TC_F_08_CS")
async def remote_stop(bench: Bench) -> None:
    """A remote stop ends charging, and the transaction if TxStopPoint says so (F03.FR.02, FR.03).

    Also F03.FR.07, F03.FR.09. Part 6: TC_F_08_CS. Errata: 6.2.117 in StopAuthorized.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    await states.stop_authorized(session, "remote")  # 1
    await session.conclude()


@case("TC_F_09_CS")
async def remote_stop_of_no_transaction(bench: Bench) -> None:
    """A remote stop that matches no transaction is rejected (F03.FR.08).

    Part 6: TC_F_09_CS. Errata: none of its own.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(2, "F03.FR.08")
    answer = await bench.call("RequestStopTransaction", transactionId=bench.fresh_id())  # 1
    bench.check(answer["status"], "Rejected")
    await session.conclude()
