"""Use cases E11 and E12: a transaction goes on, or begins and ends, while the DUT is offline."""

from __future__ import annotations

from vdoc.bench import Bench, Fact, Message
from vdoc.cases import memory, states
from vdoc.cases.e_transactions import queueing
from vdoc.cases.registry import case
from vdoc.cases.session import begin
from vdoc.cases.transaction_rules import in_order, seq_no


@case("TC_E_40_CS")
async def connection_loss_during_transaction(bench: Bench) -> None:
    """Events of a transaction that occur offline are queued and sent later (E11.FR.01, FR.02).

    Also E11.FR.06. Part 6: TC_E_40_CS. Errata: none of its own. What is queued: see `queueing`.
    """
    with bench.before():
        await queueing.sampled(bench)
        session = await begin(bench)
        await states.energy_transfer_started(session)

    bench.step(1, "E11.FR.01")
    cut = queueing.cut(bench)
    bench.step(2, "E11.FR.01")
    back_off_s = bench.settings.values.retry_back_off_offline_s
    await bench.wait(back_off_s, "RetryBackOffWaitMinimum_duration")
    opened = await queueing.reconnected(bench)
    bench.step(3, "E11.FR.01")
    await queueing.judge_samples(session, opened, cut)  # 3, 4
    await session.conclude()


@case("TC_E_43_CS")
async def transaction_while_offline(bench: Bench) -> None:
    """A whole transaction that went on offline is told afterwards (E12.FR.01, E12.FR.02).

    Also E12.FR.06. Part 6: TC_E_43_CS. Errata: 6.2.54 (the memory state is part of Before).
    """
    with bench.before():
        session, opened = await memory.transaction_events_in_queue_ended(bench)

    bench.step(1, "E12.FR.01")
    await session.arrived(_any, opened.n, "the first queued event")
    ended = await session.arrived(_ends, opened.n, "the end of the transaction")
    await session.complete()  # 1, 2
    events = in_order(session.events)
    for event in events:
        bench.check(event["offline"], True, "E12.FR.02", what=f"seqNo {seq_no(event)}")
    started = [event for event in events if event.get("eventType") == "Started"]
    bench.check(Fact("events of type Started", len(started), ended.n), 1)
    bench.check(ended["eventType"], "Ended")
    await session.conclude_unseen()


def _any(_event: Message) -> bool:
    return True


def _ends(event: Message) -> bool:
    return bool(event.get("eventType") == "Ended")
