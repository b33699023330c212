"""B09, B10 and Part 4 §5.3: profiles set, migration to another CSMS, falling back, reconnecting.

Errata 6.2.17 and 6.2.18 hold for every migration: the inactive slot, the end point that is not in
use, and a Reset in any case, of type OnIdle (erratum 6.2.18 writes Idle, which is no ResetEnum).
"""

from __future__ import annotations

from datetime import datetime

from vdoc.bench import Bench, DutState, Event, Fact
from vdoc.bench.expect import at_least, one_of
from vdoc.cases import booting, certificate_states, configuration, network_profiles
from vdoc.cases.certificate_states import CSMS_ROOT
from vdoc.cases.network_profiles import ATTEMPTS
from vdoc.cases.registry import case

_NO_SUCH_SLOT = 999


@case("TC_B_43_CS")
async def unknown_slot_rejected(bench: Bench) -> None:
    """The DUT rejects a profile for a slot that it does not have (B09.FR.02, B09.FR.05).

    Part 6: TC_B_43_CS. Errata: none.
    """
    bench.step(2, "B09.FR.02")
    target = bench.state.model_copy(update={"slot": _NO_SUCH_SLOT})
    answer = await network_profiles.set_profile(bench, target)  # 1
    bench.check(answer["status"], "Rejected")


@case("TC_B_45_CS")
async def migrated(bench: Bench) -> DutState:
    """The DUT moves to the other end point (B09.FR.01, B10.FR.01, B10.FR.04, B10.FR.06).

    Part 6: TC_B_45_CS. Errata: 6.2.17, 6.2.18.
    """
    with bench.before():
        new = await network_profiles.elsewhere(bench)

    await network_profiles.prepared(bench, new)  # 1 to 4
    network_profiles.serve(bench, new)
    await network_profiles.reset(bench)  # 5, 6
    bench.step(7, "B10.FR.04")
    await _booted_at(bench, new)  # 7
    return new


@case("TC_B_46_CS")
async def fell_back_after_attempts(bench: Bench) -> None:
    """After its attempts at the first slot failed the DUT takes the second (B10.FR.03, B10.FR.04).

    Part 6: TC_B_46_CS. Errata: 6.2.17, 6.2.18. Not responding is refusing the connection. The slot
    that refused stays first in the priority; restoring the basic state takes it out again.
    """
    attempts = 2
    with bench.before():
        await configuration.ensure(bench, ATTEMPTS, str(attempts))
        new = await network_profiles.elsewhere(bench)

    await network_profiles.prepared(bench, new)  # 1 to 4
    bench.connection.refuse(new.endpoint)
    await network_profiles.reset(bench)  # 5, 6
    bench.step(7, "B10.FR.03")
    for _ in range(attempts):
        await _tried(bench, new.endpoint)
    bench.step(8, "B10.FR.03")
    attempt = await _tried(bench, bench.state.endpoint)
    bench.require(_kind(attempt), "opened")
    await _booted(bench, attempt, bench.state)  # 9


@case("TC_B_47_CS")
async def fell_back_to_former_root(bench: Bench) -> None:
    """Migrating, the DUT trusts the new root only; back home, the former one too (M05.FR.15, 16).

    Part 6: TC_B_47_CS. Errata: 6.2.17, 6.2.18. With one attempt a profile the second one in the
    priority, which is where the DUT was, comes next (B10.FR.03). There it may try the new root
    first, so that one attempt or more fail before the one that counts.
    """
    with bench.before():
        await configuration.ensure(bench, ATTEMPTS, "1")
        old = await certificate_states.certificate(
            bench, CSMS_ROOT, certificate_states.root_in_use(bench)
        )
        root = await certificate_states.further_root(bench)
        await certificate_states.certificate_installed(bench, CSMS_ROOT, root)
        new = await network_profiles.elsewhere(bench)

    await network_profiles.prepared(bench, new)  # 1 to 4
    for endpoint in (1, 2):  # 7: with a certificate that the former root has signed
        bench.connection.accept(endpoint, key=network_profiles.served_key(bench))
    await network_profiles.reset(bench)  # 5, 6
    bench.step(8, "M05.FR.15")
    attempt = await _tried(bench, new.endpoint)
    _distrusted(bench, attempt)
    bench.step(9, "M05.FR.16")
    opened = await bench.connection.opened(what="the DUT returns to its former CSMS")
    bench.require(opened["endpoint"], bench.state.endpoint, "M05.FR.15")
    await _booted(bench, opened, bench.state)  # 10
    bench.step(12, "M05.FR.12")
    found = await certificate_states.listed(bench, CSMS_ROOT)  # 11
    bench.require(found.answer["status"], "Accepted", "M03.FR.03")
    bench.check(found.fact(CSMS_ROOT), certificate_states.holding(old))


@case("TC_B_49_CS")
async def fell_back_to_last_successful(bench: Bench) -> None:
    """When all profiles failed the DUT goes on with the one that it was connected by (B10.FR.07).

    Part 6: TC_B_49_CS. Errata: 6.2.17; type Idle of step 5 is read as OnIdle. The wait of step 11
    is RetryBackOffWaitMinimum at least.
    """
    with bench.before():
        await configuration.ensure(bench, ATTEMPTS, "1")
        await _back_off(bench, repeats=0)
        new = await network_profiles.elsewhere(bench)

    await network_profiles.prepared(bench, new)  # 1 to 4
    for endpoint in (1, 2):
        bench.connection.refuse(endpoint)
    await network_profiles.reset(bench)  # 5, 6
    bench.step(7, "B10.FR.03")
    await _tried(bench, new.endpoint)  # 8
    bench.step(9, "B10.FR.03")
    last = await _tried(bench, bench.state.endpoint)  # 10
    bench.connection.accept(bench.state.endpoint)
    bench.step(11, "B10.FR.07")
    again = await _tried(bench, bench.state.endpoint)
    bench.require(_kind(again), "opened")  # 12
    _waited(bench, last.at, again, bench.settings.values.retry_back_off_wait_minimum_s)
    await _booted(bench, again, bench.state)  # 13


