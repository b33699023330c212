"""Verifying a declaration offline: the order of trust is the order of the steps.

Owns `vdoc verify`: nothing that a bundle says is believed before it has been computed again from
what the bundle encloses. The only inputs are the bundle, whom to trust, and the files that the
verifier holds; the only state read besides is the catalogue and the case functions of this version.

Steps, each with the codes of its findings in docs/verification.md:

 1. container: one zip in the one form that bundles have
 2. signature: a DSSE envelope around exactly declaration.json, signed by somebody trusted, or in
    every role that the laboratory's policy demands; time stamps over plan and envelope
 3. statement: in-toto Statement v1, declaration (demonstration only when allowed), and all else
    that the policy demands
 4. digests: every enclosed member, PICS, settings, catalogue (the one of this version), plan
 5. plan: made again from PICS, settings, catalogue and seed it is the enclosed one, byte for byte
 6. completeness: each run of the plan exactly once, in order, nothing else, upkeep in its place
 7. evidence: hash chain, seal, head and count as declared
 8. run: made with what is enclosed; window of 24 h, clocks, identity, no crash, not void; the
    challenge that it was made against; its time stamps around the window
 9. verdicts: judged again they are the recorded and the declared ones, all of them allow it, and
    everything else that is declared follows from the evidence
10. firmware: declared = served in TC_L_01_CS = declared by the PICS = the given file; the given
    PICS is the enclosed one
11. documents, when nothing was found before: PDF and page, made again from statement and envelope,
    are the enclosed ones; the PDF is signed by who signed the envelope, holds the bundle's files,
    and was not changed since

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
from vdoc.declaration.documents import PDF
from vdoc.digest import sha256_hex
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
from vdoc.verify.document import check_documents
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
from vdoc.verify.stamped import Stamps, check_stamps, read_stamps
from vdoc.verify.worded import check_words

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
    read = _read_members(path, findings)  # 1
    if read is None:
        return Verification(tuple(findings.found))
    members, _ = read
    policy = trust if isinstance(trust, LaboratoryPolicy) else None
    demo = allow_demo or (policy is not None and policy.allows_demonstrations)
    signed = _read_signed(members, trust, policy, findings, allow_demo=demo)  # 2, 3
    known = _Known.of(catalogue, functions)
    shown = _read_shown(_Received(path, members, signed, policy), known, findings)  # 4 to 9
    _check_held(signed, shown, firmware, pics, findings)  # 10
    if shown.record is not None:
        check_words(shown.record, members, signed.key_ids, findings)  # 9
        check_eligible(shown.record, findings)  # 9, the rest
    if signed.statement is not None and not findings.found:
        _check_documents(path, signed.statement, read, policy, findings)  # 11
    ordered = sorted(findings.found, key=lambda finding: finding.step)
    cases = 0 if shown.record is None else len(shown.record.results)
    notes = tuple(findings.notes)
    return Verification(tuple(ordered), signed.statement, signed.key_ids, cases, notes)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What is declared, if that can be read, by which keys, and the stamps over it."""

    statement: Statement | None
    key_ids: tuple[str, ...]
    stamps: Stamps


