"""Whether a run may be declared: every reason why not, in words.

Owns the rules of design §4 about what stands between a run and a declaration. A run that is not
eligible leads to a report, never to a declaration; a demonstration must be eligible as well, except
that its settings may lie outside the bounds of a declaration.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from vdoc.bench import Verdict
from vdoc.catalogue import Catalogue
from vdoc.declaration.firmware import FIRMWARE_CASE
from vdoc.declaration.record import RunRecord, RunVerdict
from vdoc.errors import ExitCode, InputError, VdocError
from vdoc.pics import BenchSettings

WINDOW_S = 24 * 3600.0
"""Longest time from the first connection to the last verdict, in seconds (Document 2 §5.5)."""

ALLOWED = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
"""The verdicts that a declaration may hold."""


class NotEligibleError(VdocError):
    """A declaration was asked of a run that cannot have one; `reasons` says why, never empty."""

    exit_code = ExitCode.FAIL

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return "no declaration: " + "; ".join(self.reasons)


def eligible(record: RunRecord) -> tuple[str, ...]:
    """Return why a run cannot be declared; empty when it can."""
    return (
        *_run(record),
        *_plan(record),
        *_verdicts(record),
        *_firmware(record),
        *_evidence(record),
    )


def grade_problems(settings: BenchSettings, catalogue: Catalogue) -> tuple[str, ...]:
    """Return why settings make a demonstration instead of a declaration; empty when they do not."""
    return settings.declaration_problems(catalogue.bounds)


def _run(record: RunRecord) -> Iterator[str]:
    if record.verdict is RunVerdict.VOID or record.void_because:
        yield f"the run is void: {record.void_because or 'no reason is recorded'}"
    for crash in record.crashes:
        yield f"the DUT crashed: {crash}"
    if record.verdict is RunVerdict.FAIL:
        yield "the run failed"
    if record.window is None:
        yield "the run has no window: no connection, or no verdict after it"
    elif record.window.seconds > WINDOW_S:
        hours = record.window.seconds / 3600
        yield f"the run took {hours:.2f} h from first connection to last verdict, allowed are 24 h"


def _plan(record: RunRecord) -> Iterator[str]:
    plan = record.plan
    if not plan.entries:
        yield "the plan is empty"
    elif plan.entries[0].case != FIRMWARE_CASE:
        yield f"the plan begins with {plan.entries[0].case}, not with {FIRMWARE_CASE}"
    if plan.partial:
        yield "the plan is partial: only some of the applicable cases were selected"
    if plan.not_implemented:
        count, names = len(plan.not_implemented), ", ".join(plan.not_implemented)
        yield f"{count} applicable cases of claimed profiles are not implemented: {names}"
    if plan.pics != record.pics.digest:
        yield f"the plan was made for another PICS: {plan.pics}, not {record.pics.digest}"
    if plan.catalogue != record.catalogue.digest:
        yield (
            f"the plan was made with another catalogue: {plan.catalogue}, "
            f"not {record.catalogue.digest}"
        )


def _verdicts(record: RunRecord) -> Iterator[str]:
    planned = Counter((entry.case, entry.variant.id, entry.stage) for entry in record.plan.entries)
    planned_runs = Counter((case, variant) for case, variant, _ in planned.elements())
    done = Counter((result.case, result.variant) for result in record.results)
    for case, variant in planned_runs - done:
        yield f"{named(case, variant)} was not run"
    for case, variant in done - planned_runs:
        yield f"{named(case, variant)} was run although the plan does not hold it"
    for result in record.results:
        if result.verdict not in ALLOWED or result.diverged:
            because = f": {result.because}" if result.because else ""
            yield f"{named(result.case, result.variant)}: {result.verdict.value}{because}"


def _firmware(record: RunRecord) -> Iterator[str]:
    served, product = record.firmware_sha256, record.pics.product
    yield from record.firmware_problems
    if served is None and not record.firmware_problems:
        yield "no firmware hash: TC_L_01_CS did not fetch exactly one whole image from the bench"
    elif served is not None and product.firmware_image_sha256 not in {None, served}:
        yield (
            f"the PICS declares the firmware image {product.firmware_image_sha256}, "
            f"TC_L_01_CS installed {served}"
        )
    try:
        version = BenchSettings.from_public(record.settings_public).firmware.version
    except InputError as error:
        yield f"the settings of the run cannot be read: {error}"
        return
    if version != product.firmware_version:
        yield (
            f"the settings install firmware version {version!r}, "
            f"the PICS declares {product.firmware_version!r}"
        )


def _evidence(record: RunRecord) -> Iterator[str]:
    if not record.evidence_head or record.evidence_lines <= 0:
        yield "the evidence is empty or not sealed"
    if record.facts is None:
        yield "intake did not read the device model"


def named(case: str, variant: str) -> str:
    """Return a case and its variant in words."""
    return case if variant == "-" else f"{case} ({variant})"
