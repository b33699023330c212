"""Every way through a transaction, on the sound station.

`python tests/matrix/transaction_points.py` runs the whole matrix and prints its size and result.
TxStartPoint by TxStopPoint by local option by {cable first, authorization first} by {online,
offline}: a product is made for each start point, stop point and option, its lists ReadOnly, and one
live run of it goes through the whole session in each order, online and offline, by the states and
rules that the cases rest on. The cases about such sessions are run on it as well.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, get_args

import tomlkit

from tests.reference_runs import ROOT, ReferenceRuns, RunRequest
from vdoc.automation.actions import Action, EvEnd, ParkingBay, PlugIn, PlugOut
from vdoc.bench import Bench, CaseFunction, CaseResult, Fact, Verdict
from vdoc.cases import configuration, interruptions, states
from vdoc.cases.registry import case_functions
from vdoc.cases.session import Session, begin
from vdoc.cases.standing import Deed
from vdoc.cases.transaction_rules import in_order, seq_no

Order = Literal["cable first", "authorization first"]
Link = Literal["online", "offline"]

START = {
    "ParkingBayOccupancy": "C-09.6", "EVConnected": "C-09.1", "Authorized": "C-09.2",
    "DataSigned": "C-09.3", "PowerPathClosed": "C-09.4", "EnergyTransfer": "C-09.5",
}  # fmt: skip
STOP = {
    "ParkingBayOccupancy": "C-10.5", "EVConnected": "C-10.1", "Authorized": "C-10.2",
    "DataSigned": "", "PowerPathClosed": "C-10.3", "EnergyTransfer": "C-10.4",
}  # fmt: skip
OPTIONS = {
    "ISO14443": "C-30", "ISO15693": "C-31", "KeyCode": "C-32", "Local": "C-33",
    "MacAddress": "C-34", "NoAuthorization": "C-35",
}  # fmt: skip
"""Members and local options, and the items that claim them."""
ORDERS: tuple[Order, ...] = get_args(Order)
LINKS: tuple[Link, ...] = get_args(Link)
NEVER_AGAIN = frozenset({"Local", "MacAddress"})
"""Tokens that cannot be presented a second time: there the cable ends the session (errata 5.2)."""

AT_ONCE = 10
_BASE = "pics/covering/2-core-cable-lock.toml"
_FEATURES = {"C-01": True, "C-02": True, "C-06.1": True, "C-12.2": True, "C-42": True}
_WAITS = (("settling_s", 0.5), ("transaction_duration_s", 0.5), ("message_timeout_s", 1.5))
_SETTINGS = {
    configuration.OFFLINE_TX_FOR_UNKNOWN_ID: "true",
    configuration.SIGN_READINGS: "true",
    configuration.RETRY_WAIT_MINIMUM: "1",
    configuration.RETRY_REPEAT_TIMES: "0",
    configuration.RETRY_RANDOM_RANGE: "0",
    interruptions.STOP_TX_ON_EV_SIDE_DISCONNECT: "true",
    interruptions.UNLOCK_ON_EV_SIDE_DISCONNECT: "true",
}
_PLACES: dict[tuple[Order, Link], str] = {
    ("cable first", "online"): "TC_E_29_CS",
    ("authorization first", "online"): "TC_E_30_CS",
    ("cable first", "offline"): "TC_E_33_CS",
    ("authorization first", "offline"): "TC_E_40_CS",
}
"""In whose place in the plan a walk is taken: cases that apply to every product and option."""
_SHIPPED: dict[tuple[Order, Link], tuple[str, ...]] = {
    ("cable first", "online"): ("TC_E_03_CS",),
    ("authorization first", "online"): ("TC_E_04_CS", "TC_E_06_CS"),
    ("cable first", "offline"): ("TC_E_43_CS",),
    ("authorization first", "offline"): ("TC_E_44_CS",),
}
"""The cases that go through such a session; the first and the last two need not apply."""


@dataclass(frozen=True, order=True)
class Way:
    """One combination."""

    start: str
    stop: str
    option: str
    order: Order
    link: Link

    def __str__(self) -> str:
        return f"{self.start} to {self.stop}, {self.option}, {self.order}, {self.link}"

    @property
    def product(self) -> tuple[str, str, str]:
        return self.start, self.stop, self.option


@dataclass(frozen=True)
class Walked:
    """What came of a combination: the walk, and each case; `tries` says how often it was run."""

    way: Way
    failed: tuple[str, ...]
    cases: int
    tries: int = 1


def why_not(way: Way) -> str | None:
    """Tell why a combination does not exist; None when it does. The one place that knows.

    Every pair of points exists, also where a CSMS had better not choose it (note to E03.FR.05), and
    every option works offline where the station allows offline transactions for unknown tokens.
    """
    if way.stop == "DataSigned":
        return "DataSigned has no meaning as a stop point (Part 2 §2.6.6.2)"
    if way.option == "MacAddress" and way.order == "authorization first":
        return "the cable is what presents a MacAddress (errata 5.12)"
    return None


def everything() -> tuple[Way, ...]:
    """Return the whole product, what does not exist included."""
    return tuple(
        Way(start, stop, option, order, link)
        for start, stop, option, order, link in itertools.product(
            START, STOP, OPTIONS, ORDERS, LINKS
        )
    )


def existing() -> tuple[Way, ...]:
    """Return the combinations that exist."""
    return tuple(way for way in everything() if why_not(way) is None)


def slice_of_all() -> tuple[Way, ...]:
    """Return few combinations in which each member, option, order and link is met."""
    stops = [stop for stop, item in STOP.items() if item]
    return tuple(
        Way(start, stops[i % len(stops)], option, order, LINKS[i % 2])
        for i, (start, option) in enumerate(zip(START, OPTIONS, strict=True))
        for order in (ORDERS if option != "MacAddress" else ORDERS[:1])
    )


# --- the products ---


def write_pics(directory: Path, start: str, stop: str, option: str) -> Path:
    """Write the PICS of a product that has but one of each, and cannot change them."""
    tree = tomlkit.parse((ROOT / _BASE).read_text("utf-8"))
    tree["profiles"] = ["Core"]
    features = tree["features"]
    dropped = (*START.values(), *STOP.values(), *OPTIONS.values(), "C-51", "C-52", "C-08")
    for item in filter(None, dropped):
        features.pop(item, None)
    features.update({**_FEATURES, START[start]: True, STOP[stop]: True, OPTIONS[option]: True})
    del tree["questions"]["AQ-2"]
    file = directory / f"{start}-{stop}-{option}.toml"
    file.write_text(tomlkit.dumps(tree), "utf-8")
    return file


# --- a walk: the whole session ---


def walk(way: Way) -> CaseFunction:
    """Return a case function that goes this way."""
    return partial(_online if way.link == "online" else _offline, way)


async def _online(way: Way, bench: Bench) -> None:
    with bench.before():
        session = await _begun(bench)
    await states.parking_bay_occupied(session)
    steps = [states.connected, states.authorized]
    for step in steps if way.order == "cable first" else reversed(steps):
        await step(session)
    await states.energy_transfer_started(session)
    if way.option in NEVER_AGAIN:
        await interruptions.energy_transfer_suspended(session)
        await interruptions.ev_side_unplugged(session)
    await states.parking_bay_unoccupied(session)
    await session.complete()
    _judge_whole(session)
    await session.conclude()


async def _offline(way: Way, bench: Bench) -> None:
    with bench.before():
        session = await _begun(bench)
    bench.connection.refuse()
    bench.connection.drop()
    deeds = _deeds(way, session)
    for deed, action in deeds:
        wait_s = bench.settings.values.settling_s
        if action is not None:
            await bench.act(action)
        elif deed is Deed.CHARGE:
            wait_s = bench.settings.expected.charging_start_s + wait_s
        await bench.wait(wait_s, f"nothing tells offline that {deed}")
    bench.connection.accept()
    opened = await bench.connection.opened(what="the DUT reconnects")
    bench.step(1, "E12.FR.01")
    ended = await session.arrived(
        lambda event: event.get("eventType") == "Ended", opened.n, "the end of the transaction"
    )
    await session.complete()
    for event in in_order(session.events):
        if seq_no(event) <= seq_no(ended):
            bench.check(event["offline"], True, "E12.FR.02", what=f"seqNo {seq_no(event)}")
    session.unseen = tuple(deed for deed, _ in deeds)
    await session.conclude_unseen()
    _judge_whole(session)


async def _begun(bench: Bench) -> Session:
    for name, value in _SETTINGS.items():
        await configuration.ensure(bench, name, value)
    session = await begin(bench, mode="local")
    await interruptions.read_ev_side_rule(session)
    return session


def _deeds(way: Way, session: Session) -> list[tuple[Deed, Action | None]]:
    """What the driver does, in the order of the way."""
    evse, connector = session.place.evse, session.place.connector
    bay = states.has_parking_bay(session)
    coming: list[tuple[Deed, Action | None]] = [
        (Deed.PLUG_IN, PlugIn(evse=evse, connector=connector)),
        (Deed.AUTHORIZE, states.presenting(session)),
    ]
    if way.order == "authorization first":
        coming.reverse()
    going: list[tuple[Deed, Action | None]] = [
        (Deed.STOP, states.presenting(session)),
        (Deed.HALT, None),
        (Deed.PLUG_OUT, PlugOut(evse=evse, connector=connector)),
    ]
    if way.option in NEVER_AGAIN:
        suspend = EvEnd(evse=evse, connector=connector)
        going = [(Deed.SUSPEND, suspend), (Deed.EV_SIDE_OUT, going[-1][1])]
    park, leave = (ParkingBay(occupied=value, evse=evse) for value in (True, False))
    return [
        *([(Deed.PARK, park)] if bay else []), *coming, (Deed.CHARGE, None), *going,
        *([(Deed.LEAVE, leave)] if bay else []),
    ]  # fmt: skip


def _judge_whole(session: Session) -> None:
    """The transaction has begun and ended, as the model says and as the events do."""
    bench, events = session.bench, in_order(session.events)
    bench.step("whole", "E06")
    bench.check(Fact("the model has it ended", session.standing.ended, None), True)
    kinds = [str(event.get("eventType")) for event in events]
    line = events[-1].n if events else None
    ends = Fact("first and last eventType", [*kinds[:1], *kinds[-1:]], line)
    bench.check(ends, ["Started", "Ended"])


# --- the runs ---


async def walked(
    runs: ReferenceRuns,
    ways: Sequence[Way],
    *,
    with_cases: bool = True,
    defects: frozenset[str] = frozenset(),
) -> list[Walked]:
    """Make one run for each product, several at once, and tell what came of its ways.

    Args:
        runs: makes them.
        ways: the combinations.
        with_cases: run the cases about such sessions, too.
        defects: of the station, once intake has seen a sound one.
    """
    run = partial(_run, runs, with_cases=with_cases, defects=defects)
    slots = asyncio.Semaphore(AT_ONCE)
    products: dict[tuple[str, str, str], list[Way]] = {}
    for way in ways:
        products.setdefault(way.product, []).append(way)

    async def one(own: list[Way]) -> list[Walked]:
        async with slots:
            results = await run(own)
            again = [way for way in own if any(map(_bad, _of(way, results)))]
            if again and not defects:  # on a busy machine a punctual station may look late
                results += await run(again)
            return [replace(_walked(way, results), tries=1 + (way in again)) for way in own]

    found = await asyncio.gather(*(one(own) for own in products.values()))
    return [each for own in found for each in own]


async def _run(
    runs: ReferenceRuns, ways: Sequence[Way], *, with_cases: bool, defects: frozenset[str]
) -> list[CaseResult]:
    functions: Mapping[str, CaseFunction] = {
        **case_functions(), **{_PLACES[way.order, way.link]: walk(way) for way in ways}
    }  # fmt: skip
    only = [case for way in ways for case in _cases(way)[: None if with_cases else 1]]
    pics = write_pics(runs.directory, *ways[0].product)
    request = RunRequest(
        str(pics), tuple(only), defects, mode="local", functions=functions, late_defects=True,
        values=_WAITS,
    )  # fmt: skip
    return list((await runs.make(request)).results)


def _cases(way: Way) -> tuple[str, ...]:
    """The walk, and the cases; without signed readings DataSigned starts nothing in them."""
    place = _PLACES[way.order, way.link]
    return (place,) if way.start == "DataSigned" else (place, *_SHIPPED[way.order, way.link])


def _of(way: Way, results: Iterable[CaseResult]) -> list[CaseResult]:
    """The last result of each case of this way."""
    last = {result.case: result for result in results if result.case in _cases(way)}
    return list(last.values())


def _bad(result: CaseResult) -> bool:
    return result.verdict not in {Verdict.PASS, Verdict.NOT_APPLICABLE}


def _walked(way: Way, results: Sequence[CaseResult]) -> Walked:
    mine = _of(way, results)
    names = {_PLACES[way.order, way.link]: "the walk"}
    if not any(result.case in names for result in mine):
        return Walked(way, ("the walk was not taken",), len(mine))
    failed = (
        f"{names.get(r.case, r.case)}: {r.verdict} {next(map(str, r.failures), r.because)}"
        for r in mine
        if _bad(r)
    )
    return Walked(way, tuple(failed), len(mine))


def main() -> int:
    """Run the whole matrix; 1 when a combination does not pass."""
    reasons = Counter(filter(None, map(why_not, everything())))
    ways = existing()
    _print(f"{len(everything())} combinations, {len(ways)} exist")
    for reason, count in reasons.items():
        _print(f"  {count} do not: {reason}")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vdoc-points-") as directory:
        runs = ReferenceRuns(Path(directory))
        runs.prepare()
        found = asyncio.run(walked(runs, ways))
    for each in found:
        for failure in each.failed:
            _print(f"{each.way}: {failure}")
    bad, again = sum(bool(each.failed) for each in found), sum(each.tries - 1 for each in found)
    _print(f"{len(found) - bad} pass, {again} of all at the second try; {bad} do not")
    _print(
        f"{sum(each.cases for each in found)} case runs"
        f" on {len({each.way.product for each in found})} products,"
        f" {time.monotonic() - begun:.0f} s"
    )
    return int(bad > 0)


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