@dataclass(frozen=True, slots=True)
class _Received:
    """A bundle whose container holds, what is signed in it, and what a laboratory demands."""

    path: Path
    members: Mapping[str, bytes]
    signed: _Signed
    policy: LaboratoryPolicy | None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is enclosed, how its evidence goes, and the run that it shows; as far as readable."""

    enclosed: Enclosed | None
    course: Course
    record: RunRecord | None


def _read_members(path: Path, findings: Findings) -> tuple[Mapping[str, bytes], str] | None:
    """Step 1; each thing that is wrong with the container has its own code.

    Returns:
        All members but the PDF, which may be large and is needed last, and its SHA-256.
    """
    try:
        members = container.read(path)
        return members, sha256_hex(members.pop(PDF))
    except InputError as error:
        for problem in error.problems:
            findings.add(1, problem.item, f"the bundle {problem.message}")
        return None


def _read_signed(
    members: Mapping[str, bytes],
    trust: Policy | LaboratoryPolicy,
    policy: LaboratoryPolicy | None,
    findings: Findings,
    *,
    allow_demo: bool,
) -> _Signed:
    """Steps 2 and 3: who has signed, when, and what; and whether the policy accepts it."""
    stamps = read_stamps(members, None if policy is None else policy.stamps, findings)  # 2
    key_ids = check_signature(members, trust, findings, stamps.signing)  # 2
    statement = read_statement(members, findings, allow_demo=allow_demo)  # 3
    if statement is not None and policy is not None:
        policy.check(statement, findings)  # 3
    return _Signed(statement, key_ids, stamps)


def _read_shown(received: _Received, known: _Known, findings: Findings) -> _Shown:
    """Steps 4 to 9: judge what is enclosed by the evidence, which is gone through once."""
    members = received.members
    enclosed = read_enclosed(members, findings)  # 4
    examination = Examination(members[_EVIDENCE], findings)
    judged = None if enclosed is None else _rejudged(examination, members, known, findings)
    course = examination.finish()  # 7
    if enclosed is None:
        return _Shown(None, course, None)
    opened = _Opened(received, enclosed, course, judged)
    record = findings.attempt(
        9, "unjudgeable", "judging again", lambda: _judge_again(opened, known, findings)
    )  # 4 to 9
    return _Shown(enclosed, course, record)


def _check_held(
    signed: _Signed, shown: _Shown, firmware: Path | None, pics: Path | None, findings: Findings
) -> None:
    """Step 10: what the verifier holds is what is declared and enclosed."""
    own_pics = None if shown.enclosed is None else shown.enclosed.pics
    if signed.statement is not None:
        check_firmware(signed.statement.sha256, shown.course, own_pics, firmware, findings)
    if pics is not None and own_pics is not None:
        check_given_pics(own_pics, pics, findings)


def _check_documents(
    path: Path,
    statement: Statement,
    read: tuple[Mapping[str, bytes], str],
    policy: LaboratoryPolicy | None,
    findings: Findings,
) -> None:
    """Step 11; the PDF, let go in between, is read again."""
    members, sha256 = read
    pdf = findings.attempt(1, "container-file", PDF, lambda: _pdf(path, sha256))
    if pdf is not None:
        trusted = None if policy is None else policy.stamps
        check_documents(statement, {**members, PDF: pdf}, trusted, findings)


def _pdf(path: Path, sha256: str) -> bytes:
    """Return the PDF of a bundle that was read before."""
    pdf = container.read_member(path, PDF)
    if sha256_hex(pdf) != sha256:
        raise ValueError("the bundle was changed while it was verified")
    return pdf


@dataclass(frozen=True, slots=True)
class _Opened:
    """A bundle whose members could be read, and its evidence judged if that was possible."""

    received: _Received
    enclosed: Enclosed
    course: Course
    judged: Rejudged | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What this version of the package knows."""

    catalogue: Catalogue
    functions: Mapping[str, CaseFunction]

    @classmethod
    def of(
        cls, catalogue: Catalogue | None, functions: Mapping[str, CaseFunction] | None
    ) -> _Known:
        return cls(
            load_catalogue() if catalogue is None else catalogue,
            case_functions() if functions is None else functions,
        )


def _rejudged(
    examination: Examination, members: Mapping[str, bytes], known: _Known, findings: Findings
) -> Rejudged | None:
    """Step 9, its beginning: judge while the chain is gone through, much evidence by helpers."""
    much = len(members[_EVIDENCE]) >= MUCH_BYTES
    helpers = Helpers() if much else None
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
    received, enclosed, course = opened.received, opened.enclosed, opened.course
    catalogue, functions = known.catalogue, known.functions
    check_plan(enclosed, received.members["plan.json"], catalogue, set(functions), findings)  # 5
    compare_with_plan(course, enclosed.plan, findings)  # 6
    check_upkeep(course, findings)  # 6
    judged = opened.judged
    if judged is None:
        return None
    check_run(enclosed, catalogue, course, judged, findings)  # 8
    check_challenge(judged, enclosed, received.policy, findings)  # 8
    check_stamps(received.signed.stamps, enclosed, judged, findings)  # 8
    check_verdicts(judged, findings)  # 9
    record = _record(opened, catalogue, judged)
    statement = received.signed.statement
    if statement is not None:
        check_declared(statement, record, received.members, findings)  # 4, 7, 8, 9
    return record


def _record(opened: _Opened, catalogue: Catalogue, judged: Rejudged) -> RunRecord:
    enclosed, course = opened.enclosed, opened.course
    made_with = MadeWith(
        enclosed.pics, enclosed.settings, enclosed.settings_public, enclosed.settings_digest,
        catalogue, enclosed.plan,
    )  # fmt: skip
    file = EvidenceFile(opened.received.path, course.head, course.lines, course.served)
    return record_of(made_with, file, judged)
