"""Step 8: the challenge that a run was made against, as its first line of evidence says.

Owns what binds a run to a challenge: PICS, seed, validity, the list of starts. That the challenge
is a laboratory's is said by the policy; without one a bundle may hold any challenge, or none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vdoc.digest import canonical
from vdoc.rejudge import Rejudged
from vdoc.signing import Role, RoleKeys, SignedChallenge, read_challenge
from vdoc.verify.enclosed import Enclosed
from vdoc.verify.findings import Findings, shown
from vdoc.verify.laboratory import LaboratoryPolicy


def check_challenge(
    judged: Rejudged, enclosed: Enclosed, policy: LaboratoryPolicy | None, findings: Findings
) -> None:
    """Add what is wrong with the challenge of a run, and what a policy misses of it."""
    given = None if judged.start is None else judged.start.data.get("challenge")
    demanded = None if policy is None else policy.file.challenge
    if given is None:
        if demanded is not None and demanded.required:
            findings.add(8, "challenge-missing", "the run was made against no challenge")
        return
    read = findings.attempt(8, "challenge-form", "the challenge", lambda: _read(given))
    if read is None:
        return
    signed, starts = read
    _bound(signed, judged, enclosed, findings)
    if policy is not None:
        _signed_by_a_laboratory(signed, policy.roles, findings)
    most = None if demanded is None else demanded.maximum_starts
    if most is not None and len(starts) > most:
        outcomes = ", ".join(str(start.get("outcome")) for start in starts[:-1])
        words = f"this is start {len(starts)} against the challenge (before: {shown(outcomes)})"
        findings.add(8, "challenge-starts", f"{words}, the policy accepts {most}")


def _read(given: object) -> tuple[SignedChallenge, list[Mapping[str, Any]]]:
    match given:
        case {"envelope": dict(envelope), "starts": [*starts, dict() as last]} if all(
            isinstance(start, dict) for start in starts
        ):
            return read_challenge(canonical(envelope)), [*starts, last]
        case _:
            raise ValueError("expected the envelope and the starts against it")


def _bound(
    signed: SignedChallenge, judged: Rejudged, enclosed: Enclosed, findings: Findings
) -> None:
    challenge = signed.challenge
    what = "the PICS of the challenge, against the enclosed one"
    findings.expect(8, "challenge-pics", what, challenge.pics, enclosed.pics.digest)
    what = "the seed of the plan, against the one that follows from the challenge"
    findings.expect(8, "challenge-seed", what, enclosed.plan.seed, challenge.seed)
    if judged.window is None:
        return
    begun = judged.window[0].at
    if not challenge.not_before <= begun <= challenge.not_after:
        words = f"the run began at {begun}, the challenge is for {challenge.not_before}"
        findings.add(8, "challenge-validity", f"{words} to {challenge.not_after}")


def _signed_by_a_laboratory(
    signed: SignedChallenge, roles: Mapping[Role, RoleKeys], findings: Findings
) -> None:
    laboratory = roles.get(Role.LABORATORY)
    keys = () if laboratory is None else laboratory.keys
    if not any(signed.signed.verified_by(key) for key in keys):
        by = ", ".join(signed.signed.key_ids)
        words = f"the challenge is signed by {shown(by)}, by no laboratory of the policy"
        findings.add(8, "challenge-signature", words)
