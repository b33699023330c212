"""Verifying a declaration offline: the order of trust is the order of the steps.

Owns `vdoc verify`: nothing that a bundle says is believed before it has been computed again from
what the bundle encloses. The only inputs are the bundle, whom to trust, and the files that the
verifier holds; the only state read besides is the catalogue and the case functions of this version.

Steps, each with the codes of its findings in docs/verification.md:

 1. container: one zip in the one form that bundles have
 2. signature: a DSSE envelope around exactly declaration.json, signed by somebody trusted, or in
    every role that the laboratory's policy demands
 3. statement: in-toto Statement v1, declaration (demonstration only when allowed), and all else
    that the policy demands
 4. digests: every enclosed member, PICS, settings, catalogue (the one of this version), plan
 5. plan: made again from PICS, settings, catalogue and seed it is the enclosed one, byte for byte
 6. completeness: each run of the plan exactly once, in order, nothing else, upkeep in its place
 7. evidence: hash chain, seal, head and count as declared
 8. run: made with what is enclosed; window of 24 h, clocks, identity, no crash, not void; the
    challenge that it was made against
 9. verdicts: judged again they are the recorded and the declared ones, all of them allow it, and
    everything else that is declared follows from the evidence
10. firmware: declared = served in TC_L_01_CS = declared by the PICS = the given file; the given
    PICS is the enclosed one

What remains the caller's: how the keys in the trust directory were obtained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vdoc.bench import CaseFunction
from vdoc.cases.registry import case_functions
from vdoc.catalogue import Catalogue, load_catalogue
from vdoc.declaration import RunRecord, Statement, container
from vdoc.errors import InputError
from vdoc.rejudge import Helpers, Rejudged, rejudge
from vdoc.signing import Policy
from vdoc.verify.challenged import check_challenge
from vdoc.verify.declared import (
    check_declared,
    check_eligible,
    check_firmware,
    check_given_pics,
)
from vdoc.verify.enclosed import (
    Enclosed,
    check_plan,
    check_signature,
    read_enclosed,
    read_statement,
)
from vdoc.verify.evidence import Course, Examination, check_upkeep, compare_with_plan
from vdoc.verify.findings import Findings, Verification
from vdoc.verify.judgement import check_run, check_verdicts
from vdoc.verify.laboratory import LaboratoryPolicy
from vdoc.verify.record import EvidenceFile, MadeWith, record_of

_EVIDENCE = "evidence.jsonl.gz"
MUCH_BYTES = 1 << 20
"""Packed evidence from this size on is judged by several processes."""


def verify_bundle(
    path: Path,
    trust: Policy | LaboratoryPolicy,
    *,
    firmware: Path | None = None,
    pics: Path | None = None,
    allow_demo: bool = False,
    catalogue: Catalogue | None = None,
    functions: Mapping[str, CaseFunction] | None = None,
) -> Verification:
    """Verify a bundle by the steps of this module; never raises because of what it holds.

    Args:
        path: the bundle.
        trust: who must have signed, or all that a laboratory demands.
        firmware: the image that the verifier holds, if any.
        pics: the PICS file that the verifier holds, if any.
        allow_demo: accept a demonstration.
        catalogue: the cases; those of this version unless said otherwise.
        functions: the case functions by id; those of this version unless said otherwise.
    """
    findings = Findings()
    members = _read_members(path, findings)  # 1
    if members is None:
        return Verification(tuple(findings.found))
    policy = trust if isinstance(trust, LaboratoryPolicy) else None
    key_ids = check_signature(members, trust, findings)  # 2
    demo = allow_demo or (policy is not None and policy.allows_demonstrations)
    statement = read_statement(members, findings, allow_demo=demo)  # 3
    if statement is not None and policy is not None:
        policy.check(statement, findings)  # 3
    enclosed = read_enclosed(members, findings)  # 4
    examination = Examination(members[_EVIDENCE], findings)
    known = _Known(
        load_catalogue() if catalogue is None else catalogue,
        case_functions() if functions is None else functions,
    )
    judged = None if enclosed is None else _rejudged(examination, members, known, findings)
    course, record = examination.finish(), None  # 7
    if enclosed is not None:
        opened = _Opened(path, members, statement, enclosed, course, judged, policy)
        record = findings.attempt(
            9, "unjudgeable", "judging again", lambda: _judge_again(opened, known, findings)
        )  # 4 to 9
    if statement is not None:
        enclosed_pics = None if enclosed is None else enclosed.pics
        check_firmware(statement.sha256, course, enclosed_pics, firmware, findings)  # 10
    if pics is not None and enclosed is not None:
        check_given_pics(enclosed.pics, pics, findings)  # 10
    if record is not None:
        check_eligible(record, findings)  # 9, the rest
    ordered = sorted(findings.found, key=lambda finding: finding.step)
    return Verification(
        tuple(ordered), statement, key_ids, 0 if record is None else len(record.results)
    )


def _read_members(path: Path, findings: Findings) -> Mapping[str, bytes] | None:
    """Step 1; each thing that is wrong with the container has its own code."""
    try:
        return container.read(path)
    except InputError as error:
        for problem in error.problems:
            findings.add(1, problem.item, f"the bundle {problem.message}")
        return None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A bundle whose members could be read."""

    path: Path
    members: Mapping[str, bytes]
    statement: Statement | None
    enclosed: Enclosed
    course: Course
    judged: Rejudged | None
    policy: LaboratoryPolicy | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What this version of the package knows."""

    catalogue: Catalogue
    functions: Mapping[str, CaseFunction]


def _rejudged(
    examination: Examination, members: Mapping[str, bytes], known: _Known, findings: Findings
) -> Rejudged | None:
    """Step 9, its beginning: judge while the chain is gone through, much evidence by helpers."""
    much = len(members[_EVIDENCE]) >= MUCH_BYTES
    helpers = Helpers(examination.text) if much else None
    try:
        return findings.attempt(
            9, "unjudgeable", "judging the evidence again",
            lambda: rejudge(examination, functions=known.functions, helpers=helpers),
        )  # fmt: skip
    finally:
        if helpers is not None:
            helpers.close()


def _judge_again(opened: _Opened, known: _Known, findings: Findings) -> RunRecord | None:
    """Steps 4 to 9, as far as they follow from the evidence; returns the run that it shows."""
    enclosed, course = opened.enclosed, opened.course
    catalogue, functions = known.catalogue, known.functions
    check_plan(enclosed, opened.members["plan.json"], catalogue, set(functions), findings)  # 5
    compare_with_plan(course, enclosed.plan, findings)  # 6
    check_upkeep(course, findings)  # 6
    judged = opened.judged
    if judged is None:
        return None
    check_run(enclosed, catalogue, course, judged, findings)  # 8
    check_challenge(judged, enclosed, opened.policy, findings)  # 8
    check_verdicts(judged, findings)  # 9
    record = _record(opened, catalogue, judged)
    if opened.statement is not None:
        check_declared(opened.statement, record, opened.members, findings)  # 4, 7, 8, 9
    return record


def _record(opened: _Opened, catalogue: Catalogue, judged: Rejudged) -> RunRecord:
    enclosed, course = opened.enclosed, opened.course
    made_with = MadeWith(
        enclosed.pics,
        enclosed.settings,
        enclosed.settings_public,
        enclosed.settings_digest,
        catalogue,
        enclosed.plan,
    )
    file = EvidenceFile(opened.path, course.head, course.lines, course.served)
    return record_of(made_with, file, judged)
