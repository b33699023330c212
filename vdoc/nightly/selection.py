"""Which cases a night runs: all, those of some profiles, those that failed last, or the riskiest.

Owns the order of risk: what failed the last time, what is flaky, what never ran, then what has not
run for longest. A time budget takes cases in that order, by the time that each took the last time,
until it is spent. An empty selection is refused, never taken for "all".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vdoc.catalogue import Catalogue
from vdoc.errors import InputError, Problem
from vdoc.nightly.compare import LOOK_BACK
from vdoc.nightly.config import CaseChoice, DutTable, Select
from vdoc.nightly.flaky import flaky
from vdoc.nightly.history import History
from vdoc.nightly.stored import StoredCase
from vdoc.plan import Plan, Share

_H = 3600.0


@dataclass(frozen=True, slots=True)
class Record:
    """What earlier runs say of one case, over its variants.

    Attributes:
        nights_ago: 1 for the newest run.
        good: whether it was in every variant, the last time.
        flaky: whether its verdict varies.
        seconds: how long all its variants took the last time.
    """

    nights_ago: int
    good: bool
    flaky: bool
    seconds: float


def selected(
    dut: DutTable, plan: Plan, catalogue: Catalogue, history: History
) -> tuple[str, ...] | None:
    """Return the ids of the cases to run; None for all that apply.

    Args:
        dut: with its `select` table.
        plan: of all cases that apply.
        catalogue: says which profile has which case.
        history: says how they came out.

    Raises:
        InputError: nothing is left to run.
    """
    select = dut.select
    if select == Select(variants=select.variants, nights=select.nights):
        return None
    records = known(history, dut.name)
    cases = list(dict.fromkeys(entry.case for entry in plan.entries))
    if select.profiles:
        wanted = set(select.profiles)
        cases = [c for c in cases if wanted & {row.profile for row in catalogue.case(c).rows}]
    if select.only:
        cases = [c for c in cases if c in select.only]
    if select.cases is CaseChoice.FAILED:
        cases = [c for c in cases if c in records and not records[c].good]
    if select.budget_h is not None:
        cases = within(select.budget_h * _H, cases, records, _average_s(plan))
    if not cases:
        raise InputError(
            Problem("nightly.toml", None, f"dut {dut.name}: select", "selects no case.",
                    "widen it, or leave the station out of this night.")
        )  # fmt: skip
    return tuple(cases)


def share_of(dut: DutTable, history: History) -> Share | None:
    """Return which variants of each case the next night runs; None for all."""
    return dut.select.share(history.attempts.completed(dut.name))


def coverage(history: History, dut: DutTable, share: Share, tonight: Plan, whole: Plan) -> str:
    """Say how many variants the nights of one turn have run, this one included.

    Empty when this night leaves none out: then there is nothing to make up for.

    Args:
        history: of the nights before.
        dut: says how many nights a turn has.
        share: of this night.
        tonight: what this night plans.
        whole: the same with all variants.
    """
    wanted = {(entry.case, entry.variant.id) for entry in whole.entries}
    done = {(entry.case, entry.variant.id) for entry in tonight.entries} & wanted
    if done == wanted:
        return ""
    runs = history.runs(dut.name, limit=dut.select.nights - 1, comparable=True)
    for cases in history.verdicts(runs).values():
        done |= {case.key for case in cases} & wanted
    what = "base variants only" if share.of == 0 else f"share {share} of the variants"
    nights = f" in {len(runs) + 1} nights" if runs else ""
    return f"{what}: {len(done)} of {len(wanted)} run{nights}"


def known(history: History, dut: str) -> Mapping[str, Record]:
    """Return what earlier runs say of each case that ever ran."""
    runs = history.runs(dut, limit=LOOK_BACK, comparable=True)
    verdicts = history.verdicts(runs)
    unsteady = {case for case, _ in flaky([verdicts[run.id] for run in reversed(runs)])}
    found: dict[str, Record] = {}
    for ago, run in enumerate(runs, start=1):
        for case, results in _by_case(verdicts[run.id]).items():
            good = all(result.good for result in results)
            seconds = sum(result.seconds for result in results)
            found.setdefault(case, Record(ago, good, case in unsteady, seconds))
    return found


def within(
    budget_s: float, cases: Sequence[str], records: Mapping[str, Record], unknown_s: float
) -> list[str]:
    """Return the riskiest cases that a time budget holds.

    Args:
        budget_s: in seconds.
        cases: in the order of the plan, which decides between equal risks.
        records: of earlier runs.
        unknown_s: what a case that never ran is taken to need.
    """
    chosen, left_s = [], budget_s
    for case in sorted(cases, key=lambda case: _risk(records.get(case))):
        needs_s = records[case].seconds if case in records else unknown_s
        if needs_s <= left_s:
            chosen.append(case)
            left_s -= needs_s
    return chosen


def _risk(record: Record | None) -> tuple[int, int]:
    """Return what sorts the riskiest first."""
    if record is None:
        return (2, 0)
    if not record.good:
        return (0, 0)
    return (1, 0) if record.flaky else (3, -record.nights_ago)


def _average_s(plan: Plan) -> float:
    return plan.expected_seconds / len({entry.case for entry in plan.entries})


def _by_case(cases: Iterable[StoredCase]) -> dict[str, list[StoredCase]]:
    found: dict[str, list[StoredCase]] = {}
    for case in cases:
        found.setdefault(case.case, []).append(case)
    return found
