"""One case handed over by itself: that it belongs to the declared run, and what it shows.

Owns `vdoc evidence check`. In order, nothing believed before it has been computed: the form of the
extract; the signature of the declaration that it encloses, or the head that the verifier has from
elsewhere; the proof; and the verdicts, judged again from the lines alone and compared with those
that are declared. What intake found (the `facts` line) is taken as recorded: extract `intake` to
have it judged too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from vdoc.bench import CaseFunction, CaseResult
from vdoc.cases.registry import case_functions
from vdoc.declaration import Statement
from vdoc.digest import canonical
from vdoc.evidence import Extract, Kind, Line
from vdoc.plan import Plan
from vdoc.rejudge import UPKEEP, Rejudged, passed, rejudge
from vdoc.signing import Policy, read_envelope
from vdoc.verify.findings import Findings, Verification


def verify_extract(
    data: bytes,
    *,
    trust: Policy | None = None,
    head: str | None = None,
    functions: Mapping[str, CaseFunction] | None = None,
) -> tuple[Verification, tuple[CaseResult, ...]]:
    """Verify an extract; never raises because of what it holds.

    Args:
        data: the file.
        trust: who must have signed the enclosed declaration; None when there is none to check.
        head: the head of the evidence, from a declaration that was verified elsewhere.
        functions: the case functions by id; those of this version unless said otherwise.

    Returns:
        The outcome, and what the runs of the case come to.

    Raises:
        ValueError: neither `trust` nor `head` is given, so that nothing binds the extract.
    """
    if trust is None and head is None:
        raise ValueError("an extract is bound by a trusted signature, a known head, or both")
    findings = Findings()
    found = findings.attempt(1, "extract", "the extract", lambda: Extract.from_bytes(data))
    if found is None:
        return Verification(tuple(findings.found)), ()
    statement, key_ids = (None, ()) if trust is None else _signed(found, trust, findings)
    if head is not None:
        findings.expect(2, "extract-head", "the hash of the seal", found.head, head)
    results = _judged(found, statement, functions, findings)
    ordered = sorted(findings.found, key=lambda finding: finding.step)
    return Verification(tuple(ordered), statement, key_ids, len(results)), results


def _signed(
    found: Extract, trust: Policy, findings: Findings
) -> tuple[Statement | None, tuple[str, ...]]:
    """Check the enclosed declaration and that it names this evidence."""
    if found.envelope is None:
        findings.add(2, "extract-unsigned", "the extract encloses no declaration")
        return None, ()
    envelope = dict(found.envelope)
    signed = findings.attempt(
        2, "envelope", "the envelope", lambda: read_envelope(canonical(envelope))
    )
    if signed is None:
        return None, ()
    for words in findings.attempt(2, "signature", "it", lambda: trust.refusals(signed)) or ():
        findings.add(2, "signature", words)
    statement = findings.attempt(
        3, "statement", "the statement", lambda: Statement.from_json(json.loads(signed.payload))
    )
    evidence = {} if statement is None else statement.predicate.get("evidence")
    declared = evidence.get("head") if isinstance(evidence, dict) else None
    what = "the hash of the seal, against the declared head"
    findings.expect(2, "extract-head", what, found.head, declared)
    return statement, signed.key_ids


def _judged(
    found: Extract,
    statement: Statement | None,
    functions: Mapping[str, CaseFunction] | None,
    findings: Findings,
) -> tuple[CaseResult, ...]:
    lines = findings.attempt(7, "extract-proof", "the proof", found.proved)
    if lines is None or not _whole_runs(found.case, lines, findings):
        return ()
    known = case_functions() if functions is None else functions
    judged = findings.attempt(
        9, "unjudgeable", "judging the lines again",
        lambda: rejudge(lines, functions=known, only=found.case),
    )  # fmt: skip
    if judged is None:
        return ()
    results = tuple(result for result in judged.results if result.case == found.case)
    if lines[-1].data.get("void"):
        findings.add(8, "void", f"the run is void, says its seal (evidence line {lines[-1].n})")
    _check_verdicts(found.case, judged, results, findings)
    _check_planned(found.case, judged, results, findings)
    if statement is not None:
        _check_declared(found.case, results, statement, findings)
    return results


def _whole_runs(case: str, lines: Iterable[Line], findings: Findings) -> bool:
    """Tell whether the lines are those about the run and whole runs of the case, no others."""
    before: Line | None = None
    for line in lines:
        if line.kind in {Kind.RUN, Kind.SEAL}:
            before = None
            continue
        if line.case != case:
            words = f"evidence line {line.n} is of {line.case or 'no case'}, expected {case}"
            findings.add(7, "extract-foreign", words)
            return False
        if line.kind is not Kind.CASE and (before is None or before.n != line.n - 1):
            findings.add(7, "extract-gap", f"the lines before evidence line {line.n} are missing")
            return False
        before = line
    return True


def _check_verdicts(
    case: str, judged: Rejudged, results: tuple[CaseResult, ...], findings: Findings
) -> None:
    for flaw in judged.flaws:
        findings.add(9, flaw.code, f"{flaw.message} (evidence line {flaw.n})")
    if not results:
        findings.add(9, "nothing", f"the lines show no run of {case}")
    recorded = [
        (verdict, n)
        for result, verdict, n in zip(judged.results, judged.recorded, judged.begins, strict=True)
        if result.case == case
    ]
    for result, (verdict, n) in zip(results, recorded, strict=True):
        name = f"{result.case} {result.variant} (from evidence line {n})"
        if result.diverged:
            findings.add(9, f"diverged-{result.divergence}", f"{name}: {result.diverged}")
        what = f"{name}: the verdict that the evidence records, against the one that it shows"
        findings.expect(9, "verdict", what, verdict, result.verdict.value)
        if not passed(result):
            findings.add(9, "not-passed", f"{name}: {result.verdict.value}: {result.because}")


def _check_planned(
    case: str, judged: Rejudged, results: tuple[CaseResult, ...], findings: Findings
) -> None:
    """Every planned run of the case is shown, in its order, by the plan that the run began with."""
    start = judged.start
    if start is None or case in UPKEEP:
        return
    plan = findings.attempt(
        9, "extract-runs", "the plan of the run", lambda: Plan.from_json(start.data["plan"])
    )
    if plan is not None:
        planned = [entry.variant.id for entry in plan.entries if entry.case == case]
        what = f"the runs of {case} that are shown, against those planned"
        findings.expect(9, "extract-runs", what, [each.variant for each in results], planned)


def _check_declared(
    case: str, results: tuple[CaseResult, ...], statement: Statement, findings: Findings
) -> None:
    """Every declared run of the case is shown, in its order, with its verdict."""
    listed = statement.predicate.get("results")
    of_case = [
        (each.get("variant"), each.get("verdict"))
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and each.get("case") == case
    ]
    shown = [(result.variant, result.verdict.value) for result in results]
    if of_case or case.startswith("TC_"):
        what = f"the runs of {case} that are shown, against those declared"
        findings.expect(9, "extract-runs", what, shown, of_case)