@case("TC_B_50_CS")
async def migrated_to_new_root(bench: Bench) -> DutState:
    """The DUT moves to a CSMS whose certificate the new root has signed (M05.FR.13).

    Part 6: TC_B_50_CS. Errata: 6.2.17, 6.2.18.
    """
    with bench.before():
        root = await certificate_states.further_root(bench)
        await certificate_states.certificate_installed(bench, CSMS_ROOT, root)
        new = await network_profiles.elsewhere(bench, root=root.name)

    await network_profiles.prepared(bench, new)  # 1 to 4
    network_profiles.serve(bench, new)
    await network_profiles.reset(bench)  # 5, 6
    bench.step(7, "M05.FR.13")
    await _booted_at(bench, new)  # 7 to 9
    return new


@case("TC_B_57_CS")
async def reconnected_after_loss(bench: Bench) -> None:
    """A lost connection comes back after the back-off time, which doubles (Part 4 §5.3).

    Part 6: TC_B_57_CS. Errata: 6.2.20. Times are the bench's own, from the cut or the refusal to
    the next attempt; when the DUT notices is not known, so that a wait may look shorter by the
    configured deviation, yet by no more than half of the RetryBackOffWaitMinimum, lest a wait that
    was not doubled pass. So may the one of step 5 look longer, which is what step 7 doubles: the
    back-off, not the time to notice. That it is RetryBackOffWaitMinimum again, errata 4.12 say.
    """
    wait_s = bench.settings.values.retry_back_off_wait_minimum_s
    with bench.before():
        await configuration.ensure(bench, ATTEMPTS, "3")
        await _back_off(bench, repeats=2)

    bench.step(2, "Part 4 §5.3")
    cut = _drop(bench)  # 1
    opened = await bench.connection.opened(what="the DUT reconnects")  # 3
    _waited(bench, cut, opened, wait_s)
    bench.step(5, "Part 4 §5.3")
    bench.connection.refuse()
    cut = _drop(bench)  # 4
    refused = await bench.connection.attempted(what="the DUT tries to reconnect")  # 6
    _waited(bench, cut, refused, wait_s)
    first_s = (refused.at - cut).total_seconds() - _margin_s(bench)
    bench.connection.accept()
    bench.step(7, "Part 4 §5.3")
    again = await bench.connection.attempted(what="the DUT tries again")
    _waited(bench, refused.at, again, 2 * max(first_s, wait_s))
    bench.require(_kind(again), "opened")  # 8


async def _back_off(bench: Bench, *, repeats: int) -> None:
    """Configuration State of TC_B_49_CS and TC_B_57_CS: a back-off that can be predicted."""
    wait_s = bench.settings.values.retry_back_off_wait_minimum_s
    await configuration.ensure(bench, configuration.RETRY_REPEAT_TIMES, str(repeats))
    await configuration.ensure(bench, configuration.RETRY_RANDOM_RANGE, "0")
    await configuration.ensure(bench, configuration.RETRY_WAIT_MINIMUM, str(wait_s))


async def _tried(bench: Bench, endpoint: int) -> Event:
    """Return the next connection attempt, which must be at this end point, however it ended."""
    attempt = await bench.connection.attempted(what=f"the DUT tries end point {endpoint}")
    bench.require(attempt["endpoint"], endpoint)
    return attempt


async def _booted_at(bench: Bench, target: DutState) -> None:
    """State Booted at the end point of `target`."""
    opened = await network_profiles.arrived(bench, target)
    with bench.within_state("Booted"):
        await booting.started_up(bench, opened)


async def _booted(bench: Bench, opened: Event, target: DutState) -> None:
    """State Booted, when the connection at the end point of `target` has been seen already."""
    network_profiles.secured(bench, opened, target)
    with bench.within_state("Booted"):
        await booting.started_up(bench, opened)


def _distrusted(bench: Bench, attempt: Event) -> None:
    """Check that the DUT itself gave an attempt up: in the handshake, or before its upgrade."""
    bench.require(_kind(attempt), one_of("tls", "refused"))
    if attempt.kind == "tls":
        bench.require(attempt["failure.sent_by"], "station")
    else:
        bench.require(attempt["why"], "gone before the HTTP upgrade")


def _kind(attempt: Event) -> Fact:
    return Fact("connection attempt", attempt.kind, attempt.n)


def _drop(bench: Bench) -> datetime:
    """Cut the connection; returns when."""
    bench.connection.drop()
    return bench.now()


def _waited(bench: Bench, since: datetime, attempt: Event, least_s: float) -> None:
    """Check that an attempt came no sooner than `least_s` after `since`, less the margin."""
    margin_s = _margin_s(bench)
    waited_s = round((attempt.at - since).total_seconds(), 3)
    what = f"{least_s:.3f} s less a margin of {margin_s:g} s"
    fact = Fact("seconds before the attempt", waited_s, attempt.n)
    bench.check(fact, at_least(round(least_s - margin_s, 3)), what=what)


def _margin_s(bench: Bench) -> float:
    """Return by how much a wait may look shorter or longer than it was, in seconds."""
    values = bench.settings.values
    return min(values.max_time_deviation_s, values.retry_back_off_wait_minimum_s / 2)
