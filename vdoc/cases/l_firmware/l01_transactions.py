"""Use case L01, updates while transactions go on: what waits for them, and what does not.

A DUT that can download during a transaction (AQ-7) may also install then, and activate afterwards
(L01.FR.33). When the last transaction ends, the DUT may begin at once, with the cable still in it:
where it is still to download, the bench holds the end of that back until the EV is gone; where it
installs, its boot may come in between, and the connector that is unplugged may be told to be
Unavailable.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from vdoc.bench import Bench, Fact, InconclusiveError, Message
from vdoc.cases import configuration, connectors, states
from vdoc.cases.charging import charging_also
from vdoc.cases.configuration import Name
from vdoc.cases.connectors import Place
from vdoc.cases.firmware_states import Bar, Update, requested
from vdoc.cases.firmware_ways import (
    BOOT,
    DOWNLOAD_SCHEDULED,
    INSTALL_MAY_BE_SCHEDULED,
    WITHOUT_REBOOT,
    Steps,
)
from vdoc.cases.registry import case
from vdoc.cases.session import Session, begin

ALLOW_NEW_SESSIONS = Name("ChargingStation", "AllowNewSessionsPendingFirmwareUpdate")

_WAITING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "asked": (("Downloading", "L01.FR.13"),),
    "download scheduled": (("Downloading", "L01.FR.13"),),
    "install scheduled": (("Installing", "L01.FR.06"), ("InstallRebooting", "L01.FR.06")),
    "installing": ((BOOT, "L01.FR.33"), ("Installed", "L01.FR.33")),
}
"""What must not come before the last transaction is over, at each place of the way."""


@case("TC_L_12_CS")
async def download_waits_new_sessions_allowed(bench: Bench) -> None:
    """An update waits for all transactions, and new ones may begin (L01.FR.06, FR.07, FR.13).

    Part 6: TC_L_12_CS. Errata: 6.2.116 and 6.2.117 in the states.
    """
    with bench.before():
        first = await _charging(bench, allowed="true")
    steps = Steps.from_verified(8, out=14, DownloadScheduled=3)
    update = await requested(bench, "valid", steps, ways=DOWNLOAD_SCHEDULED)  # 1, 2
    await update.reaches("download scheduled")  # 3, 4
    second = await _second(bench, first, step=5)  # 5
    await _ended(first, 6)
    await _last_ended(update, second, 7, hold=True)
    await _concluded(update, first, second)  # 8 to 26


@case("TC_L_13_CS")
async def download_waits_no_new_sessions(bench: Bench) -> None:
    """An update waits for the transaction, and free connectors are Unavailable (L01.FR.06, FR.07).

    Part 6: TC_L_13_CS. Errata: 6.2.116 and 6.2.117 in the states. A DUT without the variable is
    taken for one in which it is false (L01.FR.07), as the catalogue's condition does. The table
    leaves DownloadScheduled to the DUT, L01.FR.13 does not (Part 2 wins): it is demanded. So is, in
    spite of step 14, that the connector which becomes free is Unavailable while the download has
    not ended (L01.FR.07).
    """
    with bench.before():
        session = await _charging(bench, allowed="false")
    steps = Steps.from_verified(8, out=14, DownloadScheduled=3)
    update = await requested(bench, "valid", steps, ways=DOWNLOAD_SCHEDULED)  # 1, 2
    await update.reaches("download scheduled")  # 3, 4
    await _free_ones_out(update, session, step=5)  # 5, 6
    await _last_ended(update, session, 7, hold=True, kept_out=True)
    await _concluded(update, session)  # 8 to 26


@case("TC_L_14_CS")
async def installation_waits_new_sessions_allowed(bench: Bench) -> None:
    """Installation or activation waits for all transactions; new ones may begin (L01.FR.06, FR.33).

    Part 6: TC_L_14_CS. Errata: 6.2.116 and 6.2.117 in the states. A DUT that has installed may say
    so during a transaction, by InstallRebooting ("when idle", FirmwareStatusEnumType) or Installed
    (L01.FR.32, option b): it is its boot or reconnection that has to wait.
    """
    with bench.before():
        first = await _charging(bench, allowed="true")
    update = await _verified(bench)  # 1 to 10
    second = await _second(bench, first, step=11)  # 11
    await _time_to_install(update)  # 11a
    await _ended(first, 12)
    await _last_ended(update, second, 13)
    await _concluded(update, first, second)  # 14 to 26


@case("TC_L_15_CS")
async def installation_waits_no_new_sessions(bench: Bench) -> None:
    """Installation or activation waits; free connectors are Unavailable (L01.FR.06, 07, 33).

    Part 6: TC_L_15_CS. Errata: 6.2.116 and 6.2.117 in the states. A DUT without the variable is
    taken for one in which it is false, as for TC_L_13_CS. What may be told: as for TC_L_14_CS.
    """
    with bench.before():
        session = await _charging(bench, allowed="false")
    update = await _verified(bench)  # 1 to 10
    await _free_ones_out(update, session, step=11)  # 11, 12
    await _time_to_install(update)  # 12a
    await _last_ended(update, session, 13)
    await _concluded(update, session)  # 14 to 26


@case("TC_L_16_CS")
async def updates_during_transaction(bench: Bench) -> None:
    """A DUT that can updates its firmware during a transaction (L01.FR.01, 05, 10, 20; C-43).

    Part 6: TC_L_16_CS. Errata: 6.2.116 in the states. It does not reboot: that would have to wait
    for the transaction (L01.FR.33). Beyond the table the transaction must outlast the update.
    """
    with bench.before():
        session = await begin(bench)
        await states.energy_transfer_started(session)
    told = {"Downloading": 3, "Downloaded": 5, "SignatureVerified": 7, "Installing": 9}
    steps = Steps({**told, "Installed": 12}, reconnects=11, event=14)
    update = await requested(bench, "valid", steps, ways=WITHOUT_REBOOT)  # 1, 2
    await update.reaches("installed")  # 3 to 10, 12, 13
    await update.reconnected()  # 11
    boots = [message.n for message in update.boots]
    fact = Fact("boots during the transaction", len(boots), max(boots, default=None))
    bench.check(fact, 0, "L01.FR.33")
    bench.step(14, "L01.FR.31")
    await update.security_event("FirmwareUpdated")  # 14, 15
    bench.step("post", "L01.FR.06")
    ends = [event.n for event in session.events if event.get("eventType") == "Ended"]
    bench.check(Fact("Ended events during the update", len(ends), max(ends, default=None)), 0)
    await session.conclude()


# --- transactions ---


async def _charging(bench: Bench, *, allowed: str) -> Session:
    """The Before block: whether new sessions are allowed, and a transaction."""
    await configuration.ensure_if_implemented(bench, ALLOW_NEW_SESSIONS, allowed)
    session = await begin(bench)
    await states.energy_transfer_started(session)
    return session


async def _second(bench: Bench, first: Session, *, step: int) -> Session:
    """Energy flows at the second connector of the settings, too."""
    dut = bench.settings.dut
    if dut.second_evse is None:
        raise InconclusiveError("the settings name no dut.second_evse")
    bench.step(step, "L01.FR.07")
    return await charging_also(bench, Place(dut.second_evse, dut.second_connector or 1), [first])


async def _ended(session: Session, step: int) -> None:
    """State ParkingBayUnoccupied of a session that others outlast."""
    session.bench.step(step, "E06.FR.02")
    await states.parking_bay_unoccupied(session)


async def _last_ended(
    update: Update, session: Session, step: int, *, hold: bool = False, kept_out: bool = False
) -> None:
    """State ParkingBayUnoccupied of the last session; the update waits for its transaction."""
    bench = update.bench
    bench.step(step, "E06.FR.02")
    if hold:
        await bench.ask("hold_transfers")
    await states.stop_authorized(session)
    stopped, over = session.since, session.standing.ended
    await states.ev_disconnected(session, vacated=partial(_vacated, update, session, stopped))
    _bar(update, stopped if over else session.since)
    await states.parking_bay_unoccupied(session)
    if kept_out and bench.connection.number == update.connection:  # else it may be installed
        await _kept_out(update, session.place, stopped)
    if hold:
        await bench.ask("release_transfers")


async def _kept_out(update: Update, place: Place, stopped: int) -> None:
    """Until the firmware is installed, what becomes available is Unavailable (L01.FR.07)."""
    bench = update.bench
    bench.step(14, "L01.FR.07")
    if not update.is_out(place, stopped):
        await connectors.notified(bench, "Unavailable", place, since=stopped)


async def _vacated(update: Update, session: Session, stopped: int, unplugged: int) -> None:
    """The connector is told to be Available, or Unavailable for the update (L01.FR.07).

    It may have become Unavailable when the transaction was over, with the cable still in.
    """
    bench, place = session.bench, session.place
    if update.is_out(place, stopped):
        return

    def tells(message: Message) -> bool:
        return any(
            report.place == place and (report.tells("Available") or report.tells("Unavailable"))
            for report in connectors.reports(message)
        )

    bench.step(1, "G01.FR.01")
    await bench.receive(
        "StatusNotification",
        "NotifyEvent",
        where=tells,
        since=unplugged,
        within_s=bench.settings.values.long_operation_timeout_s,  # it may boot before
        what=f"{place} is Available or Unavailable",
    )


# --- updates ---


async def _verified(bench: Bench) -> Update:
    """Steps 1 to 10 where the DUT downloads during a transaction."""
    steps = Steps.from_verified(3, out=14, InstallScheduled=9)
    update = await requested(bench, "valid", steps, ways=INSTALL_MAY_BE_SCHEDULED)  # 1, 2
    await update.reaches("install scheduled", "installing")  # 3 to 10
    return update


async def _free_ones_out(update: Update, session: Session, *, step: int) -> None:
    """The connectors of all EVSEs that are not in use become Unavailable (L01.FR.07)."""
    bench = update.bench
    bench.step(step, "L01.FR.07")
    free = [each for each in connectors.all_places(bench) if each.evse != session.place.evse]
    await connectors.all_notified(bench, "Unavailable", free, since=update.since)


async def _time_to_install(update: Update) -> None:
    """A DUT that installs already gets 30 to 60 s for it."""
    if update.at == "installing":
        wait_s = update.bench.settings.values.install_wait_s
        await update.bench.wait(wait_s, "the DUT installs during the transaction")


def _bar(update: Update, over: int) -> None:
    """Hold the update to having waited for the last transaction, which was over at this line."""
    because = "after the last transaction was over"
    for name, requirement in _WAITING[update.at]:
        update.bars[name] = Bar(over, requirement, because, anew=name == "Installed")


async def _concluded(update: Update, *sessions: Session) -> None:
    """The rest of the update, and what the sessions were as a whole."""
    await update.installed(free_choice=True)
    for session in sessions:
        await session.conclude()
