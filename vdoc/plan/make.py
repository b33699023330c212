"""Makes the plan: catalogue by PICS by settings and seed, a pure function (design §4, "Plan").

Rules: every applicable run stands in it exactly once per stage; a plan that cannot end within the
window, or needs an action that nothing performs, is refused with every problem at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set

from vdoc.catalogue import CaseRow, Catalogue
from vdoc.errors import InputError, Problem
from vdoc.pics import BenchSettings, Pics
from vdoc.plan.applicable import Applicable, judge
from vdoc.plan.bindings import unbound
from vdoc.plan.duration import WINDOW_S, breakdown, seconds_by_term
from vdoc.plan.model import Cost, Entry, NotApplicable, Plan
from vdoc.plan.order import ordered
from vdoc.plan.share import Share

GREATEST_SEED = 2**53 - 1


def make_plan(  # noqa: PLR0913  # its four inputs, what is implemented, and a selection
    pics: Pics,
    settings: BenchSettings,
    catalogue: Catalogue,
    implemented: Set[str],
    seed: int,
    *,
    only: Collection[str] | None = None,
    share: Share | None = None,
    draft: bool = False,
) -> Plan:
    """The plan for a product on a bench; equal arguments give equal bytes.

    Args:
        pics: what is claimed.
        settings: how the bench reaches and drives the DUT; its times give the duration.
        catalogue: the cases.
        implemented: ids of the cases that have a function; the others are listed, not run.
        seed: shuffles the order inside each stage.
        only: ids of the only cases to plan; such a plan is partial.
        share: plan only these variants of each case; such a plan is partial.
        draft: of something to choose from, so that it need neither fit the window nor be bound.

    Raises:
        InputError: the seed is out of range, `only` names an unknown case, nothing applies, an
            action is bound to nothing, or the plan cannot end within the window.
    """
    _check_seed(seed)
    selected = _selected(catalogue, only)
    applicable: list[Applicable] = []
    refused: list[NotApplicable] = []
    for case in selected:
        verdict = judge(case, catalogue, pics, settings.dut.start_stop_mode)
        if isinstance(verdict, Applicable):
            applicable.append(verdict)
        else:
            refused.extend(verdict)
    if not applicable:
        raise InputError(_nothing())
    terms = seconds_by_term(settings)
    entries = [
        entry for item in applicable if item.case.id in implemented for entry in _runs(item, share)
    ]
    costs = breakdown(entries, catalogue, terms)
    problems = (*unbound(entries, catalogue, pics, settings), *_too_long(costs))
    if problems and not draft:
        raise InputError(*problems)
    return Plan(
        seed=seed,
        pics=pics.digest,
        catalogue=catalogue.digest,
        catalogue_version=catalogue.version,
        partial=only is not None or share is not None,
        entries=ordered(entries, catalogue.precedence, seed),
        not_applicable=tuple(refused),
        not_implemented=tuple(a.case.id for a in applicable if a.case.id not in implemented),
        expected_seconds=_total(costs),
        breakdown=costs,
    )


def _check_seed(seed: int) -> None:
    """Canonical JSON (RFC 8785) holds no greater integer exactly."""
    if not 0 <= seed <= GREATEST_SEED:
        text = f"got {seed}, expected 0 to {GREATEST_SEED}."
        raise InputError(Problem("plan", None, "seed", text, "choose a seed in this range."))


def _selected(catalogue: Catalogue, only: Collection[str] | None) -> Sequence[CaseRow]:
    if only is None:
        return catalogue.cases
    unknown = sorted(set(only) - catalogue.ids)
    if unknown:
        raise InputError(
            *(
                Problem("selection", None, case, "no such case.", "see `vdoc cases`.")
                for case in unknown
            )
        )
    return [case for case in catalogue.cases if case.id in only]


def _runs(item: Applicable, share: Share | None) -> Iterator[Entry]:
    """Every run of the case, base first: each variant in each of its stages."""
    whole = list(enumerate(item.variants))
    for stage in item.stages:
        for number, variant in whole if share is None else share.pick(item.variants):
            run = "base run" if number == 0 else _further(item, number)
            because = "; ".join((item.because, stage.because, run, *_conditions(item.case)))
            yield Entry(case=item.case.id, variant=variant, stage=stage.profile, because=because)


def _conditions(case: CaseRow) -> Iterator[str]:
    for each in case.prerequisites:
        yield f"not applicable if evidence shows unmet: {each.requires} ({each.source})"


def _further(item: Applicable, number: int) -> str:
    base, variant = item.variants[0], item.variants[number]
    name = next(name for name, value in variant.items() if base[name] != value)
    factor = next(factor for factor in item.case.factors if factor.name == name)
    return f"one more run for {name}={variant[name]} ({factor.source})"


def _total(costs: Sequence[Cost]) -> float:
    return round(sum(cost.seconds for cost in costs), 1)


def _too_long(costs: Sequence[Cost]) -> Iterator[Problem]:
    total = _total(costs)
    if total <= WINDOW_S:
        return
    shares = "; ".join(f"{cost.option}: {cost.runs} runs, {_hours(cost.seconds)}" for cost in costs)
    yield Problem(
        "plan",
        None,
        "window",
        f"expected {_hours(total)}, but a run must end within {_hours(WINDOW_S)}: {shares}.",
        "shorten the times in [expected] or the waits in [values], or claim fewer options.",
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h"


def _nothing() -> Problem:
    return Problem(
        "plan", None, "entries", "no selected case applies.", "see not applicable in `vdoc cases`."
    )
