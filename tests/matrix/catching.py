"""Which station defect each case catches, and where: run, told, compared with `caught.tsv`.

`python tests/matrix/catching.py [--write] [CASE_OR_DEFECT…]` runs every (defect, case) pair that
the station declares and prints what caught it; `--write` makes the table anew, for review.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.reference_runs import ROOT, ReferenceRuns, RunRequest
from vdoc.bench import CaseResult, Verdict
from vdoc.cases.registry import case_functions
from vdoc.catalogue import load_catalogue
from vdoc.pics import load_pics
from vdoc.plan.applicable import Applicable, judge
from vdoc.station.defects import Defect, all_defects
from vdoc.station.process import list_defects  # noqa: F401  # its import declares every defect

TABLE = Path(__file__).with_name("caught.tsv")
PRODUCTS = (
    "pics/ac-wallbox-detachable.toml",
    "pics/dc-fast-charger.toml",
    "pics/ac-pole-keycode.toml",
    "pics/covering/1-all-profiles-ac.toml",
)
STYLES = ("plain", "late-status", "notify-event")
AT_ONCE = 10


@dataclass(frozen=True, order=True)
class Catch:
    """A defect, the case that catches it, and the first validation that failed.

    Attributes:
        pics, style, late: how the station was set up.
        by: `case` (verdict fail), or what else prevented a declaration: `inconc`, `error`, `void`,
            `crash`; `nothing` when the defect was missed.
    """

    case: str
    defect: str
    by: str
    step: str = ""
    requirement: str = ""
    pics: str = PRODUCTS[0]
    style: str = STYLES[0]
    late: bool = True

    @property
    def request(self) -> RunRequest:
        return RunRequest(
            self.pics,
            only=(self.case,),
            defects=frozenset({self.defect}),
            style=self.style,
            late_defects=self.late,
        )

    def row(self) -> str:
        late = "late" if self.late else "always"
        return "\t".join(
            (
                self.case,
                self.defect,
                self.by,
                self.step,
                self.requirement,
                self.pics,
                self.style,
                late,
            )
        )


HEAD = "case\tdefect\tby\tstep\trequirement\tpics\tstyle\tfrom"


def read_table() -> tuple[Catch, ...]:
    """Return the reviewed table."""
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    return tuple(
        Catch(case, defect, by, step, requirement, pics, style, since == "late")
        for case, defect, by, step, requirement, pics, style, since in rows
    )


def pairs(only: Collection[str] = ()) -> list[tuple[str, Defect]]:
    """Return every declared (case, defect) whose case is implemented."""
    known = case_functions()
    return [
        (case, defect)
        for defect in all_defects()
        for case in defect.cases
        if case in known and (not only or case in only or defect.name in only)
    ]


def ways(case: str, defect: str) -> Iterable[Catch]:
    """Return how to look for it: products to which the case applies, styles, from when."""
    catalogue = load_catalogue()
    products = [
        file
        for file in PRODUCTS
        if isinstance(
            judge(catalogue.case(case), catalogue, load_pics(ROOT / file), None), Applicable
        )
    ]
    for late in (True, False):
        for style in STYLES:
            for pics in products:
                yield Catch(case, defect, "nothing", pics=pics, style=style, late=late)


async def caught(runs: ReferenceRuns, way: Catch) -> Catch:
    """Run a case on a station with a defect and return what caught it."""
    record = (await runs.make(way.request)).record
    failed = [result for result in record.results if result.verdict is not Verdict.PASS]
    if failed:
        return _with(way, failed)
    by = "crash" if record.crashes else "void" if record.void_because else "nothing"
    return Catch(way.case, way.defect, by, pics=way.pics, style=way.style, late=way.late)


def _with(way: Catch, failed: list[CaseResult]) -> Catch:
    failing = [result for result in failed if result.verdict is Verdict.FAIL]
    result = (failing or failed)[0]
    by = "case" if failing else result.verdict.value
    check = next(iter(result.failures), None)
    step, requirement = ("", "") if check is None else (check.step, check.requirement)
    return Catch(way.case, way.defect, by, step, requirement, way.pics, way.style, way.late)


async def search(runs: ReferenceRuns, case: str, defect: str) -> Catch:
    """Return the first way in which the case catches the defect, else the best that was seen."""
    best: Catch | None = None
    for way in ways(case, defect):
        found = await caught(runs, way)
        if found.by == "case":
            return found
        if best is None or best.by == "nothing":
            best = found
    return best or Catch(case, defect, "nothing")


async def search_all(wanted: list[tuple[str, Defect]]) -> AsyncIterator[Catch]:
    """Search every pair, several at once."""
    with tempfile.TemporaryDirectory() as directory:
        runs = ReferenceRuns(Path(directory))
        runs.prepare()
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(case: str, defect: Defect) -> Catch:
            async with slots:
                return await search(runs, case, defect.name)

        for done in asyncio.as_completed([one(case, defect) for case, defect in wanted]):
            yield await done


async def main(arguments: list[str]) -> int:
    """Print the table; return 1 when a defect was missed by a case that is to catch it."""
    write = "--write" in arguments
    found = []
    async for catch in search_all(pairs([a for a in arguments if a != "--write"])):
        print(catch.row(), flush=True)  # noqa: T201
        found.append(catch)
    if write:
        TABLE.write_text("\n".join([HEAD, *(c.row() for c in sorted(found))]) + "\n")
    missed = [catch for catch in found if catch.by == "nothing"]
    print(f"{len(found)} pairs, {len(missed)} missed")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
