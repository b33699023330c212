"""Which cases apply to a product, in which stages of security profile, and why.

A case applies when one of its Part 5 rows does: its certification profile is claimed and its
condition holds. Beyond that a case needs a claimed security profile in which it has a meaning, and
an authorization option with which it may be run.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from vdoc.catalogue import (
    CaseRow,
    Catalogue,
    ProfileRow,
    StartStopMode,
    Variant,
    refusal,
    variants,
)
from vdoc.pics import Pics, parse_condition
from vdoc.plan.model import NotApplicable


@dataclass(frozen=True, slots=True)
class Stage:
    """A security profile in which a case runs, and why there."""

    profile: int
    because: str


@dataclass(frozen=True, slots=True)
class Applicable:
    """A case that applies: its runs, the stages of each run, and why it applies."""

    case: CaseRow
    variants: tuple[Variant, ...]
    stages: tuple[Stage, ...]
    because: str


def judge(
    case: CaseRow, catalogue: Catalogue, pics: Pics, mode: StartStopMode | None
) -> Applicable | tuple[NotApplicable, ...]:
    """Whether `case` applies to `pics`: what to run, or the reason for each of its Part 5 rows."""
    rows = [(row, *_row_applies(row, pics)) for row in case.rows]
    because = [f"{row.profile} {row.status}: {why}" for row, applies, why in rows if applies]
    if not because:
        return tuple(_not(case, row.profile, why) for row, _, why in rows)
    profiles = [row.profile for row, applies, _ in rows if applies]
    stages = stages_of(case, catalogue, pics.security_profiles)
    if not stages:
        return _everywhere(case, profiles, _no_stage(case, catalogue, pics))
    runs = variants(case, pics, start_stop_mode=mode)
    if not runs:
        return _everywhere(case, profiles, refusal(case))
    return Applicable(case, runs, stages, "; ".join(because))


def stages_of(case: CaseRow, catalogue: Catalogue, claimed: tuple[int, ...]) -> tuple[Stage, ...]:
    """The claimed security profiles, ascending, in which `case` runs; empty: in none.

    The change of stage runs in every stage that has a next one; any other case runs once, in the
    lowest claimed profile that gives it a meaning.
    """
    fitting = [profile for profile in claimed if profile in case.security]
    if case.id == catalogue.precedence.stage_change:
        return tuple(
            Stage(profile, f"last of stage {profile}, since it upgrades to {following}")
            for profile, following in pairwise(claimed)
            if profile in fitting
        )
    if not fitting:
        return ()
    if case.neutral:
        return (Stage(fitting[0], f"stage {fitting[0]}: profile-neutral, so once in the first"),)
    among = ", ".join(map(str, case.security))
    return (Stage(fitting[0], f"stage {fitting[0]}: the lowest claimed of {among}"),)


def _row_applies(row: ProfileRow, pics: Pics) -> tuple[bool, str]:
    if not pics.claims(f"profile.{row.profile}"):
        return False, f"profile {row.profile} is not claimed"
    condition = parse_condition(row.condition)
    return condition.evaluate(pics.value), condition.explain(pics.value)


def _no_stage(case: CaseRow, catalogue: Catalogue, pics: Pics) -> str:
    claimed = ", ".join(map(str, pics.security_profiles))
    if case.id == catalogue.precedence.stage_change:
        return f"no claimed security profile ({claimed}) can be upgraded ({case.security_source})"
    wanted = " or ".join(map(str, case.security))
    return f"needs security profile {wanted}, claimed: {claimed} ({case.security_source})"


def _everywhere(case: CaseRow, profiles: list[str], why: str) -> tuple[NotApplicable, ...]:
    return tuple(_not(case, profile, why) for profile in profiles)


def _not(case: CaseRow, profile: str, why: str) -> NotApplicable:
    return NotApplicable(case=case.id, profile=profile, because=why)
